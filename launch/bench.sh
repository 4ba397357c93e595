#!/usr/bin/env bash
# How long a training step takes, beside PyTorch and JAX: the networks of configs/bench, each under four settings.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/bench.sh [--network NAME]... [--setting NAME]... [--rounds N] [--only-vicinal] [--out DIR]

Times a training step with Adam in float32, of Vicinal and of the same rules in PyTorch and JAX, each at its best
setting of threads, layout and compiler, in rounds that alternate. Writes bench.md, bench.json, bench.csv and a picture.
launch/guide/bench.md explains the table. Installs what is missing (as root on Debian or Ubuntu; otherwise it says what
to install), builds Vicinal, and brings PyTorch and JAX into a virtual environment in build/bench (6 GB on disk).

--network NAME   one of configs/bench: mnist-5, mlp-300-100, mlp-1024, cifar-6, chain-64 (repeatable; default: all)
--setting NAME   exact, fixed (eta 1, as many steps as layers), fixed-20 (eta 0.1, 20 steps), strict (eta 0.1, 20 steps)
                 (repeatable; default: all)
--rounds N       rounds of each contender in each cell (default: 7)
--only-vicinal   no rivals: nothing is downloaded
--out DIR        results go there (default: runs/bench)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and build nothing
END_OF_USAGE
}

# shellcheck source-path=SCRIPTDIR source=measured.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/measured.sh"

words=()
rounds=7 out="" rivals=true
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --only-vicinal)
        rivals=false
        words+=(--only-vicinal)
        ;;
    --network | --setting | --rounds | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --network) one_of "$1" "$2" mnist-5 mlp-300-100 mlp-1024 cifar-6 chain-64 ;;
        --setting) one_of "$1" "$2" exact fixed fixed-20 strict ;;
        --rounds) rounds=$2 ;;
        --out) out=$(realpath -m "$2") ;;
        esac
        [[ $1 == --rounds || $1 == --out ]] || words+=("$1" "$2")
        shift
        ;;
    *) bad_usage "unknown: $1" ;;
    esac
    shift
done
want_number --rounds "$rounds"
take_program bench
out=${out:-$runs/bench}

mkdir -p "$out"
if $rivals; then
    take_rivals
fi
"$python" -c 'import yaml' 2>/dev/null || die "$python has no module yaml: install python3-yaml"
"$python" "$root/launch/bench/bench.py" --program "$program" --mpirun "${mpirun[*]}" --out "$out" --cache "$cache" \
    --rounds "$rounds" "${words[@]}"
draw bench -e "rivals=$($rivals && echo 1 || echo 0)"
say "$out/bench.md"
