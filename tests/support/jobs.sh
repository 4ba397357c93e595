# Jobs of launch/run.sh in the background: started, looked at, and what is left of them. Source it after running.sh.
# shellcheck shell=bash disable=SC2034,SC2154
mkdir -p "$work/tmp"

# begin_job RANKS WORD...: trains small.yaml by launch/run.sh as $child. What it says is in stdout and stderr.
begin_job() {
    local ranks=$1
    shift
    : >"$work/begun"
    VICINAL_PROGRAM=$program TMPDIR=$work/tmp "${start_with[@]}" "$root/launch/run.sh" -np "$ranks" small.yaml "$@" \
        >"$work/stdout" 2>"$work/stderr" </dev/null &
    child=$!
}

# members: all processes of jobs that were started here.
members() {
    { grep -lzsE "^VICINAL_JOB=$work/tmp/" /proc/[0-9]*/environ || true; } | cut -d / -f 3
}

# launcher: the job's mpirun, which has a session of its own.
launcher() {
    local pid
    for pid in $(members); do
        if [[ $(ps -o sid= -p "$pid") -eq $pid ]]; then
            echo "$pid"
            return
        fi
    done
}

job_is_over() {
    ! kill -0 "$child" 2>/dev/null
}

# job_ends CODE [SECONDS]: whether it does so within that time, by default 10 s.
job_ends() {
    if ! wait_until "${2:-10}" job_is_over; then
        # shellcheck disable=SC2046
        kill -KILL "$child" $(members) 2>/dev/null || true
    fi
    code=0
    wait "$child" || code=$?
    [[ $code == "$1" ]]
}

# named_segments: shared memory that has a name, and was made since the job began.
named_segments() {
    find /dev/shm -maxdepth 1 -name 'vicinal-*' -newer "$work/begun" 2>/dev/null | sort
}

# lasting_segments: those that are there after a second, too. One that another program has just made is soon without.
lasting_segments() {
    local before
    before=$(named_segments)
    [[ -n $before ]] || return 0
    sleep 1
    comm -12 <(echo "$before") <(named_segments)
}

# nothing_is_left: no process, no file of MPI's, no shared memory, no lock.
nothing_is_left() {
    [[ -z $(members) && -z $(ls -A "$work/tmp") && -z $(lasting_segments) ]]
}

# lost PATTERN: whether the job was said to be lost like this, in one line.
lost() {
    [[ $(grep -c '^run\.sh: ' "$work/stderr") == 1 ]] && grep -Eq "^run\.sh: $1" "$work/stderr"
}

# said_command: how to go on, as the job's last line has it.
said_command() {
    sed -n 's/^run\.sh: .* with: //p' "$work/stderr"
}

# said_checkpoint: from which checkpoint that will be; nothing where there is none.
said_checkpoint() {
    sed -n 's/^run\.sh: .* go on from its checkpoint \([^ ]*\) with: .*/\1/p' "$work/stderr"
}
