#!/usr/bin/env bash
# Compiler warnings as errors: gcc 12 to 14, clang 14 and 19, Release, Debug and sanitized; each level of x86-64 alone.
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

# have_compiler COMPILER: in $system, with all that the build needs.
have_compiler() {
    local packages=("$1" libc6-dev make cmake pkg-config openmpi-bin libopenmpi-dev libopenblas-pthread-dev
        libfyaml-dev libjansson-dev zlib1g-dev libcsv-dev check)
    [[ $1 != clang-* ]] || packages+=("libclang-rt-${1#clang-}-dev")
    [[ -e $system/usr/bin/$1 ]] || install_inside "${packages[@]}"
}

# compile COMPILER TYPE [LEVEL [test]]: everything is built without a warning, for all levels of x86-64 or one; with
# `test`, the tests of functions and inference pass where the processor has one of them.
compile() {
    local compiler=$1 type=$2 level=${3:-} preset=release folder=/root/matrix
    [[ $type != sanitized ]] || preset=sanitize
    keep_system "$(release_of "$compiler")"
    have_compiler "$compiler"
    local options=(-D "CMAKE_C_COMPILER=$compiler" -D VICINAL_WERROR=ON)
    [[ $type == sanitized ]] || options+=(-D "CMAKE_BUILD_TYPE=$type")
    [[ -z $level ]] || options+=(-D "VICINAL_LEVELS=$level")
    rm -rf --one-file-system "$system$folder"
    inside root /root/vicinal cmake --preset $preset -B $folder "${options[@]}"
    inside root /root/vicinal cmake --build $folder --parallel "$(cores)"
    if [[ ${4:-} == test && $(inside root $folder ./vicinal --version) == *"computes with"* ]]; then
        inside root $folder ctest --parallel "$(cores)" --output-on-failure --no-tests=error \
            --tests-regex '^(functions|inference)/'
    fi
    rm -rf --one-file-system "$system$folder"
}

for compiler in gcc-12 gcc-13 gcc-14 clang-14 clang-19; do
    part "$compiler/Release" compile $compiler Release "" test
    part "$compiler/Debug" compile $compiler Debug
    part "$compiler/sanitized" compile $compiler sanitized
done
for level in v1 v2 v3 v4; do
    part "gcc-14/$level" compile gcc-14 Release $level test
done
close_parts
