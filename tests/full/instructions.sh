#!/usr/bin/env bash
# Instructions of an epoch of learning, counted by callgrind, beside those in instructions.csv: the main paths may do
# 5 % more, or less, and no further. A count does not depend on the machine's load; it does on the compiler and on
# OpenBLAS, so that with other ones than the file's first line names this is skipped.
# Usage: instructions.sh [--renew]; --renew: count, and replace the file.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../launch/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../launch/lib.sh"
stored=$root/tests/full/instructions.csv
allowed=0.05
code=0

# The instructions of x86-64-v3 alone, on one thread: callgrind knows no AVX-512.
options=(--level v3 --threads 1)
export OPENBLAS_CORETYPE=Haswell
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self OMPI_MCA_ess_singleton_isolated=1

skip() {
    echo "SKIP: $*"
    exit 77
}

versions() {
    echo "gcc $(gcc -dumpfullversion), OpenBLAS $(pkg-config --modversion openblas)"
}

renew=false
case ${1:-} in
--renew) renew=true ;;
"") ;;
*) die "unknown: $1; allowed: --renew" ;;
esac
command -v valgrind >/dev/null || skip "valgrind is not installed"
[[ $(uname -m) == x86_64 ]] || skip "counts are of x86-64"
if ! $renew && [[ $(head -n 1 "$stored") != "# $(versions)" ]]; then
    skip "the counts are of $(sed -n '1s/^# //p' "$stored"), and here is $(versions): tests/full/instructions.sh --renew"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
digits=$root/data/digits

# network NAME: its layers on the digits, and the batch.
network() {
    case $1 in
    mlp) echo "input: [64], layers: [[linear: 128, relu], [linear: 64, relu], [linear: 10]]" ;;
    conv) echo "input: [1, 8, 8], layers: [[conv2d: {out: 8, kernel: 3}, relu, maxpool2d: 2, flatten], [linear: 10]]" ;;
    winograd)
        echo "input: [1, 8, 8], layers: [[conv2d: {out: 16, kernel: 3, padding: 1}, relu]," \
            "[conv2d: {out: 16, kernel: 3, padding: 1}, relu, flatten], [linear: 10]]"
        ;;
    chain) echo "input: [64], layers: [$(printf '[linear: 16, tanh], %.0s' {1..12})[linear: 10]]" ;;
    esac
}

# write_config NAME FILE
write_config() {
    cat >"$2" <<END
name: $1
seed: 1
network: {$(network "$1"), loss: cross-entropy}
inference: {algorithm: fixed-prediction}
learning: {optimizer: {adam: {rate: 0.001}}, batch: 64, epochs: 1}
data:
  format: idx
  scale: 16
  train: {inputs: $digits/test-images-idx3-ubyte, labels: $digits/test-labels-idx1-ubyte}
END
}

# count NAME ALGORITHM STEPS: the instructions of one epoch.
count() {
    write_config "$1" "$work/$1.yaml"
    rm -f "$work/counts"
    timeout --kill-after=5 900 valgrind --tool=callgrind --callgrind-out-file="$work/counts" \
        --toggle-collect=vic_trainer_epoch "$program" train "$work/$1.yaml" --out "$work/run" \
        "${options[@]}" --set "inference.algorithm=$2" --set inference.eta=0.1 --set "inference.steps=$3" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; die "callgrind fails"; }
    awk '/^(summary|totals):/ { n = $2 } END { print n + 0 }' "$work/counts"
}

program=${VICINAL_BUILD:-$root/build}/release/vicinal
[[ -x $program ]] || { echo "FAIL: the program is not built: $program"; exit 1; }
"$program" --version >"$work/version"
grep -Eq '^instruction levels: (.* )?v3[ ,].* computes with v[3-9]$' "$work/version" || skip "$program has no level v3, or not on this processor"

echo "# $(versions)" >"$work/new.csv"
for name in mlp conv winograd chain; do
    for algorithm in exact strict; do
        echo "$name,$algorithm,$(count $name $algorithm 10)" >>"$work/new.csv"
    done
done
if $renew; then
    cp "$work/new.csv" "$stored"
    cat "$stored"
    exit
fi
awk -F , -v allowed=$allowed '
    /^#/ { next }
    NR == FNR { before[$1, $2] = $3; next }
    { ratio = ($1, $2) in before && before[$1, $2] > 0 ? $3 / before[$1, $2] : 0
      good = ratio >= 1 - allowed && ratio <= 1 + allowed
      printf "%s %s, %s: %.1f million instructions, %.3f of those stored\n", good ? "ok    " : "FAILED", $1, $2, $3 / 1e6, ratio
      bad += !good }
    END { exit bad > 0 }' "$stored" "$work/new.csv" || code=1
((code == 0)) || echo "better or meant: tests/full/instructions.sh --renew"
exit $code
