#!/usr/bin/env bash
# The main job on real digits: sets up, builds, trains on 5 ranks, verifies, shows the result.
set -euo pipefail

usage() {
    cat <<'END'
Usage: launch/demo.sh

Installs what is missing (as root on Debian or Ubuntu; otherwise it says what to install), builds Vicinal, trains
configs/digits.yaml on 5 ranks, one population each, and verifies the updates against backpropagation.

VICINAL_BUILD=DIR   build there, not in build/
END
}

case ${1:-} in
"") ;;
-h | --help)
    usage
    exit 0
    ;;
*)
    echo "demo.sh: unknown option $1 (allowed: --help)" >&2
    exit 2
    ;;
esac

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
program=$build/release/vicinal
run=$runs/digits
config=configs/digits.yaml

# on_5_ranks ARGUMENT...: the results on the screen; the talk too if somebody watches, in a log otherwise.
on_5_ranks() {
    local log=$build/$1.log command=("${mpirun[@]}" -np 5 "$program" "$@")
    printf '\n$ mpirun -np 5 vicinal %s\n' "$*"
    if [[ -t 2 ]]; then
        "${command[@]}" </dev/null
    elif ! "${command[@]}" </dev/null 2>"$log"; then
        tail -n 40 "$log" >&2
        die "vicinal $1 failed; the whole log is $log"
    fi
}

make_build_folder
set_up build
find_launcher
stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
mkdir -p "$runs"
on_5_ranks train $config --out "$run"
on_5_ranks verify $config --weights "$run/weights.safetensors"
on_5_ranks report "$run"
cat <<END

The run        $run
The page       $run/report.html (open it in a browser)
The program    $program (--help says what it can do)
END
