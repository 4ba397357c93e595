# Installs what is missing, where that can be done. Part of lib.sh.
# shellcheck shell=bash disable=SC2154
# shellcheck source-path=SCRIPTDIR source=packages.sh
source "$root/launch/packages.sh"

# is_there KIND:NAME, with the kinds that packages.sh uses.
is_there() {
    local name=${1#*:}
    case ${1%%:*} in
    command) command -v "$name" ;;
    file) [[ -e $name ]] ;;
    header) printf '#include <%s>\n' "$name" | cc -E - ;;
    module) pkg-config --exists "$name" ;;
    fuzzer) echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | "$name" -fsanitize=fuzzer -x c -o /dev/null - ;;
    python) /usr/bin/python3 -c "import $name" ;;
    mpi) [[ $("$name" --version) =~ Open\ MPI|HYDRA|Intel ]] ;;
    *) die "launch/packages.sh: unknown kind in $1" ;;
    esac >/dev/null 2>&1
}

# missing SET...: the packages of these sets that are not there, on one line.
missing() {
    local set package probe list=""
    while read -r set package probe; do
        if [[ " $* " == *" $set "* ]] && ! is_there "$probe"; then
            list+=" $package"
        fi
    done <<<"$requirements"
    echo "${list# }"
}

# install PACKAGE...: with the package lists as they are, and again with fresh ones if those are too old.
install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
    "${apt[@]}" install --yes --no-install-recommends "$@" && return
    "${apt[@]}" update || echo "some package lists could not be loaded"
    "${apt[@]}" install --yes --no-install-recommends "$@"
}

# ask_for PACKAGES: the line to be run by somebody who may install.
ask_for() {
    say "These packages are missing, and only root may install them. Please run"
    say
    if ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
        say "    sudo apt-get update"
    fi
    say "    sudo apt-get install --no-install-recommends $1"
    say
    say "and then this script again."
    exit 1
}

# set_up SET...: returns when everything is there, ends the script otherwise.
set_up() {
    local packages
    packages=$(missing "$@")
    [[ -n $packages ]] || return 0
    if ! command -v apt-get >/dev/null; then
        die "not found: $packages (by their Debian names). Vicinal needs $elsewhere; please install them with" \
            "your system's package manager and run this script again."
    elif [[ $(id -u) != 0 ]]; then
        ask_for "$packages"
    fi
    say "Installing: $packages"
    # shellcheck disable=SC2086
    stage "Setting up" setup.log install $packages
    packages=$(missing "$@")
    [[ -z $packages ]] || die "installed, and yet not usable: $packages (see $build/setup.log)"
}
