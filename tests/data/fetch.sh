#!/usr/bin/env bash
# data/fetch.sh with a small data set of its own: what is right is kept, all else is refused without a trace.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset VICINAL_MIRROR

mkdir "$work/right"
printf 'images' >"$work/right/one"
printf 'labels' >"$work/right/two"
sum_one=$(sha256sum "$work/right/one" | cut -d ' ' -f 1)
sum_two=$(sha256sum "$work/right/two" | cut -d ' ' -f 1)

# toy SOURCE...: fetches the small data set into $work/toy in a shell of its own.
toy() {
    bash -c 'source "$1/data/fetch.sh"; shift; fetch_files "$@"' toy "$root" "$work/toy" \
        "$sum_one  one
$sum_two  two" "$@"
}

says() {
    grep -q -- "$1" "$work/said"
}

# holds NAME...: these files and nothing else, hidden or not, lie in $work/toy.
holds() {
    [[ $(ls -A "$work/toy") == "$(printf '%s\n' "$@")" ]]
}

fresh() {
    rm -rf "$work/toy" "$work/source"
    cp -r "$work/right" "$work/source"
}

fresh
check "a folder is a source" exits 0 "$work/said" toy "$work/source"
check "both files arrive, nothing else" holds one two
check "they are the right ones" cmp "$work/toy/one" "$work/right/one"
rm -r "$work/source"
check "the second call needs no source" exits 0 "$work/said" toy "$work/source"
check "and says so" says "already there"

fresh
gzip "$work/source/one"
check "gzipped files are unpacked" exits 0 "$work/said" toy "file://$work/source"
check "into both files" holds one two

fresh
printf 'imaqes' >"$work/source/one"
check "a corrupt file is refused" exits 3 "$work/said" toy "$work/source"
check "by its SHA-256" says "refused: one has the wrong SHA-256"
check "and leaves nothing behind" absent "$work/toy"

fresh
gzip "$work/source/one"
truncate -s 20 "$work/source/one.gz"
check "a truncated archive is refused" exits 3 "$work/said" toy "$work/source"
check "and leaves nothing behind" absent "$work/toy"

fresh
rm "$work/source/two"
check "a missing file is refused" exits 3 "$work/said" toy "$work/source"
check "with the reason" says "failed: .*two"
check "the next source gets its turn" exits 0 "$work/said" toy "$work/source" "$work/right"

printf 'damaged' >"$work/toy/one"
printf 'mine' >"$work/toy/other"
check "what is damaged here is fetched again" exits 0 "$work/said" toy "$work/right"
check "and is right then" cmp "$work/toy/one" "$work/right/one"
check "other files stay" holds one other two

printf 'damaged' >"$work/toy/one"
check "no source, no change" exits 3 "$work/said" toy "$work/nowhere"
check "the files are as they were" holds one other two

# ---- archives: a made-up one ----

# pack: $work/source/toy.tar.gz out of a folder with both files and a third, and the MD5 it has.
pack() {
    fresh
    mkdir "$work/source/made-up"
    mv "$work/source/one" "$work/source/two" "$work/source/made-up"
    printf 'more' >"$work/source/made-up/three"
    tar -czf "$work/source/toy.tar.gz" -C "$work/source" made-up
    md5=$(md5sum "$work/source/toy.tar.gz" | cut -d ' ' -f 1)
}

# archive NAMES SOURCE...: fetches these files of the archive into $work/toy.
archive() {
    bash -c 'source "$1/data/fetch.sh"; shift; fetch_archive "$@"' toy "$root" "$work/toy" "$md5" toy.tar.gz "$@"
}

pack
check "an archive is a source" exits 0 "$work/said" archive "one two" "$work/nowhere" "$work/source"
check "the files asked for arrive, with their sums" holds SHA256SUMS one two
check "they are those of the archive" cmp "$work/toy/one" "$work/right/one"
rm -r "$work/source"
check "the second call needs no archive" exits 0 "$work/said" archive "one two" "$work/source"
check "and says so" says "already there"

pack
check "the archive comes" exits 0 "$work/said" archive "one two" "file://$work/source"
printf 'damaged' >"$work/toy/one"
check "what is damaged here is fetched again from it" exits 0 "$work/said" archive "one two" "$work/source"
check "and is right then" cmp "$work/toy/one" "$work/right/one"

pack
printf 'x' >>"$work/source/toy.tar.gz"
check "an archive that is not the publisher's is refused" exits 3 "$work/said" archive "one two" "$work/source"
check "by its MD5" says "refused: toy.tar.gz has the wrong MD5"
check "and leaves nothing behind" absent "$work/toy"

pack
check "a file that the archive lacks is missed" exits 3 "$work/said" archive "one four" "$work/source"
check "by its name" says "refused: toy.tar.gz holds no four"
check "and leaves nothing behind" absent "$work/toy"

pack
mv "$work/source/toy.tar.gz" "$work/source/cifar-10-binary.tar.gz"
VICINAL_MIRROR=$work/source
export VICINAL_MIRROR
check "a made-up CIFAR-10 is refused" exits 3 "$work/said" "$root/data/fetch.sh" cifar10 --to "$work/cifar10"
check "by its MD5" says "refused: cifar-10-binary.tar.gz has the wrong MD5"
check "and leaves nothing behind" absent "$work/cifar10"

# ---- places and words ----

VICINAL_MIRROR=$work/right
fresh
check "VICINAL_MIRROR replaces all sources" exits 0 "$work/said" toy "$work/nowhere"
check "MNIST from a wrong mirror is refused" exits 3 "$work/said" "$root/data/fetch.sh" mnist --to "$work/mnist"
check "and leaves nothing behind" absent "$work/mnist"
unset VICINAL_MIRROR

check "no name: exit 2" exits 2 "$work/said" "$root/data/fetch.sh"
check "the names are listed" says mnist
check "all of them" says cifar10
check "unknown name: exit 2" exits 2 "$work/said" "$root/data/fetch.sh" mnits
check "unknown option: exit 2" exits 2 "$work/said" "$root/data/fetch.sh" mnist --form x
check "--to without a folder: exit 2" exits 2 "$work/said" "$root/data/fetch.sh" mnist --to
check "--help: exit 0" exits 0 "$work/said" "$root/data/fetch.sh" --help
finish
