#!/usr/bin/env bash
# The paper's networks in their own shapes at eta = 1: every update differs from exact by 0 units in the last place, on
# one rank, on two, and with a rank for each population. The data are made up: bytes of the digits that are shipped,
# cut into images.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
pixels=$digits/train-images-idx3-ubyte

bytes() {
    # shellcheck disable=SC2059
    printf "$1"
}

# images SKIP COUNT: so many bytes of pixels.
images() {
    head -c $((16 + $1 + $2)) "$pixels" | tail -c "$2"
}

# Seven images of 28x28, three of 3x32x32 with their labels before them.
{ bytes '\0\0\10\3\0\0\0\7\0\0\0\34\0\0\0\34' && images 0 $((7 * 784)); } >mnist-images
bytes '\0\0\10\1\0\0\0\7\3\1\4\1\5\11\2' >mnist-labels
for label in 3 0 7; do # in octal, as bytes takes them
    bytes "\\$label" && images $((6000 + 3072 * label)) 3072
done >cifar

# no_difference NAME LAYERS RANKS OPTION...: verify passes, with 0 ulp and 0 relative error in every layer.
no_difference() {
    local name=$1 layers=$2 ranks=$3 layer
    shift 3
    check "$name on $ranks ranks" ends 0 "$ranks" verify "$root/configs/paper/$name.yaml" --json "$@"
    check "  it passes" has passed true
    for ((layer = 0; layer < layers; layer++)); do
        check "  layer $((layer + 1))" has "layers.$layer.ulp" 0
        check "  as long as exact" has "layers.$layer.scale" '1(\.0)?'
    done
}

for ranks in 1 2 6; do
    no_difference mnist-5 5 $ranks --set learning.batch=7 --set data.scale=16 \
        --set data.train.inputs="$work/mnist-images" --set data.train.labels="$work/mnist-labels"
done
for ranks in 1 2 7; do
    no_difference cifar-6 6 $ranks --set learning.batch=3 --set data.scale=16 \
        --set data.train.inputs="$work/cifar" --set data.train.labels="$work/cifar"
done
finish
