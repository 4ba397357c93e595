#!/usr/bin/env bash
# How the time and the memory of a training step grow: with the batch, the width, the depth, the ranks.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/growth.sh [--axis NAME]... [--rounds N] [--limit SECONDS] [--quick] [--out DIR]

Times a training step of one network, by exact and by strict inference (eta 0.1, 20 steps), while one number of it grows
at a time, and compares the memory that was forecast with what was taken. Writes growth.md, growth.json, growth.csv and
a picture. launch/guide/growth.md explains them. Installs what is missing (as root on Debian or Ubuntu; otherwise it
says what to install) and builds Vicinal.

--axis NAME   batch (1 to 4096), width (16 to 4096), depth (2 to 1000), ranks (1 to one for each population)
              (repeatable; default: all; points of the others that are there stay)
--rounds N    runs of each point; of one whose step takes more than 2 s there is one (default: 3)
--limit S     a point whose step and the one before it would take longer than S seconds is left out (default: 60)
--quick       two points of each axis, of a small network, in seconds
--out DIR     results go there (default: runs/growth, or runs/growth-quick)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and build nothing

Exit code 1 means that a forecast of 50 MB of arrays a rank, or more, was off by more than 5 %, or that something
failed.
END_OF_USAGE
}

# shellcheck source-path=SCRIPTDIR source=measured.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/measured.sh"

words=()
rounds=3 limit=60 out="" quick=false
axes="batch width depth ranks"
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --quick)
        quick=true
        words+=(--quick)
        ;;
    --axis | --rounds | --limit | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --axis)
            [[ " $axes " == *" $2 "* ]] || bad_usage "--axis: unknown: $2; allowed: $axes"
            words+=("$1" "$2")
            ;;
        --rounds) rounds=$2 ;;
        --limit) limit=$2 ;;
        --out) out=$(realpath -m "$2") ;;
        esac
        shift
        ;;
    *) bad_usage "unknown: $1" ;;
    esac
    shift
done
want_number --rounds "$rounds"
want_number --limit "$limit"
take_program growth
$quick && out=${out:-$runs/growth-quick}
out=${out:-$runs/growth}
mkdir -p "$out"
code=0
"$python" "$root/launch/growth/growth.py" --program "$program" --mpirun "${mpirun[*]}" --out "$out" \
    --rounds "$rounds" --limit "$limit" "${words[@]}" || code=$?
if [[ -e $out/growth.csv && $(wc -l <"$out/growth.csv") -gt 1 ]]; then
    draw growth
fi
say "$out/growth.md"
exit $code
