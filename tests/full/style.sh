#!/usr/bin/env bash
# The sources are formatted as .clang-format says, and shellcheck has nothing to say about the scripts. Another version
# of clang-format puts some lines elsewhere: where 14, Debian 12's, is not installed, this is skipped, unless shellcheck
# has something to say.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
version=14
code=0

# formatter: the clang-format of that version, if there is one.
formatter() {
    local name
    for name in clang-format-$version clang-format; do
        if [[ $("$name" --version 2>/dev/null) == *"version $version."* ]]; then
            echo "$name"
            return
        fi
    done
}

# files WORD...: what find finds, at least one file, or the search itself is wrong.
files() {
    local found
    found=$(find "$@")
    [[ -n $found ]] || { echo "FAIL: no files: find $*" >&2; exit 1; }
    printf '%s\n' "$found"
}

command -v shellcheck >/dev/null || { echo "SKIP: shellcheck is not installed"; exit 77; }
scripts=$(files launch data tests src .ci -name '*.sh' -o -name '*.bash' -o -path .ci/run)
sources=$(files src include tests -name '*.[ch]')
xargs -d '\n' shellcheck -x <<<"$scripts" || code=1
# Where `pipefail` is set, a reader that ends early makes its pipe fail, and only when the writer is slow.
readers=$(xargs -d '\n' grep -nE '[|] *(head|grep +-[A-Za-z]*q|sed +-n +[^|]*q)( |$)' <<<"$scripts" | grep -v '[|][|] *grep') || true
if [[ -n $readers ]]; then
    printf 'a reader that ends before its writer:\n%s\n' "$readers"
    code=1
fi
clang_format=$(formatter)
if [[ -n $clang_format ]]; then
    xargs -d '\n' "$clang_format" --dry-run --Werror <<<"$sources" || code=1
fi
if ((code)); then
    exit 1
elif [[ -z $clang_format ]]; then
    echo "SKIP: shellcheck has nothing to say, but there is no clang-format $version to see how the sources are formatted"
    exit 77
fi
echo "PASS: style"
