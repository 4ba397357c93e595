#!/usr/bin/env bash
# launch/bench.sh: its command line; what it counts as needed, against rules that count what they do; a cell of Vicinal
# alone. Nothing is downloaded.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
export VICINAL_PROGRAM=$program VICINAL_BUILD=$work/build
bench=$root/launch/bench.sh
python=/usr/bin/python3

# refused TEXT WORD...: exit code 2, with this text, before anything is made.
refused() {
    local text=$1
    shift
    exits 2 "$work/said" "$bench" "$@" && grep -q -- "$text" "$work/said" && [[ ! -e $work/build ]]
}

check "an unknown option" refused "unknown: --fast" --fast
check "an unknown network" refused "allowed: mnist-5 mlp-300-100 mlp-1024 cifar-6 chain-64" --network mnist
check "an unknown setting" refused "allowed: exact fixed fixed-20 strict" --setting backprop
check "no number of rounds" refused "needs a number, not 0" --rounds 0
check "an option without its value" refused "--out needs a value" --out
check "help: 0" exits 0 "$work/said" "$bench" --help
for config in "$root"/configs/bench/*.yaml; do
    name=$(basename "$config" .yaml)
    check "  names $name" grep -q -- " $name" "$work/said"
    check "  which can be planned" ends 0 0 plan "$config" --machine "$root/launch/machines/ethernet.yaml" --alone
done

if ! command -v $python >/dev/null; then
    echo "there is no $python: the scripts in launch/bench were not run (the full set installs it)"
    finish
fi

cat >"$work/count.py" <<'END'
# Layers that record who is asked what. A belief is any object; equations on it do nothing.
import itertools
import network as networks
import rules

class Anything:
    def __sub__(self, other): return self
    def __add__(self, other): return self
    def __rmul__(self, other): return self

class Counting:
    def __init__(self): self.asked = []
    def forward(self, l, theta, v):
        self.asked.append(("forward", l))
        return Anything(), None
    def pull(self, l, theta, saved, eps, to_input, to_theta):
        self.asked += [("back", l)] * to_input + [("gradient", l)] * to_theta
        return Anything(), []
    def loss(self, mu, y): return 0, Anything()

wrong = cases = 0
for count, (algorithm, eta, steps) in itertools.product(range(1, 7), itertools.product(
        ("exact", "fixed-prediction", "strict"), (1, 0.1), range(1, 10))):
    layer = lambda n: (networks.Function("linear", (n,), (1,), out=1),)
    sizes = [10 ** l for l in range(count)]
    network = networks.Network("made", "", (1,), 1, 0, tuple(layer(n) for n in sizes))
    setting = networks.Setting("made", "", algorithm, eta, 1 if algorithm == "exact" else steps)
    ops = Counting()
    rules.gradients(ops, setting, setting.steps_of(network), [[]] * count, None, None)
    asked = ops.asked
    if algorithm == "strict":  # layers at the final beliefs: no product of theirs is needed
        closing = max((i for i, (what, _) in enumerate(asked) if what == "back"), default=len(asked))
        asked = [a for i, a in enumerate(asked) if i < closing or a[0] != "forward"]
    done = sum(2 * sizes[l - 1] for _, l in asked)
    cases += 1
    if done != networks.needed(network, setting):
        wrong += 1
        print(count, setting, done, networks.needed(network, setting))
print(cases, "cases,", wrong, "wrong")
raise SystemExit(wrong > 0)
END
check "what is needed is what the rules do" env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/launch/bench" $python \
    "$work/count.py"

if ! $python -c 'import yaml' 2>/dev/null; then
    echo "python3-yaml is not installed: no cell was measured (launch/bench.sh installs it)"
    finish
fi
cat >"$work/left_out.py" <<'END'
# Contenders that fail when they are timed, processes that go on or have ended, rules that are wrong, choices of earlier
# cells.
import os
import subprocess
import tempfile
import types
import bench
import contenders

bench.ROUND = 0.5

class Fake:
    def __init__(self, title, failure=None, after=0, answer=0, takes=1):
        self.title, self.failure, self.left, self.takes, self.group, self.ran = title, failure, after, takes, None, []
        self.process = types.SimpleNamespace(answer=lambda: {"float64_error": answer})
    def run(self, network, setting, steps):
        self.left -= 1
        self.ran.append(steps)
        if self.failure and self.left < 0:
            raise self.failure
        return self.takes

def cell(**facts):
    network = types.SimpleNamespace(name="made", input=(1,), n_layers=1)
    made = bench.Cell.__new__(bench.Cell)
    made.__dict__.update(options=types.SimpleNamespace(rounds=3, cache=None), network=network, setting=None, trials={},
                         checked={}, floor=9, chosen={})
    made.__dict__.update(facts)
    return made

failing = [Fake("dies", contenders.Failed("no answer"), 1), Fake("hangs", subprocess.TimeoutExpired("it", 1)),
           Fake("is gone", BrokenPipeError())]
found = cell(open=[failing[0], Fake("works"), *failing[1:]]).rounds()
assert found == {"works": [1, 1, 1]}, found

class FakeProcess:
    """Writes down what it is asked."""
    begun = []
    def __init__(self, library, folder, cores, limit):
        self.library, self.asked, self.alive = library, [], True
        FakeProcess.begun.append(self)
    def ask(self, **request): self.asked.append(request)
    def lives(self): return self.alive

contenders.RuleProcess = FakeProcess
contenders.networks.cores = lambda: 2
network = types.SimpleNamespace(name="made", input=(1,), n_layers=2)
setting = types.SimpleNamespace(name="exact", steps_of=lambda network: 1)
rivals = contenders.Rivals("folder")
groups = rivals.begin(network, setting, is_small=False)
assert set(groups) == {"torch", "jax", "torch-compiled"}, groups
assert [p.asked[0]["is_checked"] for p in FakeProcess.begun] == [True, True, False]
assert [len(p.asked[0]["variants"]) for p in FakeProcess.begun] == [0, 0, 1]
FakeProcess.begun[1].alive = False
assert list(rivals.begin(network, setting, False, "jax")) == ["jax"]
assert [p.library for p in FakeProcess.begun] == ["torch", "jax", "torch", "jax"]
assert [len(p.asked) for p in FakeProcess.begun] == [1, 1, 1, 1]
assert FakeProcess.begun[3].asked[0]["is_checked"]
assert [(v.ranks, v.threads) for v in contenders.vicinals("", [], "", network, False)] == [(1, 2), (2, 1), (3, 1)]
assert [(v.ranks, v.threads) for v in contenders.vicinals("", [], "", network, True)][3:] == [(1, 1)]
setting.steps_of = lambda network: 20  # takes long to compile
groups = rivals.begin(network, setting, False, "torch-compiled")
assert set(groups) == {"torch", "jax"}, groups
assert {rival.variant["threads"] for rival in groups["torch"]} == {2}
groups = rivals.begin(network, setting, is_small=True)
assert set(groups) == {"torch", "jax", "jax-1"}, groups
assert {rival.variant["threads"] for rival in groups["torch"]} == {1, 2}

for kind, expected in ("vicinal", [[1, 17], [17]]), ("rival", [[1, 17], [1, 34]]):
    some = [Fake("slow", takes=0.01), Fake("fast", takes=0.005)]
    assert cell(floor=1).best(some, kind) == some[1:]
    assert [c.ran for c in some] == expected, [c.ran for c in some]

some = [Fake("of a second", takes=1), Fake("of three", takes=3)]  # several steps where they do not take long
assert cell(floor=1).best(some[1:], "rival") == some[1:] and cell(floor=1).best(some[:1], "rival") == some[:1]
assert [c.ran for c in some] == [[1, 3], [1]], [c.ran for c in some]

groups = [[Fake("torch", takes=0.9), Fake("torch, channels-last", takes=0.8)], [Fake("jax", takes=2)],
          [Fake("jax, 1 thread", takes=1)]]
assert [c.title for c in cell(floor=1).best_rivals(groups)] == ["torch, channels-last", "jax, 1 thread"]
assert [c.title for c in cell(floor=1).best_rivals(groups[:2])] == ["torch, channels-last", "jax"]
groups[1][0].takes = 3  # hopeless
assert [c.title for c in cell(floor=1).best_rivals(groups[:2])] == ["torch, channels-last"]
assert [c.title for c in cell(chosen={"rival": "torch"}).best_rivals(groups[:1])] == ["torch"]
assert [c.title for c in cell(chosen={"rival": "gone"}).best_rivals(groups)] == ["torch, channels-last"]

ours = [Fake("1 rank"), Fake("2 ranks")]
assert cell(floor=1).best(ours, "vicinal", 2) == ours
assert cell().best(ours, "vicinal", 2) == ours[:1]
assert cell(chosen={"vicinal": "2 ranks"}).best(ours, "vicinal", 2) == ours[1:]
assert cell(chosen={"rival": "torch, compiled"}).best([Fake("torch, 1 thread")], "rival")[0].title == "torch, 1 thread"
assert [c.ran for c in ours] == [[1, 3, 1, 3], [3, 3]], [c.ran for c in ours]

assert cell().is_ready(Fake("right", answer=1e-9)) and cell().is_ready(Fake("unchecked", answer=None))
for error in (1e-3, float("nan")):
    try:
        cell().is_ready(Fake("wrong", answer=error))
        raise AssertionError("wrong rules take part")
    except SystemExit:
        pass

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "inputs")
    def content():
        with open(path, "rb") as file:
            return file.read()[-1:]
    contenders._write_idx(path, (2, 3), lambda: b"a" * 6)
    contenders._write_idx(path, (2, 3), lambda: b"b" * 6)
    assert content() == b"a"
    contenders._write_idx(path, (2, 4), lambda: b"c" * 8)
    assert content() == b"c"

told = {"seconds": [3, 1, 2], "float32_error": 0.25}
rival = contenders.Rival("torch", "torch", types.SimpleNamespace(ask=lambda **_: None, answer=lambda: told), {})
assert (rival.run(None, None, 3), rival.float32_error) == (2, 0.25)
told["float32_error"] = float("inf")
try:
    rival.run(None, None, 3)
    raise SystemExit("a rival that is not finite takes part")
except contenders.Failed:
    pass
END
check "who takes part, is checked, goes on, is left out" env PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH="$root/launch/bench" $python "$work/left_out.py"

# in_folder DIR CODE WORD...: the benchmark of a cell of Vicinal alone, begun in DIR, ends with CODE.
in_folder() {
    local folder=$1 wanted=$2
    shift 2
    (cd "$folder" && exits "$wanted" "$work/said" "$bench" --only-vicinal --network mlp-300-100 --setting exact "$@")
}
VICINAL_PROGRAM=./$(basename "$program")
check "a cell of Vicinal alone, the program relative to the folder" in_folder "$(dirname "$program")" 0 --rounds 2 \
    --out "$work/out"
check "  it and how it is timed" env $python - "$work/out/bench.json" <<'END'
import json, sys
result = json.load(open(sys.argv[1]))
cell, = result["cells"]
assert (cell["network"], cell["setting"], cell["batch"], cell["rival"]) == ("mlp-300-100", "exact", 300, None), cell
products = 300 * 2 * (784 * 300 + 300 * 100 + 100 * 10)
assert cell["operations"] == 3 * products - 300 * 2 * 784 * 300, cell["operations"]
assert all(len(values) == 2 and min(values) > 0 for values in cell["rounds"].values()), cell["rounds"]
assert cell["vicinal"] in cell["rounds"] and len(cell["trials"]) >= 3, cell
assert cell["floor"] == cell["operations"] / max(result["product_rates"].values()), result
END
check "  a table" grep -q '^| mlp-300-100, 300 | [0-9.]* |$' "$work/out/bench.md"
check "  its data are gone" [ -z "$(find "$work/out" -mindepth 1 -type d)" ]
check "  numbers to draw" [ "$(wc -l <"$work/out/bench.csv")" = 2 ]
if command -v gnuplot >/dev/null; then
    sed -i '2s/^\([^,]*,[^,]*,[^,]*\),[^,]*,NaN,[^,]*/\1,0.002,NaN,0.009/' "$work/out/bench.csv"
    check "  a step faster than its products is drawn, too" exits 0 "$work/said" gnuplot \
        -e "format='svg'; out='$work/out/fast.svg'; folder='$work/out'; layers=0; rivals=0" \
        -e "style='$root/launch/plots/style.gp'" "$root/launch/plots/bench.gp"
