#!/usr/bin/env bash
# vicinal explain: what it tells is what was computed, on any number of ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
arithmetic=${EXPLAIN_ARITHMETIC:?the built explain_arithmetic} replay=${EXPLAIN_REPLAY:?the built explain_replay}

# write_net FILE LAYERS [LINE...]: a small network without data.
write_net() {
    local file=$1 layers=$2
    shift 2
    printf '%s\n' 'name: small' 'seed: 4' 'network:' '  input: [2]' "  layers: [$layers]" '  loss: squared-error' \
        "$@" >"$file"
}

write_net relu.yaml '[linear: 3, relu], linear: 2' 'inference: {algorithm: fixed-prediction, eta: 0.5, steps: 3}'
write_net deep.yaml '[linear: 3, tanh], [linear: 4, sigmoid], [linear: 3, relu], linear: 2' \
    'inference: {algorithm: fixed-prediction, eta: 0.25, steps: 6}'

# adds_up RANKS PRECISION TOLERANCE CONFIG WORD...: explain prints sums that are right, and the equations' numbers.
adds_up() {
    local ranks=$1 precision=$2 tolerance=$3
    shift 3
    ends 0 "$ranks" explain "$@" --set precision="$precision" &&
        "$arithmetic" "$precision" <stdout >/dev/null && "$replay" "$tolerance" <stdout >/dev/null
}

echo "-- every number"
for config in relu deep; do
    for algorithm in exact fixed-prediction strict augmented-lagrangian; do
        for coordinates in error belief; do
            words=("$config.yaml" --set inference.algorithm="$algorithm" --set inference.coordinates="$coordinates")
            check "$config, $algorithm, $coordinates, float64" adds_up 0 float64 1e-13 "${words[@]}"
            check "  float32" adds_up 0 float32 1e-5 "${words[@]}"
        done
    done
done
learning=(--set inference.algorithm=incremental --set 'learning.optimizer={sgd: {rate: 0.125}}')
for config in relu deep; do
    check "$config, incremental, float64" adds_up 0 float64 1e-13 $config.yaml "${learning[@]}"
    check "  float32" adds_up 0 float32 1e-5 $config.yaml "${learning[@]}"
    check "  beside backpropagation the sum of its steps" prints '^      d weight\[1\]\[1\]: .* here, .* there'
done
check "at eta 1" adds_up 0 float64 1e-13 deep.yaml --set inference.eta=1 --set inference.steps=4
check "  with all messages" adds_up 0 float64 1e-13 deep.yaml --set inference.eta=1 --set inference.messages=always
check "cross-entropy" ends 0 0 explain deep.yaml --set network.loss=cross-entropy
check "  adds up" "$arithmetic" float32 <stdout
check "errors with a precision" ends 0 0 explain deep.yaml --set 'inference.precision_weights=[2, 0.5, 1]'
check "  adds up" "$arithmetic" float32 <stdout

echo "-- the same output on any number of ranks"
for algorithm in exact fixed-prediction strict augmented-lagrangian; do
    ends 0 0 explain deep.yaml --set inference.algorithm=$algorithm && cp stdout alone
    for ranks in 1 2 5; do
        check "$algorithm, $ranks ranks" ends 0 $ranks explain deep.yaml --set inference.algorithm=$algorithm
        check "  the same text" cmp alone stdout
    done
done

ends 0 0 explain deep.yaml "${learning[@]}" && cp stdout alone
for ranks in 1 2 5; do
    check "incremental, $ranks ranks" ends 0 $ranks explain deep.yaml "${learning[@]}"
    check "  the same text" cmp alone stdout
done

echo "-- from the inside"
check "population 1" ends 0 0 explain deep.yaml --population 1
check "  hears" prints '^  I hear from population 2: error eps_2 = \('
check "  applies" prints '^  I apply eps_1 <- \(1 - eta\) eps_1 \+ eta J_2\^T eps_2$'
check "  believes" prints '^  I believe now v_1 = vhat_1 - eps_1 = \('
check "  says" prints '^  I say to population 0: error eps_1 = \('
check "  knows nothing of others" [ "$(grep -Ec '^population|theta_[134]|eps_[034]|F = ' stdout)" = 0 ]
check "  adds up" "$arithmetic" float32 <stdout
check "population 0" ends 0 0 explain deep.yaml --population 0
check "  learns" prints '^      d weight\[3\]\[2\] = '
check "population 4" ends 0 0 explain deep.yaml --population 4
check "  owns the loss" prints 'I own the loss and no synapses'

echo "-- the excerpt in README.md"
check "explain" ends 0 0 explain "$root/configs/lessons/02-by-hand.yaml" --population 1 --quiet-steps
sed -n '/^    [$] vicinal explain/,/^$/ s/^    //p' "$root/README.md" | grep -v '^[.$]' >excerpt
check "  has its lines" [ "$(grep -cxFf excerpt stdout)" -ge "$(wc -l <excerpt)" ]
check "  of which there are some" [ "$(wc -l <excerpt)" -gt 4 ]

