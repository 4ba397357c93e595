#!/usr/bin/env bash
# Data sets that are missing, damaged, lying or unfit for the network.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml
images=$digits/train-images-idx3-ubyte labels=$digits/train-labels-idx1-ubyte
touch a-file
mkdir a-folder

bad_inputs() {
    refused "$1" "$2" train small.yaml --out out --set "data.train.inputs=$work/$1"
}

bad_labels() {
    refused "$1" "$2" train small.yaml --out out --set "data.train.labels=$work/$1"
}

bad_inputs missing "No such file"
bad_inputs a-folder "directory"
bad_inputs a-file/under-it "Not a directory"
bad_inputs a-file "."
head -c 50000 "$images" >short
bad_inputs short "."
gzip -c "$images" >whole.gz
head -c 5000 whole.gz >cut.gz
bad_inputs cut.gz "."
{ cat "$images"; echo; } >long
bad_inputs long "."
printf '\0\0\10\3\377\377\377\377\377\377\377\377\377\377\377\377data' >overflowing
bad_inputs overflowing "."
printf '\0\0\10\3\0\0\5\234\0\0\0\7\0\0\0\7' | cat - "$images" >unfit
truncate -s $((16 + 1436 * 49)) unfit
bad_inputs unfit "7"
tar -czf archive.tar.gz small.yaml
bad_inputs archive.tar.gz "not an IDX file: it looks like a tar archive: unpack it"
printf '0.1,0.2,0\n' >table.csv
bad_inputs table.csv "not an IDX file: it looks like text: .*data.format: csv"
bad_labels missing "No such file"
head -c 1000 "$labels" >short
bad_labels short "."
{ head -c 500 "$labels"; printf '\12'; tail -c +502 "$labels"; } >outside
bad_labels outside "10"
cp "$digits/test-labels-idx1-ubyte" fewer
bad_labels fewer "360 labels, but .* 1[0-9]* samples"

echo "-- training and test data"
cat >flat.yaml <<'END'
network: {input: [64], layers: [linear: 2]}
learning: {batch: 3, epochs: 1, optimizer: {sgd: {rate: 0.1}}}
data: {format: npy, train: {inputs: x.npy, labels: y.npy}, test: {inputs: t.npy, labels: y.npy}}
END
# arrays OF_TRAINING OF_TEST: what the files hold is zero.
arrays() {
    head -c 384 /dev/zero | npy '|u1' "$1" >x.npy
    head -c 384 /dev/zero | npy '|u1' "$2" >t.npy
}
head -c 6 /dev/zero | npy '|u1' '(6,)' >y.npy
arrays '(6, 2, 4, 8)' '(6, 4, 8, 2)'
refused t.npy 'test samples of shape \[4, 8, 2\] do not fit .* \[2, 4, 8\] \([^ ]*x.npy\).*order' train flat.yaml --out out
arrays '(6, 2, 4, 8)' '(6, 64)'
check "flat ones fit" ends 0 2 train flat.yaml --out flat
arrays '(6, 64)' '(6, 4, 8, 2)'
check "  either way" ends 0 0 train flat.yaml --out turned
finish
