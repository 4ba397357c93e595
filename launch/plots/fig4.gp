# Fixed-prediction on one batch of a trained network, for each number of steps: the law, and where rounding ends it.
width = 1400; height = 860
load style
array etas[4] = ["0.1", "0.2", "0.5", "1"]
of(variant, i) = folder . "/" . variant . "/eta-" . etas[i] . "/trajectory.csv"
foot = 1e-17
# What the law says is missing after n steps, h layers below the output: P[Binomial(n-1, eta) < h].
choose(n, k) = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))
missing(eta, n, h) = or_foot(sum [k = 0:h - 1] (k > n - 1 ? 0 : choose(n - 1, k) * eta**k * (1 - eta)**(n - 1 - k)), foot)

set multiplot layout 2,4 columnsfirst title above font ",16" margins 0.07,0.98,0.085,0.83 spacing 0.05,0.1
set xrange [0:last]
set xtics last / 4
legend_at = 0.925
other = "the law"
eval variant_legend
unset key
set logscale y
set format y "10^{%T}"
do for [i = 1:4] {
    set title "η = " . etas[i] font ",14"
    unset xlabel
    set yrange [foot:10]
    set ytics 1e-16, 1e4 add ("0" foot)
    if (i == 1) { set ylabel "relative error" } else { unset ylabel }
    plot for [k = 1:layers] of("belief", i) using "steps":(or_foot(column("relative_error"), foot)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_belief, \
         for [k = 1:layers] of("error", i) using "steps":(or_foot(column("relative_error"), foot)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_error, \
         for [k = 1:layers] of("double", i) using "steps":(or_foot(column("relative_error"), foot)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_double, \
         for [k = 1:layers - 1] of("double", i) using "steps":(missing(real(etas[i]), column("steps"), layers - k)) \
             every layers::(k - 1) with lines lw 1.2 dt 2 lc rgb "black"
    unset label
    unset title
    set yrange [1e-15:1000]
    set ytics 1e-14, 1e4 add ("0" 1e-15)
    set xlabel "inference steps n"
    if (i == 1) { set ylabel "angle (degrees)" } else { unset ylabel }
    plot for [k = 1:layers] of("belief", i) using "steps":(or_foot(column("angle"), 1e-15)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_belief notitle, \
         for [k = 1:layers] of("error", i) using "steps":(or_foot(column("angle"), 1e-15)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_error notitle, \
         for [k = 1:layers] of("double", i) using "steps":(or_foot(column("angle"), 1e-15)) \
             every layers::(k - 1) with lines lw 2 lc rgb in_double notitle
}
unset multiplot
