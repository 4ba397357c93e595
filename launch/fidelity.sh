#!/usr/bin/env bash
# How true an update stays when the wires are not perfect, and what that saves or costs in bytes.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/fidelity.sh [--quick] [--out DIR] [--ranks N]

Infers one batch of digits over channels with other encodings, with the largest entries alone, with noise, losses
and delays, by fixed-prediction and by strict inference. Compares the updates with backpropagation's, layer by layer
and in all, counts the bytes sent, checks what is claimed of them, and draws SVG and PNG. launch/guide/fidelity.md tells
what is seen. Installs what is missing (as root on Debian or Ubuntu; otherwise it says what to install) and builds.

--quick      a few settings of each, in seconds
--out DIR    tables and pictures go there (default: runs/fidelity, or runs/fidelity-quick)
--ranks N    N processes (default: 1; results are the same, bit for bit)

VICINAL_BUILD=DIR      build there, not in build/
VICINAL_PROGRAM=FILE   use this program, install and build nothing

Exit code 1 means that a claim does not hold, or that something failed.
END_OF_USAGE
}

bad_usage() {
    echo "fidelity.sh: $* (see launch/fidelity.sh --help)" >&2
    exit 2
}

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
    *) bad_usage "unknown: $1" ;;
    esac
    shift
done
[[ $ranks =~ ^[1-9][0-9]*$ ]] || bad_usage "--ranks needs a number, not $ranks"

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=paper/tools.sh
source "$root/launch/paper/tools.sh"
config=configs/studies/fidelity.yaml
layers=4

# bytes_sent OPTION...: of one inference.
bytes_sent() {
    vicinal comm "$config" --alone --repeat 1 --csv "$work/comm.csv" "$@" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        return 1
    }
    awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "bytes") place = i }
              NR > 1 { sum += $place } END { print sum }' "$work/comm.csv"
}

# fidelity: from verify's table, a row for each layer, and one for all of them as layer 0: layer, relative error,
# angle. Of an update g beside a reference e: 2 g.e = |g|^2 + |e|^2 - |g - e|^2.
fidelity() {
    awk -F , '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            printf "%d,%s,%s\n", $at["layer"], $at["relative_error"], $at["angle"]
            ee = $at["norm"] ^ 2; gg = ee * $at["scale"] ^ 2; dd = ee * $at["relative_error"] ^ 2
            e += ee; g += gg; d += dd; dot += (gg + ee - dd) / 2
        }
        END {
            across = g - dot * dot / e
            angle = g > 0 ? atan2(sqrt(across > 0 ? across : 0), dot / sqrt(e)) * 45 / atan2(1, 1) : "nan"
            printf "0,%.9g,%s\n", sqrt(d / e), angle
        }' "$work/verify.csv"
}

# compare OPTION...: the update beside another, layer by layer.
compare() {
    vicinal verify "$config" --weights "$weights" --csv "$work/verify.csv" "$@" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        die "verify fails: $*"
    }
    fidelity
}

# point ALGORITHM KIND LEVEL STEPS KEY=VALUE...: one inference, beside exact and beside itself over perfect wires, and
# its bytes.
point() {
    local algorithm=$1 kind=$2 level=$3 steps=$4 eta=1
    shift 4
    [[ $algorithm == strict ]] && eta=0.1
    with "inference.algorithm=$algorithm" "inference.eta=$eta" "inference.steps=$steps" "$@"
    compare "${options[@]}" >"$work/exact"
    compare "${options[@]}" --against channels={} | cut -d , -f 2,3 >"$work/own"
    paste -d , "$work/exact" "$work/own" |
        sed "s/^/$algorithm,$kind,$level,$steps,$(bytes_sent --weights "$weights" "${options[@]}"),/" >>"$table"
}

# errors_only KEY VALUE: that for the errors of all edges.
errors_only() {
    local l entries=()
    for ((l = 1; l <= layers; l++)); do
        entries+=("{from: $((l - 1)), to: $l, kind: error, $1: $2}")
    done
    printf 'channels.edges=[%s, %s, %s, %s]' "${entries[@]}"
}

study() {
    local algorithm=$1 n=$2 value steps
    point "$algorithm" perfect 0 "$n"
    for value in bfloat16 float16 int8; do
        point "$algorithm" encoding $value "$n" channels.encoding=$value
    done
    for value in "${keeps[@]}"; do
        point "$algorithm" keep "$value" "$n" "channels.keep=$value"
        point "$algorithm" keep-errors "$value" "$n" "$(errors_only keep "$value")"
    done
    for value in "${noises[@]}"; do
        point "$algorithm" noise "$value" "$n" "channels.noise=$value"
    done
    if $quick && [[ $algorithm == strict ]]; then
        local more_steps=(0) # no claim is about more
    fi
    for steps in "${more_steps[@]}"; do
        for value in "${drops[@]}"; do
            point "$algorithm" drop "$value" $((n + steps)) "channels.drop=$value"
        done
        for value in "${delays[@]}"; do
            point "$algorithm" delay "$value" $((n + steps)) "channels.delay=$value"
        done
    done
}

