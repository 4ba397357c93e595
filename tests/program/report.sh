#!/usr/bin/env bash
# report: one page that needs nothing else, with the same data on any number of ranks, and numbers that are those of
# verify and comm. What a browser makes of it is tested in tests/full/report.sh.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

# data_of PAGE: the JSON in it.
data_of() {
    sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' "$1"
}

value() {
    "${VICINAL_JSON:?the built json_value}" "$2" <"$1"
}

# timeless JSON: without what differs from run to run, and from one number of ranks to another.
timeless() {
    sed -E 's/"(seconds[a-z_]*|ranks?)":[-+.0-9e]+,?//g' "$1"
}

# near A B: the same but for rounding.
near() {
    [[ $1 == "$2" ]] || awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; s = b < 0 ? -b : b; exit !((d < 0 ? -d : d) <= 1e-6 * s) }'
}

# same_layers RUN SETTING...: relative error, angle, length and law of all four layers as verify finds them.
same_layers() {
    local index=$1 layer key
    shift
    ends 0 0 verify run/config.yaml --weights run/weights.safetensors --json "$@" || return 1
    for layer in 0 1 2 3; do
        for key in relative_error angle ulp scale law; do
            near "$(value data.json "runs.$index.layers.$layer.$key")" "$(value stdout "layers.$layer.$key")" || return 1
        done
    done
}

# same_traffic RUN SETTING...: messages and bytes of every edge and kind as comm counts them.
same_traffic() {
    local index=$1 edge key
    shift
    ends 0 0 comm run/config.yaml --weights run/weights.safetensors --repeat 1 --json "$@" || return 1
    for edge in 0 1 2 3 4 5 6 7; do
        for key in from to kind messages bytes; do
            [[ $(value data.json "runs.$index.edges.$edge.$key") == "$(value stdout "runs.0.edges.$edge.$key")" ]] ||
                return 1
        done
    done
}

no_links() {
    ! grep -Eiq 'https?:|src=|@import|url\(' "$1"
}

# smaller FILE BYTES
smaller() {
    (($(wc -c <"$1") < $2))
}

check "a run to report" ends 0 2 train small.yaml --out run --set learning.compare.every=10 \
    --set inference.eta=0.3 --set inference.steps=9
check "report" ends 0 0 report run
check "  says where" prints '^run/report\.html \([0-9.]+ MB\)'
check "  its JSON" data_of run/report.html
data_of run/report.html >data.json
check "  parses" value data.json network.populations.4.neurons
check "  needs no network" no_links run/report.html
check "  is below 3 MB" smaller run/report.html 3000000
check "  nothing half written" nothing_half_written run
for ranks in 2 5; do
    check "report, $ranks ranks" ends 0 $ranks report run --out "ranks$ranks.html" --json
    check "  says where" has out "\"ranks$ranks.html\""
    data_of "ranks$ranks.html" >"ranks$ranks.json"
    check "  the same data" cmp <(timeless data.json) <(timeless "ranks$ranks.json")
    check "  the last population is on the last rank" [ "$(value "ranks$ranks.json" network.populations.4.rank)" = $((ranks - 1)) ]
done

echo "-- the numbers are those of verify and comm"
check "the configured run comes first" near "$(value data.json runs.0.eta)" 0.3
check "of five, exact is the last" [ "$(value data.json runs.4.algorithm)" = '"exact"' ]
check "the configured one: layers" same_layers 0
check "  and traffic" same_traffic 0
check "fixed-prediction at eta 1" same_layers 1 --set inference.eta=1 --set inference.steps=4
check "  and traffic" same_traffic 1 --set inference.eta=1 --set inference.steps=4
check "strict" same_layers 3 --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=20
check "  and traffic" same_traffic 3 --set inference.algorithm=strict --set inference.eta=0.1 --set inference.steps=20
check "exact" same_layers 4 --set inference.algorithm=exact
check "after n steps as verify with n steps: the length of layer 2" ends 0 0 verify run/config.yaml \
    --weights run/weights.safetensors --set inference.steps=6 --json
