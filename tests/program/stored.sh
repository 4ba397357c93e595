#!/usr/bin/env bash
# Files of earlier versions: they load, or are refused by name.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
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

check "one that was interrupted goes on" ends 0 1 train interrupted.yaml --out interrupted --resume \
    --set learning.epochs=54
check "  in the middle of its epoch" says '^going on after epoch 52, step 3'
check "  and ends" test "$(metric interrupted 1)" = 54

cp -r "$root/tests/stored/0.1.0/ended" again
sed -i "s|/srv/vicinal/digits|$root/data/digits|" again/config.yaml
check "other settings are refused" ends 3 0 train ended.yaml --out again --resume \
    --set 'network.layers=[[conv2d: {out: 2, kernel: 3}, relu, maxpool2d: 4], [flatten, linear: 6, tanh], [linear: 10]]'
check "  by name" complains_once 'network.layers.0. is .*maxpool2d: \{kernel: 3\}.* there and .*\{kernel: 4\}.* here'
rm again/config.yaml
check "without its config.yaml it is refused" ends 3 2 train ended.yaml --out again --resume
check "  with what to do" complains_once 'checkpoint of format 1, .* train --weights again/checkpoint.safetensors'
check "  and nothing is changed" cmp again/metrics.csv "$root/tests/stored/0.1.0/ended/metrics.csv"

sed 's/"vicinal.checkpoint":"2"/"vicinal.checkpoint":"9"/' ended/checkpoint.safetensors >again/checkpoint.safetensors
check "a later format is refused" ends 3 0 train ended.yaml --out again --resume
check "  by name" complains_once 'a checkpoint of format 9, which this version does not know: it reads formats 1 and 2'
finish
