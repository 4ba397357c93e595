
# ---- how words are completed: the end of what `vicinal help completion` prints ----
# Words are taken from COMP_LINE, since COMP_WORDS is cut at each =. What is offered replaces what stands behind the
# last = of the word, where = breaks words.
# shellcheck shell=bash disable=SC2154

# _vicinal_offer BEFORE VALUE ACTION...: completes VALUE, the rest of a word that begins with BEFORE, by what compgen
# finds with these words.
_vicinal_offer() {
    local word=$1$2 cut='' i
    mapfile -t COMPREPLY < <(compgen "${@:3}" -- "$2")
    [[ $COMP_WORDBREAKS != *=* ]] || cut=${word%"${word##*=}"}
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=$1${COMPREPLY[i]}
        COMPREPLY[i]=${COMPREPLY[i]#"$cut"}
    done
}

# _vicinal_setting BEFORE VALUE: a key of the config, and behind its = what it may be.
_vicinal_setting() {
    local key=${2%%=*}
    if [[ $2 == *=* ]]; then
        _vicinal_offer "$1$key=" "${2#*=}" -W "$(_vicinal_choices "$key")"
    else
        compopt -o nospace 2>/dev/null || true
        _vicinal_offer "$1" "$2" -S = -W "$_vicinal_keys"
    fi
}

# _vicinal_argument BEFORE VALUE KIND: of an option, or what a command works on.
_vicinal_argument() {
    case $3 in
    F | CONFIG)
        compopt -o filenames 2>/dev/null || true
        _vicinal_offer "$1" "$2" -f
        ;;
    DIR)
        compopt -o filenames 2>/dev/null || true
        _vicinal_offer "$1" "$2" -d
        ;;
    KEY=*) _vicinal_setting "$1" "$2" ;;
    esac
}

# _vicinal_kind COMMAND OPTION: what its argument is; nothing where it has none.
_vicinal_kind() {
    local option
    for option in $(_vicinal_options "$1"); do
        [[ $option != "$2"=* ]] || echo "${option#*=}"
    done
}

# _vicinal_names COMMAND WORD: the names of its options.
_vicinal_names() {
    local option names=''
    for option in $(_vicinal_options "$1"); do
        names+=" ${option%%=*}"
    done
    _vicinal_offer '' "$2" -W "$names"
}

# _vicinal_word COMMAND WORD GIVEN: a word that is no option's argument; GIVEN: there is something to work on already.
_vicinal_word() {
    case $2 in
    --*=*) _vicinal_argument "${2%%=*}=" "${2#*=}" "$(_vicinal_kind "$1" "${2%%=*}")" ;;
    -*) _vicinal_names "$1" "$2" ;;
    *)
        if [[ -n $3 ]]; then
            _vicinal_names "$1" "$2"
        else
            _vicinal_argument '' "$2" "$(_vicinal_operand "$1")"
        fi
        ;;
    esac
}

# _vicinal_command WORD...: all words up to the cursor, the second one a command.
_vicinal_command() {
    local given='' kind i
    for ((i = 3; i < $#; i++)); do
        kind=$(_vicinal_kind "$2" "${!i}")
        [[ ${!i} == -* ]] || given=1
        if [[ -n $kind ]] && ((++i == $#)); then
            _vicinal_argument '' "${!#}" "$kind"
            return
        fi
    done
    _vicinal_word "$2" "${!#}" "$given"
}

_vicinal() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} words=()
    COMPREPLY=()
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=('')
    case ${#words[@]}-${words[1]-}-${words[2]-} in
    2-*) _vicinal_offer '' "${words[1]}" -W "$_vicinal_commands help --help --version" ;;
    3-help-*) _vicinal_offer '' "${words[2]}" -W "$_vicinal_commands config completion" ;;
    4-help-config) _vicinal_offer '' "${words[3]}" -W "$_vicinal_sections $_vicinal_keys" ;;
    *-help-*) ;;
    *) _vicinal_command "${words[@]}" ;;
    esac
}
complete -F _vicinal vicinal
