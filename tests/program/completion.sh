#!/usr/bin/env bash
# Completion for bash: what `vicinal help completion` prints offers commands, their options, files, config keys and what
# these may be.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"

echo "-- the script"
check "help completion" ends 0 0 help completion
cp stdout completion
check "one rank of three prints it" ends 0 3 help completion
check "  once" cmp stdout completion
check "it is bash" bash -n completion
mkdir bin
ln -s "$program" bin/vicinal
# shellcheck disable=SC2016
check "the installed file finds it" env PATH="$work/bin:$PATH" bash -c 'source "$1" && complete -p vicinal' bash \
    "$root/src/program/completion.bash"
# shellcheck source=/dev/null
source completion
# As bash has it unless somebody changes it.
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'

# offered LINE: what is offered where LINE ends, in lines.
offered() {
    COMP_LINE=$1
    COMP_POINT=${#1}
    _vicinal
    ((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}" | sort
}

# offers LINE [WORD...]: exactly these words are offered there.
offers() {
    local line=$1
    shift
    diff <((($# == 0)) || printf '%s\n' "$@" | sort) <(offered "$line")
}

# has_all LINE WORD...: these words are among them.
has_all() {
    local line=$1 word all
    shift
    all=$(offered "$line")
    for word; do
        grep -qxF -- "$word" <<<"$all" || return 1
    done
}

echo "-- commands"
ends 0 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^    \([a-z]*\)  .*/\1/p' stdout)
check "there are commands" [ "$(wc -w <<<"$commands")" -ge 8 ]
# shellcheck disable=SC2086
check "all of them" offers 'vicinal ' $commands help --help --version
check "a beginning" offers 'vicinal tr' train
check "nothing near" offers 'vicinal trian'
# shellcheck disable=SC2086
check "help" offers 'vicinal help ' $commands config completion
check "help of a key" offers 'vicinal help config data.l' data.label data.label_offset
check "help of a section" has_all 'vicinal help config ' inference data.train seed
check "nothing behind it" offers 'vicinal help config seed '

echo "-- options"
for command in $commands; do
    ends 0 0 "$command" --help
    # shellcheck disable=SC2046
    check "$command" offers "vicinal $command x --" $(sed -n 's/^    \(--[a-z-]*\) .*/\1/p' stdout)
done
check "a beginning" offers 'vicinal verify x --we' --weights --weights-only
check "behind the config" has_all 'vicinal verify x ' --set --audit --help
check "behind a switch and a value" offers 'vicinal verify --audit x --weights w --tra' --trace --trajectory --transport
check "none of another command" offers 'vicinal report x --weights'
check "none of no command" offers 'vicinal qqq --'

echo "-- files"
mkdir folder files
touch files/some.yaml files/some.safetensors 'files/two words'
mkdir files/some.run
check "the config" offers 'vicinal train files/some.' files/some.yaml files/some.safetensors files/some.run
check "  also behind an option" offers 'vicinal train --audit files/some.y' files/some.yaml
check "a file" offers 'vicinal verify x --weights files/some.s' files/some.safetensors
check "  behind =" offers 'vicinal verify x --weights=files/some.s' files/some.safetensors
check "  with a blank" offers 'vicinal verify x --weights files/t' 'files/two words'
check "a folder" offers 'vicinal train x --out files/some' files/some.run
check "a run" offers 'vicinal report files/some' files/some.run
check "no number" offers 'vicinal explain x --sample '

echo "-- keys"
ends 0 0 help config
mapfile -t keys < <(sed -n 's/^\([a-z_.]*\): .*/\1/p' stdout)
algorithms=$(sed -n '/^inference.algorithm:/,/^$/s/^    one of //p' stdout | tr -d ,)
check "there are keys" [ "${#keys[@]}" -gt 35 ]
known() {
    local key offers
    offers=$(offered 'vicinal train x --set ')
    for key in "${keys[@]}"; do
        grep -qxF -- "$key=" <<<"$offers" || offered "vicinal help config $key" | grep -xF "$key" >/dev/null || return 1
    done
}
check "all are known" known
check "sections cannot be set" offers 'vicinal train x --set inference' inference.algorithm= inference.eta= \
    inference.steps= inference.penalty= inference.dual_rate= inference.coordinates= inference.messages= \
    inference.microbatches= inference.precision_weights=
check "a beginning" offers 'vicinal train x --set learning.e' learning.epochs=
check "  behind =" offers 'vicinal train x --set=learning.e' learning.epochs=
check "  of another option" offers 'vicinal verify x --against learning.e' learning.epochs=
check "  of a sweep" offers 'vicinal comm x --sweep learning.e' learning.epochs=
check "there are algorithms" [ "$(wc -w <<<"$algorithms")" -ge 4 ]
# shellcheck disable=SC2086
check "the choices of a key" offers 'vicinal train x --set inference.algorithm=' $algorithms
check "  a beginning" offers 'vicinal train x --set precision=float3' float32
check "  behind =" offers 'vicinal train x --set=precision=float3' float32
check "on and off" offers 'vicinal train x --set learning.drop_last=' true false
check "no number" offers 'vicinal train x --set seed='
check "no key" offers 'vicinal train x --set qqq='
COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}
check "where = breaks no word" offers 'vicinal train x --set=precision=float3' --set=precision=float32
finish
