#!/usr/bin/env bash
# Weak scaling on simulated clusters: the time of a step of strict inference as populations are added, one a rank, and
# that of backpropagation beside it.
set -euo pipefail

usage() {
    cat <<'END'
Usage: launch/scaling.sh [PLATFORM...] [--quick] [--ranks "8 16 ..."] [--out DIR]

For each number of ranks, a chain of as many populations of 1024 neurons, one a rank, joined by linear layers; batches
of 256. Writes scaling.csv and a picture of the time of one step of strict inference, everybody speaking, against the
number of populations, and of one backpropagation (exact) beside it. Clusters are simulated (launch/simgrid.sh).
launch/guide/simgrid.md shows what it comes to.

PLATFORM    one of launch/platforms/ (default: fat-tree ethernet wan)
--quick     8 to 64 ranks, on the fat tree
--ranks L   numbers of ranks (default: "8 16 32 64 128 256 512 1024"; 1024 take a minute)
--out DIR   the table and the picture go there (default: runs/scaling, or runs/scaling-quick)

VICINAL_BUILD=DIR        build there, not in build/
VICINAL_SIMULATED=FILE   use this program, built with the preset simgrid; install and build nothing

Exit code 1 means that a step takes longer on the fat tree than 8 ranks' does, by more than 5 %.
END
}

bad_usage() {
    echo "scaling.sh: $* (see launch/scaling.sh --help)" >&2
    exit 2
}

platforms=()
quick=false
ranks="" out=""
while (($#)); do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --quick) quick=true ;;
    --ranks | --out)
        [[ -n ${2:-} ]] || bad_usage "$1 needs a value"
        [[ $1 == --ranks ]] && ranks=$2 || out=$(realpath -m "$2")
        shift
        ;;
    -*) bad_usage "unknown: $1" ;;
    *) platforms+=("$1") ;;
    esac
    shift
done

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
if $quick; then
    ranks=${ranks:-8 16 32 64} out=${out:-$runs/scaling-quick}
    ((${#platforms[@]})) || platforms=(fat-tree)
else
    ranks=${ranks:-8 16 32 64 128 256 512 1024} out=${out:-$runs/scaling}
    ((${#platforms[@]})) || platforms=(fat-tree ethernet wan)
fi
for n in $ranks; do
    [[ $n =~ ^([3-9]|[1-9][0-9]{1,6})$ ]] || bad_usage "--ranks needs whole numbers from 3, not '$n'"
done
for platform in "${platforms[@]}"; do
    [[ -e launch/platforms/$platform.xml ]] || bad_usage "there is no launch/platforms/$platform.xml"
done

# write_config RANKS
write_config() {
    printf 'name: scaling\nseed: 1\nnetwork:\n  input: [1024]\n  loss: squared-error\n  layers:\n'
    for ((layer = 1; layer < $1; layer++)); do
        printf '    - [linear: 1024]\n'
    done
    printf 'inference: {algorithm: strict, eta: 0.1, steps: 4, messages: always}\nlearning: {batch: 256}\n'
}

# cell COLUMN: of the only row of $out/part.csv.
cell() {
    awk -F , -v column="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at[column] }' \
        "$out/part.csv"
}

# run_alone PLATFORM RANKS ALGORITHM
run_alone() {
    launch/simgrid.sh --times-only "$1" "$2" "$out/$2.yaml" --alone --set "inference.algorithm=$3" \
        --sweep batch=256 --csv "$out/part.csv"
}

add_row() {
    local platform=$1 n=$2 step exact
    run_alone "$platform" "$n" strict || return
    step=$(cell seconds_step)
    run_alone "$platform" "$n" exact || return
    exact=$(cell seconds)
    echo "$platform,$n,$step,$exact" >>"$table"
}

make_build_folder
if [[ -z ${VICINAL_SIMULATED:-} ]]; then
    set_up build simgrid paper
    stage "Building" simgrid.log configure_and_build simgrid
    export VICINAL_SIMULATED=$build/simgrid/vicinal
fi
mkdir -p "$out"
table=$out/scaling.csv
echo "platform,populations,seconds_step,seconds_exact" >"$table"
for n in $ranks; do
    write_config "$n" >"$out/$n.yaml"
    for platform in "${platforms[@]}"; do
        stage "$platform, $n ranks" scaling.log add_row "$platform" "$n"
    done
    rm -f "$out/$n.yaml"
done
rm -f "$out/part.csv"

if command -v gnuplot >/dev/null; then
    gnuplot -e "format='png'; out='$out/scaling.png'; folder='$out'; layers=0; style='$root/launch/plots/style.gp'" \
        -e "platforms='${platforms[*]}'" launch/plots/scaling.gp
    say "The picture        $out/scaling.png"
fi
say "The table          $table"
say
awk -F , '
    NR == 1 { printf "%-10s %11s %14s %11s %16s\n", "platform", "populations", "strict, a step", "efficiency", "backpropagation"; next }
    { if (!($1 in first)) first[$1] = $3
      efficiency = first[$1] / $3
      printf "%-10s %11d %11.3f ms %9.1f %% %13.1f ms\n", $1, $2, 1000 * $3, 100 * efficiency, 1000 * $4
      if ($1 == "fat-tree" && efficiency < 0.95) low = 1 }
    END { if (low) { print "FAILED: less than 95 % on the fat tree"; exit 1 } }' "$table"
