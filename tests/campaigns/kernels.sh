#!/usr/bin/env bash
# The quick set with each of OpenBLAS's kernels that this processor can run: no result is tied to one of them.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"

# needs KERNEL: the instructions that it uses, as /proc/cpuinfo calls them.
needs() {
    case $1 in
    Prescott) echo pni ;;
    Nehalem) echo sse4_2 ;;
    Sandybridge) echo avx ;;
    Haswell | Zen) echo avx2 fma ;;
    SkylakeX) echo avx512f avx512bw avx512dq avx512vl ;;
    esac
}

# chosen: the kernel that OpenBLAS says it uses, which keeps to itself a choice that it does not know.
chosen() {
    OPENBLAS_VERBOSE=2 "$build/release/vicinal" verify configs/digits.yaml 2>&1 | sed -n 's/^Core: *//p' | sed -n 1p
}

# with_kernel KERNEL: the quick tests, but those of scripts that call no kernel.
with_kernel() {
    local instruction said
    for instruction in $(needs "$1"); do
        if ! grep -qw "$instruction" /proc/cpuinfo; then
            echo "this processor has no $instruction"
            exit 77
        fi
    done
    export OPENBLAS_CORETYPE=$1
    said=$(chosen)
    if [[ ${said,,} != "${1,,}" ]]; then
        echo "OpenBLAS has no kernel $1 here, it took '$said'"
        exit 77
    fi
    ctest --test-dir "$build/release" --parallel "$(tests_at_once)" --output-on-failure --no-tests=error \
        --label-regex '^quick$' --exclude-regex '^(data/|launch/(setup|count|campaign|registered|locale)$)'
}

part build configure_and_build release
for kernel in Prescott Nehalem Sandybridge Haswell Zen SkylakeX; do
    part "$kernel" with_kernel "$kernel"
done
close_parts
