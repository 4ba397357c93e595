#!/usr/bin/env bash
# What more threads gain, or more ranks: a training step beside bare products that are made side by side.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/threads.sh [--setting NAME]... [--rounds N] [--out DIR]

Times a training step of 784-1024x4-10 (configs/bench/mlp-1024.yaml) on one rank with one thread, on one with a thread
for each core, and on a rank for each core; and the bare matrix products of such a step by OpenBLAS on one thread, and
on as many threads as there are cores, each of which makes all of them. All take turns. What the cores gain is then
compared with what they gain in bare products. Writes threads.md and threads.json. launch/guide/bench.md explains the
table. Installs what is missing (as root on Debian or Ubuntu; otherwise it says what to install) and builds Vicinal.

--setting NAME   exact, fixed-20 (fixed-prediction, eta 0.1, 20 steps), strict (eta 0.1, 20 steps)
                 (repeatable; default: all)
--rounds N       rounds of each (default: 7)
--out DIR        results go there (default: runs/threads)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and build nothing
END_OF_USAGE
}

# shellcheck source-path=SCRIPTDIR source=measured.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/measured.sh"

settings=()
rounds=7 out=""
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --setting | --rounds | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --setting)
            one_of "$1" "$2" exact fixed-20 strict
            settings+=("$2")
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
take_program bench
out=${out:-$runs/threads}
"$python" -c 'import yaml' 2>/dev/null || die "$python has no module yaml: install python3-yaml"
mkdir -p "$out"
"$python" "$root/launch/threads/threads.py" --program "$program" --mpirun "${mpirun[*]}" --out "$out" \
    --rounds "$rounds" "${settings[@]}"
say "$out/threads.md"
