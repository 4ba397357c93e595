#!/usr/bin/env bash
# launch/growth.sh: its command line; all axes in the quick form, one of them again; what is left out, and why; what it
# says of forecasts that are off.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
growth=$root/launch/growth.sh
python=/usr/bin/python3
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

# refused TEXT WORD...: exit code 2, with this text, before anything is made.
refused() {
    local text=$1
    shift
    exits 2 "$work/said" "$growth" "$@" && grep -q -- "$text" "$work/said" && [[ ! -e $work/build ]]
}

check "an unknown option" refused "unknown: --fast" --fast
check "an unknown axis" refused "allowed: batch width depth ranks" --axis height
check "no number of rounds" refused "--rounds needs a number, not 0" --rounds 0
check "no limit" refused "--limit needs a number, not long" --limit long
check "an option without its value" refused "--out needs a value" --out
check "no program" env VICINAL_PROGRAM="$work/nowhere" bash -c '! "$@"' bash "$growth" --quick
check "help: 0" exits 0 "$work/said" "$growth" --help
if ! command -v $python >/dev/null; then
    echo "there is no $python: nothing was measured (launch/growth.sh installs it)"
    finish
fi

drawn() {
    [[ -s $1.svg && -s $1.png ]] && grep -q '</svg>' "$1.svg"
}

# asserts LINE...: python, with `result`, what growth.json holds, and `rows`, its points.
asserts() {
    {
        printf '%s\n' 'import json, sys' 'result = json.load(open(sys.argv[1]))' 'rows = result["points"]'
        printf '%s\n' "$@"
    } | $python - "$work/out/growth.json" 2>"$work/stderr"
}

# script: python that may use what launch/growth.sh consists of.
script() {
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/launch/growth:$root/launch/bench $python - 2>"$work/stderr"
}

check "two points of each axis" exits 0 "$work/said" "$growth" --quick --rounds 2 --out "$work/out"
check "  of both algorithms" asserts 'assert len(rows) == 16, len(rows)' \
    'assert {r["algorithm"] for r in rows} == {"exact", "strict"}' \
    'assert {(r["axis"], r["value"]) for r in rows} == {("batch", 1), ("batch", 32), ("width", 16), ("width", 64),
         ("depth", 2), ("depth", 8), ("ranks", 1), ("ranks", 3)}'
check "  of which one number differs" asserts 'base = result["base"]' \
    'for r in rows:
         key = "layers" if r["axis"] == "depth" else r["axis"]
         assert r[key] == r["value"]
         assert all(r[k] == base[k] for k in base if k != key), r'
check "  in two rounds each" asserts \
    'assert all(len(r["rounds"]) == 2 and min(r["rounds"]) > 0 and not r["left_out"] for r in rows), rows'
check "  with their memory" asserts 'assert all(r["bare"] > 0 and r["taken"] > 0 for r in rows)' \
    'for r in rows:
         sizes = [r["width"]] * r["layers"] + [10]
         parameters = sum(4 * 4 * (a + 1) * b for a, b in zip(sizes, sizes[1:]))
         assert parameters < r["forecast"] < 2e6 * r["ranks"] + 8 * parameters, (r, parameters)'
check "  a table" grep -q '^| 32 | strict | [0-9.]* | [0-9.]* to [0-9.]* | [0-9.]* | [0-9.]* | [0-9.]* |$' \
    "$work/out/growth.md"
check "  numbers to draw" [ "$(wc -l <"$work/out/growth.csv")" = 17 ]
check "  its data are gone" [ -z "$(find "$work/out" -mindepth 1 -type d)" ]
if command -v gnuplot >/dev/null; then
    check "  the picture" drawn "$work/out/growth"
else
    echo "gnuplot is not installed: no picture was checked (launch/growth.sh installs it)"
fi
cp "$work/out/growth.json" "$work/before.json"
check "one axis again" exits 0 "$work/said" "$growth" --quick --axis depth --rounds 1 --out "$work/out"
check "  is measured anew" asserts 'assert sum(r["axis"] == "depth" for r in rows) == 4' \
    'assert all(len(r["rounds"]) == 1 for r in rows if r["axis"] == "depth")'
