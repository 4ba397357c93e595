# Strict inference over training, beside exact: loss, accuracy, relative error and angle of each layer's weights.
width = 1200; height = 860
load style
strict = folder . "/strict/compare.csv"
exact = folder . "/exact/compare.csv"

set multiplot layout 2,2 title above font ",16" margins 0.09,0.975,0.085,0.89 spacing 0.1,0.15

set title "Loss of the batch"
set ylabel "squared error, mean"
set logscale y
set key top right
plot exact using "updates":"loss" every layers with lines lw 2.5 lc rgb "black" title "exact", \
     strict using "updates":"loss" every layers with lines lw 1.5 lc rgb in_error title "strict"

set title "Accuracy on the batch"
set ylabel "%"
unset logscale y
set key bottom right
set yrange [0:100]
plot exact using "updates":(100 * column("accuracy")) every layers with lines lw 2.5 lc rgb "black" title "exact", \
     strict using "updates":(100 * column("accuracy")) every layers with lines lw 1.5 lc rgb in_error title "strict"

set xlabel "batches learned from"
set title "Relative error of the weight updates against exact"
set ylabel "|strict − exact| / |exact|"
set yrange [0:1.05]
legend_at = 0.488
eval layer_legend
plot for [k = 1:layers] strict using "updates":"relative_error" every layers::(k - 1) \
    with lines lw 2 lc rgb hue[k] notitle
unset label

set title "Angle of the weight updates to exact"
set ylabel "degrees"
set yrange [0:*]
plot for [k = 1:layers] strict using "updates":"angle" every layers::(k - 1) \
    with lines lw 2 lc rgb hue[k] notitle
unset multiplot
