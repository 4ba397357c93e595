#!/usr/bin/env bash
# The page of vicinal report in a real browser: Debian's chromium, without a screen, driven by tests/full/report.py.
# Everything it needs is in the set `browser`, which is installed here.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../launch/lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../launch/lib.sh"
make_build_folder
set_up build browser
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$root/tests/support/program.sh"
cd "$work"

# A run of six populations and 20 steps, and an audited one of images with feature maps.
cat >six.yaml <<END
name: six
network:
  input: [64]
  layers:
    - [linear: 128, relu]
    - [linear: 96, relu]
    - [linear: 64, relu]
    - [linear: 32, relu]
    - [linear: 10]
inference: {algorithm: fixed-prediction, eta: 0.2, steps: 20}
learning: {optimizer: {adam: {rate: 0.002}}, batch: 64, epochs: 6, compare: {every: 10}}
data:
  format: idx
  scale: 16
  train: {inputs: $digits/train-images-idx3-ubyte, labels: $digits/train-labels-idx1-ubyte}
  test: {inputs: $digits/test-images-idx3-ubyte, labels: $digits/test-labels-idx1-ubyte}
END
sed -e 's/^name: six/name: maps/' -e 's/input: .*/input: [1, 8, 8]/' \
    -e 's/- \[linear: 128, relu\]/- [conv2d: {out: 6, kernel: 3, padding: 1}, relu]/' \
    -e 's/- \[linear: 96, relu\]/- [conv2d: {out: 8, kernel: 3, padding: 1}, relu, maxpool2d: 2, flatten]/' \
    six.yaml >maps.yaml
check "train six" ends 0 0 train six.yaml --out six
check "train maps" ends 0 2 train maps.yaml --out maps --audit --transport shared
for name in six maps; do
    check "report $name" ends 0 0 report $name
done
in_the_browser=0
timeout --kill-after=5 240 /usr/bin/python3 "$root/tests/full/report.py" six/report.html maps/report.html ||
    in_the_browser=$?
check "all of it in the browser" [ "$in_the_browser" = 0 ]
finish
