#!/usr/bin/env bash
# vicinal comm: its counts on any number of ranks, its keys, rows and pictures, sweeps, and what it refuses.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml # 64-24-16-12-10, batch 96, float32, 4 steps
write_config bare.yaml inference
write_reference_config reference.yaml
number='-?[0-9.]+(e[-+]?[0-9]+)?'

# column NAME FILE: its values, one a line.
column() {
    awk -F , -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i; next } { print $place }' "$2"
}

# lacks PATH: what was printed is JSON without this path.
lacks() {
    has "" && ! has "$1"
}

# counts FILE: what the CSV file counts, without what it measures.
counts() {
    cut -d , -f 1-8 "$1"
}

# adds_up COLUMN FILE PATTERN SUM: over the rows like the pattern.
adds_up() {
    awk -F , -v name="$1" -v pattern="$3" -v sum="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i; next }
        $0 ~ pattern { total += $place }
        END { exit total != sum }' "$2"
}

echo "-- JSON"
check "comm" ends 0 5 comm small.yaml --json --repeat 2 --csv five.csv --svg five.svg
check "  prints JSON and nothing else" has ""
check "  with batch" has batch 96
check "  with ranks" has ranks 5
check "  with steps" has steps 4
check "  the configured algorithm first" has runs.0.algorithm '"fixed-prediction"'
check "  and how it speaks" has runs.0.messages '"event-driven"'
others=('exact" *"event-driven' 'fixed-prediction" *"always' 'strict" *"event-driven' 'strict" *"always')
for i in 1 2 3 4; do
    words=${others[i - 1]}
    check "  then ${words//\" \*\"/, }" has runs.$i.algorithm "\"${words%%\"*}\""
    check "    speaking so" has runs.$i.messages "\"${words##*\"}\""
done
check "  and no more" lacks runs.5
check "  edges with from" has runs.0.edges.7.from 3
check "  with to" has runs.0.edges.7.to 4
check "  with kind" has runs.0.edges.7.kind '"error"'
check "  with messages" has runs.0.edges.7.messages 1
check "  with bytes" has runs.0.edges.7.bytes $((10 * 96 * 4))
check "  with seconds_waiting" has runs.0.edges.7.seconds_waiting "$number"
check "  and each step" has runs.0.edges.7.by_step.0.step 1
check "  of all edges" lacks runs.0.edges.8
for key in seconds critical_path critical_path_free communication_share overhead mean.computing mean.late \
    ranks.4.computing ranks.4.posting ranks.4.late ranks.4.wire; do
    check "  with $key of a run" has "runs.3.$key" "$number"
done

echo "-- counts"
all=$(((24 + 16 + 12 + 10) * 96 * 4)) hidden=$(((16 + 12 + 10) * 96 * 4))
check "exact sends everything twice" adds_up bytes five.csv '^exact' $((2 * all))
check "so does fixed-prediction at eta 1" adds_up bytes five.csv '^fixed-prediction,event-driven' $((2 * all))
check "always: L + n (L-1) + 1 messages" adds_up messages five.csv '^fixed-prediction,always' 17
check "  of so many bytes" adds_up bytes five.csv '^fixed-prediction,always' $((2 * all + 3 * hidden))
check "strict: L + 3 + 2 + 1 predictions" adds_up messages five.csv '^strict,event-driven,.*prediction' 10
check "  and 4 + 3 + 2 + 1 errors" adds_up messages five.csv '^strict,event-driven,.*error' 10
check "strict, always: L + n (L-1) predictions" adds_up messages five.csv '^strict,always,.*prediction' 16
check "a row for each run, edge, kind and step" [ "$(wc -l <five.csv)" = $((1 + 8 * (4 * 5 + 2))) ]
for ranks in 0 2 3; do
    check "$ranks ranks" ends 0 $ranks comm small.yaml --repeat 1 --csv "$ranks.csv"
    check "  the same counts" diff <(counts five.csv) <(counts "$ranks.csv")
done

