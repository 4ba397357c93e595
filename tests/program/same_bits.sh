#!/usr/bin/env bash
# The same bits for every number of ranks: weights, metrics and free energies of a training run.
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

same_on "2 3 5 7" "float32"
same_on "2 3 5 7" "float64" --set precision=float64
same_on "2 3 5 7" "strict" --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=8
same_on "3 5" "exact in micro-batches" --set inference.algorithm=exact --set inference.microbatches=7
same_on "3 5" "strict, one step" --set inference.algorithm=strict --set inference.steps=1
same_on "3 5" "strict in belief coordinates" --set inference.algorithm=strict --set inference.eta=0.2 \
    --set inference.coordinates=belief
same_on "2 5" "small steps, speaking always" --set inference.eta=0.3 --set inference.steps=9 \
    --set inference.messages=always
same_on "3 4" "squared error, momentum" --set network.loss=squared-error --set network.reduction=sum \
    --set 'learning.optimizer={sgd: {rate: 0.001, momentum: 0.9}}'
finish
