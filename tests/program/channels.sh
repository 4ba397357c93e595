#!/usr/bin/env bash
# The program over channels that are not perfect: the same bits on any number of ranks, what it says of them, what it
# refuses.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml
differs() {
    [[ -s $1 && -s $2 ]] && ! cmp "$1" "$2"
}

lacks() {
    ! grep -q "$1" "$2"
}

bad=(--set 'channels={noise: 0.05, encoding: bfloat16, edges: [{from: 1, to: 2, kind: error, delay: 1, drop: 0.2}]}'
    --set inference.steps=6)

echo "-- training"
check "1 process" ends 0 0 train small.yaml --out one "${bad[@]}"
check "3 ranks" ends 0 3 train small.yaml --out three "${bad[@]}"
for file in weights.safetensors metrics.csv free_energy.csv config.yaml; do
    check "  the same $file" cmp "one/$file" "three/$file"
done
check "perfect channels" ends 0 0 train small.yaml --out perfect --set inference.steps=6
check "  are others" differs one/weights.safetensors perfect/weights.safetensors
check "the config is spelled out" grep -q \
    '{from: 1, to: 2, kind: error, delay: 1, drop: 0.2, noise: 0.05, encoding: bfloat16, keep: 1}' one/config.yaml
check "and runs as it is" ends 0 0 train one/config.yaml --out again
check "  to the same weights" cmp one/weights.safetensors again/weights.safetensors

echo "-- going on"
check "one epoch of two" ends 0 0 train small.yaml --out halves --set learning.epochs=1 "${bad[@]}"
check "  and the other" ends 0 3 train small.yaml --out halves --resume "${bad[@]}"
check "  to the same weights" cmp one/weights.safetensors halves/weights.safetensors
check "over other channels: refused" ends 3 0 train small.yaml --out halves --resume --set learning.epochs=3 \
    --set inference.steps=6

echo "-- evaluation and inference"
check "evaluate" ends 0 0 evaluate small.yaml --weights one/weights.safetensors --json "${bad[@]}"
cp stdout alone
check "  on 3 ranks" ends 0 3 evaluate small.yaml --weights one/weights.safetensors --json "${bad[@]}"
check "  says the same loss" has test_loss "$("$VICINAL_JSON" test_loss <alone)"
write_reference_config reference.yaml
files=(--weights "$reference/weights.safetensors" --batch "$reference/batch.safetensors")
check "infer" ends 0 0 infer reference.yaml "${files[@]}" --out one.safetensors --set channels.drop=0.5
check "  on 3 ranks" ends 0 3 infer reference.yaml "${files[@]}" --out three.safetensors --set channels.drop=0.5
check "  writes the same" cmp one.safetensors three.safetensors

echo "-- verify and comm"
check "verify reports" ends 0 0 verify small.yaml --json "${bad[@]}"
check "  and judges nothing" has passed null
check "  and knows no law" has layers.0.law null
check "  but the angle" has layers.0.angle '[0-9.e-]+'
check "late by less than the run: exact again" ends 0 0 verify small.yaml --json --set channels.delay=2 \
    --set inference.steps=12
check "  to the last bit" has layers.0.ulp 0
check "comm" ends 0 0 comm small.yaml --json --alone --set channels.encoding=int8
check "  counts bytes as they are sent: 96 samples of 24 and a scale" has runs.0.edges.0.bytes $((96 * (24 + 4)))
check "comm with delays" ends 0 0 comm small.yaml --json --repeat 1 --set channels.delay=1
check "  leaves out what has no later step" lacks exact stdout

echo "-- mistakes"
printf 'channels:\n  drop: 1.5\n' | cat small.yaml - >wrong.yaml
check "a probability above 1" ends 2 0 train wrong.yaml --out none
check "  is told with its place" complains_once '^wrong.yaml:[0-9]+:9: channels.drop must be a number of at least 0 and below 1, not .1.5.'
check "a delay that outlasts the run" ends 2 0 comm small.yaml --set channels.delay=4
check "  is told" complains_once 'a delay of 4 is longer than the run'
check "a sweep over steps that makes it so" ends 2 0 comm small.yaml --set channels.delay=2 --sweep steps=4,2
check "  is told" complains_once 'a delay of 2 is longer than the run'

echo "-- a timeout is for messages, not for data that come late"
late() {
    mkfifo labels
    (exec 3>labels && sleep 5 && cat "$digits/train-labels-idx1-ubyte" >&3) & # opened when it is read
    ends 0 2 train small.yaml --out late --set data.train.labels=labels --set learning.epochs=2 --set channels.timeout=3
}
check "data that come 5 s late, with a timeout of 3 s" late
check "the same at once" ends 0 1 train small.yaml --out whole
check "  gives the same bits" cmp late/weights.safetensors whole/weights.safetensors
finish