echo "-- for people"
check "comm" ends 0 2 comm small.yaml --repeat 1
check "  an edge" prints '^ +1 <- 2 +error +1 +6144 .* 3$'
check "  a rank" prints '^ +1 +[0-9](-[0-9]| to [0-9])? '
check "  exact" prints '^exact +event-driven +4 +4 +47616 '
check "  what measuring costs" prints '^noting a moment costs [0-9]+ ns: at most .* %'
check "  its memory, on stderr" says '^memory: '
check "the picture is SVG" grep -q '^<svg ' five.svg
check "  to its end" [ "$(tail -n 1 five.svg)" = "</svg>" ]

echo "-- data, weights, algorithms"
check "no data: random numbers" ends 0 2 comm bare.yaml --repeat 1 --json
check "  64 at once" has batch 64
check "squared error" ends 0 0 comm bare.yaml --repeat 1 --set network.loss=squared-error
check "weights from a file" ends 0 0 comm reference.yaml --repeat 1 --weights "$reference/weights.safetensors"
check "  that does not fit" ends 3 0 comm small.yaml --repeat 1 --weights "$reference/weights.safetensors"
check "strict, always, is not repeated" ends 0 0 comm small.yaml --repeat 1 --json \
    --set inference.algorithm=strict --set inference.messages=always
check "  5 runs" lacks runs.5
check "  it comes first" has runs.0.algorithm '"strict"'
check "  as configured" has runs.0.messages '"always"'
check "exact" ends 0 0 comm small.yaml --repeat 1 --json --set inference.algorithm=exact --set inference.steps=7
check "  has 1 step" has runs.0.steps 1
check "  the others as configured" has runs.4.steps 7
check "more ranks than populations" ends 0 6 comm small.yaml --repeat 1

echo "-- micro-batches"
pipeline=(--set inference.algorithm=exact)
check "in 4" ends 0 3 comm small.yaml --repeat 1 --json "${pipeline[@]}" --set inference.microbatches=4 --csv parts.csv
check "  the configured algorithm first" has runs.0.algorithm '"exact"'
check "  and in how many" has runs.0.microbatches 4
check "  4 messages an edge, kind and batch" has runs.0.edges.7.messages 4
check "  in one step" has runs.0.edges.7.by_step.0.messages 4
check "  of the same bytes" has runs.0.edges.7.bytes $((10 * 96 * 4))
check "  then the whole batch" has runs.1.algorithm '"exact"'
check "    as one message" has runs.1.microbatches 1
check "  then the others" has runs.5.algorithm '"strict"'
check "  and no more" lacks runs.6
check "  rows tell them apart" [ "$(awk -F , '$1 == "exact" { print $NF, $7 }' parts.csv | sort -u | tr '\n' ' ')" = \
    "1 0 1 1 4 0 4 4 " ]
check "for people" ends 0 2 comm small.yaml --repeat 1 "${pipeline[@]}" --set inference.microbatches=4 --svg parts.svg
check "  a row" prints '^exact, m = 4 +event-driven +16 +16 '
check "  beside the whole batch" prints '^exact +event-driven +4 +4 '
check "  in the picture too" grep -q 'exact, m = 4' parts.svg
check "swept over" ends 0 2 comm small.yaml --repeat 1 "${pipeline[@]}" --sweep microbatches=1,2,96 --csv cuts.csv
check "  in rows" [ "$(awk -F , '$7 == "exact" { print $NF }' cuts.csv | tr '\n' ' ')" = "1 2 1 96 1 " ]
check "  by the name of the key too" ends 0 0 comm small.yaml --repeat 1 "${pipeline[@]}" --sweep inference.microbatches=1,2

echo "-- learning, and alone"
check "as in learning" ends 0 3 comm small.yaml --repeat 1 --json --learn
check "  says so" has learns true
check "  with all beside it" has runs.4.algorithm '"strict"'
check "  for people too" ends 0 0 comm small.yaml --repeat 1 --learn --alone
check "    says so" prints 'gradients included'
check "alone" ends 0 3 comm small.yaml --repeat 1 --json --alone
check "  the configured algorithm" has runs.0.algorithm '"fixed-prediction"'
check "  and no other" lacks runs.1
check "  nothing is learned" has learns false

