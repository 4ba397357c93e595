#!/usr/bin/env bash
# A run folder has one owner, and holds the results of its last run alone.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
cd "$work"
write_config small.yaml
usual=(--set learning.batch=48 --set learning.compare.every=7)
blows_up=(--set 'learning.optimizer={sgd: {rate: 3e38}}')

# finished FOLDER: a run there that has ended, with all that one can leave.
finished() {
    rm -rf "$1"
    ends 0 2 train small.yaml --out "$1" "${usual[@]}" --audit && ends 0 0 report "$1" &&
        [[ -s $1/weights.safetensors && -d $1/checkpoints && -s $1/compare.csv && -s $1/audit.json &&
            -s $1/report.html ]]
}

# only FOLDER NAME...: whether it holds the lock and these files, and nothing else; of a folder of checkpoints its name
# is enough.
only() {
    local folder=$1
    shift
    diff <(printf '%s\n' .vicinal.lock "$@" | sort) <(find "$folder" -mindepth 1 -path '*/checkpoints/*' -prune -o -mindepth 1 -printf '%P\n' | sort)
}

# no_result FOLDER: `report` finds no run that has ended, and says so once.
no_result() {
    ends 3 0 report "$1" && complains_once "$1/weights.safetensors: is missing, so $1 is no folder of a run that has ended"
}

same_folder() {
    diff -r --exclude=.vicinal.lock "$1" "$2"
}

# ---- replacing an earlier run ----
check "a finished run" finished run
cp -r run earlier
check "another that blows up" ends 4 2 train small.yaml --out run "${blows_up[@]}"
check "  leaves nothing of the first" only run config.yaml metrics.csv free_energy.csv
check "  and no result" no_result run

check "a finished run" finished run
echo ours >run/changes.csv
echo mine >run/notes.txt
echo mine >run/weights.safetensors.part
mkdir run/more
echo mine >run/more/metrics.csv
echo ours >run/.checkpoint.safetensors.vicinal-01234567
echo mine >run/.notes.txt.vicinal-01234567
echo mine >run/.checkpoint.safetensors.vicinal-0123
check "another in its place" ends 0 0 train small.yaml --out run --set learning.epochs=1
check "  leaves its results and what is not a run's" only run config.yaml metrics.csv free_energy.csv \
    checkpoints weights.safetensors notes.txt weights.safetensors.part more more/metrics.csv \
    .notes.txt.vicinal-01234567 .checkpoint.safetensors.vicinal-0123
check "  which stay as they were" [ "$(cat run/notes.txt run/weights.safetensors.part run/more/metrics.csv | sort -u)" = mine ]
check "  the same as in a new folder" ends 0 0 train small.yaml --out new --set learning.epochs=1
check "    weights" cmp run/weights.safetensors new/weights.safetensors
check "    metrics" cmp run/metrics.csv new/metrics.csv
check "    config" cmp run/config.yaml new/config.yaml

# stopped RANKS FOLDER WORD...: whether a run there that is interrupted is saved, without a result.
stopped() {
    start "$@" && kill -TERM "$(processes | tail -n 1)" && ended 5 && has_checkpoint "$2" && none_left
}
check "a finished run" finished run
check "another that is interrupted" stopped 0 run
check "  leaves its own" only run config.yaml metrics.csv free_energy.csv checkpoints
check "  and no result" no_result run
rm -r run
cp -r earlier run
check "a finished run, resumed and interrupted" stopped 2 run "${usual[@]}" --resume
check "  leaves no result of its earlier end" only run config.yaml metrics.csv free_energy.csv checkpoints compare.csv changes.csv
check "  to report" no_result run

# ---- what is refused changes nothing ----
rm -r run
cp -r earlier run
check "--keep" ends 3 2 train small.yaml --out run --keep
check "  says so once" complains_once '^vicinal: run/weights.safetensors: the folder holds a run: .*--keep.*--resume'
check "--keep beside --resume" ends 2 0 train small.yaml --out run --keep --resume
check "  says so once" complains_once '^vicinal: --keep .*--resume.*leave one of them out'
check "a data file that is missing" ends 3 2 train small.yaml --out run --set data.train.inputs=nowhere
check "a config that is wrong" ends 2 0 train small.yaml --out run --set inference.eta=-1
check "a checkpoint of other settings" ends 3 2 train small.yaml --out run --set inference.eta=0.5 --resume
cp "$digits/train-labels-idx1-ubyte" earlier/compare.csv
cp "$digits/train-labels-idx1-ubyte" run/compare.csv
check "data where the run would write" ends 3 0 train small.yaml --out run --set data.train.labels=run/compare.csv
check "  says so once" complains_once '^vicinal: run/compare.csv: is read by this run'
check "the folder is as it was" same_folder earlier run
mkdir one
cp small.yaml one/config.yaml
check "--keep where another config lies" ends 3 0 train small.yaml --out one --keep
check "  which stays" cmp small.yaml one/config.yaml
check "where the config itself lies" ends 3 2 train one/config.yaml --out one
check "  says so once" complains_once '^one/config.yaml: would be replaced, and one holds no run'
check "  which stays" cmp small.yaml one/config.yaml
rm one/config.yaml
for name in metrics.csv report.html checkpoint.safetensors; do
    echo mine >one/$name
    check "somebody's $name" ends 3 2 train small.yaml --out one
    check "  says so once" complains_once "^vicinal: one/$name: would be replaced"
    check "  stays" [ "$(cat one/$name)" = mine ]
    rm one/$name
