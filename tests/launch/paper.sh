#!/usr/bin/env bash
# The quick form of one figure of launch/paper.sh: its claims hold. Usage: paper.sh FIGURE, or none for the command
# line and for a claim that does not hold.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
paper=$root/launch/paper.sh
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

holds() {
    grep -q "^holds  $1" "$work/said"
}

drawn() {
    [[ -s $1.svg && -s $1.png ]] && grep -q '</svg>' "$1.svg"
}

command_line() {
    check "no figure: 2" exits 2 "$work/said" "$paper" --quick
    check "an unknown one: 2" exits 2 "$work/said" "$paper" fig9 --quick
    check "  with those that there are" grep -q "fig1 fig2 fig3 fig4 fig5 runtimes rounding all" "$work/said"
    check "no number of ranks: 2" exits 2 "$work/said" "$paper" fig1 --ranks none
    check "help: 0" exits 0 "$work/said" "$paper" --help
    printf '#!/bin/sh\nexec %s "$@" --set inference.eta=0.11\n' "$program" >"$work/other"
    chmod +x "$work/other"
    VICINAL_PROGRAM=$work/other
    check "another step size than was asked for: 1" exits 1 "$work/said" "$paper" fig3 --quick --out "$work/out"
    check "  because the law does not hold" grep -q "^FAILS  float64: distance of relative errors" "$work/said"
}

if (($# == 0)); then
    command_line
else
    check "$1: every claim holds" exits 0 "$work/said" "$paper" "$1" --quick --out "$work/out"
    cat "$work/said"
    check "there are claims" holds ""
    check "none fails" [ "$(grep -c '^FAILS' "$work/said")" = 0 ]
    if command -v gnuplot >/dev/null; then
        check "the picture is drawn" drawn "$work/out/$1/$1"
    else
        echo "gnuplot is not installed: no picture was checked (the full set installs it)"
    fi
fi
finish
