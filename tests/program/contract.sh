#!/usr/bin/env bash
# The contract of the program: exit codes but 2 and their causes, what goes to which stream, the keys of --json.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml
write_reference_config reference.yaml
weights=$reference/weights.safetensors batch=$reference/batch.safetensors
number='-?[0-9.]+(e[-+]?[0-9]+)?'

echo "-- done: 0"
check "train" ends 0 3 train small.yaml --out run --json
check "  prints JSON and nothing else" has ""
for key in test_accuracy test_loss seconds; do
    check "  with $key" has $key "$number"
done
check "  with ranks" has ranks 3
check "  with epochs" has epochs 2
check "  with steps" has steps 30
check "  talks on stderr" says '^epoch 2/2: train loss .*; test loss .* %$'
for file in weights.safetensors metrics.csv config.yaml; do
    check "  leaves $file" test -s "run/$file"
done
check "  leaves nothing half written" nothing_half_written run
check "the resolved config works" ends 0 0 verify run/config.yaml
check "train, for people" ends 0 0 train small.yaml --out run
check "  results on stdout" prints '^test accuracy [0-9.]+ %, test loss .*2 epochs, 30 steps, 1 rank'
check "  and not on stderr" [ "$(grep -c 'steps, 1 rank' stderr)" = 0 ]
check "train without --out" ends 0 0 train small.yaml --set learning.epochs=1
check "  writes to runs/NAME" test -s runs/small/weights.safetensors
check "evaluate" ends 0 3 evaluate small.yaml --weights run/weights.safetensors --json
check "  with test_accuracy" has test_accuracy "$number"
check "  with test_loss" has test_loss "$number"
check "  with ranks" has ranks 3
check "evaluate, for people" ends 0 0 evaluate small.yaml --weights run/weights.safetensors
check "  results on stdout" prints '^test accuracy [0-9.]+ %'
check "verify" ends 0 3 verify small.yaml --json
check "  with passed" has passed true
for key in relative_error angle ulp scale law; do
    check "  with $key of each layer" has "layers.3.$key" "$number"
done
check "  with the layer's number" has layers.3.layer 4
check "  of four layers" test "$("$VICINAL_JSON" layers <stdout | grep -o '"ulp"' | wc -l)" = 4
check "verify with weights and a batch" ends 0 2 verify reference.yaml --weights "$weights" --batch "$batch" --json
check "  passes" has passed true
check "verify strict" ends 0 0 verify small.yaml --set inference.algorithm=strict --set inference.eta=0.1 --json
check "  is reported" has passed null
check "verify exact in micro-batches" ends 0 3 verify small.yaml --set inference.algorithm=exact \
    --set inference.microbatches=5 --json
check "  passes" has passed true
check "verify a layer without parameters" ends 0 2 verify small.yaml --json \
    --set 'network.layers=[[linear: 6], tanh, [linear: 10]]' --set inference.steps=3
check "  whose numbers are null" has layers.1.ulp null
check "  while the others pass" has passed true
check "infer" ends 0 3 infer reference.yaml --weights "$weights" --batch "$batch" --out out.safetensors --json
check "  with loss" has loss "$number"
check "  writes" test -s out.safetensors
for name in prediction.1 belief.4 error.2 grad.0.0.weight grad.3.0.bias loss; do
    check "  writes $name" grep -aq "\"$name\"" out.safetensors
done
check "infer needs neither data nor learning" [ "$(grep -c '^data\|^learning' reference.yaml)" = 0 ]
check "version" ends 0 2 --version
check "  once" [ "$(grep -c '^vicinal [0-9]' stdout)" = 1 ]

echo "-- a check failed: 1"
# So many steps of so small an eta are not what float32 can do.
cramped=(--set network.layers='[linear: 3, linear: 10]' --set inference.eta=0.00001 --set inference.steps=200000
    --set learning.batch=1)
check "verify misses" ends 1 1 verify small.yaml --json "${cramped[@]}"
check "  and says so" has passed false
check "  on both streams" complains_once 'differ'

echo "-- another file: 3"
for ranks in 0 3; do
    check "$ranks ranks: no weights" ends 3 $ranks evaluate small.yaml --weights nowhere.safetensors
    check "  says once which" complains_once 'nowhere.safetensors: .*No such file'
    check "  prints nothing" prints_nothing
done

pipeline=(--set inference.algorithm=exact --set inference.microbatches=1000)
check "a batch of fewer samples than micro-batches" ends 3 2 infer reference.yaml --weights "$weights" \
    --batch "$batch" --out few.safetensors "${pipeline[@]}"
check "  says once which" complains_once 'a batch of [0-9]+ samples cannot be cut into 1000: inference.microbatches'
check "  writes nothing" absent few.safetensors

echo "-- not finite: 4"
for ranks in 0 3; do
    check "$ranks ranks: learning runs away" ends 4 $ranks train small.yaml --out away \
        --set 'network.layers=[[linear: 24, relu], linear: 10]' --set 'learning.optimizer={sgd: {rate: 1e30}}'
    check "  says once where" complains_once 'population [0-9] is not a finite number at inference step [0-9]'
    check "  leaves no weights" absent away/weights.safetensors
    check "  prints nothing" prints_nothing
done

echo "-- more"
check "6 ranks for 5 populations" ends 0 6 verify small.yaml
check "  warns of the idle one" says '^warning: 5 populations on 6 ranks: 1 rank stays idle'
check "5 ranks for 5 populations" ends 0 5 verify small.yaml
check "  warns of nothing" [ "$(grep -c warning stderr)" = 0 ]
printf '%s' '{"network": {"input": [64], "layers": [{"linear": 10}], "loss": "cross-entropy"},' \
    ' "learning": {"optimizer": {"sgd": {"rate": 0.1}}, "batch": 100, "epochs": 1},' \
    ' "inference": {"algorithm": "exact"}, "data": {"format": "idx", "scale": 16, "train":' \
    " {\"inputs\": \"$digits/train-images-idx3-ubyte\", \"labels\": \"$digits/train-labels-idx1-ubyte\"}}}" >c.json
check "a config in JSON" ends 0 2 train c.json --out json
check "  without test data" prints '^no test data'
finish
