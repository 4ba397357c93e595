# Seconds for the same training with each algorithm, here and in the paper; what compares is the ratio to exact.
width = 1200; height = 520
load style
table = folder . "/runtimes.csv"

set multiplot layout 1,2 title above font ",16" margins 0.07,0.985,0.16,0.83 spacing 0.08
set style data histograms
set style histogram clustered gap 1
set boxwidth 0.9
set key top left
set xtics ("exact" 0, "fixed-prediction\nη = 1" 1, "fixed-prediction\nη = 0.1, n = 20" 2, "strict\nη = 0.1, n = 20" 3) font ",10"
set xrange [-0.5:3.5]
set yrange [0:*]
set offsets 0, 0, graph 0.15, 0

set title "Seconds"
set ylabel "s"
plot table using "seconds" lc rgb in_error title "here", \
     table using "paper_seconds" lc rgb hue[2] title "the paper, on a GPU", \
     table using ($0 - 0.17):"seconds":(sprintf("%.1f", column("seconds"))) with labels offset 0, 0.7 notitle, \
     table using ($0 + 0.17):"paper_seconds":(sprintf("%.1f", column("paper_seconds"))) with labels offset 0, 0.7 notitle

set title "Ratio to exact"
set ylabel "times exact"
plot table using "ratio" lc rgb in_error title "here", \
     table using "paper_ratio" lc rgb hue[2] title "the paper, on a GPU", \
     table using ($0 - 0.17):"ratio":(sprintf("%.1f", column("ratio"))) with labels offset 0, 0.7 notitle, \
     table using ($0 + 0.17):"paper_ratio":(sprintf("%.1f", column("paper_ratio"))) with labels offset 0, 0.7 notitle
unset multiplot
