#!/usr/bin/env bash
# Numbers that are not finite end every command with 4 and the same words on any number of ranks, and are in no file.
# Usage: finite.sh [whole]; whole: every case in every command.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
whole=false
[[ ${1:-} != whole ]] || whole=true
# shellcheck source-path=SCRIPTDIR source=../support/not_finite.sh
source "$root/tests/support/not_finite.sh"
cd "$work"
make_scalar

# one_inference WHAT PATTERN WEIGHTS BATCH SETTING...: not_finite in a command that runs this inference: in each of
# them, or in another each time.
turn=0
one_inference() {
    local what=$1 pattern=$2 files=(--weights "$3" --batch "$4") sets=() setting
    shift 4
    for setting; do sets+=(--set "$setting"); done
    words=
    if $whole || ((turn % 2 == 0)); then
        not_finite "0 3" "infer: $what" "$pattern" infer scalar.yaml "${files[@]}" --out out "${sets[@]}"
    fi
    if $whole || ((turn % 4 == 1)); then
        not_finite "0 2" "verify: $what" "$pattern" verify scalar.yaml "${files[@]}" --csv out "${sets[@]}"
    fi
    if $whole || ((turn % 4 == 3)); then
        not_finite "0 2" "explain: $what" "$pattern" explain scalar.yaml "${files[@]}" "${sets[@]}"
    fi
    turn=$((turn + 1))
    words=
}

echo "-- finite"
for algorithm in exact fixed-prediction strict augmented-lagrangian incremental; do
    check "$algorithm" ends 0 2 infer scalar.yaml --weights ones --batch one --out out --set inference.algorithm=$algorithm
done
weights steep 1 1 1e15
batch slight 1e-8 0
check "a later loss that float32 would not hold" ends 0 2 infer scalar.yaml --weights steep --batch slight --out out \
    --set inference.algorithm=strict --set inference.eta=4e-18 --set inference.steps=2 --json
check "  is there" has free_energy.1 '[0-9.]+e39'
rm out

echo "-- one inference"
weights large_ends 1e20 1 1e20
weights small_large 1e-20 1e15 1
weights small_huge 1e-15 1 1e30
batch large 1e20 0
for algorithm in exact fixed-prediction strict augmented-lagrangian incremental; do
    one_inference "$algorithm, a prediction" 'prediction of population 3 .* step 0:' large_ends one \
        inference.algorithm=$algorithm
    one_inference "$algorithm, a loss" 'loss of population 3 .* step 0:' ones large inference.algorithm=$algorithm
done
for coordinates in error belief; do
    fixed=(inference.algorithm=fixed-prediction "inference.coordinates=$coordinates")
    strict=(inference.algorithm=strict "inference.coordinates=$coordinates")
    one_inference "fixed-prediction in $coordinates coordinates" 'belief of population 2 .* step 1:' small_huge one \
        "${fixed[@]}"
    one_inference "fixed-prediction in $coordinates coordinates that runs away" 'belief of population 1 .* step 22:' \
        ones one "${fixed[@]}" inference.eta=50 inference.steps=30
    one_inference "strict in $coordinates coordinates that runs away" 'belief of population 2 .* step 18:' ones one \
        "${strict[@]}" inference.eta=50 inference.steps=30
    one_inference "strict in $coordinates coordinates, its last step" 'belief of population 2 .* step 18:' ones one \
        "${strict[@]}" inference.eta=50 inference.steps=18
done
one_inference "exact, an error" 'error of population 2 .* step 1:' small_huge one
one_inference "exact, a gradient" 'gradient 0.0.weight of population 0 .* step 1:' small_large large
one_inference "fixed-prediction, a gradient" 'gradient 0.0.weight of population 0 .* step 3:' small_large large \
    inference.algorithm=fixed-prediction
weights large_small 1e15 1e15 1e-15
one_inference "incremental, a gradient of a step" 'gradient 2.0.weight of population 2 .* step 1:' large_small one \
    inference.algorithm=incremental
