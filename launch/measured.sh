# What the scripts that measure training steps share: refusals, the program that they measure, rivals, pictures.
# shellcheck shell=bash disable=SC2034,SC2154

bad_usage() {
    local script
    script=$(basename "$0")
    echo "$script: $* (see launch/$script --help)" >&2
    exit 2
}

# one_of OPTION NAME CHOICE...
one_of() {
    local option=$1 name=$2
    shift 2
    [[ " $* " == *" $name "* ]] || bad_usage "$option: unknown: $name; allowed: $*"
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
    cache=$build/bench
    mkdir -p "$cache"
    find_launcher
}

# bring_rivals: anew where the requirements have changed.
bring_rivals() {
    local wanted=$root/launch/bench/requirements.txt
    cmp -s "$wanted" "$cache/requirements.txt" && return
    rm -rf "$cache/venv"
    "$python" -m venv "$cache/venv" && "$cache/venv/bin/pip" install --requirement "$wanted" &&
        cp "$wanted" "$cache/requirements.txt"
}

# take_rivals: `python` becomes that of the virtual environment which has PyTorch and JAX.
take_rivals() {
    stage "PyTorch and JAX" bench.log bring_rivals
    python=$cache/venv/bin/python
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
