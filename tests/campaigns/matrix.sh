#!/usr/bin/env bash
# Compiler warnings as errors: gcc 12 to 14, clang 14 and 19, four levels of x86-64, Release, Debug and sanitized.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"
# shellcheck source-path=SCRIPTDIR source=../support/system.sh
source "$root/tests/support/system.sh"

# release_of COMPILER: the Debian release that has it.
release_of() {
    case $1 in
    gcc-12 | clang-14) echo bookworm ;;
    *) echo trixie ;;
    esac
}

# needs LEVEL: what the processor must have beyond the level below, as /proc/cpuinfo calls it.
needs() {
    case $1 in
    v2) echo cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3 ;;
    v3) echo abm avx avx2 bmi1 bmi2 f16c fma movbe ;;
    v4) echo avx512bw avx512cd avx512dq avx512f avx512vl ;;
    esac
}

# can_run LEVEL
can_run() {
    local instruction
    for instruction in $(needs "$1"); do
        if ! grep -qw "$instruction" /proc/cpuinfo; then
            say "only compiled: this processor has no $instruction"
            return 1
        fi
    done
}

# have_compiler COMPILER: in $system, with all that the build needs.
have_compiler() {
    local packages=("$1" libc6-dev make cmake pkg-config openmpi-bin libopenmpi-dev libopenblas-pthread-dev
        libfyaml-dev libjansson-dev zlib1g-dev libcsv-dev check)
    [[ $1 != clang-* ]] || packages+=("libclang-rt-${1#clang-}-dev")
    [[ -e $system/usr/bin/$1 ]] || install_inside "${packages[@]}"
}

# compile COMPILER LEVEL TYPE [test]: everything is built without a warning; with `test`, the tests of functions and
# inference pass where the processor has the level.
compile() {
    local compiler=$1 level=$2 type=$3 march=x86-64 preset=release folder=/root/matrix
    [[ $level == v1 ]] || march=x86-64-$level
    [[ $type != sanitized ]] || preset=sanitize
    keep_system "$(release_of "$compiler")"
    have_compiler "$compiler"
    local options=(-D "CMAKE_C_COMPILER=$compiler" -D VICINAL_NATIVE=OFF -D VICINAL_WERROR=ON
        -D "CMAKE_C_FLAGS=-march=$march")
    [[ $type == sanitized ]] || options+=(-D "CMAKE_BUILD_TYPE=$type")
    rm -rf --one-file-system "$system$folder"
    inside root /root/vicinal cmake --preset $preset -B $folder "${options[@]}"
    inside root /root/vicinal cmake --build $folder --parallel "$(cores)"
    if [[ ${4:-} == test ]] && can_run "$level"; then
        inside root $folder ctest --parallel "$(cores)" --output-on-failure --no-tests=error \
            --tests-regex '^(functions|inference)/'
    fi
    rm -rf --one-file-system "$system$folder"
}

for compiler in gcc-12 gcc-13 gcc-14 clang-14 clang-19; do
    tests=
    [[ $compiler != gcc-14 ]] || tests="test"
    for level in v1 v2 v3 v4; do
        part "$compiler/$level/Release" compile $compiler $level Release $tests
    done
    part "$compiler/v3/Debug" compile $compiler v3 Debug
    part "$compiler/v3/sanitized" compile $compiler v3 sanitized
done
close_parts