echo "-- sweeps"
check "batch, ranks and steps" ends 0 3 comm small.yaml --repeat 1 --sweep batch=8,32 --sweep ranks=1,3 \
    --sweep steps=2,4,6 --csv sweep.csv --svg sweep.svg
check "  a row for each combination and run" [ "$(wc -l <sweep.csv)" = $((1 + 2 * 2 * 3 * 5)) ]
check "  on stdout too" [ "$(grep -c '^\(8\|32\) ' stdout)" = 60 ]
check "  batches" [ "$(column batch sweep.csv | sort | uniq -c | tr -s ' \n' ' ')" = " 30 32 30 8 " ]
check "  the last key changes fastest" [ "$(column steps sweep.csv | uniq | sed -n 1,4p | tr '\n' ' ')" = "2 4 6 2 " ]
check "  traffic does not depend on ranks" [ "$(awk -F , 'NR > 1 { print $1, $6, $7, $8, $11 }' sweep.csv |
    sort | uniq -c | awk '$1 != 2')" = "" ]
check "  the picture ends" [ "$(tail -n 1 sweep.svg)" = "</svg>" ]
check "depth and width" ends 0 0 comm small.yaml --repeat 1 --sweep depth=2,6 --sweep width=5 --csv shape.csv
check "  the depth" [ "$(column layers shape.csv | uniq | tr '\n' ' ')" = "2 6 " ]
check "  the bytes" [ "$(awk -F , '$1 == 96 && $9 == "exact" { print $13 }' shape.csv | tr '\n' ' ')" = \
    "$((2 * 15 * 96 * 4)) $((2 * 35 * 96 * 4)) " ]
check "depth alone" ends 0 0 comm small.yaml --repeat 1 --sweep depth=6 --csv deep.csv
check "  repeats the hidden layers in turn" [ "$(awk -F , '$8 == "exact" { print $12 }' deep.csv)" = \
    $((2 * (24 + 16 + 12 + 16 + 12 + 10) * 96 * 4)) ]
check "keys of the config" ends 0 0 comm small.yaml --repeat 1 --json --sweep precision=float32,float64 \
    --sweep inference.messages=event-driven,always
check "  each combination" has combinations.3.settings.precision '"float64"'
check "  with its batch" has combinations.3.batch 96
check "  with its runs" has combinations.3.runs.0.messages '"always"'
check "  bytes double" has combinations.2.runs.0.edges.0.bytes $((24 * 96 * 8))
check "  the first again as ever" has runs.0.edges.0.bytes $((24 * 96 * 4))
check "a list of lists" ends 0 0 comm bare.yaml --repeat 1 --csv lists.csv \
    --sweep 'network.layers=[[linear: 3, tanh], [linear: 4]],[linear: 10]'
check "  is two values" [ "$(cut -d , -f 3 lists.csv | uniq | tr '\n' ' ')" = "layers 2 1 " ]
check "  in quotes where it has commas" [ "$(grep -c ',"\[\[linear: 3, tanh\], \[linear: 4\]\]",' lists.csv)" = 5 ]

