#!/usr/bin/env bash
# A learning rule that only this test registers, see odd_rule.c: every command runs, counts, explains and shows it as
# its traits and texts say, on any number of ranks. Usage: odd_rule.sh [whole]; whole: on more of them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
arithmetic=${EXPLAIN_ARITHMETIC:?the built explain_arithmetic}
write_config small.yaml # 64-24-16-12-10, batch 96, float32
write_reference_config reference.yaml
name=thrice-damped
odd=(--set "inference.algorithm=$name" --set inference.eta=0.5 --set inference.steps=6 --set inference.dual_rate=0.25)
pieces=(--set inference.microbatches=3)
batch=(--weights "$reference/weights.safetensors" --batch "$reference/batch.safetensors")
numbers="1 5"
[[ ${1:-} != whole ]] || numbers="1 2 5"
settings='eta 0.5, 6 steps and 2 closing ones, rho 1, alpha 0.25'

lacks() {
    has "" && ! has "$1"
}

# value FILE PATH: of a JSON file.
value() {
    "${VICINAL_JSON:?the built json_value}" "$2" <"$1"
}

# same_bits WHAT FILE... -- WORD...: one rank's files are those of any number of ranks, where the words name them {}/FILE.
same_bits() {
    local what=$1 files=() ranks file
    shift
    while [[ $1 != -- ]]; do
        files+=("$1")
        shift
    done
    shift
    for ranks in $numbers; do
        rm -rf "on$ranks" && mkdir "on$ranks"
        check "$what, $ranks ranks" ends 0 "$ranks" "${@//\{\}/on$ranks}"
        cp stdout "on$ranks/printed"
        for file in "${files[@]}"; do
            check "  the same $file" cmp "on1/$file" "on$ranks/$file"
        done
    done
}

# rows FILE CONDITION: whether awk's condition holds for every row of a CSV file, of which there are some.
rows() {
    awk -F , "NR > 1 && !($2) { bad = 1 } END { exit bad || NR < 2 }" "$1"
}

echo "-- configs"
check "help config" ends 0 0 help config inference.algorithm
check "  lists it among the names" prints "^    one of .*, $name\$"
check "  and says what it does" prints "^    $name +errors come down through all populations"
check "a slip" ends 2 0 verify small.yaml --set inference.algorithm=thrice-dampd
check "  is told what is near" says "$name"
check "micro-batches of another" ends 2 0 verify small.yaml --set inference.algorithm=strict "${pieces[@]}"
check "  are told whose they are" says "pipeline \(exact, $name\), not for strict"
check "coordinates that it does not have" ends 2 0 verify small.yaml "${odd[@]}" --set inference.coordinates=belief
check "  are told which it has" says "$name has error coordinates alone"
check "weights of its errors" ends 2 0 verify small.yaml "${odd[@]}" --set inference.precision_weights=2
check "  are told to mean nothing" says "precision_weights means nothing to $name"
check "  another has them, and no such baseline" ends 0 0 comm small.yaml --set inference.precision_weights=2 --repeat 1 --json
check "    beside it" lacks runs.5

echo "-- train"
same_bits train run/weights.safetensors run/metrics.csv run/free_energy.csv -- train small.yaml "${odd[@]}" \
    --set "learning.optimizer={adam: {rate: 0.02}}" --set learning.epochs=8 --out "{}/run"
check "  learns: the test accuracy" rows <(sed -n '1p;$p' on1/run/metrics.csv) "\$6 > 0.85"
check "  the run has its name" grep -q "algorithm: $name" on1/run/config.yaml
check "  a free energy for each step, closing ones too" [ "$(grep -c ^8, on1/run/free_energy.csv)" = 8 ]
check "  goes on" ends 0 2 train on1/run/config.yaml --resume --out on1/run --set learning.epochs=9
same_bits "train in micro-batches" run/weights.safetensors run/metrics.csv -- train small.yaml "${odd[@]}" "${pieces[@]}" \
    --out "{}/run"

echo "-- infer"
same_bits infer out.safetensors -- infer reference.yaml "${batch[@]}" "${odd[@]}" --out "{}/out.safetensors"
mv on1/out.safetensors whole.safetensors
check "  writes its momentum" grep -aq '"dual.3"' whole.safetensors
same_bits "infer in micro-batches" out.safetensors -- infer reference.yaml "${batch[@]}" "${odd[@]}" "${pieces[@]}" \
    --out "{}/out.safetensors"
# all_numbers FILE: all of them, one a line.
all_numbers() {
    tail -c +$((9 + $(od -An -tu8 -N8 "$1"))) "$1" | od -An -v -w8 -tf8
}
near() {
    paste <(all_numbers "$1") <(all_numbers "$2") | awk 'NF != 2 { exit 1 }
        { d = $1 - $2; s = $1 < 0 ? -$1 : $1; if (d < 0) d = -d; if (d > 1e-12 * (1 + s)) exit 1 }
        END { exit NR == 0 }'
}
check "  the same numbers but for rounding" near whole.safetensors on1/out.safetensors

