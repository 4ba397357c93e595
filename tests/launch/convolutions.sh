#!/usr/bin/env bash
# launch/convolutions.sh: its command line; what its timer computes; a shape without oneDNN; how contenders are chosen,
# judged and compared. Nothing is downloaded.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
convolutions=$root/launch/convolutions.sh
timer=$(dirname "$program")/convolutions
python=/usr/bin/python3
# Decimal commas, where there is such a locale: the script chooses its own.
export LC_ALL=${LOCPATH:+de_DE.UTF-8}

# refused TEXT WORD...: exit code 2, with this text, before anything is made.
refused() {
    local text=$1
    shift
    exits 2 "$work/said" "$convolutions" "$@" && grep -q -- "$text" "$work/said" && [[ ! -e $work/build ]]
}

check "an unknown option" refused "unknown: --fast" --fast
check "an unknown shape" refused "allowed: 1-10 10-5 3-64 64-128 128-256" --shape 64-64
check "no number of samples" refused "--batch needs a number, not all" --batch all
check "no number of rounds" refused "--rounds needs a number, not 0" --rounds 0
check "an option without its value" refused "--out needs a value" --out
check "help: 0" exits 0 "$work/said" "$convolutions" --help

echo "-- the timer"
# timed CODE REQUESTS WORD...: the timer, asked for this, ends with CODE.
timed() {
    local wanted=$1 requests=$2 code=0
    shift 2
    "$timer" "$@" >"$work/told" 2>&1 <<<"$requests" || code=$?
    [[ $code == "$wanted" ]]
}
mkdir "$work/one" "$work/two"
wide=(8 32 1 1 257)
check "on one thread" timed 0 $'save\nforward 2\nvjp 1\ngradient 3' 1 "${wide[@]}" "$work/one"
check "  in blocks" grep -qx '{"block": [0-9]*}' "$work/told"
check "  fewer samples than the batch has" [ "$(grep -o '[0-9]*' <(head -n 1 "$work/told"))" -lt 257 ]
check "  in so many calls" [ "$(grep -o '[0-9.e-]*[],]' "$work/told" | wc -l)" = 6 ]
check "on two" timed 0 save 2 "${wide[@]}" "$work/two"
check "  the same bits" diff -r "$work/one" "$work/two"
check "an unknown request: 2" timed 2 "change 1" 1 1 5 1 0 1 "$work/one"
check "no calls: 2" timed 2 "vjp 0" 1 1 5 1 0 1 "$work/one"
check "too few words: 2" timed 2 save 1 1
check "no such convolution: 2" timed 2 save 1 1 2 1 0 1 "$work/one"
check "no such folder: 3" timed 3 save 1 1 5 1 0 1 "$work/nowhere"

if ! $python -c 'import yaml' 2>/dev/null; then
    echo "python3 with yaml is not installed: nothing was measured (launch/convolutions.sh installs it)"
    finish
fi
cat >"$work/right.py" <<'END'
# Some of what the timer has computed, again in float64: of the first, a middle and the last sample, and sums over all.
import array, itertools, math, os, sys
folder, (channels, side, out, padding, batch) = sys.argv[1], map(int, sys.argv[2:])
assert out == 1 and padding == 1

def read(name):
    found = array.array("f")
    found.frombytes(open(os.path.join(folder, name), "rb").read())
    return found

plane, most = side * side, lambda some: max(map(abs, some))
x, error, weight, bias = (read(name) for name in ("in", "error", "weight", "bias"))
assert (len(x), len(error)) == (batch * channels * plane, batch * plane)
at = lambda a, b, c, n, i, j: a[((b * n + c) * side + i) * side + j] if 0 <= i < side and 0 <= j < side else 0.0
taps = list(itertools.product(range(3), repeat=2))

def forward(b, i, j):
    return bias[0] + math.fsum(weight[c * 9 + 3 * k + l] * at(x, b, c, channels, i + k - 1, j + l - 1)
                               for c in range(channels) for k, l in taps)

def vjp(b, c, i, j):
    return math.fsum(weight[c * 9 + 3 * k + l] * at(error, b, 0, 1, i + 1 - k, j + 1 - l) for k, l in taps)

def near(found, right, largest):
    assert abs(found - right) <= 2e-6 * largest, (found, right, largest)

