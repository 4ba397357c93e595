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

check "SIGTERM to a run alone" interrupted 5 launcher TERM 0 "${settings[@]}"
check "  goes on to the same bits" goes_on 1
rm -r run
check "SIGTERM to one rank of 3" interrupted 5 rank TERM 3 "${settings[@]}"
check "  resumed by 2 ranks, and SIGINT to one" interrupted 5 rank INT 2 --resume "${settings[@]}"
check "  goes on to the same bits alone" goes_on 0
rm -r run
# mpirun gives its ranks a second after the first of these, and then ends with 1.
check "SIGTERM to mpirun" interrupted 1 launcher TERM 3 "${settings[@]}"
check "  resumed by 2 ranks, and SIGUSR1 to mpirun" interrupted 5 launcher USR1 2 --resume "${settings[@]}"
check "  goes on to the same bits on 5 ranks" goes_on 5
rm -r run

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
