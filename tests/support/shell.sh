# What the shell tests share: source it, call `check` for each claim, end with `finish`.
# shellcheck shell=bash
export LC_ALL=C
checks_made=0
checks_failed=0

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
