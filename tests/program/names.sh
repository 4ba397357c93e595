#!/usr/bin/env bash
# Nobody outside an algorithm's own file asks which algorithm it is: what others want to know is a trait. Its own file is
# the one with its table, in which `.name = "NAME"` stands.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$root"

# none WHAT COMMAND...: it finds no line; those that it finds are shown.
none() {
    local what=$1 found
    shift
    found=$("$@" || true)
    check "$what" [ -z "$found" ]
    [[ -z $found ]] || printf '%s\n' "$found"
}

# lines PATTERN [OPTION...]: those of the sources and of the report's page that are like the pattern.
lines() {
    local pattern=$1
    shift
    grep -rnE "$@" --include='*.[ch]' --include='*.js' --include='*.html' -e "$pattern" src include
}

# literals NAME: the name between quotes.
literals() {
    lines "[\"'\`]$1[\"'\`]" | grep -vF ".name = \"$1\""
}

# tables NAME: where the table is used by its own name.
tables() {
    lines "vic_${1//-/_}" -w | grep -vE '^src/inference/algorithm_registry[.]c:|:const vic_algorithm vic_'
}

# words NAME: in a comment or a text, outside the files of algorithms, which may speak of each other.
words() {
    lines "$1" -iw | grep -vFe '"use strict"' | grep -vFf <(sed 's/$/:/' "$work/own")
}

# comparisons: of a name with text; on the page, too, where it is a member.
comparisons() {
    lines '(strn?(case)?cmp|strstr) *\([^;]*algorithm' | grep -vF '"inference.algorithm"'
    grep -rnE '[.]algorithm *([=!]==?|[.](startsWith|endsWith|includes|match|test|indexOf))' src/observe/report
}

check "help config" ends 0 0 help config inference.algorithm
names=$(sed -n 's/^    one of //p' "$work/stdout" | tr -d ,)
check "names some" [ "$(wc -w <<<"$names")" -ge 4 ]
for name in $names; do
    grep -rlF --include='*.c' ".name = \"$name\"" src >"$work/found"
    check "$name has a file of its own" [ "$(wc -l <"$work/found")" = 1 ]
    cat "$work/found" >>"$work/own"
done
for name in $names; do
    none "$name is no literal elsewhere" literals "$name"
    none "  nobody uses its table but the registry" tables "$name"
    # Other things are exact, too.
    [[ $name == exact ]] || none "  nor do texts speak of it" words "$name"
done
none "no name is compared" comparisons
finish
