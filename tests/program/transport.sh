#!/usr/bin/env bash
# --transport: the same bits by MPI and through shared memory, on any number of ranks; what is mapped while a run goes
# and what is left of it; what happens where shared memory cannot be had.
set -euo pipefail
# A /dev/shm that nobody else sees, and that ends with this script.
if [[ -z ${VICINAL_MOUNTS:-} ]]; then
    VICINAL_MOUNTS=none
    for how in "--mount" "--user --map-root-user --mount"; do
        # shellcheck disable=SC2086
        if unshare $how mount -t tmpfs none /dev/shm 2>/dev/null; then
            VICINAL_MOUNTS=private exec unshare $how "$0"
        fi
    done
fi
[[ $VICINAL_MOUNTS != private ]] || mount -t tmpfs -o size=64m none /dev/shm
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
cd "$work"
write_config small.yaml
# Open MPI's own shared memory needs a place when there is none in /dev/shm.
export OMPI_MCA_btl_vader_backing_directory=$work

says_not() {
    ! says "$1"
}

# Whatever the launcher makes of a rank that is gone.
ended_badly() {
    ! ended 0 && [[ -n $(cat stderr) ]]
}

echo "-- the same bits"
# same WHAT OPTION...: trains with these options on one rank, and by each transport on some and on all.
same() {
    local what=$1 ranks transport file
    shift
    rm -rf alone
    check "$what: alone" ends 0 0 train small.yaml --out alone "$@"
    for ranks in 2 5; do
        for transport in mpi shared; do
            rm -rf together
            check "$what: $ranks ranks, $transport" ends 0 $ranks train small.yaml --out together \
                --transport $transport "$@"
            for file in weights.safetensors metrics.csv free_energy.csv; do
                check "  the same $file" cmp alone/$file together/$file
            done
        done
    done
}
same "strict" --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=8
same "exact in micro-batches" --set inference.algorithm=exact --set inference.microbatches=7
same "wires" --set 'channels={encoding: int8, drop: 0.1, edges: [{from: 1, to: 2, kind: error, delay: 2}]}' \
    --set inference.steps=6
same "wires that change: compared with exact" --set channels.noise=0.1 --set 'learning.compare={every: 3}'
same "packets larger than messages" --set channels.encoding=int8 --set learning.batch=480 \
    --set network.layers='[linear: 24, linear: 1, linear: 10]'

echo "-- what is said"
check "another word" ends 2 2 train small.yaml --out run --transport pigeon
check "  is refused" complains_once '^vicinal: --transport pigeon: expected auto, mpi or shared$'
check "one rank" ends 0 0 verify small.yaml --transport shared
check "five ranks" ends 0 5 verify small.yaml
check "  no word about it" says_not 'shared memory'

echo "-- what is mapped"
# mapped: the segments of each process, "PROCESS NAME RIGHTS" for each half.
mapped() {
    local process
    for process in $(processes); do
        awk -v process="$process" '$6 ~ "^/dev/shm/vicinal-" { print process, $6, $2 }' "/proc/$process/maps"
    done
}
# are_halves: each process of a chain maps a segment for each neighbour, one half to write and one to read.
are_halves() {
    mapped >halves
    [[ $(wc -l <halves) == 16 && $(cut -d ' ' -f 2 halves | sort -u | wc -l) == 4 ]] &&
        [[ $(cut -d ' ' -f 2,3 halves | sort | uniq -c | awk '{ print $1, $3 }' | sort -u) == $'2 r--s\n2 rw-s' ]] &&
        [[ $(sort -u halves | wc -l) == 16 ]]
}
no_names() {
    [[ -z $(find /dev/shm -name 'vicinal-*') ]]
}
check "a run of 5 ranks" start 5 run --transport shared
check "  a segment for each edge, and each rank writes its half" are_halves
[[ $VICINAL_MOUNTS != private ]] || check "  without a name" no_names
check "  SIGKILL to a rank" kill -KILL "$(processes | sed -n 3p)"
check "  ends the run" ended_badly
check "  all ranks" none_left
[[ $VICINAL_MOUNTS != private ]] || check "  nothing is left" no_names

echo "-- where there is no room"
# refuses_to_share TEXT: what is said when shared memory cannot be had, and what is done then.
refuses_to_share() {
    rm -rf alone together
    check "5 ranks" ends 0 5 train small.yaml --out together --audit --json
    check "  say so" says "^shared memory: $1: messages between ranks go by MPI\$"
    check "  once" [ "$(grep -c 'shared memory' stderr)" = 1 ]
    check "  all is witnessed" has audit.shared.segments '\[\]'
    check "alone" ends 0 0 train small.yaml --out alone
    check "  the same weights" cmp alone/weights.safetensors together/weights.safetensors
    check "--transport shared" ends 3 3 train small.yaml --out together --transport shared
    check "  fails" complains_once "^vicinal: shared memory: $1; give --transport mpi\$"
    [[ $VICINAL_MOUNTS != private ]] || check "  nothing is left" no_names
}
# A limit of file sizes that the weights respect, and one segment does not.
plain=$program
# MPI keeps no files either then.
printf '#!/usr/bin/env bash\nexport OMPI_MCA_btl=self,tcp PMIX_MCA_gds=hash\nulimit -f 64\nexec %q "$@"\n' "$plain" >limited
chmod +x limited
write_config small.yaml
sed -i 's/batch: 96/batch: 480/' small.yaml
program=$work/limited
refuses_to_share 'the limit of file sizes: File too large'
program=$plain
write_config small.yaml
if [[ $VICINAL_MOUNTS == private ]]; then
    mount -o remount,size=16k /dev/shm
    refuses_to_share '/dev/shm has no room for 0[.][0-9] MB: 0[.]0 MB are free, and MPI may need [0-9.]+'
    check "a sweep" ends 0 3 comm small.yaml --sweep batch=96,128
    check "  says so once" [ "$(grep -c 'shared memory' stderr)" = 1 ]
    check "--transport mpi" ends 0 3 verify small.yaml --transport mpi
    check "  does not ask for any" says_not 'shared memory'
    mount -o remount,size=12m /dev/shm
    check "room for messages, and none for MPI" ends 0 5 verify small.yaml
    check "  is told" says '^shared memory: /dev/shm has no room for 0[.][0-9] MB: .* and MPI may need 21[.]0: '
    check "room for both" ends 0 2 verify small.yaml
    check "  is used" says_not 'shared memory'
else
    echo "not checked: /dev/shm cannot be replaced for this script alone (unshare --mount)"
fi
finish