check "  is on the page" near "$(value data.json runs.0.trajectory.scale.1.5)" "$(value stdout layers.1.scale)"
check "the last epoch is that of metrics.csv" near "$(value data.json metrics.rows.1.5)" "$(tail -n 1 run/metrics.csv | cut -d , -f 6)"
check "comparisons are those of compare.csv" near "$(value data.json compare.rows.4.3)" "$(sed -n 6p run/compare.csv | cut -d , -f 4)"

echo "-- the news of the loss"
news=$(value data.json runs.1.samples.0.messages.1.error.0.0)
check "at eta 1 population 2 says its error in step 3 of 4, and once" [ "$news" = 3 ]
check "  and never again" bash -c "! '$VICINAL_JSON' runs.1.samples.0.messages.1.error.1 <data.json"
check "before that it has none" [ "$(value data.json runs.1.samples.0.states.2.norm.2)" = 0.0 ]
check "then the exact one" [ "$(value data.json runs.1.samples.0.states.2.norm.3)" = "$(value data.json runs.4.samples.0.states.2.norm.1)" ]

surprise() {
    value data.json "runs.4.samples.$1.states.4.norm.1"
}
check "the first sample surprises more than the second, that more than the third" awk -v a="$(surprise 0)" \
    -v b="$(surprise 1)" -v c="$(surprise 2)" 'BEGIN { exit !(a > b && b > c && c > 0) }'

echo "-- pictures"
# row_norm: the length of the row that a picture shows of population 3's exact error, decoded.
row_norm() {
    local scale text
    scale=$(value data.json runs.4.samples.0.states.3.error.1.0)
    text=$(value data.json runs.4.samples.0.states.3.error.1.1)
    base64 -d <<<"${text//\"/}" | od -An -v -td1 -w1 |
        awk -v scale="$scale" '{ n++; sum += ($1 / 127) ^ 2 } END { printf "%d %.9g\n", n, scale * sqrt(sum) }'
}
read -r neurons length <<<"$(row_norm)"
check "all 12 neurons are shown" [ "$neurons" = 12 ]
check "  as long as the error is, within a percent" awk -v a="$length" \
    -v b="$(value data.json runs.4.samples.0.states.3.norm.1)" 'BEGIN { exit !(a > 0.99 * b && a < 1.01 * b) }'
check "what has not changed is not told again" [ "$(value data.json runs.4.samples.0.states.3.prediction.1)" = null ]

echo "-- the audit"
check "there is none" [ "$(value data.json audit)" = null ]
printf '%s' '{"passed": true, "faults": [], "ranks": 2, "inferences": 7, "messages": [[0, 4], [3, 0]],' \
    '"bytes": [[0, 64], [48, 0]], "wired": [[0, 1], [1, 0]], "collectives_inside": 0, "ledger_agrees": true,' \
    '"within_ranks": {"messages": 5, "bytes": 80}, "populations": [{"population": 0, "rank": 0, "bytes": 9}]}' \
    >run/audit.json
check "with audit.json" ends 0 0 report run
data_of run/report.html >data.json
check "  it is on the page" [ "$(value data.json audit.messages.1.0) $(value data.json audit.passed)" = "3 true" ]
check "  without shared memory" [ "$(value data.json audit.shared)" = null ]
check "a run on two ranks whose messages go through shared memory" ends 0 2 train small.yaml --out shared --audit \
    --transport shared --set learning.epochs=1
declared=$(value shared/audit.json shared.messages.0.1)
check "  as its audit says" [ "$declared" -gt 0 ]
check "  report" ends 0 0 report shared
data_of shared/report.html >shared.json
check "  they are on the page" [ "$(value shared.json audit.shared.messages.0.1)" = "$declared" ]
check "  and their bytes" [ "$(value shared.json audit.shared.bytes.1.0)" = "$(value shared/audit.json shared.bytes.1.0)" ]
check "  beside those by MPI" [ "$(value shared.json audit.messages.0.1)" = "$(value shared/audit.json messages.0.1)" ]
echo '{"passed": ' >run/audit.json
check "a broken one" ends 3 2 report run
check "  is told" complains_once '^vicinal: run/audit.json:2: is no audit'
rm run/audit.json

