#!/usr/bin/env bash
# The fixed point of augmented-lagrangian: how its updates come to backpropagation's, and where they run away.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/fixed_point.sh [--quick] [--out DIR]

Runs augmented-lagrangian on the networks of configs/studies/fixed-point with more and more steps, in both precisions
and both coordinates, compares the updates with backpropagation's, checks what is claimed of them, and draws SVG and
PNG. launch/guide/augmented-lagrangian.md tells what is seen. Installs what is missing (as root on Debian or Ubuntu;
otherwise it says what to install) and builds.

--quick      two networks and few settings, in seconds
--out DIR    table and picture go there (default: runs/fixed-point, or runs/fixed-point-quick)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, install and build nothing

Exit code 1 means that a claim does not hold, or that something failed.
END_OF_USAGE
}

bad_usage() {
    echo "fixed_point.sh: $* (see launch/fixed_point.sh --help)" >&2
    exit 2
}

quick=false
out=""
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --quick) quick=true ;;
    --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        out=$(realpath -m "$2")
        shift
        ;;
    *) bad_usage "unknown: $1" ;;
    esac
    shift
done

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=paper/tools.sh
source "$root/launch/paper/tools.sh"
# shellcheck disable=SC2034 # read by tools.sh
ranks=1 layers=0

# distance NETWORK KEY=VALUE...: of all updates the largest relative error against exact; nan where numbers run away.
distance() {
    local network=$1 code=0
    local files=$root/tests/reference/$network
    shift
    with "$@"
    vicinal verify "configs/studies/fixed-point/$network.yaml" --weights "$files/weights.safetensors" \
        --batch "$files/batch.safetensors" --csv "$work/verify.csv" "${options[@]}" >"$work/said" 2>&1 || code=$?
    case $code in
    0) measure "$work/verify.csv" relative_error ;;
    4) echo nan ;;
    *)
        cat "$work/said" >&2
        die "verify fails: $network $*"
        ;;
    esac
}

# point NETWORK PRECISION COORDINATES PENALTY DUAL_RATE ETA STEPS: a row of the table.
point() {
    echo "$1,$2,$3,$4,$5,$6,$7,$(distance "$1" "precision=$2" "inference.coordinates=$3" "inference.penalty=$4" \
        "inference.dual_rate=$5" "inference.eta=$6" "inference.steps=$7")" >>"$table"
}

# value_of NETWORK PRECISION COORDINATES PENALTY DUAL_RATE ETA STEPS
value_of() {
    local IFS=,
    awk -F , -v row="$*," 'index($0, row) == 1 { print $8 }' "$table"
}

# show NETWORK...: what people read of the table.
show() {
    local network eta
    printf '\nlargest relative error of an update against exact after %d steps\n' "$longest"
    printf '%-16s %21s %21s   %s\n' "rho 4, alpha 0.2" "float64, eta 0.05" "float32, eta 0.05" "float64, error, eta"
    printf '%-16s %10s %10s %10s %10s' network error belief error belief
    printf ' %10s' "${etas[@]}"
    echo
    for network in "$@"; do
        printf '%-16s %10.1e %10.1e %10.1e %10.1e' "$network" \
            "$(value_of "$network" float64 error 4 0.2 0.05 "$longest")" \
            "$(value_of "$network" float64 belief 4 0.2 0.05 "$longest")" \
            "$(value_of "$network" float32 error 4 0.2 0.05 "$longest")" \
            "$(value_of "$network" float32 belief 4 0.2 0.05 "$longest")"
        for eta in "${etas[@]}"; do
            printf ' %10.1e' "$(value_of "$network" float64 error 4 0.2 "$eta" "$longest")"
        done
        echo
    done
    echo
}

# claims NETWORK...
claims() {
    local network
    for network in "$@"; do
        claim "$network, float64, error coordinates" "$(value_of "$network" float64 error 4 0.2 0.05 "$longest")" '<=' 1e-12
        claim "$network, float32, error coordinates" "$(value_of "$network" float32 error 4 0.2 0.05 "$longest")" '<=' 1e-5
        claim "$network, after 10 steps: still far" "$(value_of "$network" float64 error 4 0.2 0.05 10)" '>' 1e-2
    done
}

make_build_folder
program=${VICINAL_PROGRAM:-$build/release/vicinal}
if [[ -z ${VICINAL_PROGRAM:-} ]]; then
    set_up build paper
    stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
fi
networks=(frontier_mlp frontier_cnn mlp_tanh_mse mlp_relu_ce mlp_sigmoid_sum cnn_pool_ce cnn_pad_mse)
lengths=(1 3 10 30 100 300 1000 2000 6000)
etas=(0.1 0.2 0.3 0.5)
if $quick; then
    networks=(frontier_mlp frontier_cnn)
    lengths=(10 300 2000)
    etas=(0.3)
fi
longest=${lengths[-1]}
$quick && out=${out:-$runs/fixed-point-quick}
out=${out:-$runs/fixed-point}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$out/fixed_point.csv
echo "network,precision,coordinates,penalty,dual_rate,eta,steps,relative_error" >"$table"
for network in "${networks[@]}"; do
    for steps in "${lengths[@]}"; do
        for precision in float64 float32; do
            for coordinates in error belief; do
                point "$network" $precision $coordinates 4 0.2 0.05 "$steps"
            done
        done
    done
    for eta in "${etas[@]}"; do
        point "$network" float64 error 4 0.2 "$eta" "$longest"
    done
    say "$network: done"
done
say "$table"
show "${networks[@]}"
claims "${networks[@]}"
draw fixed_point . "augmented-lagrangian: distance of updates from exact (rho 4, alpha 0.2, eta 0.05)" "names=\"${networks[*]}\""
finish
