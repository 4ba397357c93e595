# How the installed MPI starts ranks. Part of lib.sh; also sourced by tests and read by tests/CMakeLists.txt.
# shellcheck shell=bash disable=SC2034

# Open MPI wants to be told that root is meant.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# is_open_mpi LAUNCHER: mpirun and mpiexec of one release call themselves differently.
is_open_mpi() {
    case $("$1" --version 2>&1) in
    *'Open MPI'* | *OpenRTE*) return 0 ;;
    *) return 1 ;;
    esac
}

# launcher_options LAUNCHER: what lets it start more ranks than cores and tie none to a core, on one line. MPICH's does
# so by itself.
launcher_options() {
    if is_open_mpi "$1"; then
        echo --oversubscribe --bind-to none
    fi
}

# find_launcher: the array `mpirun` becomes the launcher with these options. VICINAL_MPIRUN names another than the first
# mpirun in PATH.
find_launcher() {
    mpirun=("${VICINAL_MPIRUN:-mpirun}")
    read -ra mpirun <<<"${mpirun[0]} $(launcher_options "${mpirun[0]}")"
}
