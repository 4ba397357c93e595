#!/usr/bin/env bash
# In place of mpirun where an emulator runs the programs: a single rank, started by nothing.
#     alone.sh -np 1 PROGRAM ARGUMENT...
export LC_ALL=C
[[ ${1:-} == -np && ${2:-} == 1 ]] || { echo "alone.sh: only one rank can be alone, not $*" >&2; exit 1; }
shift 2
exec qemu-aarch64 "$@"