fi
printf '#!/bin/sh\nexec %s "$@" --set inference.eta=-1\n' "$program" >"$work/broken"
chmod +x "$work/broken"
VICINAL_PROGRAM=broken
check "a program that fails: 1" in_folder "$work" 1 --rounds 1 --out none
check "  says so" grep -q '^Vicinal fails' "$work/said"
VICINAL_PROGRAM=nowhere/vicinal
check "no program: 2" in_folder "$work" 2
check "  says which" grep -q "no program: $work/nowhere/vicinal" "$work/said"

echo "-- a clone that was never built"
unset VICINAL_PROGRAM
# shellcheck disable=SC2016
lacking=$(bash -c 'source "$1/launch/lib.sh" && missing build bench' bench "$root")
if [[ -n $lacking ]]; then
    echo "nothing is built here without $lacking: not tested (launch/bench.sh installs it)"
    finish
fi
mkdir "$work/bin"
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" != --build ] || { mkdir -p "$2" && cp %s "$2/vicinal"; }\n' "$work/broken" >"$work/bin/cmake"
chmod +x "$work/bin/cmake"
rm -rf "$work/build"
PATH=$work/bin:$PATH
check "it is built, then run" in_folder "$work" 1 --rounds 1 --out none
check "  and this is the program that runs" grep -q '^Vicinal fails' "$work/said"
check "  and built where it was said" [ -x "$work/build/release/vicinal" ]
finish
