# Seconds of a whole training run with each algorithm. Sourced by paper.sh.
# shellcheck shell=bash disable=SC2154

# seconds_of LABEL KEY=VALUE...: of the fastest of three runs, which is the one that was disturbed least.
seconds_of() {
    local label=$1 run times=3
    shift
    $quick && times=1
    for ((run = 1; run <= times; run++)); do
        train "$label, run $run" runtimes/run "$@" >&2
        sed -n 's/.*"seconds": \([0-9.]*\).*/\1/p' "$build/paper-train.log"
    done | sort -n | sed -n 1p
}

# add_row NAME SECONDS OF-THE-PAPER: ratios are those to exact, the first row.
add_row() {
    awk -v name="$1" -v s="$2" -v exact="$exact" -v paper="$3" \
        'BEGIN { printf "%s,%.3g,%.3g,%.4g,%.3g\n", name, s, s / exact, paper, paper / 7.54 }' >>"$table"
}

runtimes() {
    local table=$out/runtimes/runtimes.csv exact fast slow strict
    exact=$(seconds_of "exact" inference.algorithm=exact)
    fast=$(seconds_of "fixed, 1" inference.algorithm=fixed-prediction inference.eta=1 "inference.steps=$layers")
    slow=$(seconds_of "fixed, 0.1" inference.algorithm=fixed-prediction inference.eta=0.1 inference.steps=20)
    strict=$(seconds_of "strict, 0.1" inference.algorithm=strict inference.eta=0.1 inference.steps=20)
    echo "algorithm,seconds,ratio,paper_seconds,paper_ratio" >"$table"
    add_row "exact" "$exact" 7.54
    add_row "fixed-prediction η = 1" "$fast" 12.99
    add_row "fixed-prediction η = 0.1" "$slow" 27.36
    add_row "strict η = 0.1" "$strict" 30.86
    tr ',' '\t' <"$table"
    claim "algorithms that were timed" "$(awk -F , 'NR > 1 && $2 > 0' "$table" | wc -l)" == 4
    draw runtimes runtimes "One training run, $subject"
}
