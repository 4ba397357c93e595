#!/usr/bin/env bash
# A test that no build names would never run: every source and script of a room is named in CMakeLists.txt, and all of
# tests/full and tests/campaigns is run by launch/test.sh as it is found.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$tests/support/shell.sh"

named() {
    grep -Eq "(^|[^a-z_/])($1/)?$2([^a-z_]|\$)" "$tests/CMakeLists.txt"
}

for file in "$tests"/*/*.c "$tests"/*/*/*.c "$tests"/*/*.sh; do
    room=$(dirname "${file#"$tests"/}")
    name=$(basename "${file%.*}")
    [[ $room == full || $room == campaigns || $file == "$tests"/support/*.sh ]] || check "$room/$name is named" named "$room" "$name"
done
finish
