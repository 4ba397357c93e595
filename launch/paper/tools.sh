# What the figures share: running the program, checking claims, drawing. Sourced by paper.sh.
# shellcheck shell=bash disable=SC2154
claims_failed=0

# vicinal ARGUMENT...: the program, on as many ranks as were asked for.
vicinal() {
    if ((ranks > 1)); then
        find_launcher
        "${mpirun[@]}" -np "$ranks" "$program" "$@"
    else
        "$program" "$@"
    fi
}

# with KEY=VALUE...: the same settings as options, in the array `options`.
with() {
    options=()
    local setting
    for setting in "$@"; do
        options+=(--set "$setting")
    done
}

# train LABEL FOLDER KEY=VALUE...: one training run into $out/FOLDER.
train() {
    local label=$1 folder=$out/$2
    shift 2
    with "$@"
    rm -rf "$folder"
    stage "$label" "paper-train.log" vicinal train "$config" --json --out "$folder" "${options[@]}"
}

# may_diverge COMMAND...: numbers that are not finite are a result, where the table is complete; that is claimed apart.
may_diverge() {
    "$@" || [[ $? == 4 ]]
}

# trajectory LABEL FOLDER WEIGHTS KEY=VALUE...: every number of inference steps on the first batch.
trajectory() {
    local label=$1 folder=$out/$2 weights=$3
    shift 3
    with "$@"
    mkdir -p "$folder"
    stage "$label" "paper-verify.log" may_diverge vicinal verify "$config" --weights "$weights" --weights-only \
        --trajectory --csv "$folder/trajectory.csv" "${options[@]}"
}

# The settings of the three ways to compute the same.
variant() {
    case $1 in
    error) echo precision=float32 inference.coordinates=error ;;
    belief) echo precision=float32 inference.coordinates=belief ;;
    double) echo precision=float64 inference.coordinates=error ;;
    esac
}

# measure TABLE EXPRESSION [NAME=VALUE...]: the largest value, at least 0, that an awk expression has over the rows of
# a CSV table. Columns go by their names in it, and what is not a number counts as 0 (see count_nan); the names that
# are given are variables. missing(eta, n, h) is what the law leaves to be learned, P[Binomial(n-1, eta) < h], summed
# apart from the program.
measure() {
    local table=$1 expression=$2 columns setting settings=()
    shift 2
    for setting in "$@"; do
        settings+=(-v "$setting")
    done
    columns=$(head -n 1 "$table" | tr ',' '\n' | awk '{ printf "%s = number($%d); ", $1, NR }')
    awk -F , "${settings[@]}" '
        function missing(eta, n, h,   k, i, term, sum) {
            for (k = 0; k < h && k < n; k++) {
                term = (1 - eta) ^ (n - 1 - k)
                for (i = 1; i <= k; i++) term *= eta * (n - i) / i
                sum += term
            }
            return sum + 0
        }
        function abs(x) { return x < 0 ? -x : x }
        function number(x) { return x == "nan" ? 0 : x + 0 }
        NR > 1 { '"$columns"' value = ('"$expression"'); if (value > most) most = value }
        END { printf "%.17g\n", most }' "$table"
}

# count_nan TABLE COLUMN: how many rows of that column are not a number.
count_nan() {
    awk -F , -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i }
        NR > 1 && $place == "nan" { n++ }
        END { print n + 0 }' "$1"
}

# brief TABLE EXPRESSION [NAME=VALUE...]: what measure says, for people.
brief() {
    printf '%.4g' "$(measure "$@")"
}

# claim TEXT VALUE RELATION BOUND: says whether it holds, with the value.
claim() {
    local word=holds
    if ! awk -v value="$2" -v bound="$4" "BEGIN { exit !(value $3 bound) }"; then
        word=FAILS
        claims_failed=$((claims_failed + 1))
    fi
    printf '%-6s %s: %.4g (%s %s)\n' "$word" "$1" "$2" "$3" "$4"
}

# draw FIGURE FOLDER TITLE NAME=VALUE...: launch/plots/FIGURE.gp, from the tables in $out/FOLDER and into it, as SVG
# and PNG. Values are numbers, or texts in double quotes.
draw() {
    local figure=$1 folder=$out/$2 format value
    local values="above='$3'; folder='$folder'; layers=$layers; style='$root/launch/plots/style.gp';"
    shift 3
    for value in "$@"; do
        values+=" $value;"
    done
    if ! command -v gnuplot >/dev/null; then
        say "gnuplot is not installed: no picture"
        return
    fi
    for format in svg png; do
        gnuplot -e "format='$format'; out='$folder/$figure.$format'; $values" "$root/launch/plots/$figure.gp"
    done
    say "$folder/$figure.svg"
    say "$folder/$figure.png"
}

finish() {
    ((claims_failed == 0)) && return
    say "$claims_failed claims do not hold"
    exit 1
}
