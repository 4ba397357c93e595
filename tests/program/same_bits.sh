#!/usr/bin/env bash
# The same bits for every number of ranks: weights, metrics and free energies of a training run. Usage: same_bits.sh
# [whole]; whole: each setting on more numbers of ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# same_on "RANKS..." WHAT OPTION...: trains with these options on one rank and on each number of ranks.
same_on() {
    local numbers=$1 what=$2 ranks file
    shift 2
    rm -rf alone together
    check "$what: 1 rank" ends 0 1 train small.yaml --out alone "$@"
    for ranks in $numbers; do
        rm -rf together
        check "$what: $ranks ranks" ends 0 "$ranks" train small.yaml --out together "$@"
        for file in weights.safetensors metrics.csv free_energy.csv; do
            check "  the same $file" cmp alone/$file together/$file
        done
    done
    check "  metrics of both epochs" test "$(wc -l <alone/metrics.csv)" = 3
}

few="5" some="2 5"
if [[ ${1:-} == whole ]]; then
    few="2 3 4 5" some="2 3 5 7"
fi
same_on "2 3 5 7" "float32"
same_on "$few" "float64" --set precision=float64
same_on "$some" "strict" --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=8
same_on "$few" "exact in micro-batches" --set inference.algorithm=exact --set inference.microbatches=7
same_on "$few" "strict, one step" --set inference.algorithm=strict --set inference.steps=1
same_on "$few" "strict in belief coordinates" --set inference.algorithm=strict --set inference.eta=0.2 \
    --set inference.coordinates=belief
same_on "$few" "small steps, speaking always" --set inference.eta=0.3 --set inference.steps=9 \
    --set inference.messages=always
same_on "$few" "squared error, momentum" --set network.loss=squared-error --set network.reduction=sum \
    --set 'learning.optimizer={sgd: {rate: 0.001, momentum: 0.9}}'
finish
