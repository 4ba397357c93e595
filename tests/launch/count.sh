#!/usr/bin/env bash
# launch/test.sh adds up what passed, failed and was skipped, over all of its stages, on a project of few tests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clone=$work/clone
unset VICINAL_BUILD

mkdir -p "$clone/tests/full"
cp -r "$root/launch" "$root/.ci" "$root/CMakePresets.json" "$clone"
sed -i 's/^full/none/' "$clone/launch/packages.sh"
printf '#!/bin/sh\nexit 0\n' >"$clone/tests/full/1_good.sh"
printf '#!/bin/sh\nexit 77\n' >"$clone/tests/full/2_skipped.sh"
printf '#!/bin/sh\nexit 3\n' >"$clone/tests/full/3_bad.sh"
chmod +x "$clone"/tests/full/*.sh

# project [LINE...]: two good quick tests and a skipped one, and what the lines add. It is not built where a compiler
# warning would be an error.
project() {
    {
        printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(toy LANGUAGES NONE)' 'enable_testing()' \
            'add_test(NAME one COMMAND true)' 'add_test(NAME two COMMAND true)' \
            'add_test(NAME three COMMAND sh -c "exit 77")' \
            'set_tests_properties(one two three PROPERTIES LABELS quick SKIP_RETURN_CODE 77)' \
            'if(VICINAL_WERROR)' 'message(FATAL_ERROR "a warning would end the build")' 'endif()' "$@"
    } >"$clone/CMakeLists.txt"
}

# ends_with LINE: the last line that was said.
ends_with() {
    [[ $(tail -n 1 "$work/said") == "$1" ]]
}

project 'add_test(NAME slow COMMAND false)' 'add_test(NAME lost COMMAND /nowhere)' \
    'set_tests_properties(slow lost PROPERTIES LABELS full)'
check "the quick set passes" exits 0 "$work/said" "$clone/launch/test.sh"
check "and is counted" ends_with "2 passed, 0 failed, 1 skipped"
check ".ci/run does the same" exits 0 "$work/said" "$clone/.ci/run"
check "and is counted" ends_with "2 passed, 0 failed, 1 skipped"
check "the full set fails" exits 1 "$work/said" "$clone/launch/test.sh" --full
check "all stages are counted" ends_with "5 passed, 3 failed, 3 skipped"

project 'add_test(NAME bad COMMAND false)' 'set_tests_properties(bad PROPERTIES LABELS quick)'
check "a failed quick test is a failure" exits 1 "$work/said" "$clone/launch/test.sh"
check "and is counted" ends_with "2 passed, 1 failed, 1 skipped"

project 'message(FATAL_ERROR "no such luck")'
check "a failed build is a failure" exits 1 "$work/said" "$clone/launch/test.sh"
check "with its reason" grep -q "no such luck" "$work/said"
check "and is counted" ends_with "0 passed, 1 failed"

printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(toy LANGUAGES NONE)' 'enable_testing()' \
    >"$clone/CMakeLists.txt"
check "no tests at all is a failure" exits 1 "$work/said" "$clone/launch/test.sh"
check "and is counted" ends_with "0 passed, 1 failed"
check "unknown option: exit 2" exits 2 "$work/said" "$clone/launch/test.sh" --fulll
check "--help: exit 0" exits 0 "$work/said" "$clone/launch/test.sh" --help
check "the demo too: unknown option: exit 2" exits 2 "$work/said" "$clone/launch/demo.sh" x
check "the demo too: --help: exit 0" exits 0 "$work/said" "$clone/launch/demo.sh" --help
finish
