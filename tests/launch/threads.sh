#!/usr/bin/env bash
# launch/threads.sh: its command line; bare products against the operations that a step needs; gains of made times; a
# setting measured.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
threads=$root/launch/threads.sh
python=/usr/bin/python3
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

# refused TEXT WORD...: exit code 2, with this text, before anything is made.
refused() {
    local text=$1
    shift
    exits 2 "$work/said" "$threads" "$@" && grep -q -- "$text" "$work/said" && [[ ! -e $work/build ]]
}

check "an unknown option" refused "unknown: --fast" --fast
check "an unknown setting" refused "allowed: exact fixed-20 strict" --setting fixed
check "no number of rounds" refused "--rounds needs a number, not 0" --rounds 0
check "an option without its value" refused "--out needs a value" --out
check "help: 0" exits 0 "$work/said" "$threads" --help
if ! $python -c 'import yaml' 2>/dev/null; then
    echo "python3 with yaml is not installed: nothing was measured (launch/threads.sh installs it)"
    finish
fi

cat >"$work/made.py" <<'END'
# Products of a small network, and contenders that take as long as they are said to.
import network as networks
import products
import threads

def layer(inward, out):
    return (networks.Function("linear", (inward,), (out,), out=out), networks.Function("relu", (out,), (out,)))

sizes = (7, 5, 6, 4, 3)
made = networks.Network("made", "", (7,), 2, 0, tuple(layer(*pair) for pair in zip(sizes, sizes[1:])))
for setting in networks.SETTINGS:
    words = products.of_step(made, setting)
    assert sum(2 * rows * columns * inner for _, _, _, rows, columns, inner, *_ in words) == networks.needed(
        made, setting), setting
    seconds = products.Products(2).run(made, setting, 3)
    assert 0 < seconds < 60, seconds

class Counting(products.Products):
    def make(self, some):
        made_by.append(len(some))
made_by = []
Counting(3).run(made, networks.SETTINGS[0], 4)
assert made_by == [len(products.of_step(made, networks.SETTINGS[0]))] * 3 * 5, made_by  # 4, and one not counted

networks.cores = lambda: 2
gain = threads.gains({"one": [8, 8, 8], "threads": [4, 5, 8], "ranks": [10, 8, 5], "bare": [3, 3, 3],
                      "bare_together": [4, 4, 4]})
assert gain == {"threads": 1.6, "ranks": 1, "bare": 1.5, "threads_of_bare": 1.6 / 1.5, "ranks_of_bare": 1 / 1.5}, gain
ways = threads.ways(type("Options", (), {"program": "", "mpirun": [], "data": ""}), made)
assert {name: (way.ranks, way.threads) for name, way in ways.items()} == {
    "one": (1, 1), "threads": (1, 2), "ranks": (2, 1)}
networks.cores = lambda: 64
ways = threads.ways(type("Options", (), {"program": "", "mpirun": [], "data": ""}), made)
assert (ways["threads"].threads, ways["ranks"].ranks) == (64, 5), ways
END
check "products and gains" env PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    PYTHONPATH="$root/launch/threads:$root/launch/bench" $python "$work/made.py"

check "a setting" exits 0 "$work/said" "$threads" --setting exact --rounds 2 --out "$work/out"
check "  every way in each round" $python - "$work/out/threads.json" <<'END'
import json, sys
row, = json.load(open(sys.argv[1]))["rows"]
assert row["setting"] == "exact", row
assert sorted(row["rounds"]) == ["bare", "bare_together", "one", "ranks", "threads"], row
assert all(len(times) == 2 and min(times) > 0 for times in row["rounds"].values()), row
assert all(value > 0 for value in row["gain"].values()), row
END
check "  a table" grep -q '^| backpropagation (exact) | [0-9.]* | [0-9.]* |' "$work/out/threads.md"
check "  its data are gone" [ -z "$(find "$work/out" -mindepth 1 -type d)" ]
printf '#!/bin/sh\nexec %s "$@" --set inference.eta=-1\n' "$program" >"$work/broken"
chmod +x "$work/broken"
check "a program that fails: 1" exits 1 "$work/said" env VICINAL_PROGRAM="$work/broken" "$threads" --setting exact \
    --rounds 1 --out "$work/none"
check "  says so" grep -q '^Vicinal fails' "$work/said"
finish
