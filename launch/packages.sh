# What Vicinal needs, in one place: the set it belongs to, the Debian package, and how to see that it is there.
#   build: to build and run; test: for the tests; full: for test.sh --full; paper: for paper.sh and fidelity.sh;
#   bench: for bench.sh, ranks.sh, threads.sh and convolutions.sh; growth: for growth.sh; simgrid: for simgrid.sh;
#   browser: for tests of the report in a real browser; a campaign's name: for test.sh --campaign NAME
# shellcheck shell=bash disable=SC2034
requirements="\
build  gcc                      command:cc
build  libc6-dev                header:stdlib.h
build  make                     command:make
build  cmake                    command:cmake
build  pkg-config               command:pkg-config
build  openmpi-bin              mpi:mpirun
build  libopenmpi-dev           command:mpicc
build  libopenblas-pthread-dev  module:openblas
build  libfyaml-dev             module:libfyaml
build  libjansson-dev           module:jansson
build  zlib1g-dev               module:zlib
build  libcsv-dev               header:csv.h
test   check                    module:check
test   locales                  file:/usr/share/i18n/locales/de_DE
paper  gnuplot-nox              command:gnuplot
paper  curl                     command:curl
simgrid  libsimgrid-dev         command:smpicc
bench  python3-venv             python:ensurepip
bench  python3-yaml             python:yaml
bench  gnuplot-nox              command:gnuplot
growth gnuplot-nox              command:gnuplot
growth python3                  command:python3
browser chromium               command:chromium
browser chromium-driver        command:chromedriver
browser python3-selenium       python:selenium
full   python3                  command:python3
full   gnuplot-nox              command:gnuplot
full   curl                     command:curl
full   git                      command:git
full   clang-format             command:clang-format
full   shellcheck               command:shellcheck
full   valgrind                 command:valgrind
systems  debootstrap            command:debootstrap
systems  git                    command:git
matrix   debootstrap            command:debootstrap
matrix   git                    command:git"

# An MPI that is there is used: where the launcher is MPICH's, the headers must be too.
if [[ $(mpirun --version 2>/dev/null) == *HYDRA* ]]; then
    requirements=${requirements/libopenmpi-dev/libmpich-dev}
fi

elsewhere="a C compiler, make, CMake 3.22 or later, pkg-config, an MPI (Open MPI or MPICH), and OpenBLAS, libfyaml, \
jansson, zlib, libcsv and check with their headers"
