#!/usr/bin/env bash
# The installed libraries show what vicinal.h declares and nothing else, the program shows what its witness on MPI needs,
# and the tests of wrong use try every function of the header.
set -euo pipefail
: "${VICINAL_BUILD:?the folder of the build}" "${VICINAL_PROGRAM:?the program}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
installed=$VICINAL_BUILD/src/installed

# declared: the functions that the compiler finds in the header, one a line.
declared() {
    sed -e '/^#/d' -e 's,/\*.*\*/,,' "$root/include/vicinal.h" | tr '\n' ' ' | grep -oE 'VIC_PUBLIC [^;(]*\(' |
        sed -E 's/.*[ *](vic_[a-z0-9_]+)\($/\1/' | sort
}

# shown COMMAND...: the symbols that nm lists and that are defined, one a line.
shown() {
    "$@" | awk 'NF == 3 && $2 != "U" { print $3 }' | sort
}

declared >"$work/declared"
check "the header declares 30 to 70 functions" [ "$(wc -l <"$work/declared")" -ge 30 ]
check "  not more" [ "$(wc -l <"$work/declared")" -le 70 ]
check "  each once" [ -z "$(uniq -d "$work/declared")" ]

shown nm -D --defined-only "$installed/libvicinal.so" >"$work/shared"
shown nm -g --defined-only "$installed/libvicinal.a" >"$work/static"
check "the shared library shows them alone" diff "$work/declared" "$work/shared"
check "the static library shows them alone" diff "$work/declared" "$work/static"
# none FILE PATTERN: no line of the file is like it.
none() {
    ! grep -nE "$2" "$1"
}

nm -u "$installed/libvicinal.a" >"$work/needed"
check "the static library needs nothing of ours" none "$work/needed" ' vic_'

shown nm -D --defined-only "$VICINAL_PROGRAM" >"$work/program"
check "the program shows no function of the library" none "$work/program" '^vic_'

while read -r function; do
    check "$function is tried" grep -E "(WRONG|_null|_nonnull|is_refused)\w*\(.*\b$function\(" \
        "$root/tests/library/wrong_use.c" "$root/tests/library/wrong_batch.c"
done <"$work/declared"
finish
