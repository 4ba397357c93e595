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
# unread PATTERN TEXT WORD...: refused, and by each of two ranks at once where $ranks says so.
ranks=0
unread() {
    local pattern=$1 text=$2
    shift 2
    # shellcheck disable=SC2059
    printf "$text" >d.csv
    check "$pattern" ends 3 $ranks train two.yaml --out run "$@"
    check "  says so once" complains_once "^vicinal: d.csv:$pattern"
}
silent_about() {
    ! says "$1"
}
rows='0.1,0.2,0\n0.3,0.4,1\n0.5,0.6,2\n'

check "rows alone" learns 3 "$rows"
check "behind a byte order mark" learns 3 "\xef\xbb\xbf$rows"
check "quoted" learns 3 '"0.1","0.2","0"\n0.3,0.4,1\n0.5,0.6,2\n'
check "with a header" learns 3 "x,y,class\n$rows"
check "a header behind #" learns 2 '# label,x,y\n2,0.1,0.2\n1,0.3,0.4\n'
check "  names the class" says '^d.csv: the class is column 1, "label" \(data.label\)$'
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

ranks=2
unread '1: column 1 is nan' "nan,0.2,0\n$rows"
unread '1: column 1 is "O.1"' "O.1,0.2,0\n$rows"
unread '2: column 2 is empty' 'x,y,class\n0.1,,0\n0.3,0.4,1\n'
ranks=0
unread '3: column 2 is empty' '# points\nx,y,class\n0.1,,1\n'
unread '2: column 1 is #N/A' '0.1,0.2,0\n#N/A,0.4,1\n0.5,0.6,2\n'
unread '1: begins with #: a comment or a row' "#1,0.2,0\n$rows"
unread '2: 2 columns, expected 3' 'x,y,class\n0.1,0.2\n'
unread '1: 0, 1, 2 ... may be numbers of columns.*data.header: true or data.header: false' "0,1,2\n$rows"
unread '1: column 1 is "0,1": decimal commas' '0,1;0,2;0\n0,3;0,4;1\n'
unread '1: no column is named "knd".*did you mean "kind"' 'x,y,kind\n0.1,0.2,0\n' --set data.label=knd
unread ' label 3 \(sample 2.*set data.label_offset: 1' '0.1,0.2,1\n0.3,0.4,2\n0.5,0.6,3\n'
unread ' the value 1e\+39 .*is too large for float32' '0.1,1e39,1\n'
unread ' not a text file of numbers: it looks like an HTML' '<html>\n'
ranks=2
unread ' samples of shape \[3\] do not fit network.input \[2\]' '0.1,0.2,0.3,1\n'

ranks=0

echo "-- what programs write around the rows"
unread '1: column 1 is empty.*is it an index' ",0,1,2\n0,$rows"
unread '1: column 4 has no name; does the line end in a separator' 'x,y,class,\n0.1,0.2,0\n'
unread '1: column 4 is empty.*does the line end in a separator' '0.1,0.2,0,\n'
unread '1: the line "sep=" is for spreadsheet' 'sep=;\nx;y;class\n0.1;0.2;0\n'
unread ' a byte 0 at 1.*UTF-16' 'x\0,\0y\0\n\0'
unread '1: column 1 is NA, expected a finite number' "NA,NA,NA\n$rows"
unread '1: 5, 6, 7 ... may be numbers of columns' "5,6,7\n$rows"
unread '1: 0, 1 may be numbers of columns' '0,1\n0.1,1\n' --set 'network.input=[1]'

echo "-- which column is the class"
unread '2: the class, column 3, is "cat", expected its number' 'x,y,class\n0.1,0.2,cat\n'
unread ' the class would be 0 in all rows.*while the first has different whole numbers.*data.label' '2,5,0\n1,6,0\n'
check "the class is one all through" learns 2 '2,5,0\n1,6,0\n' --set data.label=-1
check "the first column is one, too" learns 2 '1,5,0\n1,6,0\n'
check "the last column by default" learns 2 'x,y,kind\n0.1,0.2,2\n0.3,0.4,1\n'
check "  is said" says '^d.csv: the class is column 3, "kind" \(data.label\)$'
check "without a header" learns 2 '0.1,0.2,2\n0.3,0.4,1\n'
check "  is said" says '^d.csv: the class is column 3, the last \(data.label\)$'
check "where it is plain" learns 2 'x,y,class\n0.1,0.2,2\n0.3,0.4,1\n'
check "  nothing is said" silent_about 'the class is'

echo "-- two files"
# two TEXT: the test file; the training file has x,y,class.
two() {
    printf 'x,y,class\n0.1,0.2,0\n0.3,0.4,1\n' >d.csv
    # shellcheck disable=SC2059
    printf "$1" >t.csv
}
tested=(two.yaml --set data.test.inputs=t.csv --set data.test.labels=t.csv)
two 'class,x,y\n1,0.3,0.4\n'
check "the class elsewhere" ends 0 2 train "${tested[@]}" --out two
check "  learns" test -e two/weights.safetensors
evaluate=(evaluate "${tested[@]}" --weights two/weights.safetensors)
check "  evaluates" ends 0 0 "${evaluate[@]}" --json
loss=$("$VICINAL_JSON" test_loss <stdout)
two '0.3,0.4,1\n'
check "no header" ends 0 0 "${evaluate[@]}" --json
check "  the same loss" has test_loss "$loss"
for text in 'label,x,y\n1,0.3,0.4\n' '# label,x,y\n1,0.3,0.4\n'; do
    two "$text"
    printf '0.1,0.2,0\n0.3,0.4,1\n' >d.csv
    check "the class elsewhere than without a header" ends 3 2 train "${tested[@]}"
    check "  says so once" complains_once '^vicinal: d.csv: has no header, and the class would be column 3, the last, but in t.csv it is column 1, "label".*data.label'
    check "  unless told" ends 0 0 train "${tested[@]}" --out told --set data.label=1 --set data.train.inputs=t.csv --set data.train.labels=t.csv
done
two 'y,x,class\n0.4,0.3,1\n'
check "other order, training" ends 3 2 train "${tested[@]}"
check "  says so once" complains_once '^vicinal: t.csv:1: column 1 is "y", but input 1 is "x" in d.csv'
check "other order, evaluating" ends 3 0 "${evaluate[@]}"
check "  says so once" complains_once '^vicinal: t.csv:1: column 1 is "y", but input 1 is "x" in d.csv'
rm d.csv
check "without the training file" ends 0 0 "${evaluate[@]}"
two 'x,y\n0.3,1\n'
check "no class" ends 3 0 train "${tested[@]}"
check "  says so once" complains_once '^vicinal: t.csv:1: "y" would be the class, which is an input in d.csv'
check "labels of another file" ends 3 0 train two.yaml --set data.train.labels=t.csv
check "  says so once" complains_once '^vicinal: d.csv: its labels would be those of t.csv'
two '0.1,0.2,1\n'
check "lists in another order" ends 3 0 train two.yaml --set data.train.inputs='[d.csv, t.csv]' --set data.train.labels='[t.csv, d.csv]'
check "  says so once" complains_once '^vicinal: d.csv: its labels would be those of t.csv'
check "lists of other lengths" ends 3 0 train two.yaml --set data.train.inputs='[d.csv, t.csv]'
check "  says so once" complains_once '^vicinal: d.csv: 2 files of inputs, but 1 of labels'
check "a device" ends 3 2 train two.yaml --set data.train.inputs=/dev/zero --set data.train.labels=/dev/zero
check "  says so once" complains_once '^vicinal: /dev/zero: not a regular file'

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
