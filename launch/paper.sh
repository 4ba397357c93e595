#!/usr/bin/env bash
# The paper's experiments again, one figure each, with the claims that they carry checked on the way.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/paper.sh FIGURE... [--quick] [--out DIR] [--ranks N]

Reproduces R. Rosenbaum, "On the relationship between predictive coding and backpropagation", PLoS ONE 17(3):
e0266102 (2022), with the paper's network for MNIST. Installs what is missing (as root on Debian or Ubuntu;
otherwise it says what to install), builds Vicinal, fetches MNIST, computes, checks, and draws SVG and PNG.

FIGURE:
  fig1        strict inference over training, beside exact
  fig2        strict inference on one batch, for every number of steps up to 400, at 4 step sizes
  fig3        fixed-prediction over training at eta 0.1; for CIFAR-10 too where data/cifar10 is
  fig4        fixed-prediction on one batch, for every number of steps up to 200, at 4 step sizes
  fig5        fixed-prediction over training at eta 1, in as many steps as layers
  runtimes    seconds for two epochs with each algorithm
  rounding    what float32 costs strict inference, in error and in belief coordinates
  all         all of them; launch/guide/paper.md says how long each takes

--quick      the same checks in seconds: a small network on the digits that come with the repository
--out DIR    tables and pictures go there (default: runs/paper, or runs/paper-quick)
--ranks N    N processes (default: 1, which is fastest for small networks; results are the same, bit for bit)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, install and build nothing

Exit code 1 means that a claim does not hold, or that something failed.
END_OF_USAGE
}

bad_usage() {
    echo "paper.sh: $* (see launch/paper.sh --help)" >&2
    exit 2
}

all_figures=(fig1 fig2 fig3 fig4 fig5 runtimes rounding)
figures=()
quick=false
out=""
ranks=1
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --quick) quick=true ;;
    --out | --ranks)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        if [[ $1 == --out ]]; then out=$(realpath -m "$2"); else ranks=$2; fi
        shift
        ;;
    all) figures+=("${all_figures[@]}") ;;
    *)
        [[ " ${all_figures[*]} " == *" $1 "* ]] || bad_usage "unknown: $1; allowed: ${all_figures[*]} all"
        figures+=("$1")
        ;;
    esac
    shift
done
((${#figures[@]})) || bad_usage "which figure? ${all_figures[*]} all"
[[ $ranks =~ ^[1-9][0-9]*$ ]] || bad_usage "--ranks needs a number, not $ranks"

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=paper/tools.sh
source "$root/launch/paper/tools.sh"
# shellcheck source-path=SCRIPTDIR source=paper/figures.sh
source "$root/launch/paper/figures.sh"
# shellcheck source-path=SCRIPTDIR source=paper/timing.sh
source "$root/launch/paper/timing.sh"
# shellcheck source-path=SCRIPTDIR source=paper/rounding.sh
source "$root/launch/paper/rounding.sh"

make_build_folder
program=${VICINAL_PROGRAM:-$build/release/vicinal}
if [[ -z ${VICINAL_PROGRAM:-} ]]; then
    set_up build paper
    stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
fi
if $quick; then
    out=${out:-$runs/paper-quick}
    config=configs/paper/digits-5.yaml
    subject="a small network on 8x8 digits"
else
    out=${out:-$runs/paper}
    config=configs/paper/mnist-5.yaml
    subject="MNIST-5"
    stage "Fetching MNIST" mnist.log data/fetch.sh mnist
fi
layers=5
for figure in "${figures[@]}"; do
    printf '\n== %s\n' "$figure"
    mkdir -p "$out/$figure"
    "$figure"
done
finish
