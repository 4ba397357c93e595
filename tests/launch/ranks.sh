#!/usr/bin/env bash
# launch/ranks.sh: its command line, and a small network measured.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
ranks=$root/launch/ranks.sh
python=/usr/bin/python3

# refused TEXT WORD...: exit code 2, with this text, before anything is made.
refused() {
    local text=$1
    shift
    exits 2 "$work/said" "$ranks" "$@" && grep -q -- "$text" "$work/said" && [[ ! -e $work/build ]]
}

check "an unknown option" refused "unknown: --fast" --fast
check "an unknown network" refused "allowed: mlp-1024 mnist-5 chain-64 populations-64" --network wide
check "no number of rounds" refused "needs a number, not 0" --rounds 0
check "an option without its value" refused "--out needs a value" --out
check "help: 0" exits 0 "$work/said" "$ranks" --help
for name in mlp-1024 mnist-5 chain-64; do
    check "  $name is one of configs/bench" [ -f "$root/configs/bench/$name.yaml" ]
done

if ! $python -c 'import yaml' 2>/dev/null; then
    echo "python3 with yaml is not installed: nothing was measured (launch/ranks.sh installs it)"
    finish
fi
check "a small network" exits 0 "$work/said" "$ranks" --network quick --rounds 2 --out "$work/out"
check "  every way in each round" env $python - "$work/out/ranks.json" <<'END'
import json, sys
row, = json.load(open(sys.argv[1]))["rows"]
assert row["populations"] == 4, row
assert sorted(row["rounds"]) == ["mpi", "one", "shared"], row
assert all(len(times) == 2 and min(times) > 0 for times in row["rounds"].values()), row
assert row["start"] > 0 and row["bare_start"] > 0, row
assert row["beyond_arrays"] is None or 0 < row["beyond_arrays"] < 2 ** 30, row
END
check "  a table" grep -q '^| quick | 4 |' "$work/out/ranks.md"
check "  its data are gone" [ -z "$(find "$work/out" -mindepth 1 -type d)" ]
printf '#!/bin/sh\nexec %s "$@" --set inference.eta=-1\n' "$program" >"$work/broken"
chmod +x "$work/broken"
VICINAL_PROGRAM=$work/broken
check "a program that fails: 1" exits 1 "$work/said" "$ranks" --network quick --rounds 1 --out "$work/none"
check "  says so" grep -q '^Vicinal fails' "$work/said"
VICINAL_PROGRAM=$work/nowhere
check "no program: 2" exits 2 "$work/said" "$ranks" --network quick
finish