echo "-- a run in float64 with a long inference, and a name that would begin a script"
check "train" ends 0 0 train small.yaml --out long --set precision=float64 --set inference.steps=70 \
    --set inference.eta=0.05 --set learning.epochs=1 --set 'name="<!--<script><b>"'
check "report" ends 0 3 report long
data_of long/report.html >long.json
check "  plays 48 of 70 steps" [ "$(value long.json runs.0.played) $(value long.json runs.0.steps)" = "48 70" ]
check "  no tag among the data" bash -c "! grep -q '<' long.json"
check "  the name stays a name" [ "$(value long.json config.name)" = '"<!--<script><b>"' ]

echo "-- names, cells and paths that would begin a script, or end one"
hostile=$'</script><script>alert(1)</script><!--\u2028\u2029'
long_name=$(head -c 150 /dev/zero | tr '\0' x)
folder=$'odd \xff<b>'
cp -r run "$folder"
{
    printf '%s,\x01\x1b[2J\xff,%s,%s\n' "$hostile" "$(head -c 100000 /dev/zero | tr '\0' y)" '<img src=x onerror=alert(1)>'
    printf '1,%s,</script>,2\n' "$hostile"
} >"$folder/metrics.csv"
sed -i "s/^name: .*/name: \"$long_name<script><!--\\\\u2028\"/" "$folder/config.yaml"
check "report" ends 0 0 report "$folder" --json
check "  says where, as ASCII" has out '"odd .<b>/report.html"'
data_of "$folder/report.html" >odd.json
check "  no tag among the data" bash -c "! grep -q '<' odd.json"
check "  all four columns are there, and no fifth" [ "$(value odd.json metrics.rows.0.3) $(value odd.json metrics.columns.4 || true)" = "2.0 " ]
check "  cells that are no numbers are none" [ "$(value odd.json metrics.rows.0.1) $(value odd.json metrics.rows.0.2)" = "null null" ]
name=$(value odd.json config.name)
check "  the name stays a name" [ "${name:0:151}" = "\"$long_name" ]
check "  two scripts end: the page's own, and its data" [ "$(grep -o '</script>' "$folder/report.html" | wc -l)" = "$(grep -o '</script>' run/report.html | wc -l)" ]

echo "-- what is wrong is said"
check "no DIR" ends 2 0 report
check "  says so" complains_once '^vicinal: vicinal report needs a DIR'
check "no such folder" ends 3 2 report nowhere
check "  says what makes one" complains_once '^vicinal: nowhere: is no run folder: make one with vicinal train'
check "a file" ends 3 0 report small.yaml
mkdir empty
check "an empty folder" ends 3 3 report empty
check "  says what is missing" complains_once '^vicinal: empty/config.yaml: is missing, so empty is no folder of a run'
cp -r run broken
echo 'network: 7' >broken/config.yaml
check "a config that is broken is a file like others" ends 3 2 report broken
check "  says where" complains_once '^vicinal: broken/config.yaml:1:'
cp run/config.yaml broken && head -c 100 run/weights.safetensors >broken/weights.safetensors
check "weights that are broken" ends 3 2 report broken
check "  says which" complains_once '^vicinal: broken/weights.safetensors: '
check "  leaves the old page, and nothing half written" nothing_half_written broken
cp run/weights.safetensors broken && echo '{}' >broken/audit.json
check "an audit that is none" ends 3 2 report broken
check "  says what it lacks" complains_once '^vicinal: broken/audit.json: is no audit as --audit leaves it: it has no verdict'
check "a page that cannot be written" ends 3 2 report run --out nowhere/page.html
check "  says which" complains_once '^vicinal: nowhere/page.html: cannot be written'
check "a setting that is wrong" ends 2 0 report run --set inference.eta=-1
rm run/metrics.csv run/compare.csv
check "without tables" ends 0 0 report run
data_of run/report.html >data.json
check "  there are none" [ "$(value data.json metrics) $(value data.json compare)" = "null null" ]
finish
