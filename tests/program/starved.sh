#!/usr/bin/env bash
# A small training run on a machine that refuses: the k-th call of one function of the system fails on one rank, for some
# k; with `whole` for every one of a run on one rank, and more of those on three; with `every` for all of them. The run ends with the code of what failed, or as if nothing had; nothing crashes,
# hangs or is left half written, and the run goes on from what it has left.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
printf '%s\n' 'name: small' 'seed: 3' 'network:' '  input: [64]' '  layers:' '    - [linear: 6, tanh]' \
    '    - [linear: 5, relu]' '    - linear: 10' '  loss: cross-entropy' \
    'inference: {algorithm: strict, eta: 0.1, steps: 3}' \
    'learning: {batch: 500, epochs: 2, checkpoint: {steps: 2}}' 'data:' '  format: idx' '  scale: 16' \
    "  train: {inputs: $digits/train-images-idx3-ubyte, labels: $digits/train-labels-idx1-ubyte}" \
    "  test: {inputs: $digits/test-images-idx3-ubyte, labels: $digits/test-labels-idx1-ubyte}" >small.yaml

mode=${1:-some}
# How many calls of memory, and of any other function, are made to fail where not all are.
memory=10 other=2
[[ $mode == some ]] || memory=80 other=12

same_bits() {
    cmp "$1/weights.safetensors" quiet/weights.safetensors && cmp "$1/metrics.csv" quiet/metrics.csv
}

# What is under the name of a result is whole, and nothing grows beside its place.
is_clean() {
    none_left && nothing_half_written run && { [[ ! -e run/weights.safetensors ]] || same_bits run; }
}

# goes_on: whether the run goes on from what is left, or where nothing is, begins.
goes_on() {
    local how=()
    ! compgen -G 'run/checkpoints/*/manifest.json' >/dev/null || how=(--resume)
    ends 0 0 train small.yaml --out run "${how[@]}" && same_bits run
}

# fails CODE RANKS RANK FUNCTION K. Texts are written to memory as to a file, so that what should end with 3 may end with
# 6, if it says so. Before there is a group of ranks each of them complains.
fails() {
    rm -rf run
    VICINAL_FAIL=$4:$5 VICINAL_FAIL_RANK=$3 run "$2" train small.yaml --out run
    case $code in
    0) same_bits run ;;
    3) [[ $1 == 3 ]] && complains_once ': ' ;;
    6) grep -q '^vicinal: .*out of memory' stderr ;;
    *) false ;;
    esac && is_clean
}

# all_of CODE RANKS RANK FUNCTION COUNT: every call of this function in a quiet run, or so many of them.
all_of() {
    local calls k step=1 goes=0
    calls=$(awk -v name="$4" '$1 == "calls:" && $2 == name { print $3 }' "counted-$2-$3")
    [[ $mode == every || $mode$2 == whole0 ]] || step=$((calls / $5 + 1))
    for ((k = 1; k <= calls; k += step)); do
        if ! fails "$@" $k >faults 2>&1; then
            check "$2 ranks, rank $3: call $k of $4 fails" bash -c "printf 'exit code %s\n' $code; cat faults stderr; false"
        elif ((goes++ % 10 == 0)); then
            check "$2 ranks, rank $3: call $k of $4 fails, and the run goes on" goes_on
        fi
    done
    check "$2 ranks, rank $3: $4, $goes of ${calls:=0} calls" test $goes -gt 0 -o "$calls" = 0
    calls_of[$4]=$((${calls_of[$4]:-0} + calls))
}

declare -A calls_of
check "a quiet run" ends 0 0 train small.yaml --out quiet
for ranks in 0 3; do
    for ((rank = 0; rank < (ranks ? ranks : 1); rank++)); do
        [[ $mode != some || $rank != 2 ]] || continue
        VICINAL_FAIL=count VICINAL_FAIL_RANK=$rank run $ranks train small.yaml --out counting
        cp stderr "counted-$ranks-$rank"
        for function in aligned_alloc realloc; do
            all_of 6 $ranks $rank $function $((ranks ? memory / 2 : memory))
        done
        for function in open write pwrite rename fsync close mkdir fopen fclose fflush; do
            all_of 3 $ranks $rank $function $other
        done
    done
done
for function in "${!calls_of[@]}"; do
    check "$function is called" test "${calls_of[$function]}" -gt 0
done
finish
