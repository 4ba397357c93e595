#!/usr/bin/env bash
# Installs into a fresh folder, runs the program from there, and has the library's own test build programs on it as the
# release build makes it.
set -euo pipefail
export LC_ALL=C
: "${VICINAL_BUILD:?the folder that launch/test.sh builds in}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher

cmake --install "$VICINAL_BUILD/release" --prefix "$prefix" >"$prefix/log"
[[ $("$prefix/bin/vicinal" --version) =~ ^vicinal\ [0-9] ]]
verified=$(cd "$prefix" && "$prefix/bin/vicinal" verify "$root/configs/digits.yaml")
grep -q "^passed" <<<"$verified"

# shellcheck disable=SC2016
PATH=$prefix/bin:$PATH bash -c 'source "$1" && complete -p vicinal' bash \
    "$prefix/share/bash-completion/completions/vicinal" >/dev/null

export VICINAL_BUILD=$VICINAL_BUILD/release VICINAL_PROGRAM=$prefix/bin/vicinal
"$root/tests/library/symbols.sh" >"$prefix/symbols" || { cat "$prefix/symbols"; exit 1; }
"$root/tests/library/installed.sh" >"$prefix/installed" || { cat "$prefix/installed"; exit 1; }
echo "PASS: installed, run from there, and used as a library"
