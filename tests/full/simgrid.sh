#!/usr/bin/env bash
# Simulated clusters: the same bits as under mpirun, the same times with and without the arithmetic, messages that take
# what the platform says, efficiency up to 1,024 ranks, and platforms that cannot be.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../launch/lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../launch/lib.sh"
make_build_folder
set_up build test simgrid
find_launcher
stage "Building" simgrid.log configure_and_build simgrid
if [[ -z ${VICINAL_PROGRAM:-} ]]; then
    stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
    VICINAL_PROGRAM=$build/release/vicinal
fi
export VICINAL_SIMULATED=$build/simgrid/vicinal
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0

# expect WHAT COMMAND...
expect() {
    local what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        say "ok        $what"
    else
        say "FAILED    $what"
        tail -n 5 "$scratch/log"
        wrong=$((wrong + 1))
    fi
}

# shellcheck disable=SC2154
same_bits() {
    local ranks=$1 precision=$2
    local options=(train configs/digits.yaml --set learning.epochs=2 --set "precision=$precision")
    options+=(--set inference.algorithm=strict --set inference.eta=0.1)
    rm -rf "$scratch/real" "$scratch/simulated"
    "${mpirun[@]}" -np "$ranks" "$VICINAL_PROGRAM" "${options[@]}" --out "$scratch/real" &&
        launch/simgrid.sh fat-tree "$ranks" "${options[@]}" --out "$scratch/simulated" &&
        cmp "$scratch/real/weights.safetensors" "$scratch/simulated/weights.safetensors"
}

comm() {
    launch/simgrid.sh "$@" configs/digits.yaml --set inference.algorithm=strict --set inference.eta=0.1 \
        --sweep steps=6 --csv "$scratch/$#.csv"
}

same_times() {
    comm fat-tree 5 && comm --times-only fat-tree 5 && [[ -s $scratch/2.csv ]] && cmp "$scratch/2.csv" "$scratch/3.csv"
}

# 256 x 1024 numbers of 4 bytes through 1 Gb/s and 2 x 1 ms: 10.39 ms up, and again down. Processors take no time.
message_time() {
    printf '%s\n' '<?xml version="1.0"?>' '<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">' \
        '<platform version="4.1"><cluster id="c" prefix="n-" suffix="" radical="0-1" speed="1Ef" bw="1Gbps" lat="1ms">' \
        '<prop id="bandwidth" value="1e15"/></cluster></platform>' >"$scratch/slow.xml"
    printf '{network: {input: [1024], layers: [[linear: 1024]], loss: squared-error}, learning: {batch: 256},
        inference: {algorithm: exact}}\n' >"$scratch/one.yaml"
    launch/simgrid.sh "$scratch/slow.xml" 2 "$scratch/one.yaml" --alone --sweep batch=256 --csv "$scratch/one.csv" &&
        awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { t = $at["seconds_wire"]; print t
            ideal = 2 * (1048576 * 8 / 1e9 + 0.002); exit !(t > 0.99 * ideal && t < 1.01 * ideal) }' "$scratch/one.csv"
}

# refuses TEXT ARGUMENT...: exit code 2, and the text.
refuses() {
    local text=$1 code=0
    shift
    launch/simgrid.sh "$@" configs/digits.yaml >"$scratch/said" 2>&1 || code=$?
    cat "$scratch/said"
    [[ $code == 2 ]] && grep -q "$text" "$scratch/said"
}

# broken SED-EXPRESSION: the fat tree with something wrong.
broken() {
    sed "$1" launch/platforms/fat-tree.xml >"$scratch/broken.xml"
}

for ranks in 1 3 5; do
    expect "the bits of mpirun on $ranks" same_bits $ranks float32
done
expect "the bits of mpirun, float64" same_bits 5 float64
expect "the same times without the arithmetic" same_times
expect "a message takes what the platform says" message_time
broken 's/250ns/-3ns/'
expect "a negative latency" refuses 'lat="-3ns" cannot be' "$scratch/broken.xml" 5
broken 's/100Gbps/1e30Gbps/'
expect "an absurd bandwidth" refuses 'bw="1e30Gbps" cannot be' "$scratch/broken.xml" 5
broken 's/50Gf/fast/'
expect "a speed that is no number" refuses 'speed="fast" is no number' "$scratch/broken.xml" 5
broken 's/10e9/-1/'
expect "a negative property" refuses 'bandwidth="-1" cannot be' "$scratch/broken.xml" 5
broken 's/bw="100Gbps"//'
expect "a bandwidth that is missing" refuses "attribute .bw. not set" "$scratch/broken.xml" 5
expect "a platform that is missing" refuses 'there is no platform' nowhere 5
expect "more ranks than hosts" refuses '1025 ranks, but it has 1024 hosts' fat-tree 1025
expect "a rate that is no number" refuses 'products must be a number' --products -1 fat-tree 5
expect "times alone with something else" refuses 'goes with comm alone' --times-only fat-tree 5 verify
expect "95 % from 8 to 1,024 ranks on the fat tree" launch/scaling.sh fat-tree --ranks "8 64 1024" --out "$scratch/scaling"
cat "$scratch/log"
((wrong == 0))
