#!/usr/bin/env bash
# What the program says it will take, beside what it takes: train, evaluate, verify and infer, on 1, 5 and 9 ranks.
# Usage: memory.sh [whole]; whole: each of these commands alone as well.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/memory.sh
source "$root/tests/support/memory.sh"
whole=false
[[ ${1:-} != whole ]] || whole=true
peak=${VICINAL_PEAK:?the built peak.c}
cd "$work"
write_config small.yaml
few_steps=(--set learning.epochs=1 --set learning.batch=700 --set learning.drop_last=true)
wide=(--set 'network.layers=[[linear: 1500, relu], [linear: 1200, tanh], [linear: 900, relu], linear: 10]')

# By MPI: the largest resident memory of a process counts the half of a neighbour, too, that it reads in shared memory.
# What that takes is in tests/inference/forecast.c.
# right WHAT RANKS WORD...: whether the forecast holds, on that many ranks.
right() {
    local what=$1
    shift
    check "$what, $1 ranks" measure "$@" --transport mpi
    check "  takes what it said it would" forecast_was_right
    check "  and says it for every rank" test "$(wc -l <forecasts)" = "$1"
}

everywhere=5
! $whole || everywhere="1 5"
for ranks in $everywhere; do
    right "train" "$ranks" train small.yaml "${wide[@]}" "${few_steps[@]}" --out run
    right "train in float64 by strict" "$ranks" train small.yaml "${wide[@]}" "${few_steps[@]}" --out run64 \
        --set precision=float64 --set inference.algorithm=strict --set inference.eta=0.1
    right "evaluate" "$ranks" evaluate small.yaml "${wide[@]}" --weights run/weights.safetensors
    right "verify" "$ranks" verify small.yaml "${wide[@]}" "${few_steps[@]}"
done
# Inputs of which a batch is most of what there is, a byte each.
{ printf '\0\0\10\2\0\0\2\274\0\0\47\20' && head -c 7000000 /dev/zero; } >wide-inputs
{ printf '\0\0\10\1\0\0\2\274' && head -c 700 /dev/zero; } >wide-labels
sed '/^  test:/d' small.yaml >no-test.yaml
right "wide inputs" 1 train no-test.yaml --set network.input='[10000]' --set 'network.layers=[linear: 10]' \
    --set data.train.inputs=wide-inputs --set data.train.labels=wide-labels "${few_steps[@]}" --out run
right "train and compare" 2 train small.yaml "${wide[@]}" "${few_steps[@]}" --out run --set learning.compare.every=1
deep='[linear: 1000, relu]'
for ((layer = 0; layer < 6; layer++)); do
    deep+=', [linear: 600, relu]'
done
right "many ranks" 9 train small.yaml --set "network.layers=[$deep, linear: 10]" --set inference.steps=8 \
    "${few_steps[@]}" --out run
write_reference_config reference.yaml
# The header of a checkpoint, and what makes it, lists hundreds of tensors.
narrow='[linear: 64, relu]'
for ((layer = 0; layer < 299; layer++)); do
    narrow+=', [linear: 64, relu]'
done
right "many narrow layers" 1 train small.yaml --set "network.layers=[$narrow, linear: 10]" "${few_steps[@]}" \
    --set learning.batch=100 --out run
right "infer" 3 infer reference.yaml --batch "$reference/batch.safetensors" --out result.safetensors \
    --set 'network.layers=[[linear: 2000, relu], [linear: 1500, relu], linear: 5]' --set inference.steps=3

# said RANKS WHAT: of each rank, in MiB, smallest first; what `train --timing --json` says of its memory.
said() {
    local rank
    for ((rank = 0; rank < $1; rank++)); do
        "${VICINAL_JSON:?the built json_value}" "memory.$2.$rank" <stdout
        echo
    done | awk '{ print $1 / 1048576 }' | sort -n
}

# What is said at the end is the peak of the whole run, but for what printing takes.
said_what_it_took() {
    paste <(said "$1" peak) peaks | awk '{ apart = $2 - $1 } NF != 2 || apart > 1 || apart < -1 { wrong = 1; print }
        END { exit wrong || NR == 0 }'
}

# A neighbour's half of shared memory is not counted as taken.
forecast_was_said() {
    said "$1" forecast >forecasts
    said "$1" peak >peaks
    forecast_was_right
}
timed=(train small.yaml "${wide[@]}" "${few_steps[@]}" --timing --json)
check "training says what it took" measure 3 "${timed[@]}" --out run --transport mpi
check "  which it took" said_what_it_took 3
check "over shared memory" measure 5 "${timed[@]}" --out run --transport shared
check "  it is what was forecast" forecast_was_said 5

# One line, before anything else that the program says (MPI may say more), and none where nothing is made.
run 1 train small.yaml --out run --set learning.epochs=1
own_lines=$(grep -E '^(memory|epoch|warning|vicinal)' stderr)
check "the forecast comes first" test "${own_lines%%:*}" = memory
run 0 train small.yaml --help
check "no forecast without a network" test "$(grep -c '^memory' stderr stdout | grep -vc ':0$')" = 0

# More than there is, by what each rank takes or by what they take together: refused before it is taken. The limit keeps
# a program that tries from ending others.
there=$(awk '/^(MemTotal|SwapTotal):/ { sum += $2 } END { print 1024 * sum }' /proc/meminfo)
# too_much SHARE RANKS PATTERN: two layers of so large a share of the machine's memory each.
too_much() {
    local width
    width=$(awk -v bytes="$there" -v share="$1" 'BEGIN { print int(sqrt(bytes * share / 8)) }')
    check "layers of $1 of the memory, $2 ranks" limited "$2" comm small.yaml --learn --set learning.batch=1 \
        --set "network.layers=[linear: $width, linear: $width, linear: $width, linear: 10]"
    check "  says so" complains_once "out of memory: $3"
}
# Where a product has no memory for itself, in any of the ranks, that is said as well.
wide_one=(verify small.yaml "${wide[@]}" --set learning.batch=1000)
few() (ulimit -v "$1" && exec timeout --kill-after=2 "$limit" "$program" "${@:2}")
fits_or_says() {
    code=0
    few "$1" "${wide_one[@]}" >stdout 2>stderr || code=$?
    [[ $code == 0 ]] || { [[ $code == 6 ]] && complains_once "out of memory: "; }
}
for kilobytes in 240000 280000 320000 360000 400000 440000; do
    check "no more than $kilobytes kB" fits_or_says $kilobytes
done
limited() (ulimit -v 4000000 && ends 6 "$@")
too_much 1.2 0 'rank 0 needs .*, its machine has '
too_much 1.2 3 'rank [0-9] needs .*, its machine has '
too_much 0.6 3 '[23] ranks on the machine of rank 0 need .* together, it has '
finish
