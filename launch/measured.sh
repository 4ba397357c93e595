# What bench.sh, growth.sh and ranks.sh share: refusals, the program that they measure, pictures.
# shellcheck shell=bash disable=SC2034,SC2154

bad_usage() {
    local script
    script=$(basename "$0")
    echo "$script: $* (see launch/$script --help)" >&2
    exit 2
}

# want_number OPTION VALUE
want_number() {
    [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || bad_usage "$1 needs a number, not $2"
}

# take_program SET: `program` becomes VICINAL_PROGRAM; without one, what the SET of packages.sh lists is installed, and
# it is built. Goes to the repository's folder; `python` becomes the system's.
take_program() {
    program=${VICINAL_PROGRAM:+$(realpath -m "$VICINAL_PROGRAM")} # relative to the user's folder
    [[ -z $program || -x $program ]] || bad_usage "VICINAL_PROGRAM: no program: $program"
    # shellcheck source-path=SCRIPTDIR source=lib.sh
    source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
    make_build_folder
    python=/usr/bin/python3
    export PYTHONPATH=$root/launch/bench PYTHONPYCACHEPREFIX=$build/bench/pycache
    if [[ -z $program ]]; then
        set_up build "$1"
        stage "Building" build.log configure_and_build release -DVICINAL_TESTS=OFF
        program=$build/release/vicinal
    fi
    mkdir -p "$build/bench"
    find_launcher
}

# draw NAME WORD...: the pictures NAME.svg and NAME.png in $out, of tables there, by launch/plots/NAME.gp; WORD: for
# gnuplot.
draw() {
    local name=$1 format
    shift
    command -v gnuplot >/dev/null || return 0
    for format in svg png; do
        gnuplot -e "format='$format'; out='$out/$name.$format'; folder='$out'; layers=0" \
            -e "style='$root/launch/plots/style.gp'" "$@" "$root/launch/plots/$name.gp"
    done
}
