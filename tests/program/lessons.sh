#!/usr/bin/env bash
# The lessons: each command that they give runs as it stands there, prints what they quote, and their claims hold.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
arithmetic=${EXPLAIN_ARITHMETIC:?the built explain_arithmetic} replay=${EXPLAIN_REPLAY:?the built explain_replay}
lessons=$root/configs/lessons
cd "$root"

# command_of LESSON: the words behind "$" in its comment.
command_of() {
    sed -n 's/^#     \$ //p' "$1"
}

# quoted LESSON: the lines that it says will be seen.
quoted() {
    sed -n '/^# You will see/,/^# Why/ s/^#     //p' "$1" | grep -v '^[.][.][.]$'
}

# do_lesson LESSON [WORD...]: runs its command, with more words.
do_lesson() {
    local words ranks=0
    read -ra words <<<"$(command_of "$1")"
    shift
    if [[ ${words[0]} == mpirun ]]; then
        ranks=${words[2]}
        words=("${words[@]:3}")
    fi
    [[ ${words[0]} == vicinal ]] && ends 0 "$ranks" "${words[@]:1}" "$@" && cat "$work/stdout" "$work/stderr" >"$work/all"
}

# prints_what LESSON [NEAR]: the quoted lines are there, in their order. Words are alike, and so are numbers: within 2 %
# or as near as said, or less than 1e-3, where rounding differs from machine to machine.
prints_what() {
    quoted "$1" >"$work/quoted"
    awk -v near="${2:-0.02}" '
        function number(word) { gsub(/[(),]/, "", word); return word }
        function is_number(word) { return word ~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ }
        function size(x) { return x < 0 ? -x : x }
        function alike(a, b,    x, y) {
            x = number(a); y = number(b)
            if (!is_number(x) || !is_number(y)) return a == b
            return size(x - y) <= near * size(x) || (size(x) < 1e-3 && size(y) < 1e-3)
        }
        function is_like(n, line,    words, i) {
            if (split(line, words) != split(wanted[n], expected)) return 0
            for (i = 1; i in expected; i++) if (!alike(expected[i], words[i])) return 0
            return 1
        }
        NR == FNR { wanted[FNR] = $0; most = FNR; next }
        next_one < most && is_like(next_one + 1, $0) { next_one++ }
        END { if (next_one < most) { print "not printed: " wanted[next_one + 1]; exit 1 } exit most == 0 }
    ' "$work/quoted" "$work/all"
}

# column LAYER NUMBER: of the table that verify prints.
column() {
    awk -v layer="$1" -v number="$2" '$1 == layer && NF == 6 { print $number }' "$work/stdout"
}

holds() {
    awk "BEGIN { exit !($1) }"
}

found=0
for lesson in "$lessons"/0*.yaml; do
    name=${lesson##*/}
    echo "-- $name"
    check "runs" do_lesson "$lesson"
    # What the last lesson shows is rounding itself, and that is another one with each of OpenBLAS's kernels.
    near=0.02
    [[ $name != 06-* ]] || near=0.25
    check "prints what it quotes" prints_what "$lesson" $near
    check "its command names it" grep -q "configs/lessons/$name" <<<"$(command_of "$lesson")"
    check "asks a question" grep -q '^# Try: ' "$lesson"
    check "is in the index" grep -qF "($name)" "$lessons/README.md"
    found=$((found + 1))
done
check "there are six" [ $found = 6 ]
check "the page on what is not local is in the index" grep -qF '(what-is-not-local.md)' "$lessons/README.md"

echo "-- 1: only neighbours speak, and nothing but predictions and errors"
check "ranks 0 and 2 are silent" do_lesson "$lessons/01-what-travels.yaml"
check "  in the matrix" grep -Eq '^ +from rank +0 +[.] +2 +[.]$' "$work/all"
check "more neurons" do_lesson "$lessons/01-what-travels.yaml" --set 'network.layers=[[linear: 5, relu], linear: 2]'
check "  make larger messages on their edge" grep -Eq '^ +from rank +1 +80 +[.] +32$' "$work/all"

echo "-- 2: every number can be worked out by hand"
check "explain" do_lesson "$lessons/02-by-hand.yaml"
check "  adds up" "$arithmetic" float64 <"$work/stdout"
check "  is what the equations say" "$replay" 1e-14 <"$work/stdout"
check "  in short numbers" [ "$(grep -v 'F =' "$work/stdout" | grep -Eo '[0-9]+[.][0-9]+' | awk 'length($1) > 12' | wc -l)" = 0 ]
check "after 4 updates it is 15/16" do_lesson "$lessons/02-by-hand.yaml" --set inference.steps=5
check "  of 0.546875" grep -q '^  says to population 0: error eps_1 = (0.5126953125, ' "$work/stdout"

# speakers FILE: "step population" of each error that is said.
speakers() {
    awk '/^=== step/ { step = $3 } /^population/ { speaker = $2 } /says to.*error/ { print step, speaker + 0 }' "$1"
}

echo "-- 3: the wave goes down one edge a step, and is backpropagation"
check "the wave" do_lesson "$lessons/03-the-wave.yaml"
check "  one speaker a step, the next one below" diff <(speakers "$work/stdout") <(printf '%s\n' '1 5' '2 4' '3 3' '4 2' '5 1')
check "  five layers bit for bit" [ "$(grep -c 'the same bits as backpropagation' "$work/stdout")" = 5 ]
check "with a step less" do_lesson "$lessons/03-the-wave.yaml" --set inference.steps=4
check "  layer 1 learns nothing" grep -q '^  has heard no error: d theta_1 = 0$' "$work/stdout"
check "with more steps" do_lesson "$lessons/03-the-wave.yaml" --set inference.steps=8
check "  nothing changes" [ "$(grep -c 'the same bits as backpropagation' "$work/stdout")" = 5 ]

echo "-- 4: shorter, not turned"
for seed in 1 2; do
    check "seed $seed" do_lesson "$lessons/04-the-law.yaml" --set seed=$seed
    for layer in 1 2 3 4; do
        check "  layer $layer: no angle" holds "$(column $layer 3) < 1e-6"
        check "  its length is the law's" holds "$(column $layer 5) == $(column $layer 6) && $(column $layer 5) < 1"
    done
done
check "four heads in four tosses" do_lesson "$lessons/04-the-law.yaml" --set inference.eta=0.5 --set inference.steps=5
check "  1/16" holds "$(column 1 5) == 0.0625"

echo "-- 5: elsewhere"
check "strict" do_lesson "$lessons/05-strict.yaml"
check "  the last layer by more than 60 degrees" holds "$(column 5 3) > 60"
check "  all by more than 1" holds "$(column 1 3) > 1"
check "small errors" do_lesson "$lessons/05-strict.yaml" --set network.reduction=mean
check "  come near" holds "$(column 5 3) < 10"

echo "-- 6: what fewer digits do"
check "belief coordinates" do_lesson "$lessons/06-fewer-digits.yaml"
lost=$(column 1 2) above=$(column 4 2)
check "  the lower layer loses more" holds "$lost > 2 * $above"
check "error coordinates" do_lesson "$lessons/06-fewer-digits.yaml" --set inference.coordinates=error
check "  lose a tenth of it, or less" holds "$(column 1 2) < $lost / 10"
finish
