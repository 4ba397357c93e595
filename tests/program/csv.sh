#!/usr/bin/env bash
# Text files of numbers as data: every sample is learned from, from the right column, or the file is refused.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
cat >two.yaml <<'END'
network: {input: [2], layers: [[linear: 4, tanh], linear: 3]}
learning: {batch: 1, epochs: 1, optimizer: {sgd: {rate: 0.1}}}
data: {format: csv, train: {inputs: d.csv, labels: d.csv}}
END

# learns SAMPLES TEXT WORD...: trains on so many.
learns() {
    local samples=$1 text=$2
    shift 2
    # shellcheck disable=SC2059
    printf "$text" >d.csv
    ends 0 0 train two.yaml --out run --json "$@" && has steps "$samples"
}
# unread PATTERN TEXT WORD...
unread() {
    local pattern=$1 text=$2
    shift 2
    # shellcheck disable=SC2059
    printf "$text" >d.csv
    check "$pattern" ends 3 2 train two.yaml --out run "$@"
    check "  says so once" complains_once "^vicinal: d.csv:$pattern"
}
rows='0.1,0.2,0\n0.3,0.4,1\n0.5,0.6,2\n'

check "rows alone" learns 3 "$rows"
check "behind a byte order mark" learns 3 "\xef\xbb\xbf$rows"
check "quoted" learns 3 '"0.1","0.2","0"\n0.3,0.4,1\n0.5,0.6,2\n'
check "with a header" learns 3 "x,y,class\n$rows"
check "semicolons, \\r\\n" learns 3 'x;y;c\r\n0.1;0.2;0\r\n0.3;0.4;1\r\n0.5;0.6;2\r\n'
check "a header of numbers" learns 3 "0,1,2\n$rows" --set data.header=true
check "which is a sample" learns 4 "0,1,2\n$rows" --set data.header=false
check "the class first" learns 2 'label,x,y\n2,0.1,0.2\n1,0.3,0.4\n'
check "  is said" says '^d.csv: the class is column 1, "label" \(data.label\)$'
check "the class by name" learns 2 'x,kind,y\n0.1,2,0.2\n0.3,1,0.4\n' --set data.label=kind
check "the class by number" learns 2 '2,0.1,0.2\n1,0.3,0.4\n' --set data.label=1
check "the class from the end" learns 2 '0.1,2,0.2\n0.3,1,0.4\n' --set data.label=-2
check "classes from 1 on" learns 3 '0.1,0.2,1\n0.3,0.4,2\n0.5,0.6,3\n' --set data.label_offset=1
check "classes from -1 on" learns 2 '0.1,0.2,-1\n0.3,0.4,1\n' --set data.label_offset=-1
check "the resolved config is the same" ends 0 0 train run/config.yaml --out again --json
check "  and keeps the keys" grep -q 'label_offset: -1' run/config.yaml

unread '1: column 1 is nan' "nan,0.2,0\n$rows"
unread '1: column 1 is "O.1"' "O.1,0.2,0\n$rows"
unread '2: column 2 is empty' 'x,y,class\n0.1,,0\n0.3,0.4,1\n'
unread '3: column 2 is empty' '# points\nx,y,class\n0.1,,1\n'
unread '2: 2 columns, expected 3' 'x,y,class\n0.1,0.2\n'
unread '1: 0, 1, 2 ... may be numbers of columns.*data.header: true or data.header: false' "0,1,2\n$rows"
unread '1: column 1 is "0,1": decimal commas' '0,1;0,2;0\n0,3;0,4;1\n'
unread '1: no column is named "knd".*did you mean "kind"' 'x,y,kind\n0.1,0.2,0\n' --set data.label=knd
unread ' label 3 \(sample 2.*set data.label_offset: 1' '0.1,0.2,1\n0.3,0.4,2\n0.5,0.6,3\n'
unread ' the value 1e\+39 .*is too large for float32' '0.1,1e39,1\n'
unread ' not a text file of numbers: it looks like an HTML' '<html>\n'
unread ' samples of shape \[3\] do not fit network.input \[2\]' '0.1,0.2,0.3,1\n'

# wrong PATTERN WORD...
wrong() {
    local pattern=$1
    shift
    check "$pattern" ends 2 0 train two.yaml "$@"
    check "  says so once" says "$pattern"
}
wrong 'data.label is for formats that have columns \(csv\), not for idx' --set data.format=idx --set data.label=1
wrong 'data.header is for formats that have columns' --set data.format=npy --set data.header=true
wrong 'label_offset.* whole number' --set data.label_offset=0.5
wrong 'header.*auto, true' --set data.header=maybe
finish