check "  and the others stay" asserts "before = json.load(open('$work/before.json'))['points']" \
    'others = lambda rows: [r for r in rows if r["axis"] != "depth"]' 'assert others(rows) == others(before)'
check "an axis alone" exits 0 "$work/said" "$growth" --quick --axis batch --rounds 1 --out "$work/alone"
check "  has no other points" [ "$(wc -l <"$work/alone/growth.csv")" = 5 ]
! command -v gnuplot >/dev/null || check "  the picture" drawn "$work/alone/growth"
# As the program refuses what is more than the machine has, which tests/program/memory.sh shows.
cat >"$work/hungry" <<END
#!/bin/sh
[ "\$2" = --help ] && exec $program "\$@"
echo "vicinal: out of memory: rank 0 needs 9 TiB, its machine has 1 TiB" >&2
exit 6
END
chmod +x "$work/hungry"
check "more memory than there is" env VICINAL_PROGRAM="$work/hungry" "$growth" --quick --axis depth --rounds 1 \
    --out "$work/hungry-out"
check "  is left out, and why" grep -q '^| 8 | exact | out of memory: ' "$work/hungry-out/growth.md"

printf '#!/bin/sh\nexec %s "$@" --set inference.eta=-1\n' "$program" >"$work/broken"
chmod +x "$work/broken"
check "a program that fails: 1" exits 1 "$work/said" env VICINAL_PROGRAM="$work/broken" "$growth" --quick \
    --axis depth --rounds 1 --out "$work/broken-out"
check "  says so" grep -q '^Vicinal fails: ' "$work/said"

cat >"$work/made.py" <<'END'
# Points that take as long as they are said to, or fail: who is run, how often, and what is said of forecasts.
import contenders
import types
import growth
import points
import results

seconds, ran = {}, []

def run(point, options, setting, steps, limit):
    ran.append((point.axis, point.value, setting.name, steps))
    if seconds[point.value] is None:
        raise contenders.Failed("one line\nvicinal: out of memory: rank 0 needs more\nanother")
    told = {"timing": {"whole": {"median": seconds[point.value]}}}
    return dict(told, memory={"bare": [1e6], "forecast": [101e6], "peak": [1e6 + 1e8 * taken]})

points.Point.run = run
results.write = lambda *_: None

def measure(axis, values, found, rounds=3, limit=60):
    ran.clear()
    seconds.clear()
    seconds.update(zip(values, found))
    made = points.Axis(axis, "made", values, values, 2)
    result = {"points": [{"axis": "other"}]}
    growth.measure_axis(types.SimpleNamespace(rounds=rounds, limit=limit, quick=False, out=None), made,
                        result)
    return [row for row in result["points"] if row["axis"] == axis and row["algorithm"] == "exact"]

taken = 1
growth.say = lambda text: None
growth.bench.ROUND = 0.5
rows = measure("width", (16, 32), (0.1, 0.25))
assert [len(row["rounds"]) for row in rows] == [3, 3], rows
assert ran[0] == ("width", 16, "exact", 10) and ran[2] == ("width", 32, "exact", 2), ran  # 0.4 s are expected
assert ran[-1] == ("width", 32, "strict", 2), ran

rows = measure("width", (16, 32, 64), (1, 8, 50))  # of the third, 32 s are expected: more than 60 s for two
assert [row["left_out"] for row in rows] == [None, None, "a step would take about 32 s"], rows
assert not any(value == 64 for _, value, _, _ in ran), ran
rows = measure("width", (16, 32, 64), (1, None, 1))
assert rows[1]["left_out"] == "out of memory: rank 0 needs more" and not rows[1]["rounds"], rows
assert [len(row["rounds"]) for row in rows] == [3, 0, 3], rows

for taken, wrong in ((1.04, 0), (1.06, 1), (0.96, 0), (0.94, 1)):
    assert results.judge({"points": measure("width", (16,), (1,))}) == wrong, taken
assert [len(row["rounds"]) for row in measure("width", (16, 32), (1.9, 2.1))] == [3, 1]
rows = measure("width", (16,), (1,))
rows[0]["ranks"] = 3  # 33 MB each
assert results.judge({"points": rows}) == 0
END
check "who is run, and what is said of forecasts" script <"$work/made.py"
finish
