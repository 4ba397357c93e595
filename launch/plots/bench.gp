# The time of a training step, Vicinal's and the best rival's, in multiples of what its bare products take. Given
# besides: rivals, whether there are any.
width = 1100; height = 560
load style
table = folder . "/bench.csv"
set title "A training step in multiples of its bare matrix products" . \
    (rivals ? "; above the bars rival / Vicinal" : "") font ",15"
larger(a, b) = b == b && b > a ? b : a
smaller(a, b) = b == b && b < a ? b : a
stats table using (smaller(column("vicinal"), column("rival")) / column("floor")) nooutput
set style data histograms
set style histogram clustered gap 1.2
set logscale y
# Where the machine was busy, a step may be faster than its products were.
set yrange [(STATS_min < 1 ? 0.8 * STATS_min : 0.8):*]
set ylabel "multiples of the bare products' time"
set xtics rotate by -35 font ",10"
set bmargin 8
set key top left horizontal
name(row) = strcol("network") . ", " . strcol("setting")
if (rivals) {
    plot table using (column("vicinal") / column("floor")):xtic(name(0)) lc rgb hue[1] title "Vicinal", \
         table using (column("rival") / column("floor")) lc rgb hue[2] title "best rival", \
         table using 0:(larger(column("vicinal"), column("rival")) / column("floor")): \
             (sprintf("%.2f", column("ratio"))) with labels offset 0, 0.7 font ",10" textcolor rgb ink notitle
} else {
    plot table using (column("vicinal") / column("floor")):xtic(name(0)) lc rgb hue[1] title "Vicinal"
}
