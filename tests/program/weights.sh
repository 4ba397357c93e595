#!/usr/bin/env bash
# Weights under other names, of other types, out of a checkpoint; what is said where they do not fit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml
check "train" ends 0 0 train small.yaml --out run
check "evaluate" ends 0 0 evaluate small.yaml --weights run/weights.safetensors --json
mv stdout expected

# evaluates_as_expected RANKS WORD...
evaluates_as_expected() {
    local ranks=$1 how='s/"(ranks|threads)": [0-9]*//g'
    shift
    ends 0 "$ranks" evaluate small.yaml --json "$@" &&
        cmp <(sed -E "$how" stdout) <(sed -E "$how" expected)
}

# variant NAME SCRIPT: the weights with their names changed by sed.
variant() {
    with_header run/weights.safetensors "$2" >"$1.safetensors"
}

echo "-- names that load as they are"
variant module 's/"\([0-9]\)\.0\./"module.\1.0./g'
check "of DataParallel" evaluates_as_expected 0 --weights module.safetensors
variant compiled 's/"\([0-9]\)\.0\./"_orig_mod.\1.0./g'
check "of torch.compile" evaluates_as_expected 2 --weights compiled.safetensors
variant wrapped 's/"\([0-9]\)\.0\./"module._orig_mod.\1.0./g'
check "of both" evaluates_as_expected 0 --weights wrapped.safetensors
flat='s/"0\.0\./"0./g; s/"1\.0\./"2./g; s/"2\.0\./"4./g; s/"3\.0\./"10./g'
variant flat "$flat"
check "of one nn.Sequential" evaluates_as_expected 3 --weights flat.safetensors
variant both "$flat"'; s/"\([0-9]*\.[wb]\)/"module.\1/g'
check "of one nn.Sequential in DataParallel" evaluates_as_expected 0 --weights both.safetensors

echo "-- names that are mapped"
variant named 's/"0\.0\./"fc1./g; s/"1\.0\./"fc2./g; s/"2\.0\./"fc3./g; s/"3\.0\./"out./g'
renames=(--rename fc1=0.0 --rename fc2=1.0 --rename fc3.=2.0. --rename=out=3.0)
check "with --rename" evaluates_as_expected 2 --weights named.safetensors "${renames[@]}"
variant deep 's/"\([0-9]\)\.0\./"net.\1.0./g'
check "with a prefix less" evaluates_as_expected 0 --weights deep.safetensors --rename net.=
variant bare 's/"0\.0\./"/g'
variant numbered 's/"0\.0\./"layer1./g; s/"1\.0\./"layer10./g; s/"2\.0\./"layer100./g; s/"3\.0\./"layer2./g'
numbered=(--rename layer1=0.0 --rename layer10=1.0 --rename layer100=2.0 --rename layer2=3.0)
check "names that begin with others" evaluates_as_expected 2 --weights numbered.safetensors "${numbered[@]}"
turned=(--rename layer2=3.0 --rename layer100=2.0 --rename layer10=1.0 --rename layer1=0.0)
check "  in any order" evaluates_as_expected 0 --weights numbered.safetensors "${turned[@]}"
check "one prefix that is missing" evaluates_as_expected 0 --weights bare.safetensors --rename weight=0.0.weight \
    --rename bias=0.0.bias

echo "-- what does not fit"
# unfit PATTERN FILE WORD...
unfit() {
    local pattern=$1 file=$2
    shift 2
    check "$pattern" ends 3 0 evaluate small.yaml --weights "$file" "$@"
    check "  says so once" complains_once "^vicinal: $file: $pattern"
}
unfit 'tensor "0.0.weight" is missing.*the file has "fc1.bias" \[24\], "fc1.weight" \[24, 64\].* and 2 more.*--rename' \
    named.safetensors
