#!/usr/bin/env bash
# A rank that dies, or that answers no more: every other rank is gone in time, and the run goes on from its last checkpoint.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# ranks_here: the processes of the program that run here, in their order.
ranks_here() {
    local exe
    while read -r exe; do
        [[ $(readlink "${exe%exe}cwd") != "$work" ]] || basename "$(dirname "$exe")"
    done < <(find /proc -maxdepth 2 -name exe -lname "$(readlink -f "$program")" 2>/dev/null) | sort -n
}

# start WORD...: a run of 5 ranks that would not end by itself; waits until it has saved a few epochs.
start() {
    local tries
    rm -rf run
    "${mpirun[@]}" -np 5 "$program" train small.yaml --out run --set learning.epochs=1000000 "$@" \
        >stdout 2>stderr </dev/null &
    child=$!
    for ((tries = 0; tries < 200; tries++)); do
        [[ ! -e run/metrics.csv ]] || (($(wc -l <run/metrics.csv) <= 3)) || return 0
        sleep 0.05
    done
    return 1
}

# all_gone SECONDS: whether mpirun and every rank end within that time, and not well.
all_gone() {
    local tries ended=0
    for ((tries = 0; tries < 20 * $1; tries++)); do
        if ! kill -0 "$child" 2>/dev/null && ! one_is_left; then
            wait "$child" || ended=$?
            return $((ended == 0))
        fi
        sleep 0.05
    done
    kill -KILL "$child" 2>/dev/null || true
    ranks_here | xargs -r kill -KILL
    return 1
}

# Files under their names are whole. One that was growing beside its place may be left by a rank that had no time to
# take it away; the next run takes its place.
goes_on() {
    local epochs=$(($(wc -l <run/metrics.csv) + 2))
    absent run/weights.safetensors && [[ $(tail -c 1 run/metrics.csv | wc -l) == 1 ]] &&
        ends 0 2 train small.yaml --out run --resume --set learning.epochs=$epochs && nothing_half_written run &&
        [[ $(wc -l <run/metrics.csv) == $((epochs + 1)) ]]
}

for victim in 1 3 5; do
    for attempt in 1 2 3; do
        check "started" start
        kill -KILL "$(ranks_here | sed -n ${victim}p)"
        check "rank $victim of 5 is killed, time $attempt: all gone within 10 s" all_gone 10
        check "  every file is whole, and the run goes on" goes_on
    done
done

for victim in 1 3 5; do
    check "started, with a timeout of 1 s" start --set channels.timeout=1
    stopped=$(ranks_here | sed -n ${victim}p)
    kill -STOP "$stopped"
    check "rank $victim of 5 answers no more: all gone within 10 s" all_gone 10
    check "  says what did not come" grep -Eq '^vicinal: .*no answer in 1 s' stderr
    check "  every file is whole, and the run goes on" goes_on
done
finish
