# The rates of convolutions as parts of that of bare products, Vicinal's and oneDNN's, on all cores. Given besides:
# rivals, whether there is oneDNN.
width = 1100; height = 900
load style
table = folder . "/convolutions.csv"
set multiplot layout 3,1 title "Convolutions 3 x 3: operations of the plain sums, by the rate of bare products" . \
    (rivals ? "; above the bars Vicinal / oneDNN" : "") font ",15" margins 0.07,0.985,0.1,0.92 spacing 0.04,0.09
set style data histograms
set style histogram clustered gap 1.2
larger(a, b) = b == b && b > a ? b : a
stats table using (larger(column("vicinal"), column("onednn"))) nooutput
set yrange [0:1.15 * STATS_max]
set xtics rotate by -25 font ",10"
name(row) = strcol("shape") . ", " . strcol("batch")
functions = "forward vjp gradient"
do for [k = 1:3] {
    function = word(functions, k)
    set ylabel function
    # Rows of the other functions are left out, so that bars stand side by side.
    rows = sprintf("< awk -F, 'NR == 1 || $3 == \"%s\"' '%s'", function, table)
    if (k == 1) { set key top right horizontal } else { unset key }
    if (rivals) {
        plot rows using "vicinal":xtic(name(0)) lc rgb hue[1] title "Vicinal", \
             rows using "onednn" lc rgb hue[2] title "oneDNN", \
             rows using 0:(larger(column("vicinal"), column("onednn"))):(sprintf("%.2f", column("ratio"))) \
                 with labels offset 0, 0.6 font ",9" textcolor rgb ink notitle
    } else {
        plot rows using "vicinal":xtic(name(0)) lc rgb hue[1] title "Vicinal"
    }
}
unset multiplot
