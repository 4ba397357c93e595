#!/usr/bin/env bash
# VGG-19 with random weights, one picture, one fixed-prediction inference at step size 1 with all gradients: at most
# 8 GiB in all, what the program said it would take, and the same bits on 1, 4 and 20 ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/memory.sh
source "$root/tests/support/memory.sh"
peak=${VICINAL_BUILD:-$root/build}/release/tests/peak
config=$root/configs/paper/vgg-19.yaml
limit=600
need_memory=6 need_disk=2 # GiB
cd "$work"

skip() {
    echo "SKIP: $*"
    exit 77
}

[[ -x $peak ]] || { echo "FAIL: the tests are not built in $(dirname "$peak")"; exit 1; }
(($(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo) >= need_memory)) || skip "needs $need_memory GiB"
(($(df --output=avail --block-size=1G . | tail -n 1) >= need_disk)) || skip "needs $need_disk GiB of disk in $work"

# little_endian BYTES NUMBER: the number as that many bytes.
little_endian() {
    local i number=$2
    for ((i = 0; i < $1; i++)); do
        # shellcheck disable=SC2059
        printf "\\x$(printf %x $((number % 256)))"
        number=$((number / 256))
    done
}

# write_picture FILE: a batch with a made-up picture of class 3, in which seven float32 values alternate.
write_picture() {
    local bytes=$((4 * 3 * 224 * 224)) header value
    header='{"input":{"dtype":"F32","shape":[1,3,224,224],"data_offsets":[0,'$bytes']},'
    header+='"target":{"dtype":"I64","shape":[1],"data_offsets":['$bytes,$((bytes + 8))']}}'
    for value in 0x3f000000 0xbf800000 0x3fc00000 0x00000000 0xbe800000 0x40000000 0x3e000000; do
        little_endian 4 $((value))
    done >pattern
    while (($(stat -c %s pattern) < bytes)); do
        cat pattern pattern >twice && mv twice pattern
    done
    {
        little_endian 8 ${#header}
        printf '%s' "$header"
        head -c $bytes pattern
        little_endian 8 3
    } >"$1"
    rm pattern
}

write_picture batch.safetensors
for ranks in 1 4 20; do
    started=$SECONDS
    check "VGG-19 on $ranks ranks" measure $ranks infer "$config" --batch batch.safetensors --out on_$ranks.safetensors
    echo "        $((SECONDS - started)) s; forecast $(sum forecasts) MiB in all, taken $(sum peaks) MiB"
    check "  at most 8 GiB in all" test "$(sum peaks)" -le 8192
    check "  takes what it said it would" forecast_was_right
    check "  and says it for every rank" test "$(wc -l <forecasts)" = $ranks
    if ((ranks > 1)); then
        check "  the same bits as on one rank" cmp on_1.safetensors on_$ranks.safetensors
        rm -f on_$ranks.safetensors
    fi
done
finish
