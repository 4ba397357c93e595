#!/usr/bin/env bash
# When does layer-parallel predictive coding beat backpropagation in a pipeline? Time per update against depth, on
# simulated clusters, one population a rank.
set -euo pipefail

usage() {
    cat <<'END_OF_USAGE'
Usage: launch/crossover.sh [PLATFORM...] [--quick] [--depths "4 8 ..."] [--width N] [--batch N] [--out DIR]

Times one update (inference and gradients) of a network of equal layers, each on a rank of its own, against its depth:
exact, exact in micro-batches, fixed-prediction (eta 1 in as many steps as layers, eta 0.1 in 20) and strict inference
in 5, 10 and 20 steps (eta 0.1). Clusters are simulated (launch/simgrid.sh): no cluster is needed. Writes crossover.csv,
a picture of it, and what it comes to. launch/guide/crossover.md says what that is.

PLATFORM     one of launch/platforms/ (default: all of them)
--quick      the same in seconds: few, small layers
--depths L   numbers of layers (default: "4 8 16 32 64")
--width N    neurons of every population (default: 1024)
--batch N    samples of a batch (default: 256)
--out DIR    tables and pictures go there (default: runs/crossover, or runs/crossover-quick)

VICINAL_BUILD=DIR        build there, not in build/
VICINAL_SIMULATED=FILE   use this program, built with the preset simgrid; install and build nothing

Exit code 1 means that a claim does not hold, or that something failed.
END_OF_USAGE
}

bad_usage() {
    echo "crossover.sh: $* (see launch/crossover.sh --help)" >&2
    exit 2
}

# number WORD VALUE: fails unless the value is a whole number above 0.
number() {
    [[ $2 =~ ^[1-9][0-9]{0,6}$ ]] || bad_usage "$1 needs a whole number from 1, not '$2'"
}

platforms=()
quick=false
depths="" width="" batch="" out=""
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --quick) quick=true ;;
    --depths | --width | --batch | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        case $1 in
        --depths) depths=$2 ;;
        --width) width=$2 ;;
        --batch) batch=$2 ;;
        --out) out=$(realpath -m "$2") ;;
        esac
        shift
        ;;
    -*) bad_usage "unknown: $1" ;;
    *) platforms+=("$1") ;;
    esac
    shift
done

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=paper/tools.sh
source "$root/launch/paper/tools.sh"

if $quick; then
    depths=${depths:-2 4 8} width=${width:-64} batch=${batch:-32} out=${out:-$runs/crossover-quick}
else
    depths=${depths:-4 8 16 32 64} width=${width:-1024} batch=${batch:-256} out=${out:-$runs/crossover}
fi
number --width "$width"
number --batch "$batch"
for depth in $depths; do
    number --depths "$depth"
