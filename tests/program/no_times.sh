#!/usr/bin/env bash
# train --timing where one rank has no memory for the times, see no_times.c: the run has its result all the same.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

says_no_times() {
    ! prints timing && ! prints 'time of a training step'
}

for ranks in 0 3; do
    check "a table, $ranks ranks" ends 0 $ranks train small.yaml --out run --timing --set learning.epochs=1
    check "  has the result" prints '^test accuracy '
    check "  no times" says_no_times
    check "  and a warning" says '^warning: --timing: there are no times: .*out of memory'
    check "JSON, $ranks ranks" ends 0 $ranks train small.yaml --out run --timing --json --set learning.epochs=1
    check "  has the result" has steps 15
    check "  no times" says_no_times
done
check "without --timing" ends 0 3 train small.yaml --out run --set learning.epochs=1
check "  no warning" bash -c "! grep -q warning '$work/stderr'"
finish
