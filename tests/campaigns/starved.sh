#!/usr/bin/env bash
# Every allocation and every call of the system of a small training run, on 1 and 3 ranks, fails once.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"

starved() {
    cmake --build "$build/release" --parallel "$(cores)" --target starved json_value
    VICINAL_PROGRAM=$build/release/tests/starved VICINAL_JSON=$build/release/tests/json_value \
        tests/program/starved.sh every
}

part build configure_and_build release
part starved starved
close_parts
