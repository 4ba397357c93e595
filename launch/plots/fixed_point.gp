# How augmented-lagrangian's updates come to backpropagation's with more steps. Reads fixed_point.csv in `folder`. Also
# given: names, the networks.
width = 1500; height = 620
load style
file = folder . "/fixed_point.csv"
foot = 1e-18
rows(network, precision, coordinates) = sprintf("< awk -F , 'NR == 1 || ($1 == \"%s\" && $2 == \"%s\" && $3 == \"%s\" && $6 == 0.05)' '%s'", \
    network, precision, coordinates, file)
set multiplot layout 1,3 title above font ",16" margins 0.075,0.985,0.12,0.76 spacing 0.05
set logscale xy
set format y "10^{%T}"
set yrange [foot * 0.5:10]
set xrange [0.8:8000]
set xlabel "inference steps"
unset key
count = words(names)
do for [k = 1:count] {
    set label 100 + k sample(word(names, k)) at screen 0.5 + (k - (count + 1) / 2.0) * 0.135, 0.875 center noenhanced \
        textcolor rgb k <= 6 ? hue[k] : "#000000"
}
do for [panel = 1:3] {
    precision = panel == 1 ? "float64" : "float32"
    coordinates = panel == 3 ? "belief" : "error"
    set title precision . ", " . coordinates . " coordinates" font ",14"
    if (panel == 1) { set ylabel "largest relative error of an update" } else { unset ylabel }
    plot for [k = 1:count] rows(word(names, k), precision, coordinates) \
        using "steps":(or_foot(column("relative_error"), foot)) with linespoints pt 7 ps 0.6 lw 2 \
        lc rgb k <= 6 ? hue[k] : "#000000"
}
unset multiplot