echo "-- verify"
same_bits verify v.csv printed -- verify reference.yaml "${batch[@]}" "${odd[@]}" --csv "{}/v.csv"
check "  says its settings" grep -q "^$name, $settings, float64: " on1/printed
check "  judges nothing" grep -q '^reported: these settings promise no agreement' on1/printed
cp on1/v.csv six.csv
same_bits "verify --trajectory" t.csv -- verify reference.yaml "${batch[@]}" "${odd[@]}" --trajectory --csv "{}/t.csv"
check "  4 layers after each of 6 steps" [ "$(wc -l <on1/t.csv)" = $((1 + 6 * 4)) ]
check "  the last are those of verify" cmp <(tail -n 4 on1/t.csv) <(tail -n 4 six.csv)
# lengths FILE: updates are those of backpropagation in direction, and as long as the rule says, which is linear: the
# errors of layer l are c_l times the exact ones, with c_L = 1. Layers come in their order for each number of steps.
lengths() {
    awk -F , 'NR > 1 { scale[$1, $2] = $5; if ($4 > 1e-5) exit bad = 1 }
        END {
            for (n = 1; n <= 6; n++)
                for (l = 4; l > 0; l--) {
                    if (l == 4) c[4] = 1
                    else { m[l] = 0.25 * m[l] + 0.5 * (c[l + 1] - c[l]); c[l] += m[l] }
                    d = scale[n, l] - c[l]
                    if (d > 1e-12 || d < -1e-12) bad = 1
                }
            exit bad
        }' "$1"
}
check "  in the direction of backpropagation, and as long as the rule says" lengths on1/t.csv
check "after 3 steps" ends 0 0 verify reference.yaml "${batch[@]}" "${odd[@]}" --set inference.steps=3 --csv three.csv
check "  the rows of the trajectory" cmp <(grep ^3, on1/t.csv) <(grep ^3, three.csv)
check "after 120 steps" ends 0 0 verify reference.yaml "${batch[@]}" "${odd[@]}" --set inference.steps=120 --csv many.csv
check "  backpropagation's updates" rows many.csv "\$3 < 1e-12"
check "  and not after 6" rows six.csv "\$2 > 1 || \$3 > 1e-3"

echo "-- comm and plan"
counts() {
    cut -d , -f 1-8 "$1"
}
# messages PREDICTIONS ERRORS [INDEX]: of a run of comm.
messages() {
    has "runs.${3:-0}.algorithm" "\"$name\"" && has "runs.${3:-0}.predictions" "$1" && has "runs.${3:-0}.errors" "$2"
}
# each KEY RUN FILE: of a run's edges and kinds.
each() {
    local i
    for i in 0 1 2 3 4 5 6 7; do
        value "$3" "$2.edges.$i.$1"
    done
}
machine=(--machine "$root/launch/machines/ethernet.yaml")
for ranks in $numbers; do
    check "comm, $ranks ranks" ends 0 "$ranks" comm small.yaml "${odd[@]}" --repeat 1 --json --csv "comm$ranks.csv"
    check "  L predictions, 1 + 6 (L-2) + 1 errors" messages 4 14
    check "  beside exact" has runs.1.algorithm '"exact"'
    check "  and itself, always: (6 + 2) (L-1) + 1 errors" messages 4 25 6
    check "  once" lacks runs.7
    check "  the same counts" cmp <(counts comm1.csv) <(counts comm"$ranks".csv)
    check "in micro-batches" ends 0 "$ranks" comm small.yaml "${odd[@]}" "${pieces[@]}" --repeat 1 --json --csv "pieces$ranks.csv"
    check "  three times as many" messages 12 42
    check "  beside itself in one" messages 4 14 6
    check "  the same counts" cmp <(counts pieces1.csv) <(counts pieces"$ranks".csv)
    cp stdout comm.json
    check "plan for $ranks ranks" ends 0 0 plan small.yaml "${machine[@]}" "${odd[@]}" "${pieces[@]}" --ranks "$ranks" --json
    check "  the messages of comm on each edge" [ "$(each messages runs.0 comm.json)" = "$(each messages plans.0.runs.0 stdout)" ]
    check "  and bytes" [ "$(each bytes runs.0 comm.json)" = "$(each bytes plans.0.runs.0 stdout)" ]
    check "  for people" ends 0 0 plan small.yaml "${machine[@]}" "${odd[@]}" --ranks "$ranks"
    check "    its name" prints "^ +$ranks +$name +event-driven"
