# Time against the number of populations, one a rank: a step of strict inference, and backpropagation.
width = 1100; height = 520
load style
table = folder . "/scaling.csv"
above = "Weak scaling on simulated clusters: one layer of 1024 neurons more for each rank, batch 256"
stats table using "seconds_step" nooutput
set multiplot layout 1,2 title above font ",15" margins 0.075,0.985,0.14,0.82 spacing 0.09
set key top left reverse Left
set logscale x 2
set xlabel "populations, one a rank"
set xrange [6:1400]
set ylabel "seconds"
at(name, column_name) = strcol("platform") eq name ? column(column_name) : NaN

set title "One step of strict inference (everybody speaks)"
set logscale y 10
set yrange [10 ** floor(log10(STATS_min)) : 10 ** ceil(log10(STATS_max))] # whole decades, though the line be level
plot for [k = 1:words(platforms)] table using "populations":(at(word(platforms, k), "seconds_step")) \
    with linespoints lc rgb hue[k] lw 2 pt 7 title word(platforms, k)

set title "One backpropagation (exact)"
set yrange [*:*]
plot for [k = 1:words(platforms)] table using "populations":(at(word(platforms, k), "seconds_exact")) \
    with linespoints lc rgb hue[k] lw 2 pt 7 title word(platforms, k)
unset multiplot
