# Time per update against depth on simulated clusters; hollow where inference is too short to reach every layer.
# Given besides: platforms and depths, with spaces between; size, that of the layers in words.
n = words(platforms)
width = 420 * n + (n > 1 ? 60 : 500); height = 560
load style
table = folder . "/series.csv"

# Backpropagation in dark colours, predictive coding in light ones.
array colour[7] = ["#000000", "#0072B2", "#009E73", "#56B4E9", "#F0C000", "#E69F00", "#D55E00"]
array name[7] = ["exact (backpropagation)", "exact in micro-batches, the best m", "fixed-prediction, η = 1, n = L", \
    "fixed-prediction, η = 0.1, n = 20", "strict, n = 5", "strict, n = 10", "strict, n = 20"]
do for [k = 1:7] {
    set label 100 + k sample(name[k]) at screen 0.14 + 0.25 * ((k - 1) % 4), 0.9 - 0.035 * ((k - 1) / 4) center \
        textcolor rgb colour[k] font ",11"
}
chosen(p, k) = strcol("platform") eq word(platforms, p) && column("series") == k
x(p, k) = chosen(p, k) ? column("layers") : NaN
set multiplot layout 1,n title above font ",16" margins 0.08,0.985,0.12,0.76 spacing 0.065
set logscale xy
set xtics ()
do for [L in depths] { set xtics add (L L + 0) }
set mxtics 1
set xrange [word(depths, 1) / 1.25 : word(depths, words(depths)) * 1.25]
set xlabel "layers L, one population a rank"
set format y "%g"
set label 110 "hollow: too few steps to reach every layer" at screen 0.875, 0.865 center textcolor rgb ink font ",11"
unset key
do for [p = 1:n] {
    set title word(platforms, p) font ",13"
    if (p == 1) { set ylabel "ms per update (" . size . ")" offset 0.3, 0 } else { unset ylabel }
    plot for [k = 1:7] table using (x(p, k)):(1e3 * column("seconds")) with lines lw (k < 3 ? 3 : 1.5) lc rgb colour[k], \
         for [k = 1:7] table using (x(p, k)):(1e3 * column("seconds")):(column("layers_reached") < column("layers") ? 6 : 7) \
             with points pt variable ps 1 lc rgb colour[k], \
         table using (x(p, 2)):(1e3 * column("seconds")):(sprintf("%d", column("microbatches"))) \
             with labels offset 0, -0.9 font ",9" textcolor rgb colour[2]
    unset label
}
unset multiplot
