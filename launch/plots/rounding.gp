# What float32 costs strict inference: each layer's update against the same in float64.
width = 1200; height = 560
load style
of(weights, variant) = folder . "/" . weights . "-" . variant . ".csv"
foot = 1e-8

set multiplot layout 1,2 title above font ",16" margins 0.08,0.985,0.13,0.76 spacing 0.06
set logscale y
set format y "10^{%T}"
set yrange [foot:10]
set xrange [0.4:layers + 0.6]
set xtics 1, 1, layers
set xlabel "layer"
set boxwidth 0.38
unset key
set label 101 sample("belief coordinates") at screen 0.4, 0.875 center textcolor rgb in_belief
set label 102 sample("error coordinates") at screen 0.62, 0.875 center textcolor rgb in_error
do for [weights in "fresh trained"] {
    set title weights eq "fresh" ? "with fresh weights" : trained font ",14"
    if (weights eq "fresh") { set ylabel "relative error of the update against float64" } else { unset ylabel }
    plot of(weights, "belief") using (column("layer") - 0.2):"relative_error" with boxes lc rgb in_belief, \
         of(weights, "error") using (column("layer") + 0.2):"relative_error" with boxes lc rgb in_error, \
         of(weights, "belief") using (column("layer") - 0.23):"relative_error":(sprintf("%.2g", column("relative_error"))) \
             with labels font ",9" offset 0, 0.6, \
         of(weights, "error") using (column("layer") + 0.23):"relative_error":(sprintf("%.2g", column("relative_error"))) \
             with labels font ",9" offset 0, 0.6
}
unset multiplot
