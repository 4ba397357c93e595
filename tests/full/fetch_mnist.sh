#!/usr/bin/env bash
# data/fetch.sh brings MNIST from a public source, and the second call is quick.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset VICINAL_MIRROR

code=0
"$root/data/fetch.sh" mnist --to "$work/mnist" 2>&1 | tee "$work/said" || code=$?
if [[ $code == 3 ]] && ! grep -q refused "$work/said"; then
    echo "SKIP: no public source can be reached from here"
    exit 77
elif [[ $code != 0 ]]; then
    echo "FAIL: exit code $code"
    exit 1
fi
started=$SECONDS
"$root/data/fetch.sh" mnist --to "$work/mnist" 2>&1 | grep 'already there'
((SECONDS - started <= 5)) || { echo "FAIL: the second call took $((SECONDS - started)) s"; exit 1; }
[[ $(find "$work/mnist" -mindepth 1 | wc -l) == 4 ]] || { echo "FAIL: not four files"; exit 1; }
echo "PASS: MNIST is there, and the second call says so"
