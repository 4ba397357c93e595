#!/usr/bin/env bash
# Speed on 784-1024x4-10 with batches of 256, one thread of BLAS a rank: what an inference costs beside its matrix
# products, and what five and six ranks on two cores cost beside one rank on one core. And on the paper's network for
# MNIST: a training step beside a bare matrix product.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
benchmarks=${VICINAL_BUILD:-$root/build}/release/tests
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher
mpirun=(timeout --kill-after=5 300 "${mpirun[@]}")
export OPENBLAS_NUM_THREADS=1
products_bound=1.15 ranks_bound=1.3 rounds=7
step_bound=4 # milliseconds, where a product of 1024x1024 matrices reaches 100 GF/s
code=0

skip() {
    echo "SKIP: $*"
    exit 77
}

# step_time RANKS: the median time of a learning step in milliseconds, on one core for one rank and else on two.
step_time() {
    local cores=0,1
    (($1 > 1)) || cores=0
    taskset -c $cores "${mpirun[@]}" -np "$1" "$benchmarks/speed_steps"
}

median() {
    sort -g | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

[[ -x $benchmarks/speed_products ]] || { echo "FAIL: the benchmarks are not built in $benchmarks"; exit 1; }
command -v taskset >/dev/null || skip "needs taskset"
(($(nproc) >= 2)) || skip "needs two cores"

taskset -c 0 timeout --kill-after=5 300 "$benchmarks/speed_products" $products_bound || code=1

# MNIST where it has been fetched; otherwise 3,000 images of its shape, of random bytes.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
images=$root/data/mnist/train-images-idx3-ubyte labels=$root/data/mnist/train-labels-idx1-ubyte
if [[ ! -f $images || ! -f $labels ]]; then
    images=$work/images labels=$work/labels
    { printf '\0\0\10\3\0\0\13\270\0\0\0\34\0\0\0\34' && head -c $((3000 * 784)) /dev/urandom; } >"$images"
    { printf '\0\0\10\1\0\0\13\270' && head -c 200000 /dev/urandom | LC_ALL=C tr -cd '\0-\11'; } >"$work/many"
    head -c 3008 "$work/many" >"$labels"
fi
taskset -c 0 timeout --kill-after=5 300 "$benchmarks/speed_paper" "$root/configs/paper/mnist-5.yaml" "$images" \
    "$labels" $step_bound || code=1

# The runs alternate, so that a machine that slows down slows all of them.
for ((round = 0; round < rounds; round++)); do
    for ranks in 1 5 6; do
        step_time $ranks >>"$work/$ranks"
    done
done
one=$(median <"$work/1")
for ranks in 5 6; do
    many=$(median <"$work/$ranks")
    awk -v n=$ranks -v one="$one" -v many="$many" -v bound=$ranks_bound 'BEGIN {
        good = many <= bound * one
        printf "%s %d ranks on two cores: %.3f times one rank on one core (%.1f ms beside %.1f ms), at most %.2f\n",
            good ? "ok    " : "FAILED", n, many / one, many, one, bound
        exit !good
    }' || code=1
done
exit $code
