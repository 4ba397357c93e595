#!/usr/bin/env bash
# The quick set 5 times while every core is kept busy by another process, and once on one core.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"

# quick_tests COMMAND...: the quick tests, started by this command.
quick_tests() {
    "$@" ctest --test-dir "$build/release" --parallel "$(tests_at_once)" --output-on-failure --no-tests=error \
        --label-regex '^quick$'
}

# while_busy: the quick tests beside one process a core that does nothing but compute, and that ends with them.
while_busy() {
    local i others=()
    for ((i = 0; i < $(cores); i++)); do
        (while :; do :; done) &
        others+=($!)
    done
    # shellcheck disable=SC2064
    trap "kill ${others[*]}" EXIT
    quick_tests env
}

part build configure_and_build release
for round in 1 2 3 4 5; do
    part "busy-$round" while_busy
done
part one-core quick_tests taskset -c 0
close_parts
