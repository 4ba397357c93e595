#!/usr/bin/env bash
# Processes that another MPI's launcher has started, each alone in its world, are refused; those that see each other are not.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml inference
command=(comm small.yaml --repeat 1)

# with NAME=VALUE... -- COMMAND...: a check of this file with these variables for the program.
with() {
    local variables=()
    while [[ $1 != -- ]]; do
        variables+=("$1")
        shift
    done
    shift
    (export "${variables[@]}" && "$@")
}

# stray PATTERN: refused with one line; silent: refused by a process that leaves the talking to another one.
stray() {
    ends 2 0 "${command[@]}" && prints_nothing &&
        complains_once "^vicinal: started by a launcher of $1, but this program's MPI, [A-Z].*, sees only one: .*mpirun.*VICINAL_ALONE=1"
}
silent() {
    ends 2 0 "${command[@]}" && [[ ! -s stdout && ! -s stderr ]]
}
runs() {
    ends 0 "$1" "${command[@]}"
}

check "Slurm, 4 tasks" with SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=0 -- stray '4 processes \(SLURM_STEP_NUM_TASKS\)'
check "  another of them" with SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=3 -- silent
check "  that cannot tell which it is" with SLURM_STEP_NUM_TASKS=4 -- stray '4 processes \(SLURM_STEP_NUM_TASKS\)'
check "PMI, 2 processes" with PMI_SIZE=2 PMI_RANK=0 -- stray '2 processes \(PMI_SIZE\)'
check "  the other" with PMI_SIZE=2 PMI_RANK=1 -- silent
check "Open MPI, 3 processes" with OMPI_COMM_WORLD_SIZE=3 OMPI_COMM_WORLD_RANK=0 -- stray '3 processes \(OMPI_COMM_WORLD_SIZE\)'
check "  another of them" with OMPI_COMM_WORLD_SIZE=3 OMPI_COMM_WORLD_RANK=2 -- silent
check "PMIx, not the first" with PMIX_RANK=1 -- stray 'several processes \(PMIX_RANK\)'
check "  another of them" with PMIX_RANK=2 -- stray 'several processes \(PMIX_RANK\)'
check "a size with a space" with "PMI_SIZE=2 " -- stray '2 processes \(PMI_SIZE\)'
check "a size beyond all sizes" with PMI_SIZE=99999999999999999999 -- stray '[0-9]+ processes \(PMI_SIZE\)'
check "  the first" with PMIX_RANK=0 -- runs 0
check "Slurm with the rank of PMI" with SLURM_STEP_NUM_TASKS=4 PMI_RANK=2 -- silent

check "each by itself" with VICINAL_ALONE=1 PMI_SIZE=4 PMI_RANK=1 -- runs 0
check "VICINAL_ALONE=0" with VICINAL_ALONE=0 PMI_SIZE=4 PMI_RANK=0 -- stray '4 processes \(PMI_SIZE\)'
check "a script of a Slurm job" with SLURM_NTASKS=4 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 -- runs 0
for value in 1 0 '' x 4x; do
    check "a size of '$value'" with "PMI_SIZE=$value" -- runs 0
done
check "one process of an mpirun in a Slurm step" with SLURM_STEP_NUM_TASKS=4 -- runs 1
check "processes that see each other" with SLURM_STEP_NUM_TASKS=4 PMI_SIZE=4 -- runs 2
check "a wrong command" with PMI_SIZE=4 PMI_RANK=0 -- ends 2 0 nonsense
check "  is not what is told" complains_once '^vicinal: started by a launcher of 4 processes'
check "help" with PMI_SIZE=4 PMI_RANK=1 -- ends 0 0 --help
check "help of a command" with PMI_SIZE=4 PMI_RANK=1 -- ends 0 0 train --help
check "the version" with PMI_SIZE=4 PMI_RANK=1 -- ends 0 0 --version
check "train" with PMI_SIZE=4 PMI_RANK=0 -- ends 2 0 train small.yaml --out run
check "  touches no folder" absent run
finish
