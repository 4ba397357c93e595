#!/usr/bin/env bash
# The library as another program meets it: installed into a folder of its own, found by CMake and by pkg-config, shared
# and static, in C and in C++. The examples are built that way, run on several numbers of ranks, and print the same.
set -euo pipefail
: "${VICINAL_BUILD:?the folder of the build}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
examples=$root/launch/examples
export OPENBLAS_NUM_THREADS=1

echo "-- installed, and moved elsewhere"
check "installed" cmake --install "$VICINAL_BUILD" --prefix "$work/first"
mv "$work/first" "$work/prefix"
prefix=$work/prefix
lib=$(dirname "$(find "$prefix" -name libvicinal.a)")
headers() {
    (cd "$prefix/include" && find . -type f)
}
check "one header" [ "$(headers)" = ./vicinal.h ]
check "a shared library" [ -L "$lib/libvicinal.so" ]
check "  with its version" [ -L "$lib/libvicinal.so.0" ]
nowhere() {
    ! grep -rlE "$VICINAL_BUILD|$work/first" "$prefix/include" "$lib/cmake" "$lib/pkgconfig"
}
check "no path of the build in what is installed" nowhere

# says RANKS FILE PROGRAM: the program runs on so many ranks within a minute; what it prints goes to FILE.
says() {
    LD_LIBRARY_PATH=$lib timeout 60 "${mpirun[@]}" -np "$1" "$3" >"$2"
}

# The wave begins at the top in step 1 and goes down by one population a step. The input population receives an error in
# the last step alone: it needs one for its gradient only.
cat >"$work/wave" <<'WAVE'
step         0         1         2         3         4         5
   1         .         .         .         .  receives     sends
   2         .         .         .  receives     sends         .
   3         .         .  receives      both     sends         .
   4         .  receives      both      both     sends         .
   5         .  receives      both      both     sends         .
   6         .  receives      both      both     sends         .
   7  receives      both      both      both     sends         .
WAVE

# runs NAME PROGRAM: the example prints what is expected, on any number of ranks.
runs() {
    local ranks
    for ranks in 1 2 4; do
        case $1 in
        error_wave)
            check "  on $ranks ranks" says "$ranks" "$work/out" "$2"
            check "    the wave of errors" diff "$work/wave" "$work/out"
            ;;
        train_inside)
            check "  on $ranks ranks" says "$ranks" "$work/out" "$2"
            check "    it learns" grep -qE '^(9[5-9]|100) % of the points are classified rightly$' "$work/out"
            [[ -e $work/learned ]] || cp "$work/out" "$work/learned"
            check "    as on other ranks" diff "$work/learned" "$work/out"
            ;;
        esac
    done
}

for kind in vicinal vicinal_static; do
    echo "-- CMake, vicinal::$kind"
    check "configured" cmake -S "$examples" -B "$work/$kind" -DCMAKE_PREFIX_PATH="$prefix" \
        -DVICINAL_TARGET="vicinal::$kind" -DCMAKE_C_FLAGS="-Wall -Wextra -Werror"
    check "built" cmake --build "$work/$kind"
    for name in error_wave train_inside; do
        check "$name" [ -x "$work/$kind/$name" ]
        runs "$name" "$work/$kind/$name"
    done
done
stands_alone() {
    ! ldd "$1" | grep libvicinal
}
check "the static one needs no shared one" stands_alone "$work/vicinal_static/error_wave"

echo "-- pkg-config, C and C++"
export PKG_CONFIG_PATH=$lib/pkgconfig
read -ra cflags <<<"$(pkg-config --cflags vicinal)"
read -ra libs <<<"$(pkg-config --libs vicinal)"
read -ra all <<<"$(pkg-config --static --libs vicinal)"
names_openblas() {
    [[ $* == *openblas* ]]
}
check "what is inside is named for the static one" names_openblas "${all[@]}"
check "  and not for the shared one" bash -c "! grep openblas <<<'${libs[*]}'"
check "C, shared" mpicc -std=c11 -Wall -Wextra -Werror "${cflags[@]}" "$examples/train_inside.c" -o "$work/c" \
    "${libs[@]}" -lm
runs train_inside "$work/c"
# -lvicinal takes the shared one where both are.
check "C, static" mpicc -std=c11 "${cflags[@]}" "$examples/error_wave.c" -o "$work/static" \
    "${all[@]/#-lvicinal/-l:libvicinal.a}"
runs error_wave "$work/static"
# of_kernel NAME: what OpenBLAS makes of it.
of_kernel() {
    OPENBLAS_CORETYPE=$1 "${VICINAL_PROGRAM:?the program}" --version | sed -n 's/^OpenBLAS kernel: //p'
}
# refuses_kernels PROGRAM: on two ranks with different kernels of OpenBLAS it says what to do, and learns nothing.
refuses_kernels() {
    ! LD_LIBRARY_PATH=$lib timeout 60 "${mpirun[@]}" -np 1 env OPENBLAS_CORETYPE=Prescott "$1" : \
        -np 1 env OPENBLAS_CORETYPE=Nehalem "$1" >"$work/out" 2>"$work/err" &&
        grep -q 'wrong use: .*: export OPENBLAS_CORETYPE=Prescott on all ranks' "$work/err"
}
if [[ $(of_kernel Prescott) == Prescott && $(of_kernel Nehalem) == Nehalem ]]; then
    check "  not with two kernels" refuses_kernels "$work/static"
fi
# Open MPI's own header casts functions.
check "C++" mpicxx -std=c++17 -Wall -Wextra -Werror -Wno-cast-function-type -x c++ "${cflags[@]}" "$examples/error_wave.c" -o "$work/cxx" \
    "${libs[@]}"
runs error_wave "$work/cxx"

echo "-- CMake, a project of C++ alone"
mkdir "$work/alone"
cp "$examples/error_wave.c" "$work/alone/wave.cpp"
cat >"$work/alone/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.22)
project(alone LANGUAGES CXX)
find_package(vicinal 0.2 REQUIRED COMPONENTS shared)
add_executable(wave wave.cpp)
target_link_libraries(wave PRIVATE vicinal::vicinal)
CMAKE
check "configured" cmake -S "$work/alone" -B "$work/alone/build" -DCMAKE_PREFIX_PATH="$prefix"
check "built" cmake --build "$work/alone/build"
runs error_wave "$work/alone/build/wave"
sed -i 's/vicinal 0.2/vicinal 9.0/' "$work/alone/CMakeLists.txt"
refused() {
    ! cmake -S "$work/alone" -B "$work/alone/other" -DCMAKE_PREFIX_PATH="$prefix"
}
check "another version is refused" refused
finish
