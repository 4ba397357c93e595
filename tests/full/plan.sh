#!/usr/bin/env bash
# What vicinal plan says of the communication of a strict step beside what vicinal comm measures, on 2 ranks and 2
# cores that comm --calibrate has described: within 25 % from 1 KB to 8 MB. All messages go by MPI, whose wires the
# model describes.
#
# The communication of a strict step is what its two messages between the ranks cost: the time that both ranks take to
# hand them over and to say where they shall go (posting), and to wait for them once they have been said (wire).
# Waiting for a speaker that is late is not in it. Each round measures, calibrates, and measures again, and gives a
# ratio. Processors change their speed as they please: a round whose two measurements differ does not count, and is
# repeated, up to three times as often as rounds are wanted. The plan has no say in that. Medians of the ratios are
# compared.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${VICINAL_PROGRAM:-${VICINAL_BUILD:-$root/build}/release/vicinal}
rounds=${VICINAL_ROUNDS:-5}
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher
export OPENBLAS_NUM_THREADS=1
# On one node shared memory is all the wire there is: looking for others with each poll takes longer than a message.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader

skip() {
    echo "SKIP: $*"
    exit 77
}

[[ -x $program ]] || { echo "FAIL: there is no program $program"; exit 1; }
(($(nproc) >= 2)) || skip "needs two cores"
# Ranks that have to share their cores would measure that. As root they come first, and alone.
first=()
! chrt --fifo 1 true 2>/dev/null || first=(chrt --fifo 1)

work=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-plan.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# Two populations on each rank; between the ranks travel 256 numbers of 4 bytes a sample, up and down.
cat >step.yaml <<'END'
name: step
network:
  input: [256]
  layers: [[linear: 256, relu], [linear: 256, relu], [linear: 256]]
  loss: squared-error
inference: {algorithm: strict, eta: 0.1, steps: 10, messages: always}
END
batches=1,2,4,8,16,32,64,128,256,512,1024,2048,4096,8192

two_ranks() {
    "${first[@]}" timeout --kill-after=5 300 "${mpirun[@]}" -np 2 "$program" "$@"
}

# communication FILE: batch and seconds of posting and wire in a step, of 21 messages in 10 steps and a sweep.
communication() {
    awk -F , '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { print $column["batch"], 2 * (2 / 21) * ($column["seconds_posting"] + $column["seconds_wire"]) }' "$1" | sort -k 1,1
}

# measure FILE
measure() {
    two_ranks comm step.yaml --transport mpi --alone --sweep batch=$batches --repeat 15 --csv measured.csv >/dev/null 2>&1
    communication measured.csv >"$1"
}

# is_steady: whether the measurements before and after differ by less than 10 %, in the median of the sizes.
is_steady() {
    join before after | awk '{ off = 2 * ($3 - $2) / ($3 + $2); print off < 0 ? -off : off }' | sort -g |
        awk '{ off[NR] = $1 } END { exit !(off[int((NR + 1) / 2)] < 0.1) }'
}

counted=0
for ((round = 1; counted < rounds && round <= 3 * rounds; round++)); do
    measure before
    two_ranks comm step.yaml --transport mpi --calibrate machine.yaml >calibration.txt 2>/dev/null
    measure after
    "$program" plan step.yaml --machine machine.yaml --ranks 2 --alone --sweep batch=$batches --csv planned.csv >/dev/null
    communication planned.csv >planned
    join before after | join - planned | awk '{ print $1, ($2 + $3) / 2, $4, $4 / (($2 + $3) / 2) }' >round
    if is_steady; then
        cat round >>steady
        counted=$((counted + 1))
        echo "round $round: counts" >&2
    else
        echo "round $round: the machine changed its speed" >&2
    fi
    cat round >>all
done
if ((counted < rounds)); then
    echo "only $counted of $((round - 1)) rounds were steady: all of them count"
    cp all steady
fi
cat calibration.txt

# medians COLUMN: batch and the median of that column of the rounds.
medians() {
    sort -k 1,1 -k "$1,$1g" steady | awk -v column="$1" '
        function tell() { if (n) print batch, (value[int((n + 1) / 2)] + value[int(n / 2) + 1]) / 2 }
        $1 != batch { tell(); n = 0; batch = $1 }
        { value[++n] = $column }
        END { tell() }'
}

printf '\ncommunication of a strict step, medians of %d rounds\n%10s %14s %14s %9s\n' \
    $(($(wc -l <steady) / $(wc -l <planned))) bytes measured planned off
join <(medians 2) <(medians 3) | join - <(medians 4) | sort -n | awk -v bound=25 '
    {
        off = 100 * ($4 - 1)
        good = off <= bound && off >= -bound
        bad += !good
        printf "%10d %11.2f us %11.2f us %7.1f %%%s\n", $1 * 1024, 1e6 * $2, 1e6 * $3, off, good ? "" : "  FAILED"
    }
    END { exit bad > 0 }'