one_inference "  an updated parameter" 'updated parameter 2.0.weight of population 2 .* step 1:' ones one \
    inference.algorithm=incremental 'learning.optimizer={sgd: {rate: 3e38}}'
one_inference "float64" 'loss of population 3 .* step 70:' ones one \
    precision=float64 inference.algorithm=strict inference.eta=50 inference.steps=300
check "float64 holds what float32 does not" ends 0 2 infer scalar.yaml --weights small_large --batch large --out out \
    --set precision=float64

echo "-- verify"
law=(--weights ones --batch slight --set inference.algorithm=fixed-prediction --set inference.eta=1e-16)
for n in 0 3; do
    check "an update that underflows, $n ranks" ends 1 "$n" verify scalar.yaml "${law[@]}" --set inference.steps=4
    check "  says so" complains_once 'update of layer 1 is 0 after 4 steps, the law times exact is not.*float64'
    check "  is not passed" bash -c "! grep -q passed stdout"
done
check "float64 holds it" ends 0 2 verify scalar.yaml "${law[@]}" --set inference.steps=4 --set precision=float64
check "  and passes" prints '^passed'
check "an update with hardly a digit" ends 0 2 verify scalar.yaml --weights ones --batch one --json \
    --set inference.algorithm=fixed-prediction --set precision=float64 --set inference.eta=1e-160 --set inference.steps=4
check "  has a length" has layers.0.scale '3e-320|[23][.][0-9]*e-320'
check "  and no direction" has layers.0.angle null
check "a law of 0" ends 0 2 verify scalar.yaml "${law[@]}" --set inference.steps=2
check "  and an update of 0 pass" prints '^passed'
check "an update that underflows on the way" ends 1 2 verify scalar.yaml "${law[@]}" --set inference.steps=4 --trajectory \
    --json
check "  is not passed" has passed false

# Layer 1: exact is 1e-60, which float32 holds as 0.
weights vanishing 1 1e-30 1e-30
batch missed 1 1
vanishing=(verify scalar.yaml --weights vanishing --batch missed)
for setting in exact fixed-prediction; do
    for n in 0 2 3; do
        check "exact underflows, $setting, $n ranks" ends 1 "$n" "${vanishing[@]}" --set inference.algorithm=$setting
        check "  says so" complains_once 'update of layer 1 is 0 after [13] steps, the law times exact is not.*float32.*float64'
        check "  is not passed" bash -c "! grep -q passed stdout"
    done
done
check "exact underflows, as JSON" ends 1 0 "${vanishing[@]}" --json
check "  is not passed" has passed false
check "exact underflows on the way" ends 1 2 "${vanishing[@]}" --trajectory --json \
    --set inference.algorithm=fixed-prediction --set inference.steps=4
check "  is not passed" has passed false
check "  from the step on in which the law is not 0" complains_once 'update of layer 1 is 0 after 3 steps'
check "  float64 holds it" ends 0 2 "${vanishing[@]}" --set precision=float64
check "  and passes" prints '^passed'
# 1 - tanh(12)^2 is rounded to 0 beside 1; float64 has 1.5e-10.
sed 's/\[{linear: {out: 1, bias: false}}\]/[{linear: {out: 1, bias: false}}, tanh]/' scalar.yaml >saturated.yaml
batch beyond 12 0
for n in 0 2; do
    check "an update that rounding makes 0, $n ranks" ends 0 "$n" verify saturated.yaml --weights ones --batch beyond
    check "  passes" prints '^passed'
    check "  with an update of 0" prints '^ +1 +0 '
done
check "before an error has come" ends 0 2 "${vanishing[@]}" --set inference.algorithm=fixed-prediction \
    --set inference.steps=2
check "  it passes" prints '^passed'
weights dead -1 1 1
relu='[{linear: {out: 1, bias: false}}, relu]'
for algorithm in exact fixed-prediction; do
    check "a dead ReLU, $algorithm" ends 0 3 verify scalar.yaml --weights dead --batch missed \
        --set "network.layers=[$relu, $linear, $linear]" --set inference.algorithm=$algorithm
    check "  passes" prints '^passed'
