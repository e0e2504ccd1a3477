# SPDX-License-Identifier: GPL-2.0
#
# The demo's chart. Given: kernel, output, and the rows, one a kind of memory: title; ms of map
# in-tree, map stride, unmap in-tree, unmap stride; as text, how many times
# faster map and unmap are.

set terminal svg noenhanced size 1000,820 font "sans,13" background "white"
set output output

set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set logscale y
set yrange [0.001:10000]
set format y "%g"
set ylabel "ms, logarithmic"
set grid ytics lc rgb "#dddddd"
set border 3
set rmargin 16
set tics nomirror
set xtics rotate by -20 scale 0
set key top left horizontal

in_tree = "#9aa5b1"
stride = "#d9480f"

set multiplot layout 2,1 \
	title "Linux ".kernel.": 1 GiB of memory, instructions counted (1 ms = 1 million)"

do for [call in "map unmap"] {
	set title call offset 0,-1
	first = call eq "map" ? 2 : 4
	times = call eq "map" ? 6 : 7
	plot $rows using first:xtic(1) title "in-tree" lc rgb in_tree, \
	     '' using first + 1 title "stride" lc rgb stride, \
	     '' using 0:first:times with labels offset 0,0.7 notitle
}
