#!/usr/bin/env bash
# How fast convolutions are, beside oneDNN: those of MNIST-5 and CIFAR-6, forward, backward and their gradients.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/convolutions.sh [--shape NAME]... [--batch N]... [--rounds N] [--only-vicinal] [--out DIR]

Times conv2d in float32 (forward, vjp: the transposed Jacobian, gradient: of weights and bias) on one thread and on a
thread for each core, beside oneDNN in PyTorch with channels first and last, in rounds that alternate. Before it is
timed, every result is held against that in float64: within 2e-6 of its tensor's largest entry. Writes convolutions.md,
convolutions.json, convolutions.csv and a picture. launch/guide/convolutions.md explains the table. Installs what is
missing (as root on Debian or Ubuntu; otherwise it says what to install), builds Vicinal, and brings PyTorch into the
virtual environment of launch/bench.sh (6 GB on disk).

--shape NAME     channels in and out, of kernels 3 x 3: 1-10, 10-5 (of MNIST-5), 3-64, 64-128, 128-256 (of CIFAR-6)
                 (repeatable; default: all)
--batch N        samples (repeatable; default: 1, 32, 64, 300)
--rounds N       rounds of each contender (default: 5)
--only-vicinal   no oneDNN: nothing is downloaded, and no result is held against another
--out DIR        results go there (default: runs/convolutions)

Exit code 1 means that a result was further off, or that something failed.

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, and the program `convolutions` beside it, and build nothing
END_OF_USAGE
}

# shellcheck source-path=SCRIPTDIR source=measured.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/measured.sh"

words=()
rounds=5 out="" rivals=true
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
    --shape | --batch | --rounds | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --shape) one_of "$1" "$2" 1-10 10-5 3-64 64-128 128-256 ;;
        --batch) want_number "$1" "$2" ;;
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
timer=$(dirname "$program")/convolutions
[[ -x $timer ]] || bad_usage "VICINAL_PROGRAM: no program beside it: $timer"
out=${out:-$runs/convolutions}
mkdir -p "$out"
if $rivals; then
    take_rivals
fi
"$python" -c 'import yaml' 2>/dev/null || die "$python has no module yaml: install python3-yaml"
code=0
"$python" "$root/launch/convolutions/convolutions.py" --timer "$timer" --out "$out" --rounds "$rounds" \
    "${words[@]}" || code=$?
if [[ -e $out/convolutions.csv ]]; then
    draw convolutions -e "rivals=$($rivals && echo 1 || echo 0)"
fi
say "$out/convolutions.md"
exit $code
