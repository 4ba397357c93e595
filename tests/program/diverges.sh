#!/usr/bin/env bash
# Where eta is too large for Euler steps, the error names an eta that converges, in the same words on any number of
# ranks; where it is not, that is said; and checkpoints from before the fault stay.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/not_finite.sh
source "$root/tests/support/not_finite.sh"
cd "$work"
make_scalar
write_config small.yaml

# suggested: the eta that the last run's error names.
suggested() {
    sed -n 's/^vicinal: .*diverges: try one below \([0-9.e-]*\), .*/\1/p' stderr
}

# recovers WHAT ETA COMMAND WORD...: the command ends with 4 on one and on three ranks, and with the eta that it names
# in the place of this one, $better, it ends with 0.
recovers() {
    local what=$1 eta=$2 n
    shift 2
    words=
    not_finite "0 3" "$what, eta $eta" "inference.eta $eta diverges: try one below" "$@" --set "inference.eta=$eta"
    better=$(suggested)
    for n in 0 3; do
        check "  eta $better, $n ranks" ends 0 "$n" "$@" --set "inference.eta=$better"
        rm -f out
    done
}

echo "-- one inference"
for coordinates in error belief; do
    strict=(--set inference.algorithm=strict --set "inference.coordinates=$coordinates" --set inference.steps=300)
    recovers "strict in $coordinates coordinates" 50 infer scalar.yaml --weights ones --batch one --out out "${strict[@]}"
    check "  2 / (1 + sqrt(2))^2, since the second derivative of a sum of squares is 2" [ "$better" = 0.34 ]
done
lagrangian=(--set inference.algorithm=augmented-lagrangian --set inference.steps=300)
recovers "augmented-lagrangian" 50 infer scalar.yaml --weights ones --batch one --out out "${lagrangian[@]}"
recovers "slightly too much" 0.7 infer scalar.yaml --weights ones --batch one --out out --set inference.steps=900 \
    --set inference.algorithm=strict
recovers "verify" 50 verify scalar.yaml --weights ones --batch one --csv out "${strict[@]}"
recovers "a trajectory" 50 verify scalar.yaml --weights ones --batch one --trajectory --set inference.algorithm=strict \
    --set inference.steps=30

echo "-- learning"
common=(--set inference.algorithm=strict --set inference.steps=20 --set learning.epochs=1)
sgd=(--set 'learning.optimizer={sgd: {rate: 0.01}}')
recovers "in steps" 1000 train small.yaml --out run "${common[@]}"
recovers "in gradients" 100 train small.yaml --out run "${common[@]}"
recovers "in a moment" 10 train small.yaml --out run "${common[@]}"
recovers "sgd" 1000 train small.yaml --out run "${common[@]}" "${sgd[@]}"
recovers "in batches of 2" 1000 train small.yaml --out run "${common[@]}" --set learning.batch=2

echo "-- eta is not the reason"
weights small 1e-30 1 1
batch apart 1e30 1e15
words=
not_finite "0 3" "a gradient" 'gradient 0.0.weight .*inference.eta 0.3 is below 0.34 .* a smaller learning rate is likelier' \
    infer scalar.yaml --weights small --batch apart --out out --set inference.algorithm=strict --set inference.eta=0.3 \
    --set inference.steps=3
words=
not_finite "0 3" "an update" 'updated parameter .*: try a smaller learning rate or inference.eta, or precision: float64$' \
    train small.yaml --out run "${common[@]}" --set inference.eta=0.1 --set data.scale=1e-3 \
    --set 'network.layers=[[linear: 24, relu], linear: 10]' --set learning.batch=1000 --set learning.drop_last=true \
    --set 'learning.optimizer={sgd: {rate: 3e38}}'
words=
not_finite "0 3" "no Euler steps" 'belief .*: try a smaller learning rate or inference.eta, or precision: float64$' \
    infer scalar.yaml --weights ones --batch one --out out --set inference.algorithm=fixed-prediction \
    --set inference.eta=50 --set inference.steps=30
weights beyond 1 1e30 1
words=
not_finite "0 3" "no eta that float32 holds" 'step [0-9]*: try a smaller learning rate or inference.eta, or precision' \
    infer scalar.yaml --weights beyond --batch one --out out --set inference.algorithm=strict --set inference.steps=9

echo "-- checkpoints"
# 720 batches: the ranks report faults after many batches, and checkpoints are due after each.
overflow=(--set learning.batch=2 --set 'learning.optimizer={sgd: {rate: 0.06}}' --set network.loss=squared-error
    --set network.reduction=sum --set 'network.layers=[linear: 24, linear: 16, linear: 12, linear: 10]' --set data.scale=4
    --set learning.epochs=1 --set inference.algorithm=exact --set 'learning.checkpoint={steps: 1, keep: 2}')
for ranks in 0 3; do
    rm -rf run
    check "every batch, $ranks ranks" ends 4 "$ranks" train small.yaml --out run "${overflow[@]}"
    bad=$(sed -n 's/^vicinal: .*(batch \([0-9]*\) of epoch 1).*/\1/p' stderr)
    check "  past the first batch" [ "${bad:-0}" -gt 2 ]
    printf -v last 'epoch-000000-step-%09d' "$((bad - 1))"
    check "  the last good one stays" [ "$(cd run/checkpoints && printf '%s\n' ./* | tail -n 1)" = "./$last" ]
    check "  it is whole" ends 0 0 export run --out export.safetensors
done
finish
