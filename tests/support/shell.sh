# What the shell tests share: source it, call `check` for each claim, end with `finish`.
# shellcheck shell=bash
export LC_ALL=C
checks_made=0
checks_failed=0

# A script that ends at a command that failed says at which.
trap 'printf "FAILED  line %s: %s\n" "$LINENO" "$BASH_COMMAND"' ERR

# show_last_run: how the last run of the program ended, where program.sh made one.
show_last_run() {
    [[ -s ${work:-}/stderr ]] || return 0
    printf '        the last run ended with %s and said\n' "${code:-}"
    tail -n 20 "$work/stderr" | sed 's/^/        | /'
}

# check WHAT COMMAND...: the command must succeed.
check() {
    local what=$1
    shift
    checks_made=$((checks_made + 1))
    if "$@" >/dev/null 2>&1; then
        printf 'ok      %s\n' "$what"
    else
        printf 'FAILED  %s\n' "$what"
        checks_failed=$((checks_failed + 1))
        show_last_run
    fi
}

# exits CODE FILE COMMAND...: whether the command ends with that code; all it says goes to FILE.
exits() {
    local wanted=$1 file=$2 code=0
    shift 2
    "$@" >"$file" 2>&1 </dev/null || code=$?
    [[ $code == "$wanted" ]]
}

absent() {
    [[ ! -e $1 ]]
}

# No check at all is a failure too.
finish() {
    if ((checks_made == 0)); then
        echo "nothing was checked"
        exit 1
    elif ((checks_failed)); then
        printf '%d checks failed\n' "$checks_failed"
        exit 1
    fi
}
