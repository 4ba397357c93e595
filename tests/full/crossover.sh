#!/usr/bin/env bash
# The crossover study in its quick form: its claims hold, its tables are whole, and simulated times are the same twice.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export VICINAL_BUILD=${VICINAL_BUILD:-$root/build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failed=0

# check LABEL COMMAND...: says whether the command succeeds.
check() {
    local label=$1
    shift
    if "$@"; then
        echo "ok    $label"
    else
        echo "FAIL  $label"
        failed=1
    fi
}

# refused OPTION...: these words end with 2.
# shellcheck disable=SC2317 # check calls it
refused() {
    local code=0
    "$root/launch/crossover.sh" "$@" >/dev/null 2>&1 || code=$?
    [[ $code == 2 ]]
}

# rows FILE PATTERN: how many lines are like it.
rows() {
    grep -c "$2" "$1"
}

check "it runs" "$root/launch/crossover.sh" --quick --out "$out/first"
table=$out/first/crossover.csv series=$out/first/series.csv
# At 3 depths on 3 platforms: exact in 1, 2, 4 ... 32 parts, fixed-prediction twice, strict in 5, 10, 20 steps.
check "a row for each setting" [ "$(wc -l <"$table")" = $((1 + 9 * (6 + 2 + 3))) ]
check "of exact with each number of micro-batches" [ "$(rows "$table" ',exact,')" = 54 ]
check "a row for each line of the picture" [ "$(wc -l <"$series")" = $((1 + 9 * 7)) ]
check "strict in 5 steps reaches 5 of 8 layers" [ "$(rows "$series" ',8,5,.*,5$')" = 3 ]
check "a picture" [ -s "$out/first/crossover.png" ]
check "again" "$root/launch/crossover.sh" fat-tree --quick --depths "4" --out "$out/second"
check "the same times" diff <(grep '^fat-tree,4,' "$table") <(tail -n +2 "$out/second/crossover.csv")
check "refused: a platform that is not there" refused moon --quick
check "refused: no number of layers" refused --quick --depths "4 x"
check "refused: no width" refused --quick --width 0
check "refused: an unknown option" refused --quikc
exit $failed
