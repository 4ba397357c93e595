#!/usr/bin/env bash
# The quick form of launch/fixed_point.sh: its claims hold, its table is whole, its picture is drawn.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
fixed_point=$root/launch/fixed_point.sh
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

# Two networks; three lengths in two precisions and two coordinates, and one larger step size.
whole() {
    [[ $(wc -l <"$1") == $((1 + 2 * (3 * 4 + 1))) ]] && ! grep -q ',$' "$1"
}

# far STEP-SIZE: the first network does not settle with it.
far() {
    awk -F , -v eta="$1" '$1 == "frontier_mlp" && $6 == eta { found = $8 == "nan" || $8 > 1 } END { exit !found }' \
        "$work/out/fixed_point.csv"
}

drawn() {
    [[ -s $1.svg && -s $1.png ]] && grep -q '</svg>' "$1.svg"
}

check "an unknown option: 2" exits 2 "$work/said" "$fixed_point" --fast
check "help: 0" exits 0 "$work/said" "$fixed_point" --help
check "every claim holds" exits 0 "$work/said" "$fixed_point" --quick --out "$work/out"
cat "$work/said"
check "there are claims" [ "$(grep -c '^holds' "$work/said")" = 6 ]
check "the table is whole" whole "$work/out/fixed_point.csv"
check "too large a step runs away" far 0.3
if command -v gnuplot >/dev/null; then
    check "the picture is drawn" drawn "$work/out/fixed_point"
else
    echo "gnuplot is not installed: no picture was checked (the full set installs it)"
fi
finish
