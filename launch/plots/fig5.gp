# Fixed-prediction at eta = 1 in as many steps as layers, over training: error coordinates are exact, bit for bit.
width = 1200; height = 860
load style
of(variant) = folder . "/" . variant . "/compare.csv"

set multiplot layout 2,2 title above font ",16" margins 0.085,0.975,0.085,0.85 spacing 0.1,0.15
set xlabel "batches learned from"
legend_at = 0.93
other = "exact"
eval variant_legend
unset key

set title "Loss of the batch"
set ylabel "cross-entropy, mean"
set logscale y
plot of("exact") using "updates":"loss" every layers with lines lw 5 lc rgb "black", \
     of("error") using "updates":"loss" every layers with lines lw 1.5 lc rgb in_error, \
     of("belief") using "updates":"loss" every layers with lines lw 1.5 dt 2 lc rgb in_belief
unset label

set title "Accuracy on the batch"
set ylabel "%"
unset logscale y
set yrange [0:100]
plot of("exact") using "updates":(100 * column("accuracy")) every layers with lines lw 5 lc rgb "black", \
     of("error") using "updates":(100 * column("accuracy")) every layers with lines lw 1.5 lc rgb in_error, \
     of("belief") using "updates":(100 * column("accuracy")) every layers with lines lw 1.5 dt 2 lc rgb in_belief

set logscale y
set format y "10^{%T}"
foot = 1e-10
set title "Relative error of the weight updates against exact"
set ylabel "relative error (0 is drawn at the foot)"
set yrange [foot:1]
set ytics 1e-9, 10 add ("0" foot)
plot for [k = 1:layers] of("belief") using "updates":(or_foot(column("relative_error"), foot)) every layers::(k - 1) \
         with lines lw 1.5 lc rgb in_belief, \
     for [k = 1:layers] of("error") using "updates":(or_foot(column("relative_error"), foot)) every layers::(k - 1) \
         with lines lw 5 lc rgb in_error, \
     for [k = 1:layers] of("double") using "updates":(or_foot(column("relative_error"), foot)) every layers::(k - 1) \
         with lines lw 2 dt 2 lc rgb in_double

foot = 1e-8
set title "Angle of the weight updates to exact"
set ylabel "degrees (0 is drawn at the foot)"
set yrange [foot:100]
set ytics 1e-7, 10 add ("0" foot)
plot for [k = 1:layers] of("belief") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 1.5 lc rgb in_belief notitle, \
     for [k = 1:layers] of("error") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 5 lc rgb in_error notitle, \
     for [k = 1:layers] of("double") using "updates":(or_foot(column("angle"), foot)) every layers::(k - 1) \
         with lines lw 2 dt 2 lc rgb in_double notitle
unset multiplot
