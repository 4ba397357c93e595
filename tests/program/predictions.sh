#!/usr/bin/env bash
# What networks say of data: evaluate --out, infer with and without a target, out of safetensors and numpy arrays.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml
images=$digits/test-images-idx3-ubyte labels=$digits/test-labels-idx1-ubyte
check "train" ends 0 0 train small.yaml --out run
weights=run/weights.safetensors

echo "-- evaluate --out"
check "alone" ends 0 0 evaluate small.yaml --weights $weights --out one.safetensors --json
check "  prediction of each sample" grep -aq '"prediction":{"dtype":"F32","shape":\[360,10\]' one.safetensors
tensor one.safetensors target d8 >targets
check "  targets in the order of the data" cmp targets <(od -An -v -tu1 -j8 "$labels" | tr -s ' \n' ' ')
right=$(paste <(tensor one.safetensors class d8 | tr ' ' '\n') <(tr ' ' '\n' <targets) | awk '$1 != "" && $1 == $2' | wc -l)
check "  classes that make up the accuracy" has test_accuracy "$(awk "BEGIN {printf \"%.10g\", $right / 360}").*"
check "in batches of 7" ends 0 2 evaluate small.yaml --weights $weights --out more.safetensors --set learning.batch=7
check "  the same classes" test "$(tensor more.safetensors class d8)" = "$(tensor one.safetensors class d8)"
for ranks in 2 5; do
    check "on $ranks ranks, the same batch" ends 0 $ranks evaluate small.yaml --weights $weights --out same.safetensors
    check "  the same bits" cmp one.safetensors same.safetensors
done
check "squared error" ends 0 0 evaluate small.yaml --weights $weights --out square.safetensors \
    --set network.loss=squared-error
check "  the same bits" cmp one.safetensors square.safetensors
check "where it cannot be written" ends 3 2 evaluate small.yaml --weights $weights --out nowhere/out.safetensors
check "  says so once" complains_once '^vicinal: nowhere/out.safetensors: '
cp $weights w.safetensors
check "over its weights" ends 2 2 evaluate small.yaml --weights w.safetensors --out w.safetensors
check "  which stay" cmp w.safetensors $weights
check "nothing half written" nothing_half_written .

echo "-- infer"
slice "$images" 16 320 >pixels
{ for class in $(od -An -tu1 -j8 -N5 "$labels"); do little_endian "$class"; done; } >classes
safetensors '{"input":{"dtype":"U8","shape":[5,8,8],"data_offsets":[0,320]}}' <pixels >input.safetensors
cat pixels classes | safetensors '{"input":{"dtype":"U8","shape":[5,1,8,8],"data_offsets":[0,320]},"target":{"dtype":"I64","shape":[5],"data_offsets":[320,360]}}' >whole.safetensors
npy '|u1' '(5, 8, 8)' <pixels >x.npy
gzip -kc x.npy >x.npy.gz
npy '<i8' '(5,)' <classes >y.npy

# infers RANKS OUT WORD...
infers() {
    local ranks=$1 out=$2
    shift 2
    ends 0 "$ranks" infer small.yaml --weights $weights --out "$out" "$@"
}
check "without a target" infers 0 p.safetensors --batch input.safetensors
for name in prediction.1 prediction.2 prediction.3 prediction.4 class; do
    check "  writes $name" grep -aq "\"$name\"" p.safetensors
done
check "  and nothing else" test "$(header_of p.safetensors | grep -o dtype | wc -l)" = 5
check "  on 3 ranks" infers 3 p3.safetensors --batch input.safetensors
check "  the same bits" cmp p.safetensors p3.safetensors
check "a numpy array" infers 2 pn.safetensors --batch x.npy --json
check "  prints JSON" has batch 5
check "  the same bits" cmp p.safetensors pn.safetensors
check "a numpy array, gzipped" infers 0 pz.safetensors --batch x.npy.gz
check "  the same bits" cmp p.safetensors pz.safetensors
check "under squared error" infers 0 ps.safetensors --batch x.npy --set network.loss=squared-error
check "  there is no class" test "$(header_of ps.safetensors | grep -c class)" = 0
check "in micro-batches" infers 2 pm.safetensors --batch x.npy --set inference.algorithm=exact --set inference.microbatches=2
check "strict" infers 2 pt.safetensors --batch x.npy --set inference.algorithm=strict --set inference.eta=0.1
check "  the same bits" cmp p.safetensors pt.safetensors

