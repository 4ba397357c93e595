#!/usr/bin/env bash
# The README's two commands on fresh systems: Debian 12 and 13, Ubuntu, MPICH instead of Open MPI; tests on arm64.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"
# shellcheck source-path=SCRIPTDIR source=../support/system.sh
source "$root/tests/support/system.sh"

# An accuracy of 95 % or more, as the demo prints it.
digits_learned='accuracy.*(9[5-9]\.[0-9]+ ?%|0\.9[5-9])'

# trial WHAT CODE PATTERN USER FOLDER COMMAND...: the command inside ends with that code, and one of its lines is like
# the pattern.
trial() {
    local what=$1 wanted=$2 pattern=$3 code=0 start=$SECONDS said=$system/tmp/said
    shift 3
    say "== $what"
    inside "$@" >"$said" 2>&1 || code=$?
    cat "$said"
    [[ $code == "$wanted" ]] || die "$what: exit code $code, not $wanted"
    grep -Eq -- "$pattern" "$said" || die "$what: no line like '$pattern'"
    say "== $what: as wanted, $((SECONDS - start)) s"
}

# two_commands: the demo and the tests in $system, with what is installed there.
two_commands() {
    trial "the demo as root, from another folder" 0 "$digits_learned" root / /root/vicinal/launch/demo.sh
    trial "the tests as root" 0 '^[1-9][0-9]* passed, 0 failed' root /root/vicinal launch/test.sh
}

# fresh RELEASE [ADDRESS]
fresh() {
    make_system "$@"
    local theirs=/home/somebody/vicinal/launch
    trial "an ordinary user is told what to install" 1 'sudo apt-get install .*gcc .*libopenblas' somebody /tmp \
        $theirs/demo.sh
    two_commands
    trial "the demo again" 0 "$digits_learned" root / /root/vicinal/launch/demo.sh
    trial "the demo as an ordinary user, through a link" 0 "$digits_learned" somebody /tmp \
        sh -c "ln -s $theirs/demo.sh d && ./d"
}

# VICINAL_UBUNTU names a source of its packages where this machine uses Debian's.
ubuntu() {
    local release=noble
    [[ -n ${VICINAL_UBUNTU:-} ]] ||
        skip "no source of Ubuntu's packages is known here; VICINAL_UBUNTU=ADDRESS names one"
    [[ -e /usr/share/debootstrap/scripts/$release ]] || skip "debootstrap does not know Ubuntu's $release"
    fresh $release "$VICINAL_UBUNTU"
}

mpich() {
    make_system "$1"
    install_inside mpich libmpich-dev
    two_commands
    inside root / sh -c '! dpkg --list | grep -i openmpi' || die "Open MPI was installed beside MPICH"
}

# Compiled for arm64, with that architecture's libraries, and run by an emulator: tests of arithmetic, of one rank's
# inference and of files, which compare with PyTorch's numbers in tests/reference, with this repository's slow
# implementations, and, bit for bit, among each other.
arm64() {
    make_system "$1"
    inside root / dpkg --add-architecture arm64
    install_inside gcc libc6-dev make cmake pkg-config gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user \
        {libopenmpi-dev,libopenblas-pthread-dev,libfyaml-dev,libjansson-dev,zlib1g-dev,libcsv-dev,check}:arm64
    inside root /root/vicinal tests/support/arm64.sh
}

part debian-12 fresh bookworm
part debian-13 fresh trixie
part ubuntu ubuntu
part mpich-debian-12 mpich bookworm
part arm64 arm64 bookworm
close_parts
