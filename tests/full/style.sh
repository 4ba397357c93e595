#!/usr/bin/env bash
# The sources are formatted as .clang-format says, and shellcheck has nothing to say about the scripts.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
formatter=14 # another version of clang-format may put a line elsewhere
code=0

if ! command -v shellcheck >/dev/null || ! command -v clang-format >/dev/null; then
    echo "SKIP: needs shellcheck and clang-format"
    exit 77
fi
find launch data tests .ci \( -name '*.sh' -o -path .ci/run \) -print0 | xargs -0 shellcheck -x || code=1
if [[ $(clang-format --version) == *"version $formatter."* ]]; then
    find src include tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror || code=1
else
    echo "clang-format $formatter is not installed: the format of the sources was not checked"
fi
((code)) || echo "PASS: style"
exit $code
