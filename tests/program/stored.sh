#!/usr/bin/env bash
# Files of earlier versions: they load, or are refused by name.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
cp -r "$root/tests/stored/0.1.0/ended" "$root/tests/stored/0.1.0/interrupted" .
sed -i "s|/srv/vicinal/digits|$root/data/digits|" ended/config.yaml interrupted/config.yaml
cp ended/config.yaml ended.yaml
cp interrupted/config.yaml interrupted.yaml

metric() {
    tail -n 1 "$1/metrics.csv" | cut -d, -f"$2"
}

# Another processor rounds otherwise.
same_loss() {
    has test_loss && awk -v a="$("$VICINAL_JSON" test_loss <"$work/stdout")" -v b="$(metric ended 5)" \
        'BEGIN { exit !(a - b < 1e-4 * b && b - a < 1e-4 * b) }'
}

check "weights of 0.1.0 evaluate" ends 0 0 evaluate ended.yaml --weights ended/weights.safetensors --json
check "  to what metrics.csv says" same_loss
check "its run folder is reported" ends 0 0 report ended --out page.html

check "its checkpoint goes on" ends 0 2 train ended.yaml --out ended --resume --set learning.epochs=3
check "  says what cannot be checked" says 'checkpoint.safetensors is of format 1, which does not record the data'
check "  and where it goes on" says '^going on after epoch 2, step 0'
check "  with one more epoch" test "$(metric ended 1)" = 3
check "  and records the change" grep -q '^2,0,learning.epochs,"2","3"$' ended/changes.csv

# not_recorded CHANGES: level and kernel of the run that went on stand there, and none of before.
not_recorded() {
    local here
    here=$(sed -n 's/^# instruction level \(.*\), OpenBLAS kernel \(.*\)$/"\1" "\2"/p' "${1%/*}/config.yaml")
    says '^instruction level is [^ ]+ from now on: the checkpoint does not record it$' &&
        [[ -n $here && "$(awk -F, '/instruction level|OpenBLAS kernel/ { print $4, $5 }' "$1" | tr '\n' ' ')" == \
            "\"unknown\" ${here% *} \"unknown\" ${here#* } " ]]
}
check "  on a level that is not known to be the same" not_recorded ended/changes.csv
check "  as one file, of format 2" ends 0 0 export ended --state
cp -r ended second
rm -r second/checkpoints
with_header ended/state.safetensors 's/= instruction level: [^\\]*\\n= OpenBLAS kernel: [^\\]*\\n//' \
    >second/checkpoint.safetensors
rm second/changes.csv
check "one of format 2 without a level goes on" ends 0 2 train ended.yaml --out second --resume --set learning.epochs=4
check "  on a level that is not known to be the same" not_recorded second/changes.csv
check "  and knows it then" ends 0 2 train ended.yaml --out second --resume --set learning.epochs=5
check "    as it is recorded once" [ "$(grep -c unknown second/changes.csv)" = 2 ]

check "one that was interrupted goes on" ends 0 1 train interrupted.yaml --out interrupted --resume \
    --set learning.epochs=54
check "  in the middle of its epoch" says '^going on after epoch 52, step 3'
check "  and ends" test "$(metric interrupted 1)" = 54

cp -r "$root/tests/stored/0.1.0/ended" again
sed -i "s|/srv/vicinal/digits|$root/data/digits|" again/config.yaml
check "other settings are refused" ends 3 0 train ended.yaml --out again --resume \
    --set 'network.layers=[[conv2d: {out: 2, kernel: 3}, relu, maxpool2d: 4], [flatten, linear: 6, tanh], [linear: 10]]'
check "  by name" complains_once 'network.layers.0. is .*maxpool2d: \{kernel: 3\}.* there and .*\{kernel: 4\}.* here'

# refuses WHAT PATTERN SED SETTING...: with this change to its config.yaml, and these settings, the checkpoint is
# refused, by what it says itself.
refuses() {
    local what=$1 pattern=$2 change=$3 sets=() setting
    shift 3
    for setting; do sets+=(--set "$setting"); done
    sed "$change" ended.yaml >again/config.yaml
    cp again/config.yaml changed.yaml
    check "a config.yaml of another run is refused: $what" ends 3 0 train changed.yaml --out again --resume \
        --set learning.epochs=3 "${sets[@]}"
    check "  by name" complains_once "settings: $pattern; resume with"
}
refuses eta 'inference.eta is 0.5 there and 0.7 here' 's/eta: 0.5/eta: 0.7/'
refuses "seed and batch" 'seed is 7 there and 8 here; learning.batch is 100 there and 50 here' \
    's/seed: 7/seed: 8/; s/batch: 100/batch: 50/'
refuses coordinates 'inference.coordinates is error there and belief here' 's/coordinates: error/coordinates: belief/'
refuses "a setting of the optimiser" 'learning.optimizer.adam.beta1 is 0.9 there and 0.8 here' 's/beta1: 0.9/beta1: 0.8/'
refuses "drop_last" 'learning.drop_last is false there and true here' 's/drop_last: false/drop_last: true/'
refuses layers 'layers with .* is .*linear .6. tanh .* there and .*linear .6. relu .* here' 's/tanh/relu/'
refuses wires 'other settings is  *there and wire 0 delay 1 .* here' 's/channels: {}/channels: {delay: 1}/'
cp ended.yaml changed.yaml
sed 's/eta: 0.5/eta: 0.7/; s/rate: 0.01/rate: 0.5/' ended.yaml >again/config.yaml
check "the run's own settings go on beside a config.yaml of another" ends 0 2 train changed.yaml --out again --resume \
    --set learning.epochs=3 --set 'learning.optimizer={adam: {rate: 0.02}}'
check "  with the rate that the checkpoint names as the one before" \
    grep -q '^2,0,learning.optimizer.adam.rate,"0.01","0.02"$' again/changes.csv

rm -r again
cp -r "$root/tests/stored/0.1.0/ended" again
sed 's/"vicinal.checkpoint":"float32, seed 7, /"vicinal.checkpoint":"float32, need 7, /' \
    "$root/tests/stored/0.1.0/ended/checkpoint.safetensors" >again/checkpoint.safetensors
cp ended.yaml again/config.yaml
check "damaged settings are refused" ends 3 2 train ended.yaml --out again --resume
check "  with what was found" complains_once 'settings is damaged: "float32, need 7, .*--weights again/checkpoint'
cp "$root/tests/stored/0.1.0/ended/checkpoint.safetensors" again

rm again/config.yaml
check "without its config.yaml it is refused" ends 3 2 train ended.yaml --out again --resume
check "  with what to do" complains_once 'checkpoint of format 1, .* train --weights again/checkpoint.safetensors'
check "  and nothing is changed" cmp again/metrics.csv "$root/tests/stored/0.1.0/ended/metrics.csv"

sed 's/"vicinal.checkpoint":"2"/"vicinal.checkpoint":"9"/' ended/state.safetensors >again/checkpoint.safetensors
check "a later format is refused" ends 3 0 train ended.yaml --out again --resume
check "  by name" complains_once 'a checkpoint of format 9, which this version does not know: it reads formats 1 and 2, and 3 in folders'
finish
