#!/usr/bin/env bash
# vicinal plan and comm --calibrate: keys, rows, what is counted, what is refused. Usage: plan.sh [whole]; whole: with a
# calibration, which takes many seconds.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
whole=false
[[ ${1:-} != whole ]] || whole=true
cd "$work"
write_config small.yaml # 64-24-16-12-10, batch 96, float32, 4 steps
cluster=$root/launch/machines/ethernet.yaml
number='-?[0-9.]+(e[-+]?[0-9]+)?'

# counts FILE: what the CSV file counts, without times.
counts() {
    cut -d , -f 1-8 "$1"
}

lacks() {
    has "" && ! has "$1"
}

echo "-- JSON"
check "plan" ends 0 0 plan small.yaml --machine "$cluster" --ranks 1 --ranks 5 --json
check "  prints JSON and nothing else" has ""
check "  with the machine" has machine '"ethernet"'
check "  with batch" has batch 96
check "  a plan for each number of ranks" has plans.1.ranks 5
check "  and no more" lacks plans.2
check "  the configured algorithm first" has plans.1.runs.0.algorithm '"fixed-prediction"'
check "  beside exact" has plans.1.runs.1.algorithm '"exact"'
check "  and strict, always" has plans.1.runs.4.messages '"always"'
check "  and no more runs" lacks plans.1.runs.5
for key in seconds_per_step step_communication_share seconds communication_share critical_path critical_path_free \
    messages_per_step bytes_per_step messages_between_ranks_per_step bytes_between_ranks_per_step bottleneck \
    steps memory memory_of_node ranks.4.computing ranks.4.posting ranks.4.late ranks.4.wire ranks.4.memory \
    edges.7.messages edges.7.bytes; do
    check "  with $key of a run" has "plans.1.runs.3.$key" "$number"
done
check "  it fits" has plans.1.runs.0.fits true
check "  one rank communicates nothing" has plans.0.runs.3.communication_share '0(\.0)?'
check "default: a rank for each population" ends 0 0 plan small.yaml --machine "$cluster" --json
check "  5" has plans.0.ranks 5
check "under mpirun the same" ends 0 2 plan small.yaml --machine "$cluster" --json
check "  once" has plans.0.ranks 5
check "micro-batches" ends 0 0 plan small.yaml --machine "$cluster" --json --set inference.algorithm=exact \
    --set inference.microbatches=4
check "  stand first" has plans.0.runs.0.microbatches 4
check "  with a message for each" has plans.0.runs.0.edges.0.messages 4

echo "-- counts are comm's"
for setting in "" "--set inference.algorithm=strict --set inference.steps=9 --set inference.eta=0.1" \
    "--set inference.algorithm=exact --set inference.microbatches=3" "--set channels.encoding=int8" \
    "--set network.loss=squared-error --set inference.eta=0.3"; do
    read -ra words <<<"$setting"
    check "comm $setting" ends 0 2 comm small.yaml --repeat 1 --csv comm.csv "${words[@]}"
    check "  plan" ends 0 0 plan small.yaml --machine "$cluster" --csv plan.csv "${words[@]}"
    check "  the same messages and bytes in each step" diff <(counts comm.csv) <(counts plan.csv)
done

echo "-- for people"
check "plan" ends 0 0 plan small.yaml --machine "$cluster" --sweep batch=8,64 --ranks 2 --ranks 5 --svg plan.svg
check "  a row for each" [ "$(grep -c '^ *[25]  [a-z]' stdout)" = $((2 * 2 * 5)) ]
check "  says what is swept over" prints '^batch 64:$'
check "  says the machine" prints 'on ethernet: 1024 nodes of 1 core$'
check "the picture is SVG" grep -q '^<svg ' plan.svg
check "more ranks than populations" ends 0 0 plan small.yaml --machine "$cluster" --ranks 9
check "  warns" says '^warning: 5 populations on 9 ranks'
sed 's/memory: .*/memory: 2e6/' "$cluster" >tiny.yaml
check "a machine with no memory" ends 0 0 plan small.yaml --machine tiny.yaml --json
check "  warns" says '^warning: strict on 5 ranks does not fit: .* GB on a node that has 0.00 GB'
check "  says so" has plans.0.runs.0.fits false
check "  plans nothing" lacks plans.0.runs.0.seconds
check "  a row says so" ends 0 0 plan small.yaml --machine tiny.yaml
check "    to people" prints 'does not fit: '

if $whole; then
    echo "-- calibration"
    check "comm --calibrate" ends 0 2 comm small.yaml --calibrate here.yaml
    check "  measured beside fitted" prints '^[ *] +1048576 bytes +[0-9.]+ +[0-9.]+ +-?[0-9.]+ %'
    check "  how many ranks a plan may have" prints '^a plan on it has up to [0-9]+ ranks? of [0-9]+ threads?'
    check "  talks meanwhile" says '^ +4 bytes: [0-9.]+ us'
    check "  can be planned with" ends 0 0 plan small.yaml --machine here.yaml --ranks 2
    check "    in float64 too" ends 0 0 plan small.yaml --machine here.yaml --ranks 2 --set precision=float64
fi

echo "-- refused: 2"
# wrong PATTERN WORD...: the words end with 2, and with one line like the pattern.
wrong() {
    local pattern=$1
    shift
    check "$*" ends 2 0 "$@"
    check "  says once: $pattern" complains_once "$pattern"
    check "  prints nothing" prints_nothing
}
# broken FROM TO: a machine in which FROM was replaced.
broken() {
    sed "s/$1/$2/" "$cluster" >broken.yaml
}
wrong "needs --machine F" plan small.yaml
wrong "^vicinal: --ranks 0: a whole number from 1" plan small.yaml --machine "$cluster" --ranks 0
wrong "^vicinal: --ranks two: a whole number" plan small.yaml --machine "$cluster" --ranks two
wrong "^vicinal: --sweep inference.etta=1: " plan small.yaml --machine "$cluster" --sweep inference.etta=1
broken 'latency: [^,]*' 'latency: -1'
wrong "^broken.yaml:12:26: links.network\[0\].latency must be a number of at least 0" plan small.yaml --machine broken.yaml
broken 'latency: [^,]*, ' ''
wrong "^broken.yaml:12:7: links.network\[0\].latency is missing" plan small.yaml --machine broken.yaml
broken 'products: 50e9' 'products: 1e30'
wrong "^broken.yaml:8:23: compute.float32.products must be a number" plan small.yaml --machine broken.yaml
broken 'nodes: 1024' 'nodes: 3'
wrong "the machine ethernet has no room for 5 ranks" plan small.yaml --machine broken.yaml
broken '^  float64.*' ''
wrong "has no speed for float64" plan small.yaml --machine broken.yaml --set precision=float64
wrong "needs two ranks, mpirun -np 2" comm small.yaml --calibrate here.yaml
wrong "takes nothing but --set" comm small.yaml --calibrate here.yaml --json
cores=$(getconf _NPROCESSORS_ONLN)
check "calibrating with more threads than cores" ends 2 2 comm small.yaml --calibrate crowded.yaml \
    --threads $((cores + 1))
check "  says what to do" complains_once "no place on $cores cores?, .*: calibrate with --threads $cores or fewer$"
check "  writes nothing" absent crowded.yaml

echo "-- refused: 3"
check "a machine file that is missing" ends 3 0 plan small.yaml --machine nowhere.yaml
check "  says once which" complains_once '^vicinal: nowhere.yaml: .*No such file'
check "nothing half written" nothing_half_written .
finish
