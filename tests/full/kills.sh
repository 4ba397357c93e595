#!/usr/bin/env bash
# A rank that dies, or that answers no more: every other rank is gone in time, and the run goes on from its last checkpoint.
# Then 20 attempts at random moments, of one to five ranks.
#     kills.sh [FIRST [LAST]]   attempts alone, of these seeds
set -euo pipefail
if [[ $(id -u) == 0 && ! -v in_namespace ]] && unshare --mount true 2>/dev/null; then
    in_namespace=1 exec unshare --mount "$0" "$@" # what is mounted here ends with this script
fi
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
# shellcheck source-path=SCRIPTDIR source=../support/jobs.sh
source "$root/tests/support/jobs.sh"
# shellcheck source-path=SCRIPTDIR source=../support/kills.sh
source "$root/tests/support/kills.sh"
cd "$work"
if (($#)); then
    attempts "$1" "${2:-$1}"
    exit
fi
write_config small.yaml

# all_gone SECONDS: whether mpirun and every rank end within that time, and not well.
all_gone() {
    if ! wait_until "$1" is_over; then
        kill_all
        return 1
    fi
    if ended 0 >/dev/null; then
        return 1
    fi
}

is_over() {
    ! kill -0 "$child" 2>/dev/null && ! one_is_left
}

# Files under their names are whole. One that was growing beside its place may be left by a rank that had no time to
# take it away; the next run takes its place.
goes_on() {
    local epochs=$(($(wc -l <run/metrics.csv) + 2))
    absent run/weights.safetensors && [[ $(tail -c 1 run/metrics.csv | wc -l) == 1 ]] &&
        ends 0 2 train small.yaml --out run --resume --set learning.epochs=$epochs "${goes_on_with[@]}" && nothing_half_written run &&
        [[ $(wc -l <run/metrics.csv) == $((epochs + 1)) ]]
}

goes_on_with=()
for victim in 1 3 5; do
    for attempt in 1 2 3; do
        check "started" start 5 run
        kill -KILL "$(processes | sed -n ${victim}p)"
        check "rank $victim of 5 is killed, time $attempt: all gone within 10 s" all_gone 10
        check "  every file is whole, and the run goes on" goes_on
    done
done

# stopped VICTIM: stops a rank until the others notice, which they do in an inference: a rank that is stopped while all
# ranks meet, or while one writes a file, is waited for.
stopped() {
    local victim tries
    victim=$(processes | sed -n "$1p")
    for ((tries = 0; tries < 8; tries++)); do
        kill -STOP "$victim"
        ! wait_until 3 is_over || return 0
        kill -CONT "$victim"
        sleep 0.3
    done
    return 1
}

bounded=(--set channels.timeout=1 --set inference.messages=always --set inference.eta=0.2 --set inference.steps=40)
for setting in "1 shared" "3 shared" "5 shared" "2 mpi"; do
    read -r victim transport <<<"$setting"
    goes_on_with=("${bounded[@]}" --transport "$transport")
    check "started, with a timeout of 1 s, messages by $transport" start 5 run "${goes_on_with[@]}"
    check "rank $victim of 5 answers no more: the others notice" stopped "$victim"
    check "  all gone within 10 s" all_gone 10
    check "  says what did not come" grep -Eq '^vicinal: .* on edge [0-9] at step [0-9]+ (from|to) population [0-4]: no answer in 1 s' stderr
    check "  every file is whole, and the run goes on" goes_on
done
rm -rf run
attempts 1 20 || checks_failed=$((checks_failed + 1))
finish