done
check "plan" ends 0 0 plan small.yaml "${machine[@]}" "${odd[@]}" --csv plan.csv
check "  the messages of comm in each step" cmp <(counts comm1.csv) <(counts plan.csv)
check "plan in micro-batches" ends 0 0 plan small.yaml "${machine[@]}" "${odd[@]}" "${pieces[@]}" --csv plan.csv
check "  the messages of comm in each step" cmp <(counts pieces1.csv) <(counts plan.csv)
check "comm of another" ends 0 0 comm small.yaml --repeat 1 --json
check "  has it beside, as a baseline: 1 + 4 (L-2) + 1 errors" messages 4 10 5

echo "-- explain"
printf '%s\n' 'name: deep' 'seed: 4' 'network:' '  input: [2]' '  loss: squared-error' \
    '  layers: [[linear: 3, tanh], [linear: 4, sigmoid], [linear: 3, relu], linear: 2]' >deep.yaml
for precision in float32 float64; do
    same_bits "explain, $precision" printed -- explain deep.yaml "${odd[@]}" --set precision=$precision
    check "  adds up" "$arithmetic" $precision <on1/printed
done
check "  says its settings" grep -q "^One inference of deep, step by step: $name.*, $settings, " on1/printed
check "  tells from the output on" [ "$(sed -n '/^=== step 1: errors from the output to the input ===$/,/^=== step 2/p' on1/printed |
    grep -o '^population [0-9]' | tr -dc 0-9)" = 43210 ]
check "  by its own names" grep -q '^  says to population 1: error z_2 = ' on1/printed
check "  of each of 6 steps" [ "$(grep -c '^      m_2\[4\] <- ' on1/printed)" = 6 ]
check "  the closing ones leave it" [ "$(grep -c '^  leaves z_2 as it is' on1/printed)" = 2 ]
check "  no rule of another" [ "$(grep -cE 'eps_[123]|eps_[pq]|[{}]' on1/printed)" = 0 ]
check "from the inside" ends 0 0 explain deep.yaml "${odd[@]}" --population 2
check "  hears, in the step in which it says" prints '^  I hear from population 3: error z_3 = '
check "  believes" prints '^  I believe now v_2 = vhat_2 - z_2 = '
check "  adds up" "$arithmetic" float32 <stdout

echo "-- report"
data_of() {
    sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' "$1"
}
timeless() {
    sed -E 's/"(seconds[a-z_]*|ranks?)":[-+.0-9e]+,?//g' "$1"
}
check "a run" ends 0 2 train small.yaml "${odd[@]}" --out run
for ranks in $numbers; do
    check "report, $ranks ranks" ends 0 "$ranks" report run --out "page$ranks.html"
    data_of "page$ranks.html" >"data$ranks.json"
    check "  the same data" cmp <(timeless data1.json) <(timeless "data$ranks.json")
done
check "  holds the run by its name" [ "$(value data1.json runs.0.algorithm)" = "\"$name\"" ]
check "  as the one that is configured" [ "$(value data1.json runs.0.configured)" = true ]
check "  played to its closing steps" [ "$(value data1.json runs.0.played)" = 8 ]
check "  compared without them" [ "$(value data1.json runs.0.compared)" = 6 ]
check "  after each" value data1.json runs.0.trajectory.scale.0.5
check "  and no more" bash -c "! '$VICINAL_JSON' runs.0.trajectory.scale.0.6 <data1.json"
check "  the last is the update's" [ "$(value data1.json runs.0.trajectory.scale.0.5)" = "$(value data1.json runs.0.layers.0.scale)" ]
check "  it passes errors down" [ "$(value data1.json runs.0.traits.passes_down)" = true ]
check "  strict does not" [ "$(value data1.json runs.3.algorithm),$(value data1.json runs.3.traits.passes_down)" = '"strict",false' ]
check "  the other baseline" [ "$(value data1.json runs.5.algorithm),$(value data1.json runs.5.eta)" = "\"$name\",0.25" ]

echo "-- audit and trace"
# about KEY FILE: a number of a trace's otherData.
about() {
    value "$2" "otherData.$1"
}
for ranks in $numbers; do
    for words in "verify small.yaml" "train small.yaml --out audited" "comm small.yaml --repeat 1"; do
        read -ra command <<<"$words"
        check "${command[0]} --audit, $ranks ranks" ends 0 "$ranks" "${command[@]}" "${odd[@]}" --audit --json
        check "  passes" has audit.passed true
        check "  of $ranks ranks" has audit.ranks "$ranks"
    done
    check "in micro-batches" ends 0 "$ranks" verify small.yaml "${odd[@]}" "${pieces[@]}" --audit --json
    check "  passes" has audit.passed true
    check "verify --trace, $ranks ranks" ends 0 "$ranks" verify small.yaml "${odd[@]}" --trace trace.json
    check "  8 messages of exact, 18 of its own" [ "$(about messages trace.json)" = 26 ]
    check "  an arrow for each" [ "$(grep -c '"ph":"f"' trace.json)" = 26 ]
    check "  by its name" grep -q "\"algorithm\":\"$name\"" trace.json
done
finish
