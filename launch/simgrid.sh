#!/usr/bin/env bash
# Runs vicinal on a simulated cluster: SimGrid's SMPI, one process, no cluster and no root.
set -euo pipefail

usage() {
    cat <<'END'
Usage: launch/simgrid.sh [option]... PLATFORM RANKS [COMMAND] CONFIG [vicinal option]...

Runs "vicinal COMMAND CONFIG ..." (comm, unless a command is named) on RANKS ranks of a described cluster. Messages
take the time that the platform says, arithmetic the time that its operations and bytes take at described rates. The
arithmetic itself is done, so results are those of mpirun, bit for bit.

PLATFORM            fat-tree (100 Gb/s, 1 us), ethernet (10 Gb/s, 20 us), wan (100 Mb/s, 40 ms), each of 1,024 nodes,
                    or a file of your own in SimGrid's format

--machine F         the speeds of a core from this machine file (vicinal comm --calibrate writes one)
--products N        operations a second of products with synapses, for example 60e9
--bandwidth N       bytes a second that all other arithmetic reads and writes, for example 10e9
                    Otherwise they are the platform's: 50e9 and 10e9 in those named above.
--times-only        leave the arithmetic out, for comm on many ranks: the same times, no memory for arrays

Examples:
    launch/simgrid.sh fat-tree 5 configs/digits.yaml
    launch/simgrid.sh wan 5 configs/digits.yaml --set inference.algorithm=strict --set inference.eta=0.1 --json
    launch/simgrid.sh ethernet 5 train configs/digits.yaml --out /tmp/digits

VICINAL_BUILD=DIR   build there, not in build/

launch/guide/simgrid.md explains it. Exit codes are those of vicinal; 2 also for what is wrong with the platform.
END
}

wrong() {
    printf 'simgrid.sh: %s\n' "$*" >&2
    exit 2
}

# need_number WHAT VALUE: above 0, as awk reads it.
need_number() {
    if ! [[ $2 =~ ^[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$ ]] || ! awk -v x="$2" 'BEGIN { exit !(x > 0 && x < 1e18) }'; then
        wrong "$1 must be a number above 0, not '$2'"
    fi
}

# speed_of FILE PRECISION KEY: from the machine file's compute.PRECISION.KEY.
speed_of() {
    awk -v precision="$2" -v key="$3" '
        { sub(/#.*/, ""); text = text $0 "\n" }
        END {
            if (!(start = index(text, precision ":"))) exit
            text = substr(text, start + length(precision) + 1)
            if (match(text, /float(32|64):|links:/)) text = substr(text, 1, RSTART - 1)
            if (match(text, key ":[ \t]*[-+0-9.eE]+")) {
                text = substr(text, RSTART, RLENGTH)
                sub(/.*:[ \t]*/, "", text)
                print text
            }
        }' "$1"
}

products=""
bandwidth=""
machine=""
times_only=false
while [[ ${1:-} == -* ]]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --machine | --products | --bandwidth)
        (($# > 1)) || wrong "$1 needs a value"
        declare "${1#--}=$2"
        shift 2
        ;;
    --times-only)
        times_only=true
        shift
        ;;
    *) wrong "unknown option $1 (allowed before PLATFORM: --machine, --products, --bandwidth, --times-only, --help)" ;;
    esac
done
(($# >= 3)) || wrong "PLATFORM, RANKS and CONFIG are needed: see simgrid.sh --help"

here=$PWD
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
platforms=$root/launch/platforms
program=${VICINAL_SIMULATED:-$build/simgrid/vicinal}
cd "$here" || exit

platform=$1
ranks=$2
shift 2
[[ -f $platform || ! -f $platforms/$platform.xml ]] || platform=$platforms/$platform.xml
if [[ ! -r $platform ]]; then
    wrong "there is no platform $platform (named ones: $(cd "$platforms" && echo *.xml | sed 's/\.xml//g'))"
fi
[[ $ranks =~ ^[1-9][0-9]{0,6}$ ]] || wrong "RANKS must be a whole number from 1 on, not '$ranks'"
[[ $1 != -* ]] || wrong "CONFIG must come before $1"
command="comm"
if [[ ! -f $1 && $1 =~ ^[a-z]+$ ]]; then
    command=$1
    shift
fi
if $times_only; then
    [[ $command == comm ]] || wrong "--times-only leaves $command without results: it goes with comm alone"
    export VICINAL_TIMES_ONLY=1
fi
awk -v ranks="$ranks" -f "$platforms/check.awk" "$platform" || exit 2

if [[ -n $machine ]]; then
    [[ -r $machine ]] || wrong "cannot read the machine file $machine"
    precision=float32
    if [[ $* == *precision=float64* ]] || grep -qs '^ *precision: *float64' "$1"; then
        precision=float64
    fi
    products=${products:-$(speed_of "$machine" $precision products)}
    bandwidth=${bandwidth:-$(speed_of "$machine" $precision bandwidth)}
    call=$(speed_of "$machine" $precision call)
    [[ -n $products ]] || wrong "$machine: compute.$precision.products is missing"
    [[ -n $bandwidth ]] || wrong "$machine: compute.$precision.bandwidth is missing"
    [[ -z $call ]] || export VICINAL_CALL=$call
fi
if [[ -n $products ]]; then
    need_number products "$products"
    export VICINAL_PRODUCTS=$products
fi
if [[ -n $bandwidth ]]; then
    need_number bandwidth "$bandwidth"
    export VICINAL_BANDWIDTH=$bandwidth
fi

if [[ -z ${VICINAL_SIMULATED:-} ]]; then
    make_build_folder
    set_up build simgrid >&2
    cd "$root" || exit
    stage "Building" simgrid.log configure_and_build simgrid >&2
    cd "$here" || exit
fi

# SimGrid brings a BLAS of its own, which would come before the one that the program is linked to.
blas=$(pkg-config --variable=libdir openblas)/libopenblas.so.0
[[ -r $blas ]] || die "cannot find OpenBLAS at $blas"

# simulate RANKS ARGUMENT...: bytes take what the platform says, no more and no less; clocks are read for nothing;
# all ranks share one process, its constants and its heap, which is faster for so many without fast bins. Ranks run
# in the order of the hosts' names.
simulate() {
    local np=$1 simgrid
    shift
    simgrid=$(pkg-config --variable=libdir simgrid)/simgrid/smpimain
    LD_PRELOAD=$blas GLIBC_TUNABLES=glibc.malloc.mxfast=0 "$simgrid" "$program" \
        "--cfg=smpi/np:$np" --cfg=smpi/hostfile: --cfg=smpi/privatization:no --cfg=smpi/simulate-computation:no --cfg=smpi/wtime:0 --cfg=contexts/stack-size:256 \
        --cfg=network/model:SMPI --cfg=smpi/bw-factor:0:1 --cfg=smpi/lat-factor:0:1 --cfg=network/crosstraffic:0 \
        --log=root.thresh:error "$platform" "$@"
}

if ! trouble=$(simulate 1 help 2>&1 >/dev/null); then
    reason=$(sed -n 's/.*\(Parse error at\|Uncaught exception [^ ]*:\) *//p' <<<"$trouble" | sed -n 1p)
    wrong "SimGrid refuses the platform: ${reason:-$trouble}"
fi
simulate "$ranks" "$command" "$@"
