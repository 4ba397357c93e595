#!/usr/bin/env bash
# Signals that end jobs: a run saves itself and ends with 5, on any rank that gets one, unless it was started with the
# signal ignored.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
cd "$work"
write_config small.yaml

for signal in INT HUP USR1 USR2 XCPU; do
    check "SIG$signal to a run alone" interrupted 5 launcher $signal 0
    check "  goes on, and SIG$signal to both of 2 ranks" interrupted 5 ranks $signal 2 --resume
    rm -r run
done

# As nohup and a shell without job control start it.
# ignoring SIGNAL: whether a run that was started with this signal ignored goes on when it comes.
ignoring() {
    start_with=(env --ignore-signal="$1")
    start 0 run || return 1
    start_with=(env --default-signal=INT)
    kill -"$1" "$(processes)"
    wait_until 100 has_rows run $(($(rows_of run/metrics.csv) + 2)) || return 1
    kill -TERM "$(processes)"
    ended 5
}
for signal in HUP INT XCPU; do
    check "SIG$signal that is ignored" ignoring $signal
    rm -r run
done

# Before the first batch: the labels have not come yet.
mkfifo labels
in_time=(--set data.train.labels=labels --set learning.epochs=2)
starting_up() {
    rm -f run/.vicinal.lock
    start_only 2 run "${in_time[@]}" && wait_until 100 test -s run/.vicinal.lock || return 1
    # shellcheck disable=SC2046
    kill -TERM $(processes)
    cat "$digits/train-labels-idx1-ubyte" >labels
    ended 5 && complains_once 'interrupted and saved: go on with --resume --out run$'
}
check "SIGTERM while the data are read" starting_up
check "  has learned nothing" [ "$(wc -l <run/metrics.csv)" = 1 ]
check "  goes on" ends 0 2 train small.yaml --out run --resume
check "  from its beginning" says '^going on after epoch 0, step 0$'
check "  to what it would have learned" ends 0 0 train small.yaml --out whole
check "  bit for bit" cmp run/weights.safetensors whole/weights.safetensors

# The checkpoint that a run goes on from is not written again: killed meanwhile, it would be without.
manifest=run/checkpoints/epoch-000002-step-000000000/manifest.json
before=$(stat -c %i $manifest)
in_time=(--set data.train.labels=labels --set learning.epochs=3 --resume)
check "SIGTERM to a run that goes on, while the data are read" starting_up
check "  leaves the checkpoint as it was" [ "$(stat -c %i $manifest)" = "$before" ]
check "  goes on" ends 0 2 train small.yaml --out run --resume --set learning.epochs=3
finish
