#!/usr/bin/env bash
# Builds for arm64 with Debian's cross compiler and that architecture's libraries, and runs tests of one process by an
# emulator. Run by tests/campaigns/systems.sh in a system of its own.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
build=${VICINAL_BUILD:-$root/build}/arm64
export PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig
cmake --preset release -B "$build" -S "$root" -D "CMAKE_TOOLCHAIN_FILE=$here/arm64.cmake" -D VICINAL_WERROR=ON
cmake --build "$build" --parallel "$(nproc)"

# A rank alone needs no daemon.
export OMPI_MCA_ess_singleton_isolated=1 OMPI_MCA_pml=ob1 OMPI_MCA_btl=self
cd "$build"
ctest --parallel "$(nproc)" --output-on-failure --no-tests=error \
    --tests-regex '^(base|functions|messages/wires|inference|config|data|tensors)/[a-z0-9_]*(-1)?$'
