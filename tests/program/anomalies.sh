#!/usr/bin/env bash
# --detect-anomalies: names the function, the loss or the update that first makes a number that is not finite out of
# finite ones, in the same words on any number of ranks, and changes no bit of a result.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/not_finite.sh
source "$root/tests/support/not_finite.sh"
cd "$work"
make_scalar
write_config small.yaml
made='makes a number that is not finite out of finite ones'

# named WHAT PATTERN COMMAND WORD...: not_finite with the option, on one and on three ranks.
named() {
    local what=$1 pattern=$2
    shift 2
    words=
    not_finite "0 3" "$what" "$pattern" "$@" --detect-anomalies
}

echo "-- one inference"
weights large_ends 1e20 1 1e20
weights small_large 1e-20 1e15 1
weights small_huge 1e-15 1 1e30
batch large 1e20 0
named "a product" "linear 2.0 of the edge from population 2 to 3 $made in its forward at inference step 0:" \
    infer scalar.yaml --weights large_ends --batch one --out out
named "a loss" "squared-error of population 3 $made at inference step 0:" \
    verify scalar.yaml --weights ones --batch large --csv out
named "a product on the way back" "linear 2.0 of the edge from population 2 to 3 $made in its vjp at inference step 1:" \
    infer scalar.yaml --weights small_huge --batch one --out out
named "a gradient" "linear 0.0 of the edge from population 0 to 1 $made in its gradient after inference step 1:" \
    infer scalar.yaml --weights small_large --batch large --out out

# tanh makes 1 of infinity.
sed 's/\[{linear: {out: 1, bias: false}}\], /[{linear: {out: 1, bias: false}}, tanh], /' scalar.yaml >hidden.yaml
weights large_first 1e20 1 1
hidden=(infer hidden.yaml --weights large_first --batch large --out out --set inference.algorithm=fixed-prediction)
check "what tanh hides" ends 0 2 "${hidden[@]}" --set inference.steps=1
rm -f out
named "  is named" "linear 0.0 of the edge from population 0 to 1 $made in its forward at inference step 0:" "${hidden[@]}" \
    --set inference.steps=1

echo "-- learning"
update=(--set 'network.layers=[[linear: 24, relu], linear: 10]' --set learning.batch=1000 --set learning.drop_last=true
    --set learning.epochs=1 --set data.scale=1e-3)
for rule in sgd adam; do
    named "an update of $rule" "updated parameter 1.0.weight of population 1 .*, out of finite ones by an update of $rule \(batch 1" \
        train small.yaml --out run "${update[@]}" --set "learning.optimizer={$rule: {rate: 3e38}}"
done
named "in steps" 'updated parameter 2.0.weight, out of finite ones by an update of sgd of population 2' infer scalar.yaml \
    --weights ones --batch one --out out --set inference.algorithm=incremental --set 'learning.optimizer={sgd: {rate: 3e38}}'

echo "-- the same bits"
for algorithm in exact strict; do
    for option in --detect-anomalies --json; do
        check "$algorithm, $option" ends 0 2 train small.yaml --out "run$option" --set learning.epochs=1 \
            --set "inference.algorithm=$algorithm" --set inference.eta=0.1 "$option"
    done
    check "  the same weights" cmp run--json/weights.safetensors run--detect-anomalies/weights.safetensors
    check "  the same table" cmp run--json/metrics.csv run--detect-anomalies/metrics.csv
done
check "evaluate takes it" ends 0 2 evaluate small.yaml --weights run--json/weights.safetensors --detect-anomalies
finish