echo "-- refused: 2"
# wrong PATTERN WORD...: the words end with 2, and with one line like the pattern.
wrong() {
    local pattern=$1
    shift
    check "$*" ends 2 0 comm "$@"
    check "  says once: $pattern" complains_once "$pattern"
    check "  prints nothing" prints_nothing
}
wrong "^vicinal: --sweep inference.etta=1: .*did you mean 'eta'" small.yaml --sweep inference.etta=1
wrong "^vicinal: --sweep widht: .*did you mean 'width'" small.yaml --sweep widht=3
wrong "^vicinal: --sweep eta=-1: .*inference.eta" small.yaml --sweep eta=0.5,-1
wrong "^vicinal: --sweep steps=0: " small.yaml --sweep steps=1,0
wrong "^vicinal: --sweep precision=float16: " small.yaml --sweep precision=float16
wrong "^vicinal: --sweep microbatches=2: .*is for algorithms that take a batch as a pipeline" small.yaml --sweep microbatches=1,2
wrong "^vicinal: --sweep microbatches=0: .*whole number from 1" small.yaml "${pipeline[@]}" --sweep microbatches=0
wrong "^vicinal: --sweep microbatches=97: .*at most learning.batch, which is 96" small.yaml "${pipeline[@]}" --sweep microbatches=97
wrong "a batch of 8 samples cannot be cut into 9" small.yaml "${pipeline[@]}" --sweep batch=8 --sweep microbatches=9
wrong "^vicinal: --sweep batch=0: a whole number from 1" small.yaml --sweep batch=0
wrong "^vicinal: --sweep batch=x: a whole number from 1" small.yaml --sweep batch=x
wrong "^vicinal: --sweep batch=5000: there are 1437 samples" small.yaml --sweep batch=5000
wrong "^vicinal: --sweep ranks=3: this run has 1 rank, start it with mpirun -np 3" small.yaml --sweep ranks=1,3
wrong "^vicinal: --sweep steps=1,,2: value 2 is empty" small.yaml --sweep steps=1,,2
wrong "^vicinal: --sweep steps: write KEY=A,B,C" small.yaml --sweep steps
wrong "^vicinal: --sweep steps is given twice" small.yaml --sweep steps=1 --sweep steps=2
wrong "more than 10000 combinations" small.yaml --sweep "steps=$(seq -s , 101)" --sweep "seed=$(seq -s , 101)"
wrong "^vicinal: --sweep depth=3: a network of one layer has no hidden layer" small.yaml --set 'network.layers=[linear: 10]' --sweep depth=3
wrong "^vicinal: --repeat 0: a whole number from 1" small.yaml --repeat 0
wrong "^vicinal: --repeat many: a whole number from 1" small.yaml --repeat many
wrong "^vicinal: --set inference.etta=1: " small.yaml --set inference.etta=1
wrong "no option --swep: did you mean --sweep" small.yaml --swep steps=1

echo "-- refused: 3 and 4"
check "a picture that cannot be written" ends 3 2 comm small.yaml --repeat 1 --svg nowhere/a.svg
check "  says once which" complains_once 'nowhere/a.svg: .*No such file'
check "  prints nothing" prints_nothing
check "rows that cannot be written" ends 3 2 comm small.yaml --repeat 1 --csv nowhere/a.csv
check "  says once which" complains_once 'nowhere/a.csv: .*No such file'
# Through links, so that nothing but a link can be lost.
ln -s /dev/stdout shown
check "rows to stdout" ends 0 2 comm small.yaml --repeat 1 --alone --csv shown
check "  reach it" prints '^fixed-prediction,event-driven,'
check "  and the table too" prints '^fixed-prediction  event-driven '
ln -s /dev/full full
check "a device that is full" ends 3 0 comm small.yaml --repeat 1 --alone --svg full
check "  says once which" complains_once '^vicinal: full: cannot be written: No space left'
check "  and stays" [ -L full ]
# A verdict would tell of anything measured before.
for sweep in ranks=1,2 batch=8,5000 'data.train.labels=nowhere'; do
    wanted=2
    [[ $sweep != data.* ]] || wanted=3
    check "a sweep that ends at a wrong setting, $sweep" ends $wanted 0 comm small.yaml --sweep "$sweep" --audit
    check "  is refused before anything is measured" prints_nothing
done
check "a machine file that cannot be written" ends 3 2 comm small.yaml --calibrate nowhere/m.yaml
check "  is refused before anything is measured" complains_once '^vicinal: nowhere/m.yaml: .*No such file'
check "  and nothing is said of speeds" bash -c "! grep -q operations/s '$work/stderr'"
runaway=(--set inference.eta=1e30 --set inference.steps=9)
check "strict that runs away" ends 4 2 comm small.yaml --repeat 1 --set inference.algorithm=strict "${runaway[@]}"
check "  says once where" complains_once 'not a finite number at inference step'
check "exact beside it" ends 0 2 comm small.yaml --repeat 1 --set inference.algorithm=exact "${runaway[@]}"
check "  warns" says '^warning: strict, for comparison: .*not a finite number'
check "nothing half written" nothing_half_written .
finish
