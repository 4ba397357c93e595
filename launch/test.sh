#!/usr/bin/env bash
# Sets up, builds and runs the tests. The last line counts them. A compiler warning is no failure here.
set -euo pipefail

usage() {
    cat <<'END'
Usage: launch/test.sh [--full | --campaign NAME [--fresh]]

Installs what is missing (as root on Debian or Ubuntu; otherwise it says what to install), builds Vicinal and runs
the quick tests: 7 minutes on 2 cores, and 2 to build; longer on busy ones.

--full    all tests: the slow ones too, the quick ones under AddressSanitizer and UndefinedBehaviorSanitizer, and
          every script in tests/full/
--campaign NAME
          a campaign of tests/campaigns/, which takes longer; `list` says which there are. Started again it goes on
          where it was interrupted, for as long as the sources stay the same. Log and results are in
          build/campaigns/NAME/.
--fresh   starts the campaign from its beginning

VICINAL_BUILD=DIR   build there, not in build/

The last line says "N passed, N failed"; the exit code is 0 only if nothing failed.
END
}

what=quick
fresh=()

# refuse TEXT: the command line is wrong.
refuse() {
    echo "test.sh: $*" >&2
    exit 2
}

while (($#)); do
    case $1 in
    --full) what=full ;;
    --campaign)
        (($# > 1)) || refuse "--campaign needs a name (list: those that there are)"
        what=campaign
        campaign=$2
        shift
        ;;
    --fresh) fresh=(--fresh) ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) refuse "unknown option $1 (allowed: --full, --campaign, --fresh, --help)" ;;
    esac
    shift
done
[[ $what == campaign || ${#fresh[@]} == 0 ]] || refuse "--fresh is for campaigns"

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
passed=0
failed=0
skipped=0

# close: the last line, also when a stage has ended the script.
close() {
    local code=$?
    ((code == 0 || failed)) || failed=1
    printf '\n%d passed, %d failed' "$passed" "$failed"
    ((skipped == 0)) || printf ', %d skipped' "$skipped"
    printf '\n'
    ((failed == 0)) || exit 1
}

# count_tests LOG CODE: adds up what ctest said; a ctest that failed otherwise counts as one failure.
count_tests() {
    local all=0 bad=0 left_out
    read -r bad all < <(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$1") || true
    left_out=$(grep -c '^[[:space:]]*[0-9]* - .* (Skipped)$' "$1") || true
    passed=$((passed + all - bad - left_out))
    skipped=$((skipped + left_out))
    ((bad || $2 == 0)) || bad=1
    failed=$((failed + bad))
}

# run_tests TITLE PRESET OPTION...: ctest in $build/PRESET, with these options.
run_tests() {
    local title=$1 folder=$build/$2 log=$build/$2-tests.log code=0
    shift 2
    printf '\n== %s\n' "$title"
    ctest --test-dir "$folder" --parallel "$(tests_at_once)" --output-on-failure --no-tests=error "$@" \
        </dev/null 2>&1 | tee "$log" || code=$?
    count_tests "$log" "$code"
}

# run_script FILE: one of tests/full; exit code 77 means skipped, as for ctest.
run_script() {
    local code=0 start=$SECONDS name=${1#"$root"/}
    printf '\n== %s\n' "$name"
    "$1" </dev/null || code=$?
    case $code in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *)
        failed=$((failed + 1))
        say "FAIL: $name (exit code $code)"
        ;;
    esac
    say "$name: $((SECONDS - start)) s"
}

quick_set() {
    set_up build test
    stage "Building" build.log configure_and_build release
    run_tests "Quick tests" release --label-regex '^quick$'
}

full_set() {
    local script
    set_up build test full
    stage "Building" build.log configure_and_build release
    run_tests "All tests" release
    stage "Building to sanitize" sanitize.log configure_and_build sanitize
    run_tests "Quick tests, sanitized" sanitize --label-regex '^quick$'
    export VICINAL_BUILD=$build VICINAL_PROGRAM=$build/release/vicinal
    for script in "$root"/tests/full/*.sh; do
        run_script "$script"
    done
}

# list_campaigns: a line for each, its name and the help in its second line.
list_campaigns() {
    local script
    for script in "$root"/tests/campaigns/*.sh; do
        [[ ! -x $script ]] || printf '%-12s %s\n' "$(basename "$script" .sh)" "$(sed -n '2s/^# *//p' "$script")"
    done
}

run_campaign() {
    local script=$root/tests/campaigns/$campaign.sh
    set_up build test "$campaign"
    trap - EXIT
    exec "$script" "${fresh[@]}"
}

if [[ $what == campaign ]]; then
    if [[ $campaign == list ]]; then
        list_campaigns
        exit 0
    elif [[ $campaign == */* || ! -x $root/tests/campaigns/$campaign.sh ]]; then
        refuse "there is no campaign $campaign; there are"$'\n'"$(list_campaigns)"
    fi
fi
make_build_folder
trap close EXIT
case $what in
quick) quick_set ;;
full) full_set ;;
campaign) run_campaign ;;
esac
