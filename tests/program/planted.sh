#!/usr/bin/env bash
# --audit sees violations of locality that are planted in the program, each with exit code 1; without it nobody does.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

transport=mpi
# caught VIOLATION PATTERN: the audit fails, and each way says what the pattern is like.
caught() {
    export VIOLATION=$1
    check "$1" ends 1 5 verify small.yaml --audit --json --transport "$transport"
    check "  says so once" complains_once "^vicinal: the audit failed: "
    check "  fails" has audit.passed false
    check "  says: $2" grep -Eq "$2" <("$VICINAL_JSON" audit.faults <stdout)
    check "  one fault, or what follows from it" [ "$("$VICINAL_JSON" audit.faults <stdout | grep -c '"')" -le "${3:-1}" ]
    unset VIOLATION
}

check "nothing planted" ends 0 5 verify small.yaml --audit --json
check "  passes" has audit.passed true
caught stranger "rank 4 sent 1 message of 4 bytes to rank 0 inside an inference, and no edge joins them"
caught renamed "rank 4 sent 1 message of 4 bytes to rank 0 inside an inference, and no edge joins them"
caught request "rank 4 sent 1 message of 4 bytes to rank 0 inside an inference, and no edge joins them"
caught swap "rank 0 sent 1 message of 4 bytes to rank 4 inside an inference, and no edge joins them" 2
caught neighbour "rank 0 sent rank 1 3 messages of [0-9]+ bytes inside inferences, the ledger says 2 of"
caught anybody "rank 1 received from any source inside inferences" 3
caught barrier "rank [0-4] called MPI_Barrier 1 time inside inferences" 5
check "  on each rank" has audit.collectives_inside 5
caught ibarrier "rank [0-4] called MPI_Ibarrier 1 time inside inferences" 5
caught allreduce "rank [0-4] called MPI_Allreduce 1 time inside inferences" 5
check "  with its bytes" has audit.calls_inside.4.bytes 8
caught window "rank [0-4] called MPI_Win_create: what goes through a window cannot be seen" 10
caught put "rank 0 called MPI_Put 1 time inside inferences" 30
caught file "rank [0-4] called MPI_File_open 1 time inside inferences" 10
caught copy "rank 1: .* of population 2 is held here, the population lives on rank 2" 20
check "  twice" grep -Eq "2.0.weight is held 2 times" <("$VICINAL_JSON" audit.faults <stdout)
caught hidden "rank [0-4]: arrays of [0-9]+ bytes are accounted for, [0-9]+ bytes were allocated" 5
transport=shared
caught stranger "rank 4 sent 1 message of 4 bytes to rank 0 inside an inference, and no edge joins them"
caught neighbour "rank 0 sent rank 1 1 message of 4 bytes inside inferences, the ledger says 0 of 0"
caught lone "rank 4 has mapped the shared memory /vicinal-lone, and no other rank has"
caught tunnel "ranks 0 and 4 have mapped the shared memory /vicinal-tunnel, and no edge joins them"
caught hall "5 ranks have mapped the shared memory /vicinal-hall, rank 4 among them"
caught board "ranks 0 and 1 can write the same part of the shared memory /vicinal-board"
caught passage "ranks 0 and 1 have mapped the shared memory /vicinal-passage, which no edge of both declares"
caught annex "rank 0 has mapped [0-9]+ bytes of the shared memory /vicinal-[0-9a-f]+, and edge 0 declares [0-9]+" 8
VIOLATION=barrier check "for people" ends 1 5 verify small.yaml --audit
check "  says what" prints '^audit failed: 5 faults$'
check "  and where" prints '^  rank 4 called MPI_Barrier 1 time inside inferences$'
VIOLATION=stranger check "without an audit" ends 0 5 verify small.yaml
VIOLATION=barrier check "learning too" ends 1 2 train small.yaml --audit --out run
check "  keeps the verdict" grep -q '"passed": false' run/audit.json
finish
