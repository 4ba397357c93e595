#!/usr/bin/env bash
# The main job: a population a rank learns handwritten digits, with each algorithm. Those that take many steps learn on
# two ranks, where the bits are the same (same_bits.sh) and it takes less.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"

# learn NAME RANKS OPTION...: trains configs/digits.yaml with these options; its test accuracy is in $accuracy.
learn() {
    local name=$1 ranks=$2
    shift 2
    check "$name" ends 0 "$ranks" train "$root/configs/digits.yaml" --out "$name" --json "$@"
    accuracy=$(tail -n 1 "$name/metrics.csv" | cut -d, -f6)
    echo "        test accuracy $accuracy"
}

at_least() {
    awk "BEGIN { exit !($1 >= $2) }"
}

learn shipped 5
check "  at least 95 %" at_least "$accuracy" 0.95
learn exact 5 --set inference.algorithm=exact
check "  the same weights" cmp shipped/weights.safetensors exact/weights.safetensors
backpropagation=$accuracy
for algorithm in fixed-prediction strict; do
    learn $algorithm 2 --set inference.algorithm=$algorithm --set inference.eta=0.1 --set inference.steps=20
    check "  within 1.5 points of exact" at_least "$accuracy + 0.015" "$backpropagation"
done
finish
