#!/usr/bin/env bash
# --trace: every command that runs inferences leaves one whole file, with an arrow per message, and the same results.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# about KEY FILE: a number of the file's otherData.
about() {
    "${VICINAL_JSON:?the built json_value}" "otherData.$1" <"$2"
}

events() {
    grep -c "\"ph\":\"$1\"" "$2"
}

# whole FILE MESSAGES: as many arrows as that begin and end, and five rows.
whole() {
    [[ $(about messages "$1") == "$2" && $(events s "$1") == "$2" && $(events f "$1") == "$2" ]] &&
        [[ $(grep -c '"thread_name"' "$1") == 5 ]] && nothing_half_written .
}

strict=(--set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=6)
check "how many messages there are" ends 0 0 comm small.yaml "${strict[@]}" --repeat 1 --json
strict_messages=$("$VICINAL_JSON" runs.0.predictions <"$work/stdout")
strict_messages=$((strict_messages + $("$VICINAL_JSON" runs.0.errors <"$work/stdout")))
check "train without" ends 0 0 train small.yaml --out without
for ranks in 0 2 5; do
    check "train, $ranks ranks" ends 0 $ranks train small.yaml --out run --trace "train$ranks.json"
    check "  8 messages in 16 of 30 inferences" whole "train$ranks.json" 128
    check "  which says what it left out" [ "$(about inferences_left_out "train$ranks.json")" = 14 ]
    check "  and so does the program" says '^trace of 30 inferences in train.*, without 14 in the middle'
    check "  learning is the same" cmp without/weights.safetensors run/weights.safetensors
    check "verify, $ranks ranks" ends 0 $ranks verify small.yaml "${strict[@]}" --trace verify.json
    check "  exact and strict" whole verify.json $((8 + strict_messages))
    check "comm, $ranks ranks" ends 0 $ranks comm small.yaml --repeat 1 --trace comm.json
    check "  twice each of five ways to speak" [ "$(about inferences comm.json)" = 10 ]
done
write_reference_config reference.yaml
check "infer" ends 0 3 infer reference.yaml --weights "$reference/weights.safetensors" \
    --batch "$reference/batch.safetensors" --out out.safetensors --trace infer.json
check "  one inference" whole infer.json 8

echo "-- what is wrong is said at once"
check "no such folder" ends 3 2 train small.yaml --out never --trace nowhere/trace.json
check "  says which file" complains_once '^vicinal: nowhere/trace.json: cannot be written'
check "  before anything is done" absent never
check "a folder of that name" ends 3 2 train small.yaml --out never --trace without
check "  says which" complains_once '^vicinal: without: cannot be written: Is a directory'
check "  before anything is done" absent never
check "a sweep has no one network" ends 2 0 comm small.yaml --sweep width=8,16 --trace sweep.json
check "  and leaves nothing" absent sweep.json
check "a config that is wrong leaves no trace" ends 2 2 train absent.yaml --trace absent.json
check "  none" absent absent.json
finish
