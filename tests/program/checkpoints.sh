#!/usr/bin/env bash
# Checkpoints: when a run writes them, which of them stay, that a damaged one is named and the one before it used, and
# that a run goes on from any of them to the same bits, on any number of ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml # 15 batches in each of 2 epochs
often=(--set learning.checkpoint='{steps: 4, keep: 100}')

# kept FOLDER: its checkpoints, the oldest first, on one line.
kept() {
    (cd "$1/checkpoints" && printf '%s ' *)
}

every_fourth='epoch-000000-step-000000004 epoch-000000-step-000000008 epoch-000000-step-000000012 epoch-000001-step-000000000 '
every_fourth+='epoch-000001-step-000000001 epoch-000001-step-000000005 epoch-000001-step-000000009 epoch-000001-step-000000013 '
every_fourth+='epoch-000002-step-000000000 '

same_as() {
    cmp "$1/weights.safetensors" "$2/weights.safetensors" && cmp "$1/metrics.csv" "$2/metrics.csv" &&
        cmp "$1/free_energy.csv" "$2/free_energy.csv"
}

echo "-- when"
check "without any" ends 0 3 train small.yaml --out quiet
check "  the last two epochs stay" [ "$(kept quiet)" = 'epoch-000001-step-000000000 epoch-000002-step-000000000 ' ]
for ranks in 1 3; do
    check "after every fourth batch, $ranks ranks" ends 0 $ranks train small.yaml --out often-$ranks "${often[@]}"
    check "  they are there" [ "$(kept often-$ranks)" = "$every_fourth" ]
    check "  a file for each rank" [ "$(cd often-$ranks/checkpoints/epoch-000001-step-000000005 && echo *)" = \
        "manifest.json $(for ((r = 0; r < ranks; r++)); do echo "rank-$r.safetensors"; done | xargs)" ]
    check "  the run has the same bits" same_as often-$ranks quiet
done
check "a config says so itself" grep -qx '  checkpoint: {steps: 4, minutes: 0, keep: 100}' \
    <(tr '\n' ' ' <often-1/config.yaml | sed -n 's/.*\(  checkpoint:\) *steps: \([0-9]*\) *minutes: \([0-9]*\) *keep: \([0-9]*\).*/\1 {steps: \2, minutes: \3, keep: \4}/p')
check "after next to no time" ends 0 2 train small.yaml --out minutes --set learning.checkpoint='{minutes: 1e-9, keep: 99}'
check "  there are more than the epochs'" [ "$(kept minutes | wc -w)" -gt 2 ]
check "  the same bits" same_as minutes quiet
check "three stay" ends 0 1 train small.yaml --out three --set learning.checkpoint='{steps: 1, keep: 3}'
check "  the last three" [ "$(kept three)" = \
    'epoch-000001-step-000000013 epoch-000001-step-000000014 epoch-000002-step-000000000 ' ]
check "nothing half written" nothing_half_written .

for wrong in '{steps: -1}' '{minutes: -2}' '{keep: 0}' '{steps: 1.5}' '{step: 4}' 4; do
    check "checkpoint: $wrong" ends 2 0 train small.yaml --out wrong --set "learning.checkpoint=$wrong"
    check "  is named" complains_once 'learning.checkpoint'
done
echo mine >file
mkdir blocked
mv file blocked/checkpoints
check "a file of their folder's name" ends 3 2 train small.yaml --out blocked
check "  says so once" complains_once '^vicinal: blocked/checkpoints: is no folder'
check "  and stays" [ "$(cat blocked/checkpoints)" = mine ]

echo "-- going on"
# cut_at NAME [FROM]: `cut` becomes the run as it was when that checkpoint had just become whole.
cut_at() {
    rm -rf cut
    cp -r "${2:-often-3}" cut
    rm cut/weights.safetensors
    local later
    for later in $every_fourth; do
        [[ ! $later > $1 ]] || rm -r "cut/checkpoints/$later"
    done
}
# What was being written when a run was cut off has no manifest yet.
begin_next() {
    mkdir cut/checkpoints/epoch-000001-step-000000009
    printf half >cut/checkpoints/epoch-000001-step-000000009/rank-0.safetensors
    printf half >cut/checkpoints/epoch-000001-step-000000009/.manifest.json.vicinal-01234567
}
for name in epoch-000000-step-000000004 epoch-000001-step-000000000 epoch-000001-step-000000005; do
    for ranks in 0 2 5; do
        cut_at $name
        [[ $name != *5 ]] || begin_next
        check "from $name, $ranks ranks" ends 0 $ranks train small.yaml --out cut --resume "${often[@]}"
        check "  the same bits" same_as cut quiet
        check "  the same checkpoints" [ "$(kept cut)" = "$every_fourth" ]
        check "  nothing half written" nothing_half_written cut
    done
done
cut_at epoch-000001-step-000000005 often-1
check "of one rank, by three" ends 0 3 train small.yaml --out cut --resume
check "  the same bits" same_as cut quiet
check "  two stay" [ "$(kept cut)" = 'epoch-000001-step-000000005 epoch-000002-step-000000000 ' ]

echo "-- damaged ones"
newest=cut/checkpoints/epoch-000001-step-000000005
before=cut/checkpoints/epoch-000001-step-000000001

# flip FILE OFFSET: changes one byte, from the end where the offset is negative.
flip() {
    local size at byte
    size=$(stat -c %s "$1")
    at=$(($2 < 0 ? size + $2 : $2))
    byte=$(od -An -tu1 -j $at -N 1 "$1")
    # shellcheck disable=SC2059
    printf "\\x$(printf %x $((byte ^ 4)))" | dd of="$1" bs=1 seek=$at conv=notrunc status=none
}

