#!/usr/bin/env bash
# The full MNIST by a population a rank: at least 97.5 % after five epochs, as shipped and for the median of five
# seeds. The data are fetched into data/mnist if they are not there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
limit=900

fetched=0
"$root/data/fetch.sh" mnist || fetched=$?
if ((fetched == 3)); then
    echo "SKIP: MNIST cannot be fetched from here"
    exit 77
fi
check "MNIST is there" test $fetched = 0

# learn NAME OPTION...: the shipped config with these options on a rank per population; prints its last line.
learn() {
    local name=$work/$1
    shift
    check "4 ranks learn $*" ends 0 4 train "$root/configs/mnist.yaml" --out "$name" "$@"
    tail -n 1 "$work/stderr"
    accuracy=$(tail -n 1 "$name/metrics.csv" | cut -d, -f6)
}

enough() {
    awk "BEGIN { exit !($1 >= 0.975) }"
}

learn shipped
check "  to at least 97.5 %" enough "$accuracy"
check "  the weights give the same on one rank" ends 0 0 evaluate "$root/configs/mnist.yaml" \
    --weights "$work/shipped/weights.safetensors"
check "  to the last digit" grep -q "$(awk "BEGIN { printf \"%.2f\", 100 * $accuracy }") %" "$work/stdout"

for seed in 1 2 3 4 5; do
    learn "seed-$seed" --set seed=$seed
    echo "$accuracy" >>"$work/accuracies"
done
median=$(sort -g "$work/accuracies" | sed -n 3p)
check "the median of five seeds, $median, is at least 97.5 %" enough "$median"
finish
