#!/usr/bin/env bash
# Trains under mpirun: saves when it is interrupted, and leaves nothing behind when the job is lost.
set -euo pipefail

usage() {
    cat <<'END'
Usage: launch/run.sh [-np N] CONFIG [option of vicinal train]...

Runs "mpirun -np N vicinal train CONFIG ..." and waits for it.

-np N       ranks (default: 1)

Ctrl-C, TERM, HUP or USR1 saves the run and ends it with exit code 5, under every MPI; a second one ends everything at
once (exit code 128 and the signal). A job that loses a rank, or mpirun itself, ends within 10 seconds with
exit code 7 and a line that says what happened, from which checkpoint the run goes on, and how. Of this machine's
processes, files of MPI's and shared memory nothing is left. Other exit codes are those of vicinal.

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and build nothing
VICINAL_MPIRUN=NAME    this launcher, not the first mpirun in PATH

launch/guide/reliability.md explains it.
END
}

wrong() {
    printf 'run.sh: %s\n' "$*" >&2
    exit 2
}

ranks=1
while [[ ${1:-} == -* ]]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    -np | -n)
        [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || wrong "$1 needs a number of ranks, not '${2:-}'"
        ranks=$2
        shift 2
        ;;
    *) wrong "unknown option $1 (allowed before CONFIG: -np, --help)" ;;
    esac
