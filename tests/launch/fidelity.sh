#!/usr/bin/env bash
# The quick form of launch/fidelity.sh: its claims hold, its table is whole, its picture is drawn.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
fidelity=$root/launch/fidelity.sh
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

drawn() {
    [[ -s $1.svg && -s $1.png ]] && grep -q '</svg>' "$1.svg"
}

# Two algorithms; perfect wires, three encodings, keep of all and of errors, noise, drop and delay with four numbers
# of steps each, with one in strict; four layers, and all of them together.
whole() {
    [[ $(wc -l <"$1") == $((1 + (2 * (1 + 3 + 2 + 1) + (4 + 1) * 2) * 5)) ]] && ! grep -q ',,' "$1" && ! grep -q ',$' "$1"
}

check "an unknown option: 2" exits 2 "$work/said" "$fidelity" --fast
check "no number of ranks: 2" exits 2 "$work/said" "$fidelity" --ranks none
check "help: 0" exits 0 "$work/said" "$fidelity" --help
check "every claim holds" exits 0 "$work/said" "$fidelity" --quick --out "$work/out"
cat "$work/said"
check "there are claims" [ "$(grep -c '^holds' "$work/said")" -gt 10 ]
check "the table is whole" whole "$work/out/fidelity.csv"
if command -v gnuplot >/dev/null; then
    check "the picture is drawn" drawn "$work/out/fidelity"
else
    echo "gnuplot is not installed: no picture was checked (the full set installs it)"
fi
finish