check "with a target" infers 0 t.safetensors --batch whole.safetensors
check "  writes loss" grep -aq '"loss"' t.safetensors
check "with a target beside it" infers 3 tn.safetensors --batch x.npy --target y.npy
check "  the same bits" cmp t.safetensors tn.safetensors
check "  in a file with an input" infers 0 ts.safetensors --batch x.npy --target whole.safetensors
check "  the same bits" cmp t.safetensors ts.safetensors
printf '\0\0\0\0\1\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0' | npy '|b1' '(2, 10)' >hot.npy
head -c 128 pixels | npy '|u1' '(2, 64)' >two.npy
check "one-hot rows" infers 0 h.safetensors --batch two.npy --target hot.npy
{ little_endian 4; little_endian 0; } | npy '<i8' '(2, 1)' >index.npy
check "  and their classes" infers 2 i.safetensors --batch two.npy --target index.npy
check "  the same bits" cmp h.safetensors i.safetensors
{ little_endian 5; little_endian 1; } | npy '<i8' '(2,)' >from_one.npy
check "  and classes from 1 on" infers 2 o.safetensors --batch two.npy --target from_one.npy --set data.label_offset=1
check "  the same bits" cmp h.safetensors o.safetensors
check "squared error, the same" infers 0 hs.safetensors --batch two.npy --target hot.npy --set network.loss=squared-error
check "  and classes" infers 0 is.safetensors --batch two.npy --target index.npy --set network.loss=squared-error
check "  the same bits" cmp hs.safetensors is.safetensors
check "verify" ends 0 2 verify small.yaml --weights $weights --batch x.npy --target y.npy
check "explain" ends 0 0 explain small.yaml --weights $weights --batch x.npy --target y.npy --quiet-steps

echo "-- steps that learn, where it is not said how"
write_config bare.yaml inference data
steps=(--set inference.algorithm=incremental --set inference.eta=0.1)
check "evaluate" ends 0 2 evaluate bare.yaml --weights $weights --out bare.safetensors "${steps[@]}"
check "  which another algorithm has" ends 0 2 evaluate bare.yaml --weights $weights --out again.safetensors
check "  the same bits" cmp bare.safetensors again.safetensors
check "infer without a target" ends 0 2 infer bare.yaml --weights $weights --batch x.npy --out pb.safetensors "${steps[@]}"
check "  the same bits" cmp p.safetensors pb.safetensors

# needs_more RANKS COMMAND WORD...: refused, for steps of its inferences do learn.
needs_more() {
    check "$2" ends 2 "$@"
    check "  says what to add" complains_once '^bare.yaml: incremental updates .* add learning.optimizer, for example'
}
needs_more 2 infer bare.yaml --weights $weights --batch x.npy --target y.npy --out no.safetensors "${steps[@]}"
check "  writes nothing" absent no.safetensors
needs_more 0 verify bare.yaml "${steps[@]}"
needs_more 2 verify bare.yaml --against inference.algorithm=incremental --against inference.eta=0.1
needs_more 2 comm bare.yaml "${steps[@]}"
needs_more 0 explain bare.yaml "${steps[@]}"
needs_more 0 plan bare.yaml --machine "$root/launch/machines/ethernet.yaml" "${steps[@]}"

