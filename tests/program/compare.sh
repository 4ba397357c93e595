#!/usr/bin/env bash
# learning.compare: learning is the same to the bit, the rows are right, and a resumed run repeats none.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# column NAME FILE: its values, one a line.
column() {
    awk -F , -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i; next } { print $place }' "$2"
}

updates_are() {
    [[ $(column updates "$1" | uniq | tr '\n' ' ') == "$2 " ]]
}

follows_the_law() {
    awk -F , 'NR > 1 { d = $4 - (1 - $7); if (d > 1e-6 || d < -1e-6 || $5 > 1e-3) exit 1 }' "$1"
}

# What a checkpoint holds behind its header, which also tells the settings.
numbers() {
    tail -c "+$(($(od -An -tu8 -N8 "$1/state.safetensors") + 9))" "$1/state.safetensors"
}

same_numbers() {
    (($(numbers "$1" | wc -c) > 10000)) && cmp <(numbers "$1") <(numbers "$2")
}

echo "-- learning is the same"
for algorithm in fixed-prediction strict; do
    settings=(--set "inference.algorithm=$algorithm" --set inference.eta=0.3 --set inference.steps=7)
    check "$algorithm without" ends 0 0 train small.yaml --out without "${settings[@]}"
    check "$algorithm with, 1 rank" ends 0 0 train small.yaml --out with "${settings[@]}" --set learning.compare.every=4
    check "$algorithm with, 3 ranks" ends 0 3 train small.yaml --out ranks "${settings[@]}" \
        --set learning.compare.every=4
    for file in weights.safetensors metrics.csv free_energy.csv; do
        check "  the same $file" cmp "without/$file" "with/$file"
        check "  on 3 ranks too" cmp "without/$file" "ranks/$file"
    done
    for folder in without with ranks; do
        check "  the checkpoint of $folder as one file" ends 0 0 export $folder --state
    done
    check "  the same numbers in the checkpoint" same_numbers without with
    check "  on 3 ranks too" same_numbers without ranks
    check "  the same rows on 3 ranks" cmp with/compare.csv ranks/compare.csv
    check "  nothing is compared without" absent without/compare.csv
done

echo "-- the rows"
check "fixed-prediction" ends 0 0 train small.yaml --out run --set inference.eta=0.3 --set inference.steps=7 \
    --set learning.compare.every=4
check "every 4th batch, beginning with the first" updates_are run/compare.csv "1 5 9 13 17 21 25 29"
check "two epochs of 15 batches" [ "$(column epoch run/compare.csv | sort | uniq -c | tr -s ' \n' ' ')" = " 16 1 16 2 " ]
check "four layers" [ "$(column layer run/compare.csv | sed -n 1,8p | tr -d '\n')" = 12341234 ]
check "the law is followed" follows_the_law run/compare.csv
check "and is known: P[Binomial(6, 0.3) >= 3]" grep -q '^1,1,1,.*,0\.25569[0-9]*,' run/compare.csv
check "verify says the same of the first batch" ends 0 0 verify small.yaml --set inference.eta=0.3 \
    --set inference.steps=7 --csv verify.csv
check "  digit for digit" cmp <(sed -n 2,5p run/compare.csv | cut -d , -f 3-7) <(tail -n +2 verify.csv | cut -d , -f 2-6)
check "the loss of batches is that of the epoch" ends 0 0 train small.yaml --out all --set learning.epochs=1 \
    --set learning.drop_last=true --set learning.compare.every=1
mean=$(awk -F , 'NR > 1 && $3 == 1 { n++; loss += $8; hits += $9 } END { printf "%.5f %.5f\n", loss / n, hits / n }' \
    all/compare.csv)
check "  and the accuracy" [ "$mean" = "$(awk -F , 'NR == 2 { printf "%.5f %.5f\n", $3, $4 }' all/metrics.csv)" ]

echo "-- scope"
compare_weights='learning.compare={every: 100, weights_only: true}'
strict=(--set inference.algorithm=strict --set inference.eta=0.3 --set inference.steps=7)
check "weights only" ends 0 0 train small.yaml --out weights --set "$compare_weights" "${strict[@]}"
check "verify --weights-only" ends 0 0 verify small.yaml --weights-only --csv verify.csv "${strict[@]}"
check "  says the same" cmp <(tail -n +2 weights/compare.csv | cut -d , -f 3-7) <(tail -n +2 verify.csv | cut -d , -f 2-6)
check "verify with biases" ends 0 0 verify small.yaml --csv both.csv "${strict[@]}"
check "  says something else" [ "$(cmp -s verify.csv both.csv; echo $?)" = 1 ]

echo "-- resuming"
check "one epoch" ends 0 0 train small.yaml --out part --set learning.epochs=1 --set learning.compare.every=4
check "the second" ends 0 0 train small.yaml --out part --resume --set learning.compare.every=4
check "the whole" ends 0 0 train small.yaml --out whole --set learning.compare.every=4
check "  the same rows" cmp part/compare.csv whole/compare.csv
echo 99,9,1,1,1,1,1,1,1 >>part/compare.csv
check "a row from the future" ends 0 0 train small.yaml --out part --resume --set learning.compare.every=4
check "  is dropped" cmp part/compare.csv whole/compare.csv
check "the resolved config keeps the key" grep -q '^    every: 4$' part/config.yaml

echo "-- what is refused"
check "every is needed" ends 2 0 train small.yaml --set 'learning.compare={weights_only: true}'
check "  and named" says 'every'
check "every 0" ends 2 0 train small.yaml --set learning.compare.every=0
check "an unknown key" ends 2 0 train small.yaml --set learning.compare.evry=1
check "  with the right one" says "every"

echo "-- verify: trajectory, csv, against"
check "trajectory" ends 0 3 verify small.yaml --set inference.eta=0.3 --set inference.steps=7 --trajectory --csv t.csv
check "  seven times four rows" [ "$(wc -l <t.csv)" = 29 ]
check "  the last are those of verify" ends 0 0 verify small.yaml --set inference.eta=0.3 --set inference.steps=7 --csv v.csv
check "  digit for digit" cmp <(tail -n 4 t.csv) <(tail -n 4 v.csv)
check "divergence ends a trajectory" ends 4 0 verify small.yaml --set inference.algorithm=strict \
    --set inference.eta=100 --set inference.steps=400 --trajectory --csv d.csv
check "  and is recorded" grep -q '^400,1,nan,nan,nan,nan,nan$' d.csv
check "  where it begins" complains_once 'not a finite number at inference step [0-9]+:'
where=$(grep '^vicinal: ' stderr)
check "without it, too" ends 4 0 verify small.yaml --set inference.algorithm=strict --set inference.eta=100 \
    --set inference.steps=400
check "  in the same words" test "$where" = "$(grep '^vicinal: ' stderr)"
check "against float64" ends 0 3 verify small.yaml --set inference.eta=0.3 --against precision=float64 --json
check "  is not judged" has passed null
check "  there are no units in the last place" has layers.0.ulp null
check "against another network" ends 2 0 verify small.yaml --against 'network.layers=[linear: 10]'
check "  says what may not change" says "layers as they are"
check "against, along a trajectory" ends 2 0 verify small.yaml --against precision=float64 --trajectory
check "a folder that is not there" ends 3 0 verify small.yaml --csv none/v.csv
finish
