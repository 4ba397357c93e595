# What wires do to the update: fidelity against bytes, and layer by layer. Reads fidelity.csv in `folder`. Also given:
# drops and delays, the levels that there are.
width = 1500; height = 1420
load style
file = folder . "/fidelity.csv"

# Rows of one series. Of all layers together, that is layer 0; or layer by layer, with the fewest steps.
rows(condition) = sprintf("< awk -F , 'NR == 1 || ($1 == \"%s\" && %s)' '%s'", algorithm, condition, file)
series(kind, level) = rows(sprintf("$2 == \"%s\" && $6 == 0%s", kind, level eq "" ? "" : " && $3 == \"" . level . "\""))
profile(kind, level) = rows(sprintf("$2 == \"%s\" && $3 == \"%s\" && $6 > 0 && $4 == %d", kind, level, fewest))
kilobytes(x) = x / 1000.

drop_list = ""; delay_list = ""
do for [p in drops] { drop_list = drop_list . (drop_list eq "" ? "" : ", ") . p }
do for [d in delays] { delay_list = delay_list . (delay_list eq "" ? "" : ", ") . d }

unset key
set logscale y
set format y "10^{%T}"
set grid xtics ytics linecolor rgb "#DDDDDD" linetype 1 linewidth 0.5
set multiplot layout 3,3 title above font ",17" margins 0.062,0.985,0.05,0.875 spacing 0.055,0.085

set label 101 "● encoding: bfloat16, float16, int8" at screen 0.062, 0.945 textcolor rgb hue[1]
set label 102 "■ keep: 0.5, 0.25, 0.1, 0.05, 0.02" at screen 0.062, 0.925 textcolor rgb hue[2]
set label 103 "▲ keep, of errors alone" at screen 0.28, 0.945 textcolor rgb hue[3]
set label 104 "◆ noise: 0.001 to 0.3 (upwards)" at screen 0.28, 0.925 textcolor rgb hue[5]
set label 105 "▼ drop " . drop_list . " (upwards), more and more steps" at screen 0.48, 0.945 textcolor rgb hue[4]
set label 106 "○ delay " . delay_list . " (upwards), more and more steps" at screen 0.48, 0.925 textcolor rgb hue[6]
set label 107 "□ perfect wires" at screen 0.83, 0.945 textcolor rgb ink
set label 108 "at the foot of a panel: 0" at screen 0.83, 0.925 textcolor rgb ink

do for [row = 1:3] {
    do for [panel = 1:3] {
        algorithm = panel == 1 ? "fixed-prediction" : "strict"
        fewest = panel == 1 ? 4 : 20
        value = panel < 3 ? (row == 2 ? 8 : 7) : (row == 2 ? 10 : 9)
        foot = row == 2 ? 1e-3 : 1e-5
        set yrange [foot * 0.7:row == 2 ? 200 : 5]
        set title (row > 1 ? "" : panel == 1 ? "fixed-prediction (η = 1, n ≥ 4) against exact" : \
            panel == 2 ? "strict (η = 0.1, n ≥ 20) against exact" : "strict against strict over perfect wires") font ",14"
        if (panel == 1) { set ylabel (row == 2 ? "angle (degrees)" : "relative error of the update") } else { unset ylabel }
        if (row < 3) {
            set xlabel "kilobytes sent in an inference" font ",13"
            set logscale x
            set format x "%g"
            set xtics autofreq
            set xrange [panel == 1 ? 12 : 150:panel == 1 ? 12000 : 20000]
            plot series("keep", "") using (kilobytes($5)):(or_foot(column(value), foot)) with linespoints lc rgb hue[2] pt 5 ps 1.1, \
                 series("keep-errors", "") using (kilobytes($5)):(or_foot(column(value), foot)) with linespoints lc rgb hue[3] pt 9 ps 1.2, \
                 series("noise", "") using (kilobytes($5)):(or_foot(column(value), foot)) with linespoints lc rgb hue[5] pt 13 ps 1.3, \
                 for [p in drops] series("drop", p) using (kilobytes($5)):(or_foot(column(value), foot)) \
                     with linespoints lc rgb hue[4] pt 11 ps 1.1, \
                 for [d in delays] series("delay", d) using (kilobytes($5)):(or_foot(column(value), foot)) \
                     with linespoints lc rgb hue[6] pt 6 ps 1.2 lw 1.3, \
                 series("encoding", "") using (kilobytes($5)):(or_foot(column(value), foot)) with points lc rgb hue[1] pt 7 ps 1.4, \
                 series("encoding", "") using (kilobytes($5)):(or_foot(column(value), foot)):(panel == 2 ? "" : strcol(3)) \
                     with labels font ",10" tc rgb hue[1] left offset 0.9, 0, \
                 series("perfect", "") using (kilobytes($5)):(or_foot(column(value), foot)) with points lc rgb ink pt 4 ps 1.8
        } else {
            set xlabel sprintf("layer (n = %d; keep 0.1, noise %s, drop 0.1, delay 1)", fewest, noise) font ",11"
            unset logscale x
            set xtics 1, 1, layers
            set xrange [0.8:layers + 0.7]
            plot for [e in "bfloat16 float16 int8"] profile("encoding", e) using 6:(or_foot(column(value), foot)) \
                     with linespoints lc rgb hue[1] pt 7 ps 1.1, \
                 for [e in "bfloat16 float16 int8"] profile("encoding", e) using ($6 == layers ? $6 : NaN):(or_foot(column(value), foot)):(e) \
                     with labels font ",10" tc rgb hue[1] left offset 0.9, 0, \
                 profile("keep", "0.1") using 6:(or_foot(column(value), foot)) with linespoints lc rgb hue[2] pt 5 ps 1.1, \
                 profile("keep-errors", "0.1") using 6:(or_foot(column(value), foot)) with linespoints lc rgb hue[3] pt 9 ps 1.2, \
                 profile("noise", noise) using 6:(or_foot(column(value), foot)) with linespoints lc rgb hue[5] pt 13 ps 1.3, \
                 profile("drop", "0.1") using 6:(or_foot(column(value), foot)) with linespoints lc rgb hue[4] pt 11 ps 1.1, \
                 profile("delay", "1") using 6:(or_foot(column(value), foot)) with linespoints lc rgb hue[6] pt 6 ps 1.2, \
                 profile("perfect", "0") using 6:(or_foot(column(value), foot)) with linespoints lc rgb ink pt 4 ps 1.6
        }
        unset label
    }
}
unset multiplot
