#!/usr/bin/env bash
# What a rank for each population costs on one machine, beside one rank that has all of it: time, memory, start.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/ranks.sh [--network NAME]... [--rounds N] [--out DIR]

Times a training step of strict inference (eta 0.1, 20 steps) on one rank with a thread for each core, and on a rank for
each population, with messages through shared memory and through MPI, in rounds that alternate; looks how much memory
the ranks have beyond their arrays (proportional set size), and how long they take to start beside a program that does
nothing but MPI_Init and MPI_Finalize. Writes ranks.md and ranks.json. launch/guide/bench.md explains the table.
Installs what is missing (as root on Debian or Ubuntu; otherwise it says what to install) and builds Vicinal.

--network NAME   mlp-1024, mnist-5, chain-64 (of configs/bench), populations-64, populations-128 (so many populations of
                 512 neurons, batch 256), quick (4 of 16) (repeatable; default: all but quick)
--rounds N       rounds of each (default: 7)
--out DIR        results go there (default: runs/ranks)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and build nothing
END_OF_USAGE
}

# shellcheck source-path=SCRIPTDIR source=measured.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/measured.sh"

all=(mlp-1024 mnist-5 chain-64 populations-64 populations-128)
chosen=()
rounds=7 out=""
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --network | --rounds | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --network)
            [[ " ${all[*]} quick " == *" $2 "* ]] || bad_usage "--network: unknown: $2; allowed: ${all[*]} quick"
            chosen+=("$2")
            ;;
        --rounds) rounds=$2 ;;
        --out) out=$(realpath -m "$2") ;;
        esac
        shift
        ;;
    *) bad_usage "unknown: $1" ;;
    esac
    shift
done
want_number --rounds "$rounds"
((${#chosen[@]})) || chosen=("${all[@]}")
take_program bench
out=${out:-$runs/ranks}
"$python" -c 'import yaml' 2>/dev/null || die "$python has no module yaml: install python3-yaml"
mkdir -p "$out"
"${VICINAL_MPICC:-mpicc}" -O2 -o "$build/bench/bare" "$root/launch/ranks/bare.c"
"$python" "$root/launch/ranks/ranks.py" --program "$program" --bare "$build/bench/bare" --mpirun "${mpirun[*]}" \
    --out "$out" --rounds "$rounds" "${chosen[@]}"
say "$out/ranks.md"
