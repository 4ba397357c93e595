#!/usr/bin/env bash
# --audit: its verdict on every algorithm and command, alone, on fewer ranks than populations, on as many and on more;
# what it counts; where it is told. Usage: audit.sh [whole]; whole: every algorithm with every command on each number
# of ranks, and that it takes less than 2 % of the time, on a machine that does nothing else.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
whole=false
[[ ${1:-} != whole ]] || whole=true
cd "$work"
write_config small.yaml # 64-24-16-12-10, batch 96, float32, 4 steps
write_reference_config reference.yaml
weights=$reference/weights.safetensors batch=$reference/batch.safetensors
L=4
declare -A commands=(
    [train]="train small.yaml --out run --set learning.epochs=1"
    [infer]="infer reference.yaml --weights $weights --batch $batch --out out.safetensors"
    [verify]="verify small.yaml"
    [comm]="comm small.yaml --repeat 1"
)

# clean RANKS: what was printed is an audit without a fault, of so many ranks.
clean() {
    has audit.passed true && has audit.faults '\[\]' && has audit.ranks "$1" && has audit.ledger_agrees true &&
        has audit.stock_agrees true && has audit.collectives_inside 0 && has audit.inferences '[1-9][0-9]*'
}

# is_once: every parameter is held, and none twice.
is_once() {
    has audit.parameters.arrays $((2 * L)) && [[ $("$VICINAL_JSON" audit.parameters.bytes <stdout) == \
        $("$VICINAL_JSON" audit.parameters.held_bytes <stdout) ]]
}

# audits NAME RANKS WORD...: a command under audit, with these words.
audits() {
    local name=$1 ranks=$2 words
    shift 2
    read -ra words <<<"${commands[$name]}"
    ends 0 "$ranks" "${words[@]}" --audit --json "$@" && clean "$ranks" && is_once
}

echo "-- every algorithm, every command"
# algorithms RANKS NAME: that command with every algorithm.
algorithms() {
    local algorithm eta
    for algorithm in exact fixed-prediction strict augmented-lagrangian incremental; do
        eta=1
        [[ $algorithm != strict && $algorithm != augmented-* && $algorithm != incremental ]] || eta=0.1
        check "$2, $algorithm, $1 ranks" audits "$2" "$1" --set inference.algorithm=$algorithm \
            --set inference.eta=$eta --set 'learning.optimizer={adam: {rate: 0.001}}'
    done
}
if $whole; then
    for ranks in 1 2 $((L + 1)); do
        for name in train infer verify comm; do
            algorithms $ranks $name
        done
    done
else
    algorithms $((L + 1)) train
    algorithms 2 infer
    check "verify, 1 rank" audits verify 1
    check "comm, 2 ranks" audits comm 2
fi

echo "-- settings"
check "speaking always" audits verify 5 --set inference.messages=always
check "wires that are late and short of digits" audits verify 5 --set channels.delay=1 --set channels.encoding=int8
# 1437 samples: of batches of 7, which end in the middle of a word of any size, the last one has 2.
for coding in encoding=float16 encoding=bfloat16 encoding=int8 keep=0.3 drop=0.2 noise=0.1; do
    for transport in mpi shared; do
        check "short odd batches, $coding, $transport" audits train 5 --set learning.batch=7 \
            --set channels.$coding --transport $transport
    done
done
check "steps that learn, compared" audits train 3 --set inference.algorithm=incremental \
    --set 'learning.compare={every: 2}'
check "micro-batches" audits train 3 --set inference.algorithm=exact --set inference.microbatches=4
check "belief coordinates" audits verify 5 --set inference.coordinates=belief --set inference.eta=0.5
check "more ranks than populations" audits train 7
check "evaluate" ends 0 3 evaluate small.yaml --weights run/weights.safetensors --audit --json
check "  passes" clean 3
check "explain" ends 0 3 explain "$root/configs/lessons/02-by-hand.yaml" --audit
check "  passes" prints '^audit passed: '
check "a trajectory" audits verify 3 --trajectory --set inference.eta=0.5
check "against float64" audits verify 3 --against precision=float64
check "a comparison while it learns" audits train 2 --set 'learning.compare={every: 3}'
check "a sweep over ranks" audits comm 3 --sweep ranks=1,2,3 --sweep batch=8,16

echo "-- counts"
bytes=0
strict=(--set inference.algorithm=strict --set inference.eta=0.1)
check "strict, one inference" audits infer 5 --transport mpi "${strict[@]}"
check "  of one" has audit.inferences 1
samples=$("$VICINAL_JSON" batch <stdout)
widths=(20 16 12 10 5)
for l in 1 2 3 4; do
    # max0(n-L+l-1) + 1 predictions and n-L+l errors, n = L
    check "  predictions to $l" has audit.messages.$((l - 1)).$l $l
    check "  their bytes" has audit.bytes.$((l - 1)).$l $((l * widths[l] * 8 * samples))
    check "  errors from $l" has audit.messages.$l.$((l - 1)) $l
    bytes=$((bytes + 2 * l * widths[l] * 8 * samples))
