#!/usr/bin/env bash
# Weights and batches that are missing, damaged, lying or unfit for the network.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml
write_reference_config reference.yaml
touch a-file
mkdir a-folder

bad_weights() {
    refused "$1" "$2" evaluate small.yaml --weights "$1"
}

bad_batch() {
    refused "$1" "$2" infer reference.yaml --weights "$reference/weights.safetensors" --batch "$1" --out out
}

# tensors FILE HEADER BYTES: a safetensors file of zeros.
tensors() {
    head -c "$3" /dev/zero | safetensors "$2" >"$1"
}

echo "-- weights"
run 0 train small.yaml --out good --set learning.epochs=1
mv good/weights.safetensors weights
rm -r good
size=$(stat -c %s weights)
bad_weights missing "No such file"
bad_weights a-folder "directory"
bad_weights a-file "."
head -c $((size - 1)) weights >short
bad_weights short "."
head -c 20 weights >stump
bad_weights stump "."
{ cat weights; echo; } >long
bad_weights long "."
{ little_endian -1; tail -c +9 weights; } >overflowing
bad_weights overflowing "."
{ head -c $((size - 4)) weights; printf '\0\0\300\177'; } >nan
bad_weights nan "(not finite|NaN|nan)"
sed 's/"F32"/"I32"/' weights >integers
bad_weights integers "I32"
sed 's/3\.0\.bias/3.0.bios/' weights >renamed
bad_weights renamed "3.0.bi[ao]s"
with_header weights 's/"3\.0\.bias"/"\\u001b[2Ja_name_longer_than_what_is_listed_of_it"/' >steering
bad_weights steering '"\?\[2Ja_name_longer_than_what_is_listed\.\.\." \[10\]'
check "  nothing steers a terminal" test -z "$(tr -d '[:print:][:space:]' <stderr)"
tensors overlapping '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}' 12
bad_weights overlapping "."
tensors outside '{"a":{"dtype":"F32","shape":[2],"data_offsets":[1000000,1000008]}}' 8
bad_weights outside "."
cp "$reference/weights.safetensors" others
bad_weights others "."

echo "-- files of other kinds"
# foreign NAME PATTERN <BYTES
foreign() {
    cat >"$1"
    check "$1 looks like $2" ends 3 0 evaluate small.yaml --weights "$1"
    check "  says so once" complains_once "^vicinal: $1: not a safetensors file: it looks like $2"
}
printf 'PK\3\4and more' | foreign torch.pt "a zip archive, as torch.save .*safetensors.torch.save_file"
printf 'PK\3\4.....archive/data.pkl' | foreign new.pt "a zip archive, as torch.save .*state_dict"
printf 'PK\3\4.....x.npy' | foreign arrays.npz "a zip archive, as numpy.savez .*numpy.save,"
printf 'PK\3\4.....[Content_Types].xml' | foreign table.xlsx "a spreadsheet or document .*as CSV"
printf '\10\7\22\7pytorch\32\0032.1' | foreign model.onnx "ONNX"
printf '\200\2}q\0.' | foreign old.pt "a Python pickle"
printf '\211HDF\r\n\32\nand more' | foreign keras.h5 "HDF5"
printf '<!DOCTYPE html><title>404</title>' | foreign page "an HTML or XML page"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n' | foreign pointer "a git-lfs pointer.*git lfs pull"
printf 1234 | npy '|u1' '(4,)' | foreign array.npy "a numpy array"
gzip -c weights | foreign weights.gz "gzip: unpack it"
foreign labels "an IDX file" <"$digits/test-labels-idx1-ubyte"
printf '0.1,0.2,0\n' | foreign table.csv "text.*data.format: csv"
tar -cf - weights | foreign weights.tar "a tar archive: unpack it"

echo "-- batches"
bad_batch missing "No such file"
tensors no-target '{"input":{"dtype":"F64","shape":[1,20],"data_offsets":[0,160]}}' 160
refused no-target 'target' verify reference.yaml --weights "$reference/weights.safetensors" --batch no-target
tensors narrow '{"input":{"dtype":"F64","shape":[1,19],"data_offsets":[0,152]},"target":{"dtype":"I64","shape":[1],"data_offsets":[152,160]}}' 160
bad_batch narrow '\[1, 19\]'
sed 's/"I64","shape":\[7\]/"I64","shape":[8]/' "$reference/batch.safetensors" >one-more
bad_batch one-more "."
{ head -c -8 "$reference/batch.safetensors"; printf '\5\0\0\0\0\0\0\0'; } >class-5
bad_batch class-5 "class 5"
finish
