#!/usr/bin/env bash
# launch/setup.sh against a made-up package manager: what it installs, what it asks for, when it stays silent.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A clone whose only need is the command `gadget`, in a world of few commands.
mkdir -p "$work/clone" "$work/tools" "$work/bin"
cp -r "$root/launch" "$work/clone/launch"
sed -i 's/^requirements=.*/requirements="build gadget-dev command:gadget"\nunused="\\/' "$work/clone/launch/packages.sh"
for tool in bash env basename dirname readlink realpath mkdir cat tail touch chmod grep date getconf; do
    ln -s "$(command -v $tool)" "$work/tools/$tool"
done

# pretend NAME LINE...: a command of this world.
pretend() {
    local file=$work/bin/$1
    shift
    { echo '#!/usr/bin/env bash'; printf '%s\n' "$@"; } >"$file"
    chmod +x "$file"
}

# a_world USER-ID [APT LINE...]: nothing installed, this user, and apt-get if lines for it are given.
a_world() {
    rm -rf "${work:?}/bin" "$work/apt.log" "$work/clone/build"
    mkdir "$work/bin"
    pretend id "echo $1"
    shift
    (($# == 0)) || pretend apt-get "echo \"\$*\" >>$work/apt.log" "$@"
}

# set_up CODE: whether the set-up ends so.
set_up() {
    # shellcheck disable=SC2016
    exits "$1" "$work/said" env -i "PATH=$work/bin:$work/tools" bash -c \
        'source "$1/launch/lib.sh"; make_build_folder; set_up build' demo.sh "$work/clone"
}

says() {
    grep -q -- "$1" "$work/said"
}

# asked_apt LINES...: what apt-get was called with, line by line.
asked_apt() {
    [[ $(grep -oE 'update|install.*' "$work/apt.log") == "$(printf '%s\n' "$@")" ]]
}

gadget_arrives="touch $work/bin/gadget; chmod +x $work/bin/gadget"
installing="install --yes --no-install-recommends gadget-dev"

a_world 0 "$gadget_arrives"
check "root: what is missing is installed" set_up 0
check "with one call and nothing else" asked_apt "$installing"
check "the second time all is there" set_up 0
check "and apt-get is left alone" asked_apt "$installing"
check "and nothing is said" cmp "$work/said" /dev/null

a_world 0 "[[ \$* == *update* ]] && touch $work/updated" "[[ -e $work/updated ]] || exit 100" "$gadget_arrives"
check "root: old package lists are refreshed" set_up 0
check "only when they are too old" asked_apt "$installing" update "$installing"

a_world 0 "echo 'E: no space left'; exit 100"
check "root: a failed installation ends it" set_up 1
check "with its reason" says "E: no space left"

a_world 0 "true"
check "root: installed and not usable ends it" set_up 1
check "with the package" says "not usable: gadget-dev"

a_world 1000 "$gadget_arrives"
check "user: nothing is installed" set_up 1
check "apt-get is left alone" absent "$work/apt.log"
check "the line to be run is shown" says "^    sudo apt-get install --no-install-recommends gadget-dev$"

a_world 1000
check "no apt-get: ends" set_up 1
check "with what to install" says "gadget-dev.*Vicinal needs a C compiler"
pretend gadget true
check "no apt-get, but all is there: goes on" set_up 0

a_world 1000 true
touch "$work/clone/build"
check "a build folder that cannot be: ends" set_up 1
check "with the variable that moves it" says "VICINAL_BUILD=DIR"
finish
