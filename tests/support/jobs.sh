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

# children_of PID: `children` becomes the processes that it has started. Here and below nothing is started to look.
children_of() {
    local file some
    children=()
    for file in /proc/"$1"/task/*/children; do
        read -r -a some <"$file" || true
        children+=("${some[@]}")
    done 2>/dev/null
}

# find_launcher_of_job: `job_launcher` becomes the job's mpirun, which has a session of its own; empty where there is none.
find_launcher_of_job() {
    local pid fields
    job_launcher=""
    children_of "$child"
    for pid in "${children[@]}"; do
        read -r fields 2>/dev/null <"/proc/$pid/stat" || continue
        read -r -a fields <<<"${fields##*) }" # state, parent, group, session
        [[ ${fields[3]} != "$pid" ]] || job_launcher=$pid
    done 2>/dev/null
}

# find_ranks PID: adds the processes of the program below that one to `rank_pids`, in their order.
find_ranks() {
    local pid below
    children_of "$1"
    below=("${children[@]}")
    for pid in "${below[@]}"; do
        if [[ /proc/$pid/exe -ef $program ]]; then
            rank_pids+=("$pid")
        else
            find_ranks "$pid"
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
    find /dev/shm -maxdepth 1 -type f -regextype posix-extended -regex '/dev/shm/vicinal-[0-9a-f]{16}' \
        -newer "$work/begun" 2>/dev/null | sort
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