unfit 'no tensor.s name begins with "fc9" \(--rename fc9=0.0\); the file has "fc1.weight" \[24, 64\], ' named.safetensors --rename fc9=0.0
unfit '--rename fc1=0.0 does nothing: other renamings take all' named.safetensors --rename fc1=0.0 --rename fc1.=0.0.
unfit 'tensors .*fc[12].bias.* would both be "0.0.bias"' named.safetensors --rename fc1=0.0 --rename fc2=0.0
variant slip 's/"3\.0\.bias/"3.0.bais/'
unfit 'tensor "3.0.bias" is missing.*is it "3.0.bais"\?' slip.safetensors
variant three 's/"0\.0\./"0./g; s/"1\.0\./"2./g; s/"2\.0\./"4./g; s/"3\.0\./"4.6./g'
unfit 'tensor "0.0.weight" is missing' three.safetensors
variant swapped 's/"0\.0\./"2./g; s/"1\.0\./"0./g; s/"2\.0\./"4./g; s/"3\.0\./"6./g'
unfit 'tensor "0.weight" has shape \[16, 24\], the network expects \[24, 64\] for "0.0.weight"' swapped.safetensors
unfit 'tensor "0.0.weight" is missing.*the file has "net.*all names begin with "net.", which --rename net.= leaves out' deep.safetensors
variant turned 's/\[24,64\]/[64,24]/'
unfit 'tensor "0.0.weight" has shape \[64, 24\], the network expects \[24, 64\].*another order: transpose it' turned.safetensors
variant long 's/\[24,64\]/[1536]/'
unfit 'tensor "0.0.weight" has shape \[1536\], the network expects \[24, 64\]' long.safetensors
check "--rename without an equals sign" ends 2 0 evaluate small.yaml --weights flat.safetensors --rename x
check "  says so" complains_once '^vicinal: --rename x: expected OLD=NEW'
check "--rename without weights" ends 2 0 verify small.yaml --rename x=y
check "  says so" complains_once '^vicinal: --rename maps names of --weights'

echo "-- of a checkpoint"
check "as one file" ends 0 0 export run --state
check "its weights" evaluates_as_expected 3 --weights run/state.safetensors
check "  says so" says '^run/state.safetensors: a checkpoint: its weights after epoch 2 are taken$'
stored=$root/tests/stored/0.1.0/ended
check "stored by 0.1.0" ends 0 0 evaluate "$stored/config.yaml" --weights "$stored/checkpoint.safetensors" \
    --set data.test.inputs="$digits/test-images-idx3-ubyte" --set data.test.labels="$digits/test-labels-idx1-ubyte"
mv stdout of-checkpoint
check "  they are its weights" ends 0 0 evaluate "$stored/config.yaml" --weights "$stored/weights.safetensors" \
    --set data.test.inputs="$digits/test-images-idx3-ubyte" --set data.test.labels="$digits/test-labels-idx1-ubyte"
check "  and as good" cmp stdout of-checkpoint

# recorded FOLDER FILE: whether changes.csv says that this run began with this file, and with what CRC-32.
recorded() {
    local checksum
    checksum=$(gzip -c "$2" | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' ')
    grep -qxF "0,0,weights,\"drawn from the seed\",\"$2, CRC-32 $checksum\"" "$1/changes.csv" &&
        [[ $(grep -c ,weights, "$1/changes.csv") == 1 && $(head -n 1 "$1/changes.csv") == epoch,step,key,before,after ]]
}

echo "-- train starts from them"
check "weights of the seed are no change" absent run/changes.csv
check "with a rate of next to nothing" ends 0 2 train small.yaml --weights run/weights.safetensors --out second --json \
    --set learning.epochs=1 --set 'learning.optimizer={sgd: {rate: 1e-30}}'
check "  they are as they were" cmp <(tail -c 1000 second/weights.safetensors) <(tail -c 1000 run/weights.safetensors)
check "  they are recorded" recorded second run/weights.safetensors
check "  resumed" ends 0 0 train small.yaml --out second --resume --set learning.epochs=2 \
    --set 'learning.optimizer={sgd: {rate: 1e-30}}'
check "  they stay recorded" recorded second run/weights.safetensors
check "from a checkpoint, other names too" ends 0 0 train small.yaml --weights named.safetensors "${renames[@]}" \
    --out third --set learning.epochs=1
check "  they are recorded" recorded third named.safetensors
check "the seed's again in the same folder" ends 0 0 train small.yaml --out third --set learning.epochs=1
check "  nothing is recorded" absent third/changes.csv
check "--resume beside --weights" ends 2 2 train small.yaml --weights run/weights.safetensors --out run --resume
check "  says so" complains_once '^vicinal: --resume goes on with .*leave out --weights'
check "its own results" ends 3 0 train small.yaml --weights run/weights.safetensors --out run
check "  stay" evaluates_as_expected 0 --weights run/weights.safetensors
finish
