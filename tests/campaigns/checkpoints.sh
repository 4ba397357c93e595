#!/usr/bin/env bash
# What a checkpoint a minute costs 10 minutes of training of 784-1024x4-10: at most 1 %, in pairs of runs that alternate.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"
pairs=${PAIRS:-3}
minutes=${MINUTES:-10} # of a run
every=${EVERY:-1}      # minutes from one checkpoint to the next

# idx TYPE DIMENSION...: the beginning of such a file, of bytes.
idx() {
    local size
    # shellcheck disable=SC2059
    printf "\\0\\0\\x08\\x0$#"
    for size; do
        # shellcheck disable=SC2059
        printf "$(printf '\\x%02x' $((size >> 24 & 255)) $((size >> 16 & 255)) $((size >> 8 & 255)) $((size & 255)))"
    done
}

# data SAMPLES: random images, all of class 0.
data() {
    { idx "$1" 784; head -c $((784 * $1)) /dev/urandom; } >"$keep/inputs"
    { idx "$1"; head -c "$1" /dev/zero; } >"$keep/labels"
}

# run_it FOLDER WORD...: prints the seconds that training takes.
run_it() {
    "$build/release/vicinal" train configs/bench/mlp-1024.yaml --out "$keep/$1" --json \
        --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=20 \
        --set data.train.inputs="$keep/inputs" --set data.train.labels="$keep/labels" "${@:2}" >"$keep/$1.json"
    sed -n 's/^ *"seconds": \([0-9.e+-]*\),*$/\1/p' "$keep/$1.json"
}

# As many samples as take the minutes, by the time of a few.
make_data() {
    local seconds batches
    data $((256 * 12))
    seconds=$(run_it trial)
    batches=$(awk -v s="$seconds" -v m="$minutes" 'BEGIN { print int(60 * m * 12 / s) + 1 }')
    data $((256 * batches))
    echo "$batches batches"
}

# The second pair begins with the other one.
pair() {
    local with without
    if (($1 % 2)); then without=$(run_it without); fi
    with=$(run_it with --set learning.checkpoint="{minutes: $every}")
    if (($1 % 2 == 0)); then without=$(run_it without); fi
    cmp "$keep/with/weights.safetensors" "$keep/without/weights.safetensors"
    awk -v a="$with" -v b="$without" 'BEGIN { printf "%.1f s with, %.1f s without: %.4f\n", a, b, a / b }' |
        tee "$keep/pair-$1"
}

sum_up() {
    cat "$keep"/pair-*
    sed 's/.*: //' "$keep"/pair-* | sort -n | awk '{ r[NR] = $1 }
        END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
              printf "median %.4f, at most 1.01 wanted\n", m; exit m > 1.01 }'
}

clean_up() {
    rm -rf "$keep/inputs" "$keep/labels" "$keep/with" "$keep/without" "$keep/trial"
}

build_and_make_data() {
    configure_and_build release
    make_data
}

for ((number = 1; number <= pairs; number++)); do
    part "pair-$number" eval "[[ -s $keep/inputs ]] || build_and_make_data; pair $number"
done
part sum-up sum_up
close_parts
