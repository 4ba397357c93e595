# The memory that a command forecasts beside what it takes. Source program.sh first; $peak is the built peak.c.
# shellcheck shell=bash disable=SC2154

# measure RANKS WORD...: the program with these words on that many ranks. $work/forecasts and $work/peaks have a line
# for each rank then, in MiB, smallest first.
measure() {
    local ranks=$1
    shift
    rm -f "$work/taken"
    timeout --kill-after=2 "$limit" "${mpirun[@]}" -np "$ranks" "$peak" "$work/taken" "$program" "$@" \
        >"$work/stdout" 2>"$work/stderr" </dev/null || { cat "$work/stderr"; return 1; }
    awk '{ print $1 / 1048576 }' "$work/taken" | sort -n >"$work/peaks"
    grep '^memory: ' "$work/stderr" | awk '
        / from rank 0 on: / { sub(/.* from rank 0 on: /, ""); gsub(/ /, "\n"); print; next }
        { for (i = 2; i <= NF; i++) if ($i ~ /^[MG]iB$/) print $(i - 1) * ($i == "GiB" ? 1024 : 1) }' |
        sort -n >"$work/forecasts"
}

# forecast_was_right: on every rank within 5 % of the peak, or within 2 MiB, which libraries may take as they like.
forecast_was_right() {
    paste "$work/forecasts" "$work/peaks" | awk '
        { apart = $1 > $2 ? $1 - $2 : $2 - $1 }
        NF != 2 || (apart > 0.05 * $2 && apart > 2) { print "forecast " $1 " MiB, taken " $2 " MiB"; wrong = 1 }
        END { exit wrong || NR == 0 }'
}

# sum FILE: of its lines.
sum() {
    awk '{ total += $1 } END { printf "%.0f\n", total }' "$1"
}