echo "-- silence"
check "told" ends 0 0 explain deep.yaml
check "  of errors that are 0" prints '^  stays silent towards population 0: eps_1 is still 0$'
check "  of errors that do not change" prints '^  stays silent towards population 3: nothing has changed since step 1$'
check "left out" ends 0 0 explain deep.yaml --quiet-steps
check "  is not told" [ "$(grep -c silent stdout)" = 0 ]
check "  nor steps in which nobody speaks, but how many" ends 0 0 explain deep.yaml --quiet-steps --set inference.eta=1
check "    of them" prints '^\(all are silent in steps 4 to 5;'

echo "-- larger networks"
write_config digits.yaml
check "shortened" ends 0 2 explain digits.yaml
check "  it says so" prints '"..." stands for what is left out'
check "  adds up where it is whole" "$arithmetic" float32 <stdout
check "another sample" ends 0 0 explain digits.yaml --sample 2
check "  is another" [ "$(cmp -s stdout alone && echo same)" = '' ]
check "too large" ends 2 0 explain "$root/configs/paper/cifar-6.yaml"
check "  says so" says 'too much to explain: at most 1000000'

echo "-- a batch"
write_reference_config reference.yaml
check "a file" ends 0 2 explain reference.yaml --weights "$reference/weights.safetensors" \
    --batch "$reference/batch.safetensors" --sample 3
check "  says which sample" prints '^The batch has [0-9]+ samples; sample 3 is told\.$'
check "  adds up" "$arithmetic" float64 <stdout
check "strict" ends 0 2 explain reference.yaml --weights "$reference/weights.safetensors" \
    --batch "$reference/batch.safetensors" --set inference.algorithm=strict
check "  adds up" "$arithmetic" float64 <stdout

echo "-- JSON"
check "JSON" ends 0 5 explain deep.yaml --json
check "  has a message" has messages.0.kind '"prediction"'
check "  has errors of each step" has populations.1.error.6.0 '-?[0-9.e-]+'
check "  has layers" has layers.3.scale '1\.0'
check "  of one population" ends 0 0 explain deep.yaml --json --population 2
check "    alone" has populations.0.population 2

by_hand=("$root/configs/lessons/02-by-hand.yaml" "${learning[@]}")
numbers() {
    tr -s '[](),\n' ' ' | awk '{ for (i = 1; i <= NF; i++) printf "%.17g ", $i + 0 }'
}

# told STEP POPULATION WHAT: what the text says there of weight, bias, d weight or d bias.
told() {
    awk -v step="$1" -v population="$2" -v start="      $3" '
        /^=== / { here = ($0 ~ "^=== step " step " ===") }
        /^population / { mine = ($2 + 0 == population) }
        here && mine && index($0, start) == 1 { sub(/.*= /, ""); print }' text | numbers
}

# noted STEP POPULATION PARAMETER KEY: what JSON says of it.
noted() {
    "$VICINAL_JSON" "/layers/$2/parameters/$2.0.$3/$4" <stdout | numbers
}

# agrees STEP POPULATION PARAMETER: the gradient and the value of a step, which is told of only after an error.
agrees() {
    local gradient value step=steps/$(($1 - 1))
    gradient=$(told "$1" "$2" "d $3") value=$(told "$1" "$2" "$3")
    if (($1 < 2 - $2)); then
        [[ -z $gradient$value && $(noted "$1" "$2" "$3" $step/gradient) =~ ^(0 )+$ ]] || return 1
        value=$(noted "$1" "$2" "$3" value)
    else
        [[ -n $gradient && $gradient == "$(noted "$1" "$2" "$3" $step/gradient)" ]] || return 1
    fi
    [[ -n $value && $value == "$(noted "$1" "$2" "$3" $step/value)" ]]
}
check "steps that learn, told" ends 0 0 explain "${by_hand[@]}"
mv stdout text
check "  and as JSON" ends 0 3 explain "${by_hand[@]}" --json
for parameter in weight bias; do
    for step in 1 2 3; do
        check "  the same $parameter of layer 1 in step $step" agrees $step 0 $parameter
        check "  the same $parameter of layer 2 in step $step" agrees $step 1 $parameter
    done
done
check "  and no more steps" [ "$("$VICINAL_JSON" /layers/0/parameters/0.0.bias/steps <stdout | grep -o value | wc -l)" = 3 ]
check "inferences that do not learn" ends 0 0 explain deep.yaml --json
has_no() {
    ! has "$1"
}
check "  have no such steps" has_no /layers/0/parameters/0.0.bias/steps

echo "-- refused"
check "a population that is not there" ends 2 2 explain deep.yaml --population 5
check "  says which are" says -- '--population 5: a whole number from 0 to 4 is needed'
check "a sample that is not there" ends 2 0 explain deep.yaml --sample 2
check "wires that lose messages" ends 2 0 explain deep.yaml --set 'channels.drop=0.1'
check "  says so" says 'explain tells of perfect wires alone'
check "no number" ends 2 0 explain deep.yaml --population two
finish