# named PATTERN [RANKS]: whether the newest is said to be damaged like this, and the run goes on from the one before.
named() {
    local ranks
    cp -r cut damaged
    for ranks in ${2:-0 3}; do
        rm -r cut
        cp -r damaged cut
        check "$1, $ranks ranks" ends 0 "$ranks" train small.yaml --out cut --resume "${often[@]}"
        check "  is named" grep -Eq "^warning: $newest/$1: the checkpoint before it is tried\$" stderr
        check "  once" [ "$(grep -c ^warning: stderr)" = 1 ]
        check "  goes on from the one before" says '^going on after epoch 1, step 1$'
        check "  to the same bits" same_as cut quiet
        check "  with whole checkpoints" [ "$(kept cut)" = "$every_fourth" ]
    done
    rm -r damaged
}
cut_at epoch-000001-step-000000005
flip $newest/rank-1.safetensors -5
named 'rank-1.safetensors: damaged: the CRC-32 of tensor "[0-9.a-z_]*" is [0-9a-f]{8}, and was [0-9a-f]{8}'
cut_at epoch-000001-step-000000005
flip $newest/rank-2.safetensors 40
named 'rank-2.safetensors: damaged: the CRC-32 of the header is [0-9a-f]{8}, and was [0-9a-f]{8}' 2
cut_at epoch-000001-step-000000005
truncate -s -1 $newest/rank-0.safetensors
named 'rank-0.safetensors: damaged: it has [0-9]+ bytes, and had [0-9]+' 3
cut_at epoch-000001-step-000000005
rm $newest/rank-2.safetensors
named 'rank-2.safetensors: cannot open: No such file or directory' 2
cut_at epoch-000001-step-000000005
sed -i 's/"step": 5/"step": 6/' $newest/manifest.json
named 'manifest.json: the manifest is damaged: its CRC-32 is [0-9a-f]{8}, it says [0-9a-f]{8}' 3
cut_at epoch-000001-step-000000005
truncate -s 100 $newest/manifest.json
named 'manifest.json: the manifest is damaged: it is no JSON' 2
cut_at epoch-000001-step-000000005
sed -i 's/"vicinal.checkpoint": 3/"vicinal.checkpoint": 9/' $newest/manifest.json
named 'manifest.json: a checkpoint of format 9, which this version does not know: in folders it reads format 3' 0

cut_at epoch-000001-step-000000005
flip $newest/rank-1.safetensors -5
flip $before/rank-0.safetensors -5
check "two of them" ends 0 2 train small.yaml --out cut --resume "${often[@]}"
check "  both are named" [ "$(grep -c '^warning: cut/checkpoints/.*: damaged: ' stderr)" = 2 ]
check "  the same bits" same_as cut quiet
cut_at epoch-000000-step-000000004
flip cut/checkpoints/epoch-000000-step-000000004/rank-0.safetensors -5
cp -r cut all
for ranks in 0 3; do
    check "all of them, $ranks ranks" ends 3 $ranks train small.yaml --out cut --resume
    check "  says so once" complains_once '^vicinal: cut: no checkpoint there is whole: begin anew'
    check "  and leaves all as it was" diff -r --exclude=.vicinal.lock all cut
done

echo "-- one file"
for ranks in 0 2; do
    check "weights of a run that has ended, $ranks ranks" ends 0 $ranks export often-3 --out exported.safetensors
    check "  says from when" prints '^exported.safetensors: weights after epoch 2, step 0$'
    check "  they are its weights" cmp <(tail -c 1000 exported.safetensors) <(tail -c 1000 quiet/weights.safetensors)
    check "  all of them" ends 0 0 evaluate small.yaml --weights exported.safetensors --json
    cp stdout exported.json
    check "  evaluate as well" ends 0 0 evaluate small.yaml --weights quiet/weights.safetensors --json
    check "  as they do" cmp stdout exported.json
done
cut_at epoch-000001-step-000000005
check "of one that was cut off" ends 0 0 export cut --json
check "  into its folder" has out '"cut/weights.safetensors"'
check "  says from when" has updates 20
check "all of it" ends 0 3 export cut --state
check "  into its folder" prints '^cut/state.safetensors: all after epoch 1, step 5$'
check "  as weights it evaluates" ends 0 0 evaluate small.yaml --weights cut/state.safetensors --json
check "  says so" says '^cut/state.safetensors: a checkpoint: its weights after epoch 1 are taken$'
cp stdout state.json
check "  as the weights do" ends 0 0 evaluate small.yaml --weights cut/weights.safetensors --json
check "  which are the same" cmp stdout state.json
# A run of an earlier version left one file, which is what this makes.
mkdir old
cp cut/config.yaml cut/metrics.csv cut/free_energy.csv old
sed -i '$d' old/metrics.csv
mv cut/state.safetensors old/checkpoint.safetensors
check "a run goes on from one file" ends 0 3 train small.yaml --out old --resume
check "  to the same bits" same_as old quiet
check "  which then is in the past" absent old/checkpoint.safetensors
check "a folder without any" ends 3 0 export blocked
check "  says so once" complains_once '^vicinal: blocked: no checkpoint there is whole'
check "what is no folder" ends 3 2 export small.yaml
check "a result that cannot be" ends 3 2 export often-3 --out nowhere/out
check "  says so once" complains_once '^vicinal: nowhere/out: '
finish
