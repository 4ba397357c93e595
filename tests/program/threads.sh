#!/usr/bin/env bash
# Threads of a rank: the same bits for every number of them, how many there are, and wrong numbers.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"

# Layers that are wide enough for threads to share them.
wide() {
    printf '%s\n' 'name: wide' 'seed: 3' 'network:' '  input: [64]' '  layers:' '    - [linear: 500, tanh]' \
        '    - [linear: 600, relu]' '    - linear: 10' '  loss: cross-entropy'
    printf '%s\n' "inference: {algorithm: $1, eta: $2, steps: $3}" \
        'learning: {optimizer: {adam: {rate: 0.002}}, batch: 160, epochs: 1}' 'data:' '  format: idx' '  scale: 16'
    printf "  %s: {inputs: $digits/%s-images-idx3-ubyte, labels: $digits/%s-labels-idx1-ubyte}\n" \
        train train train test test test
}

same_results() {
    local file
    for file in weights.safetensors metrics.csv free_energy.csv; do
        check "  the same $file" cmp alone/$file together/$file
    done
}

# same_with ALGORITHM ETA STEPS: trains on one thread, and on more of them, on one rank and on two.
same_with() {
    local ranks threads
    wide "$@" >wide.yaml
    rm -rf alone
    check "$1: one thread" ends 0 0 train wide.yaml --threads 1 --out alone
    for ranks in 0 2; do
        for threads in 2 4; do
            rm -rf together
            check "$1: $ranks ranks, $threads threads" \
                ends 0 $ranks train wide.yaml --threads $threads --out together --json
            check "  as many threads" has threads $threads
            same_results
        done
    done
}

# Many small layers, which are the threads' tasks as they are.
deep() {
    local layer
    printf '%s\n' 'name: deep' 'seed: 3' 'network:' '  input: [64]' '  layers:'
    for ((layer = 0; layer < 12; layer++)); do
        printf '    - [linear: 64, tanh]\n'
    done
    printf '%s\n' '    - linear: 10' '  loss: cross-entropy' "inference: {algorithm: $1, eta: $2, steps: $3}" \
        'learning: {optimizer: {adam: {rate: 0.002}}, batch: 96, epochs: 1}' 'data:' '  format: idx' '  scale: 16'
    printf "  %s: {inputs: $digits/%s-images-idx3-ubyte, labels: $digits/%s-labels-idx1-ubyte}\n" \
        train train train test test test
}

# deep_same_with ALGORITHM ETA STEPS RANKS: trains on one thread, and on more of them.
deep_same_with() {
    local ranks
    deep "$@" >wide.yaml
    rm -rf alone
    check "deep, $1: one thread" ends 0 0 train wide.yaml --threads 1 --out alone "${deep_settings[@]}"
    for ranks in $4; do
        rm -rf together
        check "deep, $1: $ranks ranks, 3 threads" ends 0 "$ranks" train wide.yaml --threads 3 --out together "${deep_settings[@]}"
        same_results
    done
}

trains_with_two() {
    rm -rf together
    OPENBLAS_NUM_THREADS=2 ends 0 0 train wide.yaml --threads 1 --out together
}

same_with exact 1 3
same_with strict 0.1 5

deep_settings=()
deep_same_with strict 0.1 20 "0 2"
deep_same_with fixed-prediction 0.1 8 "0 2"
deep_same_with augmented-lagrangian 0.1 15 0
deep_same_with incremental 0.1 6 0
deep_same_with exact 1 1 0
deep_settings=(--set inference.coordinates=belief --set inference.messages=always)
deep_same_with strict 0.1 5 0
deep_settings=()
deep_same_with strict 0.1 5 0
check "deep: a fault on one thread" ends 4 0 train wide.yaml --set 'learning.optimizer={sgd: {rate: 1e30}}' --threads 1
grep '^vicinal: ' stderr >fault
check "deep: a fault on three" ends 4 0 train wide.yaml --set 'learning.optimizer={sgd: {rate: 1e30}}' --threads 3
check "  is named alike" cmp fault <(grep '^vicinal: ' stderr)
wide strict 0.1 5 >wide.yaml
rm -rf alone
check "wide again" ends 0 0 train wide.yaml --threads 1 --out alone

# Ranks without a population have threads, too.
check "more ranks than populations, two threads" ends 0 6 train wide.yaml --threads 2 --out together
same_results

# OpenBLAS has no threads of its own, whatever the environment says.
check "OPENBLAS_NUM_THREADS=2" trains_with_two
same_results

# How many there are. nproc counts the cores that this process may use.
cores=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
half=$((cores > 1 ? cores / 2 : 1))
check "alone, all cores" ends 0 0 evaluate wide.yaml --weights alone/weights.safetensors --json
check "  a thread each" has threads "$cores"
check "two ranks" ends 0 2 evaluate wide.yaml --weights alone/weights.safetensors --json
check "  share the cores" has threads "$half"
for command in infer verify comm explain; do
    check "$command takes them" grep -q -- '--threads T' <("$program" "$command" --help)
done
check "says so" ends 0 0 evaluate wide.yaml --weights alone/weights.safetensors --threads 3
check "  on stderr" says '^memory: .*; 3 threads a rank$'

# A fault is named alike, whichever thread finds it.
faulty() {
    ends 4 0 train wide.yaml --set 'learning.optimizer={sgd: {rate: 1e30}}' --threads "$1" --out faulty
}
check "a fault on one thread" faulty 1
grep '^vicinal: ' stderr >fault
check "  is named" test -s fault
check "a fault on four" faulty 4
check "  is named alike" cmp fault <(grep '^vicinal: ' stderr)

for wrong in 0 -1 two 1.5 '' 1025 99999999999999999999; do
    for ranks in 0 2; do
        check "--threads '$wrong', $ranks ranks" ends 2 $ranks train wide.yaml --threads "$wrong"
        check "  says so" complains_once "^vicinal: --threads $wrong: a whole number from 1 to 1024 is needed"
    done
done
check "--threads twice" ends 2 0 train wide.yaml --threads 1 --threads 2
check "  says so" complains_once '^vicinal: --threads is given twice'
finish
