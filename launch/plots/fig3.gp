# Fixed-prediction over training: rounding alone separates float32 from float64, and float64 from the law.
width = 1200; height = 860
load style
of(variant) = folder . "/" . variant . "/compare.csv"

set multiplot layout 2,2 title above font ",16" margins 0.085,0.975,0.085,0.85 spacing 0.1,0.15
set xlabel "batches learned from"
legend_at = 0.93
other = "exact, or the law"
eval variant_legend
unset key

set title "Loss of the batch"
set ylabel "cross-entropy, mean"
set logscale y
plot of("exact") using "updates":"loss" every layers with lines lw 3 lc rgb "black", \
     of("double") using "updates":"loss" every layers with lines lw 1.5 lc rgb in_double, \
     of("error") using "updates":"loss" every layers with lines lw 1.5 dt 2 lc rgb in_error, \
     of("belief") using "updates":"loss" every layers with lines lw 1.2 lc rgb in_belief
unset label

set title "Accuracy on the batch"
set ylabel "%"
unset logscale y
set yrange [0:100]
plot of("exact") using "updates":(100 * column("accuracy")) every layers with lines lw 3 lc rgb "black", \
     of("double") using "updates":(100 * column("accuracy")) every layers with lines lw 1.5 lc rgb in_double, \
     of("error") using "updates":(100 * column("accuracy")) every layers with lines lw 1.5 dt 2 lc rgb in_error, \
     of("belief") using "updates":(100 * column("accuracy")) every layers with lines lw 1.2 lc rgb in_belief

set title "Relative error of the weight updates against exact (float64)"
set ylabel "relative error"
set yrange [-0.02:1]
plot for [k = 1:layers] of("double") using "updates":"relative_error" every layers::(k - 1) \
         with lines lw 5 lc rgb in_double, \
     for [k = 1:layers] of("double") using "updates":(1 - column("law")) every layers::(k - 1) \
         with lines lw 1.5 dt 2 lc rgb "black", \
     for [k = 1:layers] of("double") using "updates":"relative_error":(sprintf("layer %d: %.3f", k, column("relative_error"))) \
         every layers::(k - 1)::(k - 1) with labels left offset 1, 0.8 font ",11"

set title "Angle of the weight updates to exact, every layer"
set ylabel "degrees (0 is drawn at the foot)"
set logscale y
set format y "10^{%T}"
foot = 1e-15
set yrange [foot:100]
set ytics 1e-14, 100 add ("0" foot)
plot for [k = 1:layers] of("belief") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 1.5 lc rgb in_belief, \
     for [k = 1:layers] of("error") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 1.5 lc rgb in_error, \
     for [k = 1:layers] of("double") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 1.5 lc rgb in_double
unset multiplot
