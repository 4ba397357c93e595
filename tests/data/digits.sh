#!/usr/bin/env bash
# The digits in the repository are those that data/README.md describes; where scikit-learn's copy is
# installed, they are converted again and compared.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/support/shell.sh"
original=/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for part in train test; do
    for kind in images-idx3 labels-idx1; do
        name=$part-$kind-ubyte
        sum=$(sha256sum "$root/data/digits/$name" | cut -d ' ' -f 1)
        check "$name: SHA-256 as described" grep -qF "| \`$name\` | \`$sum\` |" "$root/data/README.md"
    done
done

if command -v python3 >/dev/null; then
    if [[ -e $original ]]; then
        check "the original converts" "$root/data/digits/convert.py" "$original" "$work"
        for file in "$root"/data/digits/*-ubyte; do
            check "$(basename "$file"): the same again" cmp "$file" "$work/$(basename "$file")"
        done
    fi
    { printf '17,%.0s' {1..64} && echo 0; } | gzip >"$work/wrong.csv.gz"
    check "values above 16 are refused" exits 1 "$work/said" "$root/data/digits/convert.py" "$work/wrong.csv.gz" "$work"
    check "with their place" grep -q "wrong.csv.gz:1:" "$work/said"
else
    echo "python3 is not installed: convert.py was not checked (the full set installs it)"
fi
finish