done
(($#)) || wrong "a CONFIG is needed: see run.sh --help"
config=$1
options=("${@:2}")

here=$PWD
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
cd "$here" || exit

# ---- the run folder, and how to go on in it ----

# name_of_run: the config's, or that of its file. What the program would not name so is its folder nevertheless, since
# it is told the folder.
name_of_run() {
    local name
    name=$(sed -n 's/^name: *//p' "$config" 2>/dev/null | sed -E 's/ +#.*//; s/^"(.*)"$/\1/; s/ *$//') || true
    [[ -n $name ]] || name=$(basename "${config%.*}")
    echo "$name"
}

# read_options: `folder` becomes the run's, `named` whether an option names it, and `repeated` the options that a second
# call has, too.
read_options() {
    local i name=""
    folder=""
    repeated=()
    for ((i = 0; i < ${#options[@]}; i++)); do
        case ${options[i]} in
        --resume | --keep | --weights=*) ;;
        --weights) i=$((i + 1)) ;;
        *) repeated+=("${options[i]}") ;;
        esac
        case ${options[i]} in
        --out=*) folder=${options[i]#--out=} ;;
        --out) folder=${options[i + 1]:-} ;;
        name=*) name=${options[i]#name=} ;;
        --set=name=*) name=${options[i]#--set=name=} ;;
        esac
    done
    named=$folder
    folder=${folder:-runs/${name:-$(name_of_run)}}
}

# newest_checkpoint: the name of the latest one that is whole, or of the one file of an earlier version; nothing where
# there is none.
newest_checkpoint() {
    local name
    name=$({ find "$folder/checkpoints" -mindepth 2 -maxdepth 2 -name manifest.json -printf '%h\n' 2>/dev/null || true; } |
        sed 's|.*/||' | sort -V | tail -n 1)
    [[ -n $name || ! -e $folder/checkpoint.safetensors ]] || name=checkpoint.safetensors
    echo "$name"
}

how_to_go_on() {
    local call=("$0" -np "$ranks" "$config") newest
    newest=$(newest_checkpoint)
    if [[ -n $newest ]]; then
        echo "go on from its checkpoint $newest with:$(printf ' %q' "${call[@]}" "${repeated[@]}" --resume)"
    else
        echo "it has no whole checkpoint yet, begin anew with:$(printf ' %q' "${call[@]}" "${options[@]}")"
    fi
}

# ---- the processes of the job: all on this machine whose environment names it ----

members() {
    { grep -lzsxF "VICINAL_JOB=$job" /proc/[0-9]*/environ || true; } | cut -d / -f 3
}

is_rank() {
    grep -qzsE '^(OMPI_COMM_WORLD_RANK|PMIX_RANK|PMI_RANK)=' "/proc/$1/environ"
}

# survives_usr1 PID: does it catch or ignore that signal?
survives_usr1() {
    local mask
    while read -r mask; do
        ! ((0x$mask >> ($(kill -l USR1) - 1) & 1)) || return 0
    done < <(sed -nE 's/^Sig(Cgt|Ign):[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
    return 1
}

# can_save: whether USR1 would end neither mpirun nor a rank. Of ranks on other machines nothing is known: they are given
# some seconds.
can_save() {
    local pid found=false
    survives_usr1 "$launcher" || return 1
    for pid in $(members); do
        if is_rank "$pid"; then
            survives_usr1 "$pid" || return 1
            found=true
        fi
    done
    $found || ((SECONDS - started > 10))
}

# is_running: mpirun has been started and is no zombie. The shell's own knowledge of that may be late.
is_running() {
    local line=""
    [[ -n $launcher ]] && { read -r line <"/proc/$launcher/stat"; } 2>/dev/null && [[ ${line##*) } != Z* ]]
}

# end_all: nobody is asked. That mpirun was killed is what the shell says of it.
end_all() {
    local pids tries
    for ((tries = 0; tries < 50; tries++)); do
        mapfile -t pids < <(members)
        ! is_running || pids+=("$launcher") # which has no such environment yet when it has just been started
        ((${#pids[@]})) || return 0
        kill -KILL "${pids[@]}" || true
        sleep 0.1 || true
    done 2>/dev/null
    say "run.sh: processes that cannot be ended: ${pids[*]}" >&2
}

# ---- the job ----

# What launchers say of the end of a rank: Open MPI 4.1 and 5, MPICH.
rank_signal='noticed that process rank ([0-9]+) .*exited on signal ([0-9]+)'
rank_abort='MPI_ABORT was invoked on rank ([0-9]+)'
rank_code='^ *Process name: \[.*,([0-9]+)\]'
hydra_rank='^= +RANK ([0-9]+) PID'
hydra_signal='^= +KILLED BY SIGNAL: ([0-9]+)'

# relay: what mpirun says, to stderr; lines on the end of a rank are kept, and announced by ALRM. A Ctrl-C is not meant for it.
relay() {
    local line
    trap '' INT TERM HUP USR1
    while IFS= read -r line || [[ -n $line ]]; do
        printf '%s\n' "$line" >&2 || true
        if [[ $line =~ $rank_signal || $line =~ $rank_abort || $line =~ $rank_code || $line =~ $hydra_rank ||
            $line =~ $hydra_signal ]]; then
            printf '%s\n' "$line" >>"$job/said"
            kill -ALRM $$
        fi
    done
}

# start: in a session of its own, so that a Ctrl-C of the terminal reaches this script alone. Open MPI and MPICH give
# their ranks a second or less after INT and TERM. What MPI writes goes to the job's folder: session folders and shared
# memory of Open MPI 4.1, of 5, and what heeds TMPDIR.
start() {
    local surroundings=(VICINAL_JOB="$job" TMPDIR="$job" OMPI_MCA_orte_tmpdir_base="$job"
        OMPI_MCA_btl_vader_backing_directory="$job" PRTE_MCA_prte_tmpdir_base="$job"
        OMPI_MCA_btl_sm_backing_directory="$job")
    local where=()
    [[ -n $named ]] || where=(--out "$folder")
    : >"$job/said"
    : >"$job/begun"
    mkfifo "$job/stderr"
    exec 3<>"$job/stderr" # so that neither end waits for the other to open it
    relay <"$job/stderr" 3>&- &
    relay=$!
    setsid env --default-signal=INT,QUIT "${surroundings[@]}" "${mpirun[@]}" -np "$ranks" "$program" train "$config" \
        "${where[@]}" "${options[@]}" 2>&3 3>&- &
    launcher=$!
}

# ask SIGNAL: USR1 is what every launcher passes on to its ranks without ending them, and what makes them save. Before
# they can, the signal waits.
ask() {
    asked=$((asked + 1))
    last_signal=$1
    if $saves && ((asked == 1)); then
        kill -USR1 "$launcher" 2>/dev/null || true
    fi
}

# get_ready: from now on a signal is passed on at once.
get_ready() {
    if ! $saves && can_save; then
        saves=true
        ((asked != 1)) || kill -USR1 "$launcher" || true
    fi
}

# follow: `code` becomes mpirun's. Where that was killed, the shell says so, whenever it finds out. Open MPI 4.1 may wait
# for ever although it has said that a rank is gone. Signals are looked at in turns: while bash waits for a process in
# the background it may miss its end when another signal comes.
follow() {
    code=0
    while is_running; do
        get_ready
        if ((asked > 1)) || { [[ -n $lost_at ]] && ((SECONDS - lost_at >= 3)); }; then
            end_all
        fi
        sleep 0.2 || true
    done
    wait "$launcher" || code=$?
} 2>>"$job/end"

# remove_segments: shared memory that a rank had made and not yet opened to its neighbour when it was killed has a name
# still. Of all that have one, those are meant that were made since the job began and that no process uses.
remove_segments() {
    local segment
    while read -r segment; do
        if ! grep -qsF "$segment" /proc/[0-9]*/maps &&
            [[ -z $(find /proc/[0-9]*/fd -lname "$segment" -print -quit 2>/dev/null) ]]; then
            rm -f "$segment"
        fi
    done < <(find /dev/shm -maxdepth 1 -type f -regextype posix-extended -regex '/dev/shm/vicinal-[0-9a-f]{16}' \
        -user "$(id -u)" -newer "$job/begun" 2>/dev/null)
}

# clean_up: nothing of the job is left but what mpirun said.
clean_up() {
    trap '' INT TERM HUP USR1 ALRM
    end_all
    exec 3>&-
    [[ -z $relay ]] || wait "$relay" || true
    relay=""
    remove_segments
}

close() {
    clean_up
    rm -rf --one-file-system "$job"
}

# what_happened: nothing where no rank was lost, and mpirun was not either. Open MPI does not name a rank that is
# killed while it starts.
what_happened() {
    local line rank=""
    while IFS= read -r line; do
        if [[ $line =~ $rank_signal ]]; then
            echo "rank ${BASH_REMATCH[1]} was killed by signal ${BASH_REMATCH[2]}"
            return
        elif [[ $line =~ $hydra_signal && -n $rank ]]; then
            echo "rank $rank was killed by signal ${BASH_REMATCH[1]}"
            return
        elif [[ $line =~ $rank_abort || $line =~ $rank_code || $line =~ $hydra_rank ]]; then
            rank=${BASH_REMATCH[1]}
        fi
    done <"$job/said"
    if [[ -s $job/end ]]; then
        echo "mpirun was killed by signal $((code - 128))"
    elif ((code > 128)); then
        echo "${rank:+rank }${rank:-a rank} was killed by signal $((code - 128))"
    elif ((code == 1 || code > 5)); then
        echo "${rank:+rank $rank gave up, and }mpirun ended with code $code"
    fi
}

# take_program: VICINAL_PROGRAM, or what is built.
take_program() {
    program=${VICINAL_PROGRAM:-}
    if [[ -z $program ]]; then
        cd "$root"
        make_build_folder
        set_up build >&2
        stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF >&2
        cd "$here"
        program=$build/release/vicinal
    fi
    [[ -x $program ]] || wrong "VICINAL_PROGRAM: no program: $program"
    find_launcher
}

# conclude: the line on a job that was lost, and the exit code. The program has one for a neighbour that is gone, 7.
conclude() {
    local happened
    happened=$(what_happened)
    if ((asked > 1)); then
        say "run.sh: ended by a second signal: $(how_to_go_on)" >&2
        code=$((128 + $(kill -l "$last_signal")))
    elif [[ -n $happened ]]; then
        say "run.sh: $happened: $(how_to_go_on)" >&2
        [[ $happened == *'code 6' ]] || code=7
    fi
    return "$code"
}

read_options
take_program
job=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-run.XXXXXX")
asked=0 last_signal="" saves=false relay="" launcher="" lost_at="" started=$SECONDS
trap close EXIT
trap 'ask INT' INT
trap 'ask TERM' TERM
trap 'ask HUP' HUP
trap 'ask USR1' USR1
trap 'lost_at=${lost_at:-$SECONDS}' ALRM
start
follow
clean_up
conclude
