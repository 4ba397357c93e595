# What demo.sh and test.sh share: places, stages, the build. Sourcing it goes to the repository's folder.
# shellcheck shell=bash disable=SC2034

# Whatever the user's language: numbers with a decimal point, sorting by bytes, messages in English; texts in UTF-8.
unset "${!LC_@}" LANGUAGE
export LANG=C LC_CTYPE=C.UTF-8

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
build=$(realpath -m "${VICINAL_BUILD:-$root/build}")
# In a clone that cannot be written, runs go where the build went.
if [[ -w $root/runs || -w $root && ! -e $root/runs ]]; then
    runs=$root/runs
else
    runs=$build/runs
fi
cd "$root" || exit

# Keeps OpenBLAS from starting threads when it is loaded: the program gives it one (--threads).
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

cores() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# tests_at_once: more than there are cores, since much of a test's time is waiting for ranks to start and to end.
tests_at_once() {
    local tests=$((4 * $(cores)))
    echo $((tests < 8 ? tests : 8))
}

make_build_folder() {
    if ! mkdir -p "$build" 2>/dev/null || [[ ! -w $build ]]; then
        die "cannot write into $build; name a folder of your own: VICINAL_BUILD=DIR $0"
    fi
}

# stage LABEL LOG COMMAND...: one line on the screen, all the rest in $build/LOG. Shows the log's end when the
# command fails, and ends the script.
stage() {
    local label=$1 log=$build/$2 start=$SECONDS
    shift 2
    printf '%-20s ' "$label"
    if "$@" >"$log" 2>&1 </dev/null; then
        printf 'done (%d s)\n' $((SECONDS - start))
    else
        printf 'failed\n'
        tail -n 40 "$log" >&2
        die "$label failed; the whole log is $log"
    fi
}

# configure_and_build PRESET [CMAKE OPTION...]: into $build/PRESET.
configure_and_build() {
    local preset=$1
    shift
    cmake --preset "$preset" -B "$build/$preset" "$@" &&
        cmake --build "$build/$preset" --parallel "$(cores)"
}

# shellcheck source-path=SCRIPTDIR source=launcher.sh
source "$root/launch/launcher.sh"
# shellcheck source-path=SCRIPTDIR source=setup.sh
source "$root/launch/setup.sh"
