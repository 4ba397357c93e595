#!/usr/bin/env bash
# The instruction level and OpenBLAS's kernel: chosen at start, the same on all ranks, kept on resume.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

check "the version" ends 0 0 --version
read -ra levels < <(sed -n 's/^instruction levels: \([^,]*\),.*/\1/p' stdout)
chosen=$(sed -n 's/^instruction levels: .* computes with //p' stdout)
kernel=$(sed -n 's/^OpenBLAS kernel: //p' stdout)
lowest=${levels[0]}
check "  names levels, the chosen one and a kernel" [ -n "$lowest" -a -n "$chosen" -a -n "$kernel" ]

# needs LEVEL: what the processor must have beyond the level below, as /proc/cpuinfo calls it.
needs() {
    case $1 in
    v2) echo pni popcnt sse4_1 sse4_2 ssse3 ;;
    v3) echo abm avx avx2 bmi1 bmi2 f16c fma movbe ;;
    v4) echo avx512bw avx512cd avx512dq avx512f avx512vl ;;
    esac
}

# expected: the highest level that /proc/cpuinfo allows.
expected() {
    local level instruction highest=
    for level in "${levels[@]}"; do
        for instruction in $(needs "$level"); do
            grep -qw "$instruction" /proc/cpuinfo || break 2
        done
        highest=$level
    done
    echo "$highest"
}
check "  the highest that the processor has" [ "$chosen" = "$(expected)" ]

# trains LEVEL RANKS WORD...: a run at the level, as the run folder and the result say.
trains() {
    local level=$1 ranks=$2
    shift 2
    ends 0 "$ranks" train small.yaml --out "run-$level" --json "$@" &&
        has level "\"$level\"" && has kernel "\"$kernel\"" &&
        [[ $(tail -n 1 "run-$level/config.yaml") == "# instruction level $level, OpenBLAS kernel $kernel" ]]
}

# learns_alike LEVEL: whether the loss of the run is that of the chosen level's, but for rounding.
learns_alike() {
    paste -d, "run-$1/metrics.csv" "run-$chosen/metrics.csv" | awk -F, '
        NR > 1 { n++; d = $3 - $9; if (d < 0) d = -d; if (d > 1e-4 * $9) wrong = 1 }
        END { exit wrong || n != 2 }'
}

check "a run takes it" trains "$chosen" 0
for level in "${levels[@]}"; do
    if [[ $level > $chosen ]]; then
        check "$level, which this processor has not" ends 2 3 train small.yaml --out none --level "$level"
        check "  says what it has, and where" complains_once "level $level: this processor can run $chosen .on "
        check "  makes nothing" absent none
    else
        check "a run at $level" trains "$level" 3 --level "$level"
        check "  learns the same" learns_alike "$level"
        check "  on any number of ranks" trains "$level" 0 --level="$level" --set learning.epochs=1
    fi
done
for command in evaluate infer verify comm plan explain report; do
    run 0 "$command" --help
    check "--level is an option of $command" prints '--level LEVEL'
done
check "a level that there is not" ends 2 3 verify small.yaml --level v0
check "  is refused with a list" complains_once "no instruction level 'v0' in this build, only .*$chosen"
check "no level" ends 2 0 verify small.yaml --level
check "two levels" ends 2 0 verify small.yaml --level "$chosen" --level "$chosen"
check "verify at the lowest" ends 0 2 verify small.yaml --level "$lowest" --threads 1 --json
check "  says so" has level "\"$lowest\""
check "  and the kernel" has kernel "\"$kernel\""
check "  and the threads" has threads 1

# differing LEVEL KERNEL LEVEL KERNEL: two ranks, told these things apart.
differing() {
    code=0
    OMPI_MCA_orte_tmpdir_base=$(mktemp -d "$mpi_files/XXXXXX") timeout --kill-after=2 "$limit" "${mpirun[@]}" \
        -np 1 env "OPENBLAS_CORETYPE=$2" "$program" train small.yaml --out apart --json --level "$1" : \
        -np 1 env "OPENBLAS_CORETYPE=$4" "$program" train small.yaml --out apart --json --level "$3" \
        >stdout 2>stderr </dev/null || code=$?
}
differing "$chosen" "$kernel" "$lowest" "$kernel"
check "ranks of two levels" [ "$code" = 0 ]
check "  take the lowest" has level "\"$lowest\""

# other: a kernel of OpenBLAS that is not the usual one; nothing where the library has but one.
other() {
    local name
    for name in Prescott Nehalem Haswell ARMV8 CORTEXA57; do
        OPENBLAS_CORETYPE=$name "$program" --version | sed -n 's/^OpenBLAS kernel: //p'
    done | grep -vix "$kernel" | sed -n 1p
}
another=$(other || true)
if [[ -n $another ]]; then
    rm -rf apart
    differing "$chosen" "$kernel" "$chosen" "$another"
    check "ranks of two kernels are refused" [ "$code" = 2 ]
    check "  with what to do" complains_once \
        "$kernel on rank 0 .* $another on rank 1 .*: export OPENBLAS_CORETYPE=($kernel|$another) on all ranks"
    check "  before anything is made" absent apart
    advice=$(grep -o 'OPENBLAS_CORETYPE=[A-Za-z0-9_]*' stderr)
    advice=${advice#*=}
    differing "$chosen" "$advice" "$chosen" "$advice"
    check "  which helps" [ "$code" = 0 ]
fi

there='checkpoints/epoch-[0-9]+-step-[0-9]+: the checkpoint is of a run with other settings: '
again=(train small.yaml --resume --set learning.epochs=3)
check "a run" ends 0 1 train small.yaml --out other
if [[ -n $another ]]; then
    export OPENBLAS_CORETYPE=$another
    check "resumed with another kernel" ends 3 2 "${again[@]}" --out other
    check "  says what to export" complains_once \
        "${there}OpenBLAS kernel is $kernel there and $another here .export OPENBLAS_CORETYPE=$kernel\)"
    export OPENBLAS_CORETYPE=$kernel
    check "  which helps" ends 0 2 "${again[@]}" --out other
    unset OPENBLAS_CORETYPE
fi
if [[ $lowest != "$chosen" ]]; then
    check "a run at $lowest" ends 0 0 train small.yaml --out low --level "$lowest"
    check "  resumed at another level" ends 3 2 "${again[@]}" --out low
    check "  says what to pass" complains_once \
        "${there}instruction level is $lowest there and $chosen here .pass --level $lowest\)"
    check "  which helps" ends 0 2 "${again[@]}" --out low --level "$lowest"
fi
finish