done
check "--keep in a new folder" ends 0 0 train small.yaml --out kept/run --keep --set learning.epochs=1
rm run/compare.csv earlier/compare.csv
mkdir run/compare.csv
check "a folder of a result's name" ends 3 0 train small.yaml --out run "${usual[@]}"
check "  says so once" complains_once '^vicinal: run/compare.csv: is a folder'
rmdir run/compare.csv
check "  and removes nothing" same_folder earlier run

sed '1i# a note of mine' earlier/config.yaml >run/config.yaml
check "a run whose config has a line before its heading" ends 0 0 train small.yaml --out run --set learning.epochs=1
sed 1d earlier/config.yaml >run/config.yaml
check "one whose config has no heading" ends 3 0 train small.yaml --out run --set learning.epochs=1
check "  says so once" complains_once '^vicinal: run/weights.safetensors: would be replaced, and run holds no run'
rm -r run
cp -r earlier run

# ---- other outputs in the folder ----
for name in weights.safetensors checkpoint.safetensors metrics.csv report.html .vicinal.lock; do
    check "a trace as $name" ends 2 2 train small.yaml --out run --trace run/$name
    check "  says so once" complains_once "^vicinal: --trace run/$name: is a file of the run in run"
done
for name in checkpoint.safetensors metrics.csv free_energy.csv; do
    check "a report as $name" ends 2 2 report run --out ./run/../run/$name
    check "  says so once" complains_once "$name: is a file of the run in run"
done
check "the folder is as it was" same_folder earlier run
check "fewer epochs than were learned" ends 3 2 train small.yaml --out run "${usual[@]}" --resume --set learning.epochs=1
check "  says so once" complains_once 'learning.epochs is 1, but this run has learned for 2 epochs: '
check "the folder is as it was" same_folder earlier run
check "as many" ends 0 0 train small.yaml --out run "${usual[@]}" --resume
mkdir traced
check "a trace elsewhere in it" ends 0 0 train small.yaml --out traced --set learning.epochs=1 --trace traced/trace.json
rm -r run
cp -r earlier run

# ---- inputs in the folder itself ----
cp earlier/weights.safetensors elsewhere.safetensors
ln -sf ../elsewhere.safetensors run/weights.safetensors
check "the folder's own config" ends 0 2 train run/config.yaml --out run
check "  gives the same weights" cmp earlier/weights.safetensors run/weights.safetensors
check "  in a file of the folder" [ ! -L run/weights.safetensors ]
check "  and the same config" cmp earlier/config.yaml run/config.yaml

# ---- two runs at once ----
# refused_beside RANKS WORD...: whether another run is refused at once while one goes on, which is left alone.
refused_beside() {
    local before
    before=$(rows_of run/metrics.csv)
    ends 3 "$1" train small.yaml --out run "${@:2}" &&
        complains_once "^vicinal: run: the folder is in use by another run \(process $owner on $(uname -n)\): wait .*--out" &&
        wait_until 100 has_rows run "$before"
}
for ranks in 0 3; do
    rm -rf run
    check "$ranks ranks: a run that goes on" start $ranks run
    owner=$(tr -dc '0-9 ' <run/.vicinal.lock | awk '{ print $1 }')
    check "  is of a process that is there" grep -qx "$owner" <(processes)
    check "  another beside it" refused_beside 0 --set seed=4
    check "  one of 2 ranks" refused_beside 2 --set seed=4
    check "  one that would resume it" refused_beside 0 --resume
    check "  one that would keep it" refused_beside 0 --keep
    check "  is killed" kill_all
    echo half >run/.weights.safetensors.vicinal-89abcdef
    check "  and resumed" ends 0 0 train small.yaml --out run --resume --set learning.epochs=$(($(rows_of run/metrics.csv) + 1))
    check "  nothing half written" nothing_half_written run
done

finish
