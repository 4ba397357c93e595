# What all plots share. Given with -e: format (svg or png), out (the file), folder (where the tables are), layers.
# A plot calls `load style` after it has set `width` and `height` in pixels, and `above`, the title.

# The colours of M. Okabe and K. Ito, which colour-blind eyes tell apart too.
array hue[6] = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]
in_error = "#0072B2"    # float32, error coordinates
in_belief = "#D55E00"   # float32, belief coordinates
in_double = "#009E73"   # float64
ink = "#333333"

if (format eq "svg") {
    set terminal svg size width, height enhanced font "DejaVu Sans,Helvetica,Arial,13" background "white"
} else {
    set terminal pngcairo size width, height enhanced font "DejaVu Sans,13" background "white"
}
set output out
set encoding utf8

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

set border 3 linecolor rgb ink
set tics nomirror out scale 0.6 textcolor rgb ink
set grid ytics linecolor rgb "#DDDDDD" linetype 1 linewidth 0.5
set key samplen 2 spacing 1.1 textcolor rgb ink
set style fill solid 1.0 noborder

# Powers of ten, and a zero drawn at the foot of a logarithmic axis.
set format y "%g"
or_foot(x, foot) = x == x && x < foot ? foot : x

# A legend across the top: labels at the screen's height `legend_at`, each in its colour.
sample(text) = "━━ " . text
layer_legend = "do for [k = 1:layers] { set label 100 + k sample(sprintf('layer %d', k)) \
    at screen 0.5 + (k - (layers + 1) / 2.0) * 0.1, legend_at center textcolor rgb hue[k] }"
variant_legend = "set label 101 sample('float64') at screen 0.2, legend_at center textcolor rgb in_double; \
    set label 102 sample('float32, error coordinates') at screen 0.41, legend_at center textcolor rgb in_error; \
    set label 103 sample('float32, belief coordinates') at screen 0.66, legend_at center textcolor rgb in_belief; \
    set label 104 sample(other) at screen 0.86, legend_at center textcolor rgb 'black'"
