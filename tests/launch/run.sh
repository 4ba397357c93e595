#!/usr/bin/env bash
# launch/run.sh: signals save, a job that is lost ends soon and says how to go on, and nothing of it is left.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
# shellcheck source-path=SCRIPTDIR source=../support/jobs.sh
source "$root/tests/support/jobs.sh"
export VICINAL_PROGRAM=$program
cd "$work"
write_config small.yaml
endless=(--out run --set learning.epochs=1000000)

# under_way: a run that would not end by itself, some epochs later.
under_way() {
    rm -rf run
    begin_job 3 "${endless[@]}" && wait_until 200 has_rows run 2
}

# nothing_in_shm: whether no rank has a file in /dev/shm that still has a name.
nothing_in_shm() {
    local pid
    for pid in $(processes); do
        ! grep -F /dev/shm/ "/proc/$pid/maps" | grep -v '(deleted)$' || return 1
    done
}

# saved CODE: what a run that was interrupted leaves.
saved() {
    job_ends 5 && says 'interrupted and saved: go on with --resume --out run$' && has_checkpoint run && nothing_is_left
}

echo "-- a run that ends"
begin_job 3 --out run
check "ends with 0" job_ends 0 200
check "  nothing is left" nothing_is_left
check "  the result is on stdout" prints '^test accuracy .*3 ranks'
check "without it" ends 0 2 train small.yaml --out plain
check "  the same bits" cmp run/weights.safetensors plain/weights.safetensors
begin_job 2
check "without --out" job_ends 0 200
check "  the folder is the program's own" cmp runs/small/weights.safetensors plain/weights.safetensors
begin_job 2 --set learning.batch=-1
check "the program's exit code" job_ends 2 200
check "  and no line beside its own" complains_once 'learning.batch'

echo "-- signals"
for signal in INT TERM HUP; do
    check "a run is under way" under_way
    check "  and has no file in /dev/shm" nothing_in_shm
    kill -$signal $child
    check "SIG$signal: saved" saved
done
# begun: before the ranks are ready for signals.
begun() {
    find_launcher_of_job
    [[ -n $job_launcher ]]
}
for pause in 0 0.3; do
    rm -rf run
    begin_job 3 "${endless[@]}"
    wait_until 10 begun
    sleep $pause
    kill -INT $child
    check "SIGINT $pause s after mpirun's start: saved" saved
done
check "a run is under way" under_way
kill -STOP "$(processes | sed -n 2p)" # saves nothing
kill -INT $child
sleep 0.5
kill -INT $child
check "a second SIGINT: ends" job_ends 130
check "  says so" lost 'ended by a second signal: go on from its checkpoint epoch-[0-9]+-step-[0-9]+ with: '
check "  nothing is left" nothing_is_left

echo "-- jobs that are lost"
check "a run is under way" under_way
kill -KILL "$(processes | sed -n 2p)"
check "a rank is killed: ends with 7" job_ends 7
check "  says how to go on" lost 'rank 1 was killed by signal 9: go on from its checkpoint epoch-[0-9]+-step-[0-9]+ with: .*/launch/run.sh -np 3 small.yaml --out run --set learning.epochs=1000000 --resume$'
check "  nothing is left" nothing_is_left
checkpoint=$(said_checkpoint)
go_on=$(said_command)
check "  goes on" exits 0 stderr eval "$go_on --set learning.epochs=$((10#${checkpoint:6:6} + 1))"
check "  from there" says "^going on after epoch $((10#${checkpoint:6:6})), step $((10#${checkpoint#*step-}))\$"
check "a run is under way" under_way
find_launcher_of_job
kill -KILL "$job_launcher"
check "mpirun is killed: ends with 7" job_ends 7
check "  says how to go on" lost 'mpirun was killed by signal 9: go on from its checkpoint epoch-[0-9]+-step-[0-9]+ with: '
check "  nothing is left" nothing_is_left
rm -rf run
mkfifo labels
begin_job 2 --out run --set data.train.labels=labels
wait_until 100 test -e run/.vicinal.lock
find_launcher_of_job
kill -KILL "$job_launcher"
check "before there is a checkpoint: ends with 7" job_ends 7
check "  says so" lost 'mpirun was killed by signal 9: it has no whole checkpoint yet, begin anew with: .*/launch/run.sh -np 2 small.yaml --out run --set data.train.labels=labels$'
check "  nothing is left" nothing_is_left

echo "-- what launchers say of a lost rank"
# told CODE PATTERN END LINE...: what becomes of a launcher that says these lines and ends like this.
told() {
    local ends=$1 pattern=$2 own=$3
    shift 3
    # shellcheck disable=SC2016
    { printf '%s\n' '#!/bin/sh' '[ "$1" != --version ] || exit 0' && printf 'echo "%s" >&2\n' "$@" && echo "$own"; } >mpirun
    chmod +x mpirun
    VICINAL_MPIRUN=$work/mpirun begin_job 4 --out none
    check "$pattern: exit $ends" job_ends "$ends"
    check "  is said" lost "$pattern: it has no whole checkpoint yet, begin anew with: "
}
told 7 'rank 2 was killed by signal 11' 'exit 139' 'prterun noticed that process rank 2 with PID 71 on node here exited on signal 11 (Segmentation fault).'
told 7 'rank 1 was killed by signal 9' 'exit 9' '=   BAD TERMINATION' '=   RANK 1 PID 4711 RUNNING AT here' '=   KILLED BY SIGNAL: 9 (Killed)'
told 7 'rank 1 was killed by signal 6' 'exit 6' '=   RANK 1 PID 4711 RUNNING AT here' '=   KILLED BY SIGNAL: 6 (Aborted)'
told 7 'a rank was killed by signal 9' 'exit 137' 'Primary job  terminated normally, but 1 process returned'
told 6 'rank 3 gave up, and mpirun ended with code 6' 'exit 6' 'MPI_ABORT was invoked on rank 3 in communicator MPI_COMM_WORLD'
told 7 'rank 0 gave up, and mpirun ended with code 1' 'exit 1' '  Process name: [[4711,1],0]' '  Exit code:    1'
told 7 'rank 4 was killed by signal 9' 'exec sleep 60' 'mpirun noticed that process rank 4 with PID 0 on node here exited on signal 9 (Killed).'
told 7 'mpirun ended with code 1' 'exit 1' 'there are not enough slots'

echo "-- shared memory that still has a name"
segment=/dev/shm/vicinal-$(od -An -N7 -tx1 /dev/urandom | tr -d ' \n')
touch -d "1 hour ago" "${segment}00"
trap 'rm -rf --one-file-system "$work" "$mpi_files" "$segment"*' EXIT
told 7 'a rank was killed by signal 9' "sleep 0.1; touch ${segment}01 ${segment}-more; exit 137" 'segments are made'
check "of the job: is gone" absent "${segment}01"
check "that was there before: stays" [ -e "${segment}00" ]
check "of another name: stays" [ -e "${segment}-more" ]

echo "-- wrong calls"
for words in "" "-np" "-np 0 small.yaml" "-np x small.yaml" "--nonsense small.yaml"; do
    # shellcheck disable=SC2086
    check "'$words': exit 2" exits 2 stderr "$root/launch/run.sh" $words
done
check "--help" exits 0 stderr "$root/launch/run.sh" --help
check "  says how" says '^Usage: launch/run.sh \[-np N\] CONFIG'
finish
