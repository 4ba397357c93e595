#!/usr/bin/env bash
# The two commands on a freshly installed system, as root and as an ordinary user.
#
# The system is this machine's own release in its smallest form, made by debootstrap from this machine's package
# source. It is kept in $VICINAL_CACHE (by default ~/.cache/vicinal; empty: not kept) for the next time.
# What is tested is the last commit.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"

skip() {
    echo "SKIP: $*"
    exit 77
}

possible() {
    [[ $(id -u) == 0 ]] || skip "needs root"
    local tool
    for tool in debootstrap git unshare chroot tar apt-get apt-config; do
        command -v $tool >/dev/null || skip "needs $tool"
    done
    unshare --mount --pid --fork true 2>/dev/null || skip "needs the right to mount"
    git -C "$root" rev-parse --quiet --verify HEAD >/dev/null || skip "needs a git clone with a commit"
}

# package_source RELEASE: the address that this machine loads the release's main packages from.
package_source() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }'
}

# proxy_settings: what debootstrap must be told and apt finds by itself.
proxy_settings() {
    local http https
    eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
    [[ -z ${http:-} ]] || printf 'http_proxy=%s\n' "$http"
    [[ -z ${https:-} ]] || printf 'https_proxy=%s\n' "$https"
}

# make_base RELEASE ADDRESS ARCHIVE: a smallest system as a tar archive. Debootstrap mounts things, so it gets
# mounts of its own.
make_base() {
    local folder=$work/base settings
    mapfile -t settings < <(proxy_settings)
    env "${settings[@]}" unshare --mount --propagation private \
        debootstrap --variant=minbase "$1" "$folder" "$2" >"$work/debootstrap.log" 2>&1 ||
        { tail -n 20 "$work/debootstrap.log"; return 1; }
    rm -rf --one-file-system "$folder"/var/cache/apt/archives/*.deb
    tar -C "$folder" --one-file-system -czf "$3.part" .
    mv "$3.part" "$3"
    rm -rf --one-file-system "$folder"
}

# copy_network_settings FOLDER: how this machine reaches its package source. Of the sources themselves the new
# system has only the one it was made from.
copy_network_settings() {
    local path
    for path in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/ssl/certs; do
        [[ -e $path ]] || continue
        rm -rf --one-file-system "${1:?}$path"
        mkdir -p "$1$(dirname $path)"
        cp -rL $path "$1$path" || echo "(links to nowhere were left out)"
    done
}

# make_system FOLDER: unpacks the base, with a clone for root and one for an ordinary user.
make_system() {
    local release address cache=${VICINAL_CACHE-${HOME:-/root}/.cache/vicinal} archive
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
    archive=${cache:-$work}/clean-$release-$(dpkg --print-architecture).tar.gz
    mkdir -p "$(dirname "$archive")" "$1"
    if [[ ! -e $archive ]]; then
        address=$(package_source "$release")
        [[ -n $address ]] || skip "no package source for $release in this machine's list"
        make_base "$release" "$address" "$archive"
    fi
    tar -C "$1" -xzf "$archive"
    copy_network_settings "$1"
    chroot "$1" useradd --create-home somebody
    git clone --quiet --no-hardlinks "$root" "$1/root/vicinal"
    cp -a "$1/root/vicinal" "$1/home/somebody/vicinal"
    chroot "$1" chown -R somebody: /home/somebody/vicinal
}

# inside USER FOLDER COMMAND...: becomes a command that runs there in the new system, with a clean environment. Its
# mounts and processes are its own and end with it, whatever happens.
inside() {
    local user=$1 folder=$2
    shift 2
    # shellcheck disable=SC2016
    exec timeout --kill-after=2 1800 unshare --mount --pid --fork --kill-child --propagation private bash -c '
        system=$1 user=$2 folder=$3
        shift 3
        mount --rbind /dev "$system/dev" && mount -t proc proc "$system/proc" || exit 125
        exec chroot "$system" setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all \
            env -i "USER=$user" "HOME=$(chroot "$system" sh -c "echo ~$user")" TERM=dumb CI=true \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$folder" "$@"
    ' inside "$work/system" "$user" "$folder" "$@" </dev/null
}

# trial WHAT CODE USER FOLDER COMMAND...: the command inside must end with that code; what it said is in $said.
trial() {
    local what=$1 wanted=$2 code=0 start=$SECONDS
    shift 2
    said=$work/said
    inside "$@" >"$said" 2>&1 &
    child=$!
    wait "$child" || code=$?
    child=""
    if [[ $code == "$wanted" ]]; then
        echo "PASS: $what ($((SECONDS - start)) s)"
    else
        echo "FAIL: $what: exit code $code, not $wanted"
        tail -n 60 "$said"
        checks_failed=$((checks_failed + 1))
    fi
}

# says PATTERN: a claim about the last trial.
says() {
    if grep -Eq -- "$1" "$said"; then
        echo "PASS:   says '$1'"
    else
        echo "FAIL:   says nothing like '$1'"
        tail -n 60 "$said"
        checks_failed=$((checks_failed + 1))
    fi
}

trials() {
    local ours=/root/vicinal/launch theirs=/home/somebody/vicinal/launch
    trial "an ordinary user is told what to install" 1 somebody /tmp $theirs/demo.sh
    says 'sudo apt-get install .*gcc .*libopenblas'
    trial "the demo as root, from another folder" 0 root / $ours/demo.sh
    says "$digits_learned"
    trial "the demo again" 0 root / $ours/demo.sh
    says "$digits_learned"
    trial "the tests as root" 0 root /root/vicinal launch/test.sh
    says '^[1-9][0-9]* passed, 0 failed'
    trial "the demo as an ordinary user, through a link" 0 somebody /tmp sh -c "ln -s $theirs/demo.sh d && ./d"
    says "$digits_learned"
}

# clean_up: the mounts made for the inside are never seen out here, so nothing but this folder can go.
clean_up() {
    if [[ -n $child ]]; then
        kill "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$work"
}

# An accuracy of 95 % or more, as the demo prints it.
digits_learned='accuracy.*(9[5-9]\.[0-9]+ ?%|0\.9[5-9])'
child=""
possible
work=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-clean.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
make_system "$work/system"
trials
finish