results = {name: read(name) for name in ("forward", "vjp", "gradient.weight", "gradient.bias")}
for b, (i, j) in itertools.product((0, batch // 2, batch - 1), ((0, 0), (3, 7), (side - 1, side - 1))):
    near(results["forward"][(b * side + i) * side + j], forward(b, i, j), most(results["forward"]))
    for c in range(channels):
        near(results["vjp"][((b * channels + c) * side + i) * side + j], vjp(b, c, i, j), most(results["vjp"]))
near(results["gradient.bias"][0], math.fsum(error), most(results["gradient.bias"]))
c, (k, l) = channels - 1, (0, 2)
right = math.fsum(at(error, b, 0, 1, i, j) * at(x, b, c, channels, i + k - 1, j + l - 1)
                  for b in range(batch) for i in range(side) for j in range(side))
near(results["gradient.weight"][c * 9 + 3 * k + l], right, most(results["gradient.weight"]))
END
check "what it has computed is right" $python "$work/right.py" "$work/one" "${wide[@]}"

echo "-- the script"
check "a shape without oneDNN" exits 0 "$work/said" "$convolutions" --only-vicinal --shape 10-5 --batch 2 --batch 3 \
    --rounds 2 --out "$work/out"
check "  all three functions on each number of threads" $python - "$work/out/convolutions.json" <<'END'
import json, sys
result = json.load(open(sys.argv[1]))
cells = result["cells"]
assert [(c["shape"], c["batch"], c["function"]) for c in cells] == [
    ("10-5", b, f) for b in (2, 3) for f in ("forward", "vjp", "gradient")], cells
for c in cells:
    assert c["operations"] == 2 * c["batch"] * 5 * 11 * 11 * 10 * 9, c
    assert len(c["rounds"]) == len(c["vicinal"]) == len(result["product_rates"]), c
    assert all(len(some) == 2 and min(some) > 0 for some in c["rounds"].values()), c
    assert c["onednn"] == c["errors"] == {}, c
END
check "  a table" grep -q '^| 10-5 | 3 | vjp | [0-9.]* | [0-9]* % ' "$work/out/convolutions.md"
check "  numbers to draw" [ "$(wc -l <"$work/out/convolutions.csv")" = 7 ]
check "  its data are gone" [ -z "$(find "$work/out" -mindepth 1 -type d)" ]
if command -v gnuplot >/dev/null; then
    check "  a picture" grep -q '</svg>' "$work/out/convolutions.svg"
    printf '%s\n' shape,batch,function,vicinal,onednn,ratio 1-10,1,forward,0.5,0.25,2 1-10,1,vjp,0.5,0.75,0.67 \
        1-10,1,gradient,1.5,1.5,1 >"$work/convolutions.csv"
    check "  beside oneDNN, too" exits 0 "$work/said" gnuplot -e "format='svg'; out='$work/both.svg'; folder='$work'" \
        -e "layers=0; rivals=1; style='$root/launch/plots/style.gp'" "$root/launch/plots/convolutions.gp"
    check "    with ratios" grep -q '0\.67' "$work/both.svg"
fi
check "no timer beside the program: 2" exits 2 "$work/said" env VICINAL_PROGRAM=/bin/true "$convolutions" --only-vicinal
check "  says which" grep -q 'no program beside it: /.*bin/convolutions' "$work/said"
mkdir "$work/beside"
printf '#!/bin/sh\necho "out of order" >&2\nexit 1\n' >"$work/beside/convolutions"
cp "$work/beside/convolutions" "$work/beside/vicinal"
chmod +x "$work/beside/"*
check "a timer that fails: 1" exits 1 "$work/said" env VICINAL_PROGRAM="$work/beside/vicinal" "$convolutions" \
    --only-vicinal --shape 1-10 --out "$work/none"
check "  says why" grep -q '^a contender fails: out of order' "$work/said"

cat >"$work/made.py" <<'END'
# Contenders that take as long as they are said to.
import re
import sys
import convolutions
import table

with open(sys.argv[1]) as file:
    said = re.search("\n--shape NAME(.*?)\n--batch", file.read(), re.S).group(1)
assert list(convolutions.shapes()) == re.findall(r"[0-9]+-[0-9]+", said.replace("CIFAR-6", "")), said
shape = convolutions.shapes()["128-256"]
assert shape.multiplications == 2 * 256 * 128 * 9 * 16 * 16, shape

class Fake:
    def __init__(self, title, threads, seconds, last=False):
        self.title, self.threads, self.seconds, self.last, self.calls = title, threads, seconds, last, []
    def run(self, function, times):
        self.calls.append(times)
        return [self.seconds] * times
    def save(self):
        return 16

some = [Fake("first, 1", 1, 3), Fake("last, 1", 1, 2, True), Fake("first, 2", 2, 4), Fake("last, 2", 2, 5, True)]
best, times = convolutions.chosen(some, "forward")
assert [c.title for c in best] == ["last, 1", "first, 2"] and times["last, 1"] == 2, (best, times)
found = convolutions.rounds(best, "forward", {"last, 1": 0.02, "first, 2": 1}, 4)
assert found == {"last, 1": [2] * 4, "first, 2": [4] * 4}, found
assert best[0].calls[-1] == 3 and best[1].calls[-1] == 1, [c.calls for c in best]

def ends(call, *words):
    try:
        call(*words)
    except SystemExit as end:
        return str(end)

good = {"vicinal": {"vjp": 1.9e-6}, "onednn": {"vjp": 9e-5}}
assert convolutions.faults(good, "vjp", "here") == []
for who, wrong in (("vicinal", 2.1e-6), ("onednn", 1.1e-4), ("vicinal", float("nan"))):
    fault, = convolutions.faults({**good, who: {"vjp": wrong}}, "vjp", "here")
    assert f"here, vjp: {who} is off" in fault, fault
assert not convolutions.is_plain(["Mkldnn"], 1, "") and convolutions.is_plain(["Slow2d"], 1, "")
assert "Slow2d" in ends(convolutions.is_plain, ["Slow2d"], 2, "")

class FakeOneDnn(Fake):
    def __init__(self, rival, threads, last):
        super().__init__(f"theirs {threads} {last}", threads, {1: 3, 2: 8}[threads] + last, last)

class Rival:
    error = 1e-7
    def ask(self, **request):
        assert request["channels"] in (1, 10), request
    def answer(self):
        errors = {f: self.error for f in convolutions.FUNCTIONS}
        return {"backends": ["Mkldnn"], "vicinal": errors, "onednn": errors}

convolutions.OneDnn = FakeOneDnn
options = type("Options", (), {"data": "", "rounds": 2})
ours = [Fake("ours 1", 1, 4), Fake("ours 2", 2, 2)]
cells = list(convolutions.cells_of(options, Rival(), "1-10", convolutions.shapes()["1-10"], 32, ours))
cell = cells[0]
assert cell["vicinal"] == {1: 4, 2: 2} and cell["onednn"] == {1: 3, 2: 8}, cell
assert cell["formats"] == {1: "first", 2: "first"} and len(cell["rounds"]) == 4, cell
assert (table.ratio(cell, 1), table.ratio(cell, 2)) == (0.75, 1.5), cell  # on two threads beside oneDNN on one
result = {"machine": {"processor": "made", "cores": 2, "instructions": [], "load_before": 0}, "rounds": 2,
          "seconds": 60, "product_rates": {1: 1e9, 2: 2e9}, "cells": cells}
assert "more than a tenth in: nothing." in table.markdown(result)
Rival.error = 3e-6
ours[1].seconds = 4
cells += convolutions.cells_of(options, Rival(), "10-5", convolutions.shapes()["10-5"], 1, ours)
said = table.markdown(result)
assert "more than a tenth in: 10-5, batch 1, forward (0.75); " in said, said
assert "- 10-5, batch 1, vjp: vicinal is off by 3e-06, more than 2e-06" in said and "1-10, batch 32, vjp:" not in said
convolutions.measure = lambda *_: cells[3:]
options.out, options.shape, options.batch = "", ["10-5"], [1]
convolutions.bench.product_rate = lambda threads: threads
convolutions.table.write = lambda *_: None
convolutions.thread_counts = lambda: (1, 2)
assert convolutions.measure_all(options, None) is False
convolutions.measure = lambda *_: cells[:3]
assert convolutions.measure_all(options, None) is True
END
exits 0 "$work/help" "$convolutions" --help
check "who is chosen, judged and compared" env PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH="$root/launch/convolutions:$root/launch/bench" $python "$work/made.py" "$work/help"
finish
