# Systems to try things in: Debian releases made by debootstrap from the package source of this machine, each run in
# mounts and processes of its own, which end with what runs there. Source it after launch/lib.sh or
# tests/campaigns/parts.sh.
#
# What takes long is kept in $build/systems: a smallest system of each release, and the packages that were installed.
# shellcheck shell=bash disable=SC2154
systems=$build/systems

# skip REASON: ends a part that cannot be run here.
skip() {
    say "$*"
    exit 77
}

# need_systems: skips where systems cannot be made.
need_systems() {
    [[ $(id -u) == 0 ]] || skip "needs root"
    local tool
    for tool in debootstrap git unshare chroot tar apt-get apt-config; do
        command -v $tool >/dev/null || skip "needs $tool"
    done
    unshare --mount --pid --fork true 2>/dev/null || skip "needs the right to mount"
    git -C "$root" rev-parse --quiet --verify HEAD >/dev/null || skip "needs a git clone with a commit"
}

# debian_source: the address that this machine loads its own release's main packages from, which has every release.
debian_source() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(COMPONENT) $(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
        awk '$1 == "main" && $2 == "Debian" && $3 !~ /security/ { print $3; exit }'
}

# proxy_settings: what debootstrap must be told and apt finds by itself.
proxy_settings() {
    local http https
    eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
    [[ -z ${http:-} ]] || printf 'http_proxy=%s\n' "$http"
    [[ -z ${https:-} ]] || printf 'https_proxy=%s\n' "$https"
}

# base_of RELEASE ADDRESS: a smallest system as a tar archive, made unless it is there. Debootstrap mounts things, so
# it gets mounts of its own.
base_of() {
    local archive=$systems/$1.tar folder=$systems/$1.new settings
    [[ ! -e $archive ]] || return 0
    mkdir -p "$systems/packages-$1"
    remove_system "$folder"
    mapfile -t settings < <(proxy_settings)
    env "${settings[@]}" unshare --mount --propagation private \
        debootstrap --variant=minbase --cache-dir="$systems/packages-$1" "$1" "$folder" "$2"
    rm -f "$folder"/var/cache/apt/archives/*.deb
    # Nothing in it has to outlive a loss of power, and packages arrive much faster.
    echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unsafe-io"
    tar -C "$folder" --one-file-system -cf "$archive.part" .
    mv "$archive.part" "$archive"
    remove_system "$folder"
}

# copy_network_settings FOLDER: how this machine reaches its package source. Of the sources themselves the new system
# has only the one it was made from.
copy_network_settings() {
    local path
    for path in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/ssl/certs; do
        [[ -e $path ]] || continue
        rm -rf --one-file-system "${1:?}$path"
        mkdir -p "$1$(dirname $path)"
        cp -rL $path "$1$path" || say "(links to nowhere were left out)"
    done
    rm -f "$1"/etc/apt/apt.conf.d/docker-* # images of containers throw away what was downloaded
}

# make_system RELEASE [ADDRESS]: $system becomes a fresh one, with a clone of the last commit for root in
# /root/vicinal and one for an ordinary user in /home/somebody/vicinal. It goes with the shell that made it.
make_system() {
    need_systems
    local address=${2:-$(debian_source)}
    [[ -n $address ]] || skip "this machine's package lists name no source of Debian's packages"
    base_of "$1" "$address"
    system_release=$1
    system=$systems/$1.$BASHPID
    trap 'remove_system "$system"' EXIT
    trap 'exit 130' INT TERM HUP
    mkdir -p "$system"
    tar -C "$system" -xf "$systems/$1.tar"
    copy_network_settings "$system"
    chroot "$system" useradd --create-home somebody
    git clone --quiet --no-hardlinks "$root" "$system/root/vicinal"
    cp -a "$system/root/vicinal" "$system/home/somebody/vicinal"
    chroot "$system" chown -R somebody: /home/somebody/vicinal
}

# keep_system RELEASE: $system becomes one that is kept for later parts, made unless it is there; only its clone of the
# last commit in /root/vicinal is fresh.
keep_system() {
    need_systems
    base_of "$1" "$(debian_source)"
    system_release=$1
    system=$systems/kept-$1
    if [[ ! -e $system.made ]]; then
        mkdir -p "$system"
        tar -C "$system" -xf "$systems/$1.tar"
        copy_network_settings "$system"
        touch "$system.made"
    fi
    rm -rf --one-file-system "$system/root/vicinal"
    git clone --quiet --no-hardlinks "$root" "$system/root/vicinal"
}

# remove_system FOLDER: the mounts of a system are never seen out here, so nothing but this folder can go.
remove_system() {
    rm -rf --one-file-system "${1:?}"
}

# inside USER FOLDER COMMAND...: runs it there in $system, with a clean environment, for at most $system_limit seconds
# (by default an hour). It ends with this shell.
inside() {
    local user=$1 folder=$2
    shift 2
    # shellcheck disable=SC2016
    setpriv --pdeathsig TERM timeout --kill-after=2 "${system_limit:-3600}" \
        unshare --mount --pid --fork --kill-child --propagation private bash -c '
        system=$1 packages=$2 user=$3 folder=$4
        shift 4
        mount --rbind /dev "$system/dev" && mount --rbind /sys "$system/sys" && mount -t proc proc "$system/proc" &&
            mount --bind "$packages" "$system/var/cache/apt/archives" || exit 125
        exec chroot "$system" setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all \
            env -i "USER=$user" "HOME=$(chroot "$system" sh -c "echo ~$user")" TERM=dumb CI=true \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$folder" "$@"
    ' inside "$system" "$systems/packages-$system_release" "$user" "$folder" "$@" </dev/null
}

# install_inside PACKAGE...: in $system.
install_inside() {
    inside root / apt-get -q update
    inside root / env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends "$@"
}
