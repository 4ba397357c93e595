#!/usr/bin/env bash
# Installs into a fresh folder, runs the program from there, and builds a program of one's own on the library.
set -euo pipefail
export LC_ALL=C
: "${VICINAL_BUILD:?the folder that launch/test.sh builds in}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher

cmake --install "$VICINAL_BUILD/release" --prefix "$prefix" >"$prefix/log"
[[ $("$prefix/bin/vicinal" --version) =~ ^vicinal\ [0-9] ]]
verified=$(cd "$prefix" && "$prefix/bin/vicinal" verify "$root/configs/digits.yaml")
grep -q "^passed" <<<"$verified"

# shellcheck disable=SC2016
PATH=$prefix/bin:$PATH bash -c 'source "$1" && complete -p vicinal' bash \
    "$prefix/share/bash-completion/completions/vicinal" >/dev/null

cat >"$prefix/own.c" <<'END'
#include "vicinal/group_mpi.h"
#include <stdio.h>
int main(int argc, char **argv) {
    vic_group *group;
    MPI_Init(&argc, &argv);
    int failed = vic_group_create(&group, MPI_COMM_WORLD) != VIC_OK;
    if (!failed && vic_group_rank(group) == 0)
        printf("ranks %d\n", vic_group_size(group));
    vic_group_destroy(&group);
    MPI_Finalize();
    return failed;
}
END
pc=$(dirname "$(find "$prefix" -name vicinal.pc)")
# shellcheck disable=SC2046
mpicc -std=c11 "$prefix/own.c" -o "$prefix/own" $(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs vicinal)
[[ $("${mpirun[@]}" -np 2 "$prefix/own") == "ranks 2" ]]
echo "PASS: installed, run from there, and used as a library"
