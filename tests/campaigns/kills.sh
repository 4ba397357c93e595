#!/usr/bin/env bash
# 1,000 runs that are killed, stopped or starved of disk at random moments, each gone on with to the same bits: 2 hours.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"

part build configure_and_build release
export VICINAL_PROGRAM=$build/release/vicinal
for ((first = 1; first <= 1000; first += 50)); do
    part "attempts-$first" "$root/tests/full/kills.sh" $first $((first + 49))
done
close_parts
