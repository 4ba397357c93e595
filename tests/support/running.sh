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

# has_checkpoint FOLDER: a whole one.
has_checkpoint() {
    compgen -G "$1/checkpoints/*/manifest.json" >/dev/null
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

# How the launcher, or the program alone, is started. A shell that starts something in the background has it ignore
# SIGINT.
start_with=(env --default-signal=INT)

# start_only RANKS FOLDER WORD...: trains small.yaml there as $child; what it says is in started.*. Each rank writes its
# talk itself, for a launcher that ends its ranks passes nothing on any more.
start_only() {
    local launcher=() ranks=$1 folder=$2
    shift 2
    # shellcheck disable=SC2016
    ((ranks == 0)) || launcher=("${mpirun[@]}" -np "$ranks" bash -c 'exec "$@" 2>>"$0"' "$work/started.err")
    : >"$work/started.err"
    OMPI_MCA_orte_tmpdir_base=$(mktemp -d "$mpi_files/XXXXXX") timeout --kill-after=2 "$limit" \
        "${start_with[@]}" "${launcher[@]}" "$program" train small.yaml --out "$folder" "$@" \
        >"$work/started.out" 2>>"$work/started.err" </dev/null &
    child=$!
}

# start RANKS FOLDER WORD...: the same, without an end. Returns when two epochs more than before are written.
start() {
    local before=0
    [[ " $* " != *" --resume "* ]] || before=$(rows_of "$2/metrics.csv")
    ((before > 0)) || rm -f "$2/metrics.csv"
    start_only "$@" --set learning.epochs=1000000
    wait_until 200 has_rows "$2" $((before + 2))
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
    wait_until 100 none_left
}

# interrupted CODE WHOM SIGNAL RANKS WORD...: whether a run that would not end by itself ends with that code and is
# saved when a signal goes to the launcher, to one rank or to every rank, some epochs later.
interrupted() {
    local wanted=$1 whom=$2 signal=$3 ranks=$4 targets
    shift 4
    start "$ranks" run "$@" || return 1
    case $whom in
    launcher) targets=$(launched) ;;
    rank) targets=$(processes | tail -n 1) ;;
    ranks) targets=$(processes) ;;
    esac
    # shellcheck disable=SC2086
    kill -"$signal" $targets
    ended "$wanted" && complains_once 'interrupted and saved: go on with --resume --out run$' &&
        has_checkpoint run && [[ ! -e run/weights.safetensors ]] && nothing_half_written run && none_left
}