done
not_finite "0 4" "a trajectory" 'belief of population 2 .* step 18:' verify scalar.yaml --weights ones --batch one --trajectory \
    --set inference.algorithm=strict --set inference.eta=50 --set inference.steps=30
not_finite 2 "beside float64" 'belief of population 2 .* step 18:' verify scalar.yaml --weights ones --batch one \
    --against precision=float64 --csv out --set inference.algorithm=strict --set inference.eta=50 --set inference.steps=30

echo "-- wires"
batch wide 5e4 0
printf 'channels: {encoding: float16}\n' >>scalar.yaml
words=
not_finite "0 2 3" "a message that float16 does not hold" 'received error of population 2 .* step 1: .*channels.encoding' \
    infer scalar.yaml --weights ones --batch wide --out out --set inference.algorithm=fixed-prediction
sed -i '$d' scalar.yaml
check "  where wires are perfect" ends 0 2 infer scalar.yaml --weights ones --batch wide --out out

echo "-- learning"
write_config tested.yaml
sed '/^  test:/d' tested.yaml >untested.yaml
common=('network.layers=[[linear: 24, relu], linear: 10]' learning.batch=1000 learning.drop_last=true learning.epochs=1)

# diverges WHAT PATTERN SETTING...: train ends with 4, with and without test data, and leaves neither weights nor a
# checkpoint.
diverges() {
    local what=$1 pattern=$2 config n=3 setting sets=()
    shift 2
    for setting in "${common[@]}" "$@"; do sets+=(--set "$setting"); done
    words=
    for config in tested untested; do
        rm -rf run
        not_finite $n "$what, $config" "$pattern" train $config.yaml --out run "${sets[@]}"
        check "  no weights" absent run/weights.safetensors
        check "  no checkpoint" absent run/checkpoints
        n=0
    done
}

updated='updated parameter 1.0.weight of population 1 .* step 4 \(batch 1 of epoch 1\):'
for rule in '{sgd: {rate: 3e38}}' '{sgd: {rate: 3e38, momentum: 0.9}}' '{adam: {rate: 3e38}}'; do
    diverges "the only update, $rule" "$updated" data.scale=1e-3 "learning.optimizer=$rule"
done
diverges "Adam's second moment" 'second_moment 1.0.weight of population 1 .*\(batch 1 of epoch 1\):' data.scale=1e-30
diverges "the second batch" 'population 2 .* step 0 \(batch 2 of epoch 1\):' learning.batch=300 \
    'learning.optimizer={sgd: {rate: 3e38}}'
diverges "beside exact" 'population 2 .* step 0 \(batch 2 of epoch 1\):' learning.batch=300 \
    'learning.optimizer={sgd: {rate: 3e38}}' 'learning.compare={every: 1}'

sets=()
for setting in "${common[@]}"; do sets+=(--set "$setting"); done
check "finite weights that no test data try" ends 0 2 train untested.yaml --out run "${sets[@]}" \
    --set 'learning.optimizer={sgd: {rate: 3e38}}'
words=
not_finite "0 2" "evaluate" 'population 2 .* step 0 \(batch 1 of the evaluation\):' evaluate tested.yaml \
    --weights run/weights.safetensors "${sets[@]}"
not_finite "0 2" "evaluate --out" 'population 2 .* step 0 \(batch 1 of the evaluation\):' evaluate tested.yaml \
    --weights run/weights.safetensors --out out "${sets[@]}"
saved=$(sha256sum run/checkpoints/*/*)
check "going on" ends 4 2 train untested.yaml --out run --resume "${sets[@]}" --set learning.epochs=3 \
    --set 'learning.optimizer={sgd: {rate: 3e38}}'
check "  the last good checkpoint stays" test "$saved" = "$(sha256sum run/checkpoints/*/*)"
finish
