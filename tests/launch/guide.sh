#!/usr/bin/env bash
# The pages hold what they promise: each is in the index, links lead somewhere, commands are ones that the program has,
# and what CONTRIBUTING.md says of the code is so.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
mapfile -t pages < <(cd "$root" && printf '%s\n' *.md src/*.md data/*.md launch/guide/*.md configs/*/*.md)

# targets PAGE: where its links lead, without those into the net and into itself.
targets() {
    { grep -oE '\]\([^)]+\)' "$root/$1" || true; } | sed -E 's/^..(.*)\)$/\1/; s/#.*//' |
        { grep -vE '^(https?:.*)?$' || true; }
}

# places PAGE: the files and folders that it names from the top of the repository, or where the page is in src/ from
# there, but for names that are examples.
places() {
    local folders='src|include|tests|launch|configs|data'
    [[ $1 != src/* ]] || folders+=$(cd "$root/src" && printf '|%s' */ | tr -d /)
    { grep -oE "\`($folders)/[A-Za-z0-9_./-]+\`" "$root/$1" || true; } | tr -d '`' |
        { grep -vE 'NAME|^data/(mnist|cifar10)' || true; }
}

leads_somewhere() {
    [[ -e $root/$1 || ($page == src/* && -e $root/src/$1) ]] || { echo "there is no $1" >"$work/stderr"; return 1; }
}

echo "-- the index"
listed=$(targets launch/guide/README.md)
check "there are pages" [ "${#pages[@]}" -gt 15 ]
for page in "${pages[@]}"; do
    case $page in
    launch/guide/README.md) ;;
    launch/guide/*) check "$page is in it" grep -qxF "${page#launch/guide/}" <<<"$listed" ;;
    esac
done
check "it is in the README" grep -qF 'launch/guide/README.md' "$root/README.md"

echo "-- links"
links=0
for page in "${pages[@]}"; do
    while read -r target; do
        links=$((links + 1))
        check "$page: $target" leads_somewhere "$(dirname "$page")/$target"
    done < <(targets "$page")
    while read -r place; do
        check "$page: $place" leads_somewhere "$place"
    done < <(places "$page")
done
check "there are links" [ "$links" -gt 20 ]

# code_of PAGE: its blocks of code, lines that go on joined.
code_of() {
    awk '/^ *```/ { fenced = !fenced; next } fenced || /^    / { sub(/^ +/, ""); print }' "$root/$1" |
        sed -e ':join' -e '/\\$/{N;s/\\\n *//;b join' -e '}'
}

# commands_of PAGE: how vicinal is called there, without what stands before and behind.
commands_of() {
    code_of "$1" | sed -E 's/^\$ //; s/  +#.*//; s/^mpirun (--oversubscribe )?-np [0-9N]+ //; s/ *([|>;]|&&).*//' |
        { grep -E '^vicinal( |$)' || true; }
}

# parses WORD...: the program knows the command and all its options. A --help at the end is read when all words before
# it have been, and then nothing is run. There is no file here that an option could read or write.
parses() {
    case $1 in
    help | --*) ends 0 0 "$@" ;;
    *) ends 0 0 "$@" --help && prints "^vicinal $1 " ;;
    esac
}

# sets WORD...: the config that is named there has the keys that --set sets, and may have these values: read by `plan`,
# which takes milliseconds.
sets() {
    local words=() i
    for ((i = 1; i <= $#; i++)); do
        [[ ${!i} != --set ]] || words+=(--set "${*:i+1:1}")
    done
    ends 0 0 plan "$root/$2" --machine "$root/launch/machines/ethernet.yaml" --alone "${words[@]}"
}

is_shipped() {
    [[ ${1:-} == configs/*.yaml ]]
}

echo "-- commands"
commands=0
for page in "${pages[@]}"; do
    while read -r command; do
        commands=$((commands + 1))
        mapfile -t words < <(xargs -n 1 printf '%s\n' <<<"$command")
        check "$page: $command" parses "${words[@]:1}"
        is_shipped "${words[2]:-}" || continue
        check "  there is ${words[2]}" leads_somewhere "${words[2]}"
        [[ $command != *--set* || $page == CONTRIBUTING.md ]] || check "  it can be set so" sets "${words[@]:1}"
    done < <(commands_of "$page" | sort -u)
done
check "there are commands" [ "$commands" -gt 30 ]
check "a command that is none is found" bash -c '! "$@"' bash "$program" tran x --help
check "an option that is none is found" bash -c '! "$@"' bash "$program" train x --cvs y --help

echo "-- some of them, run"
cd "$root"
check "explain" ends 0 0 explain configs/lessons/02-by-hand.yaml --population 1 --quiet-steps
# told: what the README shows of it.
told() {
    sed -n '/vicinal explain.*--quiet-steps$/,/^It belongs/s/^    \( *[a-zI=].*\)/\1/p' README.md
}
check "  the README shows some of it" [ "$(told | wc -l)" -ge 5 ]
while IFS= read -r line; do
    check "  prints: $line" grep -qxF -- "$line" "$work/stdout"
done < <(told)
check "plan" ends 0 0 plan configs/digits.yaml --machine launch/machines/ethernet.yaml
check "verify" ends 0 0 verify configs/digits.yaml --set inference.eta=0.1 --set inference.steps=20
cd "$work"

echo "-- what CONTRIBUTING.md says"
# shellcheck disable=SC2016
sed -n '/^```c$/,/^```$/p' "$root/CONTRIBUTING.md" | sed '1d;$d' >damped.c
check "its algorithm is whole" grep -q '^const vic_algorithm ' damped.c
check "  compiles" "${CC:-cc}" -std=c11 -Wall -Wextra -Wshadow -Werror -fsyntax-only -D_POSIX_C_SOURCE=200809L \
    -I"$root/src" -I"$root/src/inference" damped.c
finish