done
check "  nobody else" has audit.messages.0 '\[0, *1, *0, *0, *0\]'
check "  no bytes" has audit.bytes.4.0 0
check "  who may talk" has audit.wired '\[\[0, *1\], *\[1, *0\], *\[1, *2\], *\[2, *1\], *\[2, *3\], *\[3, *2\], *\[3, *4\], *\[4, *3\]\]'
check "  the ledger" has audit.ledger.bytes $bytes
check "  nothing within a rank" has audit.within_ranks.messages 0
check "through shared memory" audits infer 5 --transport shared "${strict[@]}"
for l in 1 2 3 4; do
    check "  predictions to $l" has audit.shared.messages.$((l - 1)).$l $l
    check "  their bytes" has audit.shared.bytes.$((l - 1)).$l $((l * widths[l] * 8 * samples))
    check "  no message by MPI" has audit.messages.$((l - 1)).$l 0
    check "  a segment of the two" [ "$("$VICINAL_JSON" audit.shared.segments <stdout |
        tr -d ' \n' | grep -oE "\"rank\":[0-9],\"edge\":$((l - 1))," | sort -u | wc -l)" = 2 ]
done
check "  nothing by MPI in the ledger" has audit.ledger.bytes 0
check "  no more segments" [ "$("$VICINAL_JSON" audit.shared.segments <stdout | grep -o '"name"' | wc -l)" = 8 ]
check "alone" audits infer 1 "${strict[@]}"
check "  all within" has audit.within_ranks.bytes $bytes
check "  nothing between" has audit.messages '\[\[0\]\]'

echo "-- what is held"
check "train" audits train 5
for l in 0 1 2 3; do
    check "  population $l on its rank" has audit.populations.$l.rank $l
    check "  its synapses there" prints "\"name\": \"$l.0.weight\""
done
check "  once" [ "$(grep -c '"name": "2.0.weight"' stdout)" = 1 ]
check "  the optimiser's state beside them" prints '"name": "second_moment of 2.0.bias"'
check "  the loss without synapses" [ "$("$VICINAL_JSON" audit.populations.4 <stdout | grep -c synapses)" = 0 ]
check "  samples with the input" grep -q '"samples of a data set"' <("$VICINAL_JSON" audit.populations.0 <stdout)
check "  labels with the output" grep -q '"labels of a data set"' <("$VICINAL_JSON" audit.populations.4 <stdout)

echo "-- what it costs"
# between FLOOR CEILING: the audit's share of the time of inferences, on the rank where it is largest.
between() {
    "$VICINAL_JSON" audit.overhead.share <stdout | awk -v floor="$1" -v ceiling="$2" '{ exit !($1 > floor && $1 < ceiling) }'
}
check "train" audits train 5
check "  a part of it" between 0 1
! $whole || check "  below 2 %" between 0 0.02

echo "-- where it is told"
check "train keeps it" diff <("$VICINAL_JSON" audit <stdout) <("$VICINAL_JSON" "" <run/audit.json)
check "train without an audit" ends 0 2 train small.yaml --out run --set learning.epochs=1 --json
check "  keeps none of another run" absent run/audit.json
check "  prints none" [ "$(grep -c '"audit"' stdout)" = 0 ]
check "for people" ends 0 5 verify small.yaml --audit --transport mpi
check "  after the result" [ "$(grep -nE '^passed: |^audit passed: ' stdout | cut -d : -f 2 | tr '\n' ' ')" = "passed audit passed " ]
check "  a row a rank" prints '^  from rank   2 +\. +2 +\. +2 +\.$'
check "  what it costs" prints '^noting a call costs [0-9]+ ns, .*: at most [0-9.]+ % '
check "  what is held" prints '^  synapses   1.0.weight +\[16, 24\] +1536 bytes$'
check "  all is witnessed" [ "$(grep -c 'shared memory' stdout)" = 0 ]
check "  to the byte" prints '^  the ledger says the same to the byte; '
check "through shared memory" ends 0 5 verify small.yaml --audit
check "  of what goes by MPI" prints '^  of what went by MPI the ledger says the same to the byte; '
check "  which two ranks have mapped" prints \
    '^  /vicinal-[0-9a-f]{16}, edge 3: mapped by rank 3 and rank 4, [0-9]+ bytes$'
check "  is declared, not witnessed" prints '^  16 of 16 messages went through shared memory that two neighbours'
check "many ranks: a line a pair" ends 0 9 verify small.yaml --audit --transport mpi \
    --set 'network.layers=[linear: 3,linear: 3,linear: 3,linear: 3,linear: 3,linear: 3,linear: 3,linear: 10]'
check "  from rank 7 to rank 8" prints '^ +7 +8 +2 +7680$'
check "a failed check stays one" ends 1 2 verify small.yaml --audit --json --set network.layers='[linear: 3, linear: 10]' \
    --set inference.eta=0.00001 --set inference.steps=200000 --set learning.batch=1
check "  and the audit passes" clean 2
check "a wrong config" ends 2 2 verify small.yaml --audit --set inference.eta=-1
check "  says so once" complains_once 'inference.eta'
check "  prints nothing" prints_nothing
finish