echo "-- what does not fit"
# unfit PATTERN WORD...: refused, and by each of two ranks at once where $ranks says so.
ranks=0
unfit() {
    local pattern=$1
    shift
    check "$pattern" ends 3 $ranks "$@"
    check "  says so once" complains_once "^vicinal: $pattern"
}
infer=(infer small.yaml --weights "$weights" --out no.safetensors)
ranks=2
unfit 'x.npy: tensor "target" is missing.*--target' verify small.yaml --batch x.npy
unfit 'x.npy: tensor "target" is missing.*--target' explain small.yaml --batch x.npy
unfit 'whole.safetensors: holds a tensor "target", and --target y.npy' "${infer[@]}" --batch whole.safetensors --target y.npy
unfit 'input.safetensors: tensor "target" is missing' "${infer[@]}" --batch x.npy --target input.safetensors
ranks=0
npy '|u1' '(5, 4, 16)' <pixels >other.npy
unfit 'other.npy: tensor "input" has shape \[5, 4, 16\], expected 5 samples of \[8, 8\]' "${infer[@]}" --batch other.npy \
    --set 'network.input=[8, 8]' --set 'network.layers=[flatten, [linear: 24, relu], [linear: 16, tanh], [linear: 12, sigmoid], linear: 10]'
printf '\0\0\0\0\1\0\0\0\0\0\1\0\0\0\0\0\0\0\0\1' | npy '|u1' '(2, 10)' >cold.npy
unfit 'cold.npy: target\[1\] is no one-hot row' "${infer[@]}" --batch two.npy --target cold.npy
{ little_endian 4; little_endian 10; } | npy '<i8' '(2,)' >ten.npy
unfit 'ten.npy: target\[1\] is class 10, allowed are 0 to 9.*data.label_offset: 1' "${infer[@]}" --batch two.npy --target ten.npy
{ little_endian 4; little_endian -1; } | npy '<i8' '(2,)' >minus.npy
unfit 'minus.npy: target\[1\] is class -1, less data.label_offset: 0, allowed are 0 to 9' "${infer[@]}" --batch two.npy --target minus.npy
printf '12345678' | npy '<f4' '(2,)' >real.npy
unfit 'real.npy: tensor "target" is F32 of shape \[2\], but cross-entropy takes, of 2 samples, one-hot rows of \[10\]' \
    "${infer[@]}" --batch two.npy --target real.npy
unfit 'y.npy: tensor "target" is I64 of shape \[5\]' "${infer[@]}" --batch two.npy --target y.npy
# renamed OLD NEW: whole.safetensors with another name of a tensor.
renamed() {
    with_header whole.safetensors "s/\"$1\"/\"$2\"/" >"$2.safetensors"
}
for name in label targets; do
    renamed target $name
    unfit "$name.safetensors: tensor \"target\" is missing, and there is \"$name\"" "${infer[@]}" --batch $name.safetensors
done
renamed input x
unfit 'x.safetensors: tensor "input" is missing; the file has "x" \[5, 1, 8, 8\], "target" \[5\]' "${infer[@]}" --batch x.safetensors
cat pixels classes pixels | safetensors '{"input":{"dtype":"U8","shape":[5,1,8,8],"data_offsets":[0,320]},"target":{"dtype":"I64","shape":[5],"data_offsets":[320,360]},"number":{"dtype":"U8","shape":[5,64],"data_offsets":[360,680]}}' >more.safetensors
check "another tensor" infers 0 tm.safetensors --batch more.safetensors
check "  changes nothing" cmp t.safetensors tm.safetensors
for name in initial.9 intial.1; do
    with_header more.safetensors "s/\"number\"/\"$name\"/" >$name.safetensors
    unfit "$name.safetensors: tensor \"$name\" is not one of a batch for 5 populations" "${infer[@]}" --batch $name.safetensors
done
check "a target alone" ends 2 0 verify small.yaml --target y.npy
check "  says so" complains_once '^vicinal: --target y.npy: give the input too'
check "over its target" ends 2 0 infer small.yaml --weights $weights --batch x.npy --target y.npy --out y.npy
check "nothing half written" nothing_half_written .
finish
