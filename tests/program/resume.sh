#!/usr/bin/env bash
# A training run that is interrupted saves itself, and goes on to the same bits, on any number of ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
cd "$work"
write_config small.yaml
settings=(--set learning.batch=16)

# interrupted CODE WHOM SIGNAL RANKS WORD...: whether a run that would not end by itself ends with that code and is
# saved when a signal goes to the launcher, to one rank or to every rank, some epochs later.
interrupted() {
    local wanted=$1 whom=$2 signal=$3 ranks=$4 targets
    shift 4
    start "$ranks" run "${settings[@]}" "$@" || return 1
    case $whom in
    launcher) targets=$(launched) ;;
    rank) targets=$(processes | tail -n 1) ;;
    ranks) targets=$(processes) ;;
    esac
    # shellcheck disable=SC2086
    kill -"$signal" $targets
    ended "$wanted" && complains_once 'interrupted and saved: go on with --resume --out run$' &&
        [[ -s run/checkpoint.safetensors && ! -e run/weights.safetensors ]] && nothing_half_written run && none_left
}

same_as() {
    cmp "$1/weights.safetensors" run/weights.safetensors && cmp "$1/metrics.csv" run/metrics.csv &&
        cmp "$1/free_energy.csv" run/free_energy.csv
}

# goes_on RANKS: whether the run, resumed for two more epochs, has the bits of one that nobody interrupted.
goes_on() {
    local epochs=$(($(wc -l <run/metrics.csv) + 1))
    rm -rf whole
    ends 0 "$1" train small.yaml --out run "${settings[@]}" --set learning.epochs=$epochs --resume &&
        says '^going on after epoch [0-9]+, step [0-9]+' &&
        ends 0 1 train small.yaml --out whole "${settings[@]}" --set learning.epochs=$epochs && same_as whole &&
        (($(wc -l <whole/metrics.csv) == epochs + 1))
}

check "SIGTERM to a run alone" interrupted 5 launcher TERM 0
check "  goes on to the same bits" goes_on 1
rm -r run
check "SIGTERM to one rank of 3" interrupted 5 rank TERM 3
check "  resumed by 2 ranks, and SIGINT to one" interrupted 5 rank INT 2 --resume
check "  goes on to the same bits alone" goes_on 0
rm -r run
# mpirun gives its ranks a second after the first of these, and then ends with 1.
check "SIGTERM to mpirun" interrupted 1 launcher TERM 3
check "  resumed by 2 ranks, and SIGUSR1 to mpirun" interrupted 5 launcher USR1 2 --resume
check "  goes on to the same bits on 5 ranks" goes_on 5
rm -r run

for signal in INT HUP USR1 USR2 XCPU; do
    check "SIG$signal to a run alone" interrupted 5 launcher $signal 0
    check "  resumed by 2 ranks, and SIG$signal to both" interrupted 5 ranks $signal 2 --resume
done
check "  goes on to the same bits" goes_on 1
rm -r run

# As nohup and a shell without job control start it.
# ignoring SIGNAL: whether a run that was started with this signal ignored goes on when it comes.
ignoring() {
    start_with=(env --ignore-signal="$1")
    start 0 run "${settings[@]}" || return 1
    start_with=(env --default-signal=INT)
    kill -"$1" "$(processes)"
    wait_until 10 has_rows run $(($(rows_of run/metrics.csv) + 2)) || return 1
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
    rm -rf run
    start_only 2 run "${in_time[@]}" && wait_until 10 test -s run/.vicinal.lock || return 1
    # shellcheck disable=SC2046
    kill -TERM $(processes)
    cat "$digits/train-labels-idx1-ubyte" >labels
    ended 5 && complains_once 'interrupted and saved: go on with --resume --out run$'
}
check "SIGTERM while the data are read" starting_up
check "  has learned nothing" [ "$(wc -l <run/metrics.csv)" = 1 ]
check "  goes on" ends 0 2 train small.yaml --out run --resume
check "  to what it would have learned" ends 0 0 train small.yaml --out whole
check "  bit for bit" same_as whole

# A timeout is for messages, not for data that come late.
late() {
    (sleep 2 && cat "$digits/train-labels-idx1-ubyte" >labels) &
    ends 0 2 train small.yaml --out run "${in_time[@]}" --set channels.timeout=1
}
check "data that come 2 s late, with a timeout of 1 s" late
check "  change nothing" same_as whole
rm -r run whole

check "a short run" ends 0 1 train small.yaml --out run --set learning.epochs=4
cp -r run short
check "resumed after its end" ends 0 2 train small.yaml --out run --set learning.epochs=4 --resume
check "  shows its result" prints "^test accuracy $(tail -n 1 short/metrics.csv | awk -F, '{ printf "%.2f", 100 * $6 }') %"
check "  and changes nothing" same_as short
# Rows of an epoch whose checkpoint was never written are written again.
printf '5,75,0.5,0.5,0.5,0.5\n6,7' >>run/metrics.csv
check "resumed for more epochs" ends 0 3 train small.yaml --out run --set learning.epochs=7 --resume
check "so many at once" ends 0 1 train small.yaml --out more --set learning.epochs=7
check "  gives the same bits" same_as more

# not_resumed RANKS PATTERN WORD...: resuming with these words is refused.
not_resumed() {
    local ranks=$1 pattern=$2
    shift 2
    check "$ranks ranks: $*" ends 3 "$ranks" train small.yaml --resume --out "$@"
    check "  says once: $pattern" complains_once "$pattern"
}
not_resumed 0 'run/checkpoint.safetensors: .*other settings' run --set inference.eta=0.5
not_resumed 3 'run/checkpoint.safetensors: .*other settings' run --set learning.batch=5
not_resumed 0 'empty/checkpoint.safetensors: .*No such file' empty
not_resumed 3 'empty/checkpoint.safetensors: .*No such file' empty
cp run/weights.safetensors empty/checkpoint.safetensors
not_resumed 0 'empty/checkpoint.safetensors: not a checkpoint' empty
head -c 9000 run/checkpoint.safetensors >empty/checkpoint.safetensors
not_resumed 3 'empty/checkpoint.safetensors: ' empty
check "a refused run is left as it was" same_as more
finish
