# Runs of the program in the background: started, waited for, asked to stop, killed. Source it after program.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# The processes of the program that run in the work folder, ranks in their order.
processes() {
    local exe
    while read -r exe; do
        [[ $(readlink "${exe%exe}cwd") != "$work" ]] || basename "$(dirname "$exe")"
    done < <(find /proc -maxdepth 2 -name exe -lname "$(readlink -f "$program")" 2>/dev/null) | sort -n
}

rows_of() {
    if [[ -e $1 ]]; then wc -l <"$1"; else echo 0; fi
}

# wait_until SECONDS COMMAND...
wait_until() {
    local tries
    for ((tries = 0; tries < 20 * $1; tries++)); do
        ! "${@:2}" || return 0
        sleep 0.05
    done
    return 1
}

has_rows() {
    (($(rows_of "$1/metrics.csv") > $2))
}

# start RANKS FOLDER WORD...: trains small.yaml there, without an end, as $child; what it says is in started.*. Returns when
# two epochs more than before are written. A shell that starts something in the background has it ignore SIGINT.
start() {
    local launcher=() ranks=$1 folder=$2 before
    shift 2
    ((ranks == 0)) || launcher=("${mpirun[@]}" -np "$ranks")
    before=$(rows_of "$folder/metrics.csv")
    [[ " $* " == *" --resume "* ]] || before=0
    [[ $before != 0 ]] || rm -f "$folder/metrics.csv"
    OMPI_MCA_orte_tmpdir_base=$(mktemp -d "$mpi_files/XXXXXX") timeout --kill-after=2 "${limit:-25}" \
        env --default-signal="${default_signals:-INT}" "${launcher[@]}" "$program" train small.yaml --out "$folder" \
        --set learning.epochs=1000000 "$@" >"$work/started.out" 2>"$work/started.err" </dev/null &
    child=$!
    wait_until 20 has_rows "$folder" $((before + 2))
}

# The program, or mpirun, under `timeout`.
launched() {
    cat "/proc/$child/task/$child/children"
}

# ended CODE: waits for what was started, whose output then is in stdout and stderr.
ended() {
    local code=0
    wait "$child" || code=$?
    cp "$work/started.out" "$work/stdout"
    cp "$work/started.err" "$work/stderr"
    [[ $code == "$1" ]] || { printf 'exit code %s\n' "$code"; cat "$work/stderr"; return 1; }
}

# kill_all: the program and its launcher have no time for anything.
kill_all() {
    # shellcheck disable=SC2046
    kill -KILL $(processes) $(launched) 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    wait_until 10 none_left
}
