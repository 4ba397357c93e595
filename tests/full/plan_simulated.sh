#!/usr/bin/env bash
# What vicinal plan says of strict inference on clusters that are not there, beside SimGrid's simulation of the program
# itself on them, without its arithmetic: within 20 %, from 8 to 1,024 populations, one a rank, each with a layer more.
# On the other clusters 256 are enough to see that their number does not matter.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${VICINAL_PROGRAM:-${VICINAL_BUILD:-$root/build}/release/vicinal}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1

[[ -x $program ]] || { echo "FAIL: there is no program $program"; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-plan.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# weak FILE WIDTH: layers of so many neurons.
weak() {
    cat >"$1" <<END
name: weak
network:
  input: [$2]
  layers: [[linear: $2, relu], [linear: $2, relu], [linear: $2]]
  loss: squared-error
inference: {algorithm: strict, eta: 0.1, steps: 6, messages: always}
END
}
weak wide.yaml 1024
weak narrow.yaml 64

code=0
# compare PLATFORM POPULATIONS CONFIG BATCH
compare() {
    echo "$1, $2 populations" >&2
    local words=("$3" --alone --sweep "batch=$4" --sweep "depth=$(($2 - 1))")
    "$root/launch/simgrid.sh" --times-only "$1" "$2" "${words[@]}" --repeat 1 --csv simulated.csv >/dev/null 2>simulation.log ||
        { cat simulation.log; exit 1; }
    "$program" plan "${words[@]}" --machine "$root/launch/machines/$1.yaml" --csv planned.csv >/dev/null
    paste -d , simulated.csv planned.csv | awk -F , -v platform="$1" -v populations="$2" -v bound=20 '
        NR == 1 { width = NF / 2; for (i = 1; i <= width; i++) column[$i] = i; next }
        {
            simulated = $column["seconds_step"]
            planned = $(column["seconds_step"] + width)
            off = 100 * (planned / simulated - 1)
            good = off <= bound && off >= -bound
            printf "%-10s %11d %9d %13.3f ms %10.3f ms %7.2f %%%s\n", platform, populations, $column["batch"],
                1e3 * simulated, 1e3 * planned, off, good ? "" : "  FAILED"
            exit !good
        }' || code=1
}

printf '%-10s %11s %9s %16s %13s %9s\n' platform populations batch "simulated, step" planned off
for platform in fat-tree ethernet wan; do
    for populations in 8 64 256; do
        compare $platform $populations wide.yaml 256
    done
    compare $platform 64 narrow.yaml 16
done
compare fat-tree 1024 wide.yaml 256
exit $code