# value_of COLUMN ALGORITHM KIND LEVEL STEPS [LAYER]: from the table; the largest where several rows fit.
value_of() {
    awk -F , -v name="$1" -v algorithm="$2" -v kind="$3" -v level="$4" -v steps="$5" -v layer="${6:-0}" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == algorithm && $2 == kind && $3 == level && $4 == steps && $at["layer"] == layer {
            if ($at[name] > most) most = $at[name]
        }
        END { printf "%.9g\n", most }' "$table"
}

of_all() {
    local bytes
    bytes=$(value_of bytes "$1" perfect 0 "$2")
    awk -v a="$(value_of bytes "$1" "$3" "$4" "$2")" -v b="$bytes" 'BEGIN { print a / b }'
}

claims() {
    local fixed=fixed-prediction
    claim "fixed-prediction over perfect wires: relative error" "$(value_of relative_error $fixed perfect 0 4)" '==' 0
    claim "bfloat16: bytes of float32's" "$(of_all $fixed 4 encoding bfloat16)" '==' 0.5
    claim "float16: bytes of float32's" "$(of_all $fixed 4 encoding float16)" '==' 0.5
    claim "int8: bytes of float32's" "$(of_all $fixed 4 encoding int8)" '<' 0.27
    claim "bfloat16: angle in all" "$(value_of angle $fixed encoding bfloat16 4)" '<' 2
    claim "float16: angle in all" "$(value_of angle $fixed encoding float16 4)" '<' 0.2
    claim "int8: angle in all" "$(value_of angle $fixed encoding int8 4)" '<' 5
    claim "noise 0.001: angle in all" "$(value_of angle $fixed noise 0.001 4)" '<' 0.5
    claim "delay 1, one step too few: layer 1 learns nothing" "$(value_of relative_error $fixed delay 1 7 1)" '==' 1
    claim "delay 1, as many steps as layers and delays: exact" "$(value_of relative_error $fixed delay 1 8)" '==' 0
    claim "drop 0.1, 24 steps: exact" "$(value_of relative_error $fixed drop 0.1 24)" '==' 0
    claim "drop 0.1, 4 steps: relative error" "$(value_of relative_error $fixed drop 0.1 4)" '>' 0.05
    claim "a tenth of the errors alone: angle in all" "$(value_of angle $fixed keep-errors 0.1 4)" '>' 30
    claim "strict over perfect wires: angle in all" "$(value_of angle strict perfect 0 20)" '>' 5
    claim "strict, int8: angle to strict over perfect wires" "$(value_of own_angle strict encoding int8 20)" '<' 5
    claim "strict, drop 0.1: angle to strict over perfect wires" "$(value_of own_angle strict drop 0.1 20)" '<' 10
}

make_build_folder
program=${VICINAL_PROGRAM:-$build/release/vicinal}
if [[ -z ${VICINAL_PROGRAM:-} ]]; then
    set_up build paper
    stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
fi
keeps=(0.5 0.25 0.1 0.05 0.02)
noises=(0.001 0.003 0.01 0.03 0.1 0.3)
drops=(0.01 0.1 0.5)
delays=(1 2)
more_steps=(0 1 2 3 4 6 8 12 20 28)
if $quick; then
    keeps=(0.1)
    noises=(0.001)
    drops=(0.1)
    delays=(1)
    more_steps=(0 3 4 20)
fi
$quick && out=${out:-$runs/fidelity-quick}
out=${out:-$runs/fidelity}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$out/fidelity.csv
train "training" trained inference.algorithm=exact
weights=$out/trained/weights.safetensors
echo "algorithm,imperfection,level,steps,bytes,layer,relative_error,angle,own_error,own_angle" >"$table"
for run in "fixed-prediction 4" "strict 20"; do
    # shellcheck disable=SC2086
    study $run
    say "${run% *}: done"
done
say "$table"
claims
draw fidelity . "What wires do to the update: digits, 5 epochs trained, batch 256" "drops=\"${drops[*]}\"" \
    "delays=\"${delays[*]}\"" "noise=\"$($quick && echo 0.001 || echo 0.1)\""
finish