done
if ((${#platforms[@]} == 0)); then
    for file in launch/platforms/*.xml; do
        platforms+=("$(basename "$file" .xml)")
    done
fi
for platform in "${platforms[@]}"; do
    [[ -e launch/platforms/$platform.xml ]] || bad_usage "there is no launch/platforms/$platform.xml"
done

# 1,2,4 ... up to the batch, but no more than 64.
microbatches=1
for ((m = 2; m <= batch && m <= 64; m *= 2)); do
    microbatches+=,$m
done

# write_config DEPTH: a network of so many equal layers.
write_config() {
    local layer
    printf 'name: crossover\nseed: 1\nnetwork:\n  input: [%d]\n  loss: squared-error\n  layers:\n' "$width"
    for ((layer = 1; layer < $1; layer++)); do
        printf '    - [linear: %d, relu]\n' "$width"
    done
    printf '    - [linear: %d]\nlearning: {batch: %d}\n' "$width" "$batch"
}

# time_updates PLATFORM DEPTH OPTION...: rows of comm, one for each setting, behind those of $rows.
time_updates() {
    local platform=$1 depth=$2
    shift 2
    launch/simgrid.sh --times-only "$platform" $((depth + 1)) "$out/$depth.yaml" --learn --alone --repeat 1 --csv "$out/part.csv" "$@" &&
        awk -F , -v OFS=, -v platform="$platform" -v width="$width" '
            NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { n = $at["steps"]; L = $at["layers"]; exact = $at["algorithm"] == "exact"
          print platform, L, width, $at["batch"], $at["algorithm"], $at["eta"], exact ? 1 : n, $at["microbatches"],
              $at["seconds"], $at["predictions"] + $at["errors"], $at["bytes"], (exact || n > L ? L : n) }' \
        "$out/part.csv" >>"$rows"
}

time_depth() {
    local platform=$1 depth=$2
    time_updates "$platform" "$depth" --set inference.algorithm=exact --sweep "microbatches=$microbatches" &&
        time_updates "$platform" "$depth" --sweep eta=1 --sweep "steps=$depth" &&
        time_updates "$platform" "$depth" --sweep eta=0.1 --sweep steps=20 &&
        time_updates "$platform" "$depth" --set inference.algorithm=strict --sweep eta=0.1 --sweep steps=5,10,20
}

make_build_folder
if [[ -z ${VICINAL_SIMULATED:-} ]]; then
    set_up build simgrid paper
    stage "Building" simgrid.log configure_and_build simgrid
    export VICINAL_SIMULATED=$build/simgrid/vicinal
fi
mkdir -p "$out"
rows=$out/crossover.csv
echo "platform,layers,width,batch,algorithm,eta,steps,microbatches,seconds,messages,bytes,layers_reached" >"$rows"
for depth in $depths; do
    write_config "$depth" >"$out/$depth.yaml"
    for platform in "${platforms[@]}"; do
        stage "$platform, $depth layers" crossover.log time_depth "$platform" "$depth"
    done
done

# One row for each line of the picture: of micro-batches the fastest, the whole batch as one among them.
awk -F , -v OFS=, '
    function series() {
        if ($5 == "exact") return 2
        if ($5 == "fixed-prediction") return $6 == 1 ? 3 : 4
        return $7 == 5 ? 5 : $7 == 10 ? 6 : 7
    }
    function note(k,   key) {
        key = $1 OFS $2 OFS k
        if (!(key in best)) order[++n] = key
        if (key in best && best[key] <= $9) return
        best[key] = $9
        rest[key] = $8 OFS $12
    }
    NR == 1 { print "platform,layers,series,seconds,microbatches,layers_reached"; next }
    $5 == "exact" && $8 == 1 { note(1) }
    { note(series()) }
    END { for (i = 1; i <= n; i++) print order[i], best[order[i]], rest[order[i]] }' "$rows" >"$out/series.csv"

# tell PLATFORM: the table for people, in milliseconds.
tell() {
    awk -F , -v platform="$1" '
        $1 == platform { ms[$2, $3] = 1e3 * $4; m[$2] = $3 == 2 ? $5 : m[$2]; reached[$2, $3] = $6 }
        $1 == platform && $3 == 1 { depth[++n] = $2 }
        function cell(L, k) { return sprintf("%11.4g%s", ms[L, k], reached[L, k] < L ? "*" : " ") }
        END {
            printf "\n%s: ms per update (*: the lowest layers learn nothing)\n", platform
            print "layers      exact   pipelined   m    fixed, 1    fixed, .1    strict, 5   strict, 10   strict, 20"
            for (i = 1; i <= n; i++) {
                L = depth[i]
                printf "%6d%11.4g %11.4g %3d ", L, ms[L, 1], ms[L, 2], m[L]
                for (k = 3; k <= 7; k++) printf "%s ", cell(L, k)
                print ""
            }
        }' "$out/series.csv"
}

# faster_than SERIES NAME PLATFORM: where predictive coding takes less time than that series.
faster_than() {
    awk -F , -v rival="$1" -v name="$2" -v platform="$3" '
        BEGIN { split(",,fixed-prediction eta 1,fixed-prediction eta 0.1,strict n=5,strict n=10,strict n=20", names, ",") }
        $1 != platform { next }
        { seconds[$2, $3] = $4; reached[$2, $3] = $6 }
        $3 == 1 { depth[++n] = $2 }
        END {
            for (k = 3; k <= 7; k++)
                for (i = 1; i <= n; i++) {
                    L = depth[i]
                    if (seconds[L, k] >= seconds[L, rival]) continue
                    where = where sprintf("\n    %s at %d layers, %.2f of its time, reaching %d of them", names[k], L,
                        seconds[L, k] / seconds[L, rival], reached[L, k])
                }
            print platform ": faster than " name ":" (where == "" ? " nowhere" : where)
        }' "$out/series.csv"
}

for platform in "${platforms[@]}"; do
    tell "$platform"
done
echo
for platform in "${platforms[@]}"; do
    faster_than 1 "exact as a whole" "$platform"
    faster_than 2 "exact in micro-batches" "$platform"
done

# largest EXPRESSION: over depths and platforms, of the number of layers and s[1] .. s[7], the seconds of each series.
largest() {
    awk -F , '
        NR == 1 { next }
        { layers = $2; s[$3] = $4 }
        $3 == 7 { value = ('"$1"'); if (value > most) most = value }
        END { printf "%.9g\n", most }' "$out/series.csv"
}
echo
claim "micro-batches send 2 m L messages" "$(awk -F , 'NR > 1 && $5 == "exact" && $10 != 2 * $8 * $2' "$rows" | wc -l)" "==" 0
claim "at $depth layers the best number of them, of the time of exact as a whole" \
    "$(largest "layers < $depth ? 0 : s[2] / s[1]")" "<" 1
claim "fixed-prediction at eta 1 in L steps, of that" "$(largest 's[3] / s[1]')" "<" 1.3
layers=7
out=$(dirname "$out") draw crossover "$(basename "$out")" "Time per update against depth" "platforms='${platforms[*]}'" "depths='$depths'" \
    "size='width $width, batch $batch'"
finish
