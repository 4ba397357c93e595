#!/usr/bin/env bash
# What a command writes replaces the file of that name, and no other: no input, and no file that merely looks like one of
# its own.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# ---- files beside them that are somebody's own ----
write_reference_config reference.yaml
echo mine >v.csv.part
echo mine >o.safetensors.part
check "verify --csv" ends 0 0 verify reference.yaml --weights "$reference/weights.safetensors" --batch "$reference/batch.safetensors" \
    --csv v.csv
check "infer --out" ends 0 2 infer reference.yaml --weights "$reference/weights.safetensors" \
    --batch "$reference/batch.safetensors" --out o.safetensors
check "  leave other files alone" [ "$(cat v.csv.part o.safetensors.part)" = "mine"$'\n'"mine" ]
check "  and nothing half written" nothing_half_written .
(umask 027 && run 2 infer reference.yaml --weights "$reference/weights.safetensors" --batch "$reference/batch.safetensors" \
    --out masked.safetensors && [[ $code == 0 ]])
check "  with the rights that umask leaves" [ "$(stat -c %a masked.safetensors)" = 640 ]

# ---- outputs that are inputs ----
# spared OPTION WHAT INPUT WORD...: whether an output that would replace this input is refused, and the input left alone.
spared() {
    local option=$1 what=$2 input=$3
    shift 3
    cp "$input" before
    ends 2 2 "$@" && complains_once "^vicinal: --$option .*: would replace .*$(basename "$input"), which $what: name another" &&
        cmp before "$input"
}
cp "$reference/weights.safetensors" w.safetensors
cp "$reference/batch.safetensors" b.safetensors
cp "$digits/train-images-idx3-ubyte" images
ln -s b.safetensors link.safetensors
infer=(infer reference.yaml --weights w.safetensors --batch b.safetensors)
check "infer: the weights" spared out '--weights names' w.safetensors "${infer[@]}" --out w.safetensors
check "infer: the batch" spared out '--batch names' b.safetensors "${infer[@]}" --out ./b.safetensors
check "infer: the batch, by a link" spared out '--batch names' b.safetensors "${infer[@]}" --out link.safetensors
check "infer: the config" spared out 'is the config' reference.yaml "${infer[@]}" --out reference.yaml
check "verify: the batch" spared csv '--batch names' b.safetensors verify "${infer[@]:1}" --csv b.safetensors
check "verify: the data" spared csv 'is a data file of the config' images verify small.yaml --set data.train.inputs=images \
    --csv images
check "comm: the config" spared svg 'is the config' small.yaml comm small.yaml --svg small.yaml
check "trace: the weights" spared trace '--weights names' w.safetensors verify "${infer[@]:1}" --trace w.safetensors

# ---- outputs that are one file ----
# apart PATTERN WORD...: refused, and nothing is written.
apart() {
    local pattern=$1
    shift
    check "$pattern" ends 2 2 "$@"
    check "  says so once" complains_once "^vicinal: $pattern are one file: give each its own"
    check "  writes nothing" absent zz
}
apart '--out zz and --trace zz' "${infer[@]}" --out zz --trace zz
apart '--out zz and --trace ./zz' "${infer[@]}" --out zz --trace ./zz
apart '--csv zz and --trace zz' verify "${infer[@]:1}" --csv zz --trace zz
apart '--csv zz and --svg zz' comm small.yaml --csv zz --svg zz
apart '--out zz and --trace zz' train small.yaml --out zz --trace zz
echo mine >first
ln first second
check "two links to a file" ends 2 0 "${infer[@]}" --out first --trace second
check "  stay" [ "$(cat first second)" = "mine"$'\n'"mine" ]
mkdir folder
check "one name in two folders" ends 0 0 "${infer[@]}" --out zz --trace folder/zz
check "a device takes both" ends 0 0 comm small.yaml --repeat 1 --csv /dev/null --svg /dev/null

check "a run to report" ends 0 2 train small.yaml --out run --set learning.epochs=1
check "report: the weights" spared out 'the report is made from' run/weights.safetensors report run --out run/weights.safetensors
# kept OPTION PATH WORD...: an output of this path would replace a file of the run, which stays.
kept() {
    local option=$1 path=$2
    shift 2
    find run -type f ! -name .vicinal.lock -exec md5sum {} + | sort >before
    ends 2 2 "$@" "--$option" "$path" && complains_once "^vicinal: --$option $path: is a file of the run in run: name another" &&
        find run -type f ! -name .vicinal.lock -exec md5sum {} + | sort | cmp before
}
part=$(echo run/checkpoints/*/rank-1.safetensors)
ln -s "$part" to-part
ln -s run/metrics.csv to-metrics
ln -s run/config.yaml to-config
for file in "$part" run/checkpoints/new to-part to-metrics to-config run/config.yaml; do
    check "export: $file" kept out "$file" export run
done
for file in "$part" "$(dirname "$part")/manifest.json" run/checkpoints/new to-part to-metrics; do
    check "report: $file" kept out "$file" report run
done
check "report: the config" spared out 'the report is made from' run/config.yaml report run --out run/config.yaml
finish
