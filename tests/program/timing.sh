#!/usr/bin/env bash
# train --timing: every step but the first of a run, quantiles in their order, parts within the whole, and the same run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml
parts=(feed inference update metrics)

# is PATH: a number of what was printed.
is() {
    "${VICINAL_JSON:?the built json_value}" "$1" <"$work/stdout"
}

holds() {
    awk "BEGIN { exit !($1) }"
}

in_order() {
    holds "0 < $(is timing.whole.least) + $(is timing.whole.total)" || return 1
    local row of
    for row in whole "${parts[@]}"; do
        of=timing.$row
        holds "0 <= $(is "$of.least") && $(is "$of.least") <= $(is "$of.lower_quartile") &&
            $(is "$of.lower_quartile") <= $(is "$of.median") && $(is "$of.median") <= $(is "$of.upper_quartile") &&
            $(is "$of.upper_quartile") <= $(is "$of.total")" || return 1
    done
}

# The whole is the sum of its parts but for rounding, and no more than the run.
adds_up() {
    local sum=0 row
    for row in "${parts[@]}"; do
        sum+=" + $(is "timing.$row.total")"
    done
    holds "($sum) <= $(is timing.whole.total) * (1 + 1e-9) && ($sum) >= $(is timing.whole.total) * (1 - 1e-9)" &&
        holds "$(is timing.whole.total) <= $(is seconds)"
}

says_no_times() {
    ! prints timing && ! prints memory
}

lists_parts() {
    local row
    for row in whole "${parts[@]}"; do
        prints "^$row +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ %$" || return 1
    done
}

# remembers RANKS: of each rank, what it held before, what was forecast and what it has taken.
remembers() {
    local rank ranks=$(($1 ? $1 : 1))
    for ((rank = 0; rank < ranks; rank++)); do
        holds "0 < $(is memory.bare.$rank) && $(is memory.bare.$rank) < $(is memory.forecast.$rank) &&
            $(is memory.bare.$rank) < $(is memory.peak.$rank)" || return 1
    done
    ! is "memory.peak.$ranks"
}

check "without" ends 0 0 train small.yaml --out without --json --set learning.epochs=3
check "  no times" says_no_times
check "  45 steps" has steps 45
for ranks in 0 2 5; do
    check "with, $ranks ranks" ends 0 $ranks train small.yaml --out with --timing --json --set learning.epochs=3
    check "  all steps but one" has timing.steps 44
    check "  quantiles are in order" in_order
    check "  parts add up" adds_up
    check "  memory" remembers "$ranks"
    check "  the same weights" cmp without/weights.safetensors with/weights.safetensors
done
check "audited without" ends 0 3 train small.yaml --out plain --json --audit --set learning.epochs=1
messages=$(is audit.messages)
bytes=$(is audit.bytes)
check "audited with" ends 0 3 train small.yaml --out plain --json --audit --set learning.epochs=1 --timing
check "  the same messages" [ "$(is audit.messages)" = "$messages" ]
check "  the same bytes" [ "$(is audit.bytes)" = "$bytes" ]

check "resumed" ends 0 2 train small.yaml --out with --resume --timing --json --set learning.epochs=4
check "  its own steps but the first" has timing.steps 14
check "nothing left to do" ends 0 2 train small.yaml --out with --resume --timing --json --set learning.epochs=4
check "  no steps" has timing.steps 0
check "  no numbers" has timing.whole.median null
check "nothing left, as a table" ends 0 0 train small.yaml --out with --resume --timing --set learning.epochs=4
check "  says so" prints '^no step was timed: '
check "a table" ends 0 2 train small.yaml --out table --timing --set learning.epochs=3
check "  over 44 steps" prints "^time of a training step in ms, over 44 steps, "
check "  has all rows" lists_parts
check "  and memory" prints '^memory in MiB, taken of forecast, from rank 0 on: [0-9.]+ of [0-9.]+, [0-9.]+ of [0-9.]+$'
finish
