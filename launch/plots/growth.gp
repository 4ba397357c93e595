# The time of a training step as one number of its network grows, beside a line of slope 1, and the memory that was
# forecast beside what was taken.
width = 1200; height = 900
load style
table = folder . "/growth.csv"
set multiplot layout 2,3 title "A training step as its network grows" font ",15" \
    margins 0.085,0.985,0.08,0.92 spacing 0.09,0.12
set logscale xy
set ylabel "milliseconds"
algorithms = "exact strict"
in_milliseconds(axis, algorithm, seconds) = \
    strcol("axis") eq axis && strcol("algorithm") eq algorithm ? 1e3 * column(seconds) : NaN

# The line goes through the largest point of exact; ranks have none.
array axes[4] = ["batch", "width", "depth", "ranks"]
array labels[4] = ["samples in a batch", "neurons of each layer", "layers of 64", "ranks"]
array slopes[4] = [1, 2, 1, 0]
array firsts[4] = [1, 16, 2, 1]
array factors[4] = [8, 4, 4, 1]
do for [k = 1:4] {
    axis = axes[k]
    undefine from_* to_*
    stats table using (strcol("axis") eq axis ? column("value") : NaN) name "from" nooutput
    if (!exists("from_records")) { set multiplot next; continue }
    stats table using (in_milliseconds(axis, "exact", "seconds")) name "to" nooutput
    slope = slopes[k]
    guide(x) = to_max * (x / from_max) ** slope
    set xlabel labels[k]
    if (slope == 0) {
        unset logscale x
        set xtics 1
        set key center right
    } else {
        set logscale x 2
        set xtics firsts[k], factors[k]
        set key bottom right
    }
    set xrange [slope ? from_min / 1.4 : from_min - 0.3:slope ? from_max * 1.4 : from_max + 0.3]
    plot (slope ? guide(x) : NaN) with lines dt 2 lc rgb "#888888" \
             title (slope ? sprintf("slope %d", slope) : ""), \
         for [i = 1:2] table using "value":(in_milliseconds(axis, word(algorithms, i), "seconds")): \
             (in_milliseconds(axis, word(algorithms, i), "least")): \
             (in_milliseconds(axis, word(algorithms, i), "most")) with yerrorbars lc rgb hue[i] pt 7 ps 0.8 notitle, \
         for [i = 1:2] table using "value":(in_milliseconds(axis, word(algorithms, i), "seconds")) \
             with linespoints lc rgb hue[i] lw 2 pt 7 ps 0.8 title word(algorithms, i)
}

# Points of small networks lie where libraries take as much as arrays.
mebibytes(name) = column(name) / 1048576
set logscale xy 10
set xtics autofreq
set key top left reverse Left
set xlabel "MiB forecast"
set ylabel "MiB taken"
stats table using (mebibytes("forecast")) name "memory" nooutput
set xrange [memory_min / 2:memory_max * 2]
plot x with lines dt 2 lc rgb "#888888" title "as forecast", \
     for [k = 1:4] table using (strcol("axis") eq axes[k] ? mebibytes("forecast") : NaN):(mebibytes("taken")) \
         with points lc rgb hue[k + 2] pt 7 ps 0.9 title axes[k]

set ylabel "forecast / taken"
unset logscale y
set yrange [0.8:1.2]
set object rectangle from graph 0, first 0.95 to graph 1, first 1.05 fc rgb "#EEEEEE" behind fs noborder
plot 1 with lines dt 2 lc rgb "#888888" title "as forecast, within 5 %", \
     for [k = 1:4] table using (strcol("axis") eq axes[k] ? mebibytes("forecast") : NaN): \
         (column("forecast") / column("taken")) with points lc rgb hue[k + 2] pt 7 ps 0.9 title axes[k]
unset multiplot
