#!/usr/bin/env bash
# Every call that mpi.h declares is either wrapped by the program's interposer or in the list of those that move nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
header=${VICINAL_MPI_H:?mpi.h after the preprocessor}
list=$root/src/observe/audit/calls.txt

tr -s ' \t\n' ' ' <"$header" | sed 's/typedef [^;]*;//g' | grep -oE '\bMPI_[A-Za-z_0-9]+ ?\(' | tr -d ' (' | sort -u >declared
nm --defined-only "$program" | awk '$2 == "T" && $3 ~ /^MPI_/ { print $3 }' | sort -u >wrapped
awk '/^# Messages between two ranks/ { on = 1 } /^$/ && on { exit } on && !/^#/' "$list" | sort -u >by_hand
grep -E '^MPI_.*[^*]$' "$list" | sort -u | comm -23 - by_hand >silent
sed -n 's/^\(MPI_.*\)\*$/^\1/p' "$list" >families

check "mpi.h declares hundreds of calls" [ "$(wc -l <declared)" -gt 300 ]
check "those that move data by hand are wrapped" [ -z "$(comm -23 by_hand wrapped)" ]
comm -23 declared wrapped | comm -23 - silent | grep -vf families >left || true
check "every other call is wrapped or known to move nothing" [ ! -s left ]
cat left
for call in Send Isend Sendrecv Send_init Start Recv Mrecv Barrier Ibarrier Allreduce Ibcast Alltoallw Scan \
    Neighbor_alltoallw Ineighbor_allgather Put Get Rput Fetch_and_op Compare_and_swap Win_fence Win_lock \
    Win_allocate_shared Win_shared_query File_write_all File_iread_at Comm_spawn Comm_connect Intercomm_create \
    Comm_dup Dist_graph_create_adjacent Reduce_scatter_block; do
    check "MPI_$call is wrapped" grep -qx "MPI_$call" wrapped
done
check "nothing that is wrapped is called silent" [ -z "$(comm -12 wrapped silent)" ]
finish
