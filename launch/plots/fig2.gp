# Strict inference on one batch of a trained network, for each number of steps. Four step sizes side by side.
width = 1400; height = 820
load style
array etas[4] = ["0.1", "0.2", "0.5", "1"]
of(i) = folder . "/eta-" . etas[i] . "/trajectory.csv"

set multiplot layout 2,4 columnsfirst title above font ",16" margins 0.07,0.98,0.085,0.84 spacing 0.05,0.1
set xrange [0:last]
set xtics last / 4
legend_at = 0.925
eval layer_legend
do for [i = 1:4] {
    set title "η = " . etas[i] font ",14"
    unset xlabel
    set logscale y
    set format y "10^{%T}"
    set yrange [1e-4:i < 3 ? 10 : 1e12]
    set ytics 1e-4, i < 3 ? 10 : 1e4
    if (i == 1) { set ylabel "relative error" } else { unset ylabel }
    plot for [k = 1:layers] of(i) using "steps":"relative_error" every layers::(k - 1) \
        with lines lw 2 lc rgb hue[k] notitle
    unset label
    unset title
    unset logscale y
    set format y "%g"
    set yrange [0:180]
    set ytics 45
    set xlabel "inference steps n"
    if (i == 1) { set ylabel "angle (degrees)" } else { unset ylabel }
    plot for [k = 1:layers] of(i) using "steps":"angle" every layers::(k - 1) \
        with lines lw (i < 3 ? 2 : 0.6) lc rgb hue[k] notitle
}
unset multiplot
