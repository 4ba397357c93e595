# Makes one page of page.html, the style sheet and the scripts, and of that a C file with two arrays: what stands
# before the data, and what stands after them.
#   cmake -D FOLDER=... -D STYLE=page.css -D SCRIPTS=a.js,b.js -D OUTPUT=F.c -P embed.cmake
cmake_minimum_required(VERSION 3.22)

function(embed name text)
  file(WRITE ${OUTPUT}.part "${text}")
  file(READ ${OUTPUT}.part hex HEX)
  file(REMOVE ${OUTPUT}.part)
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  file(APPEND ${OUTPUT} "const unsigned char ${name}[] = {\n${bytes}0};\nconst size_t ${name}_size = ${size};\n")
endfunction()

file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/${STYLE} style)
set(script "")
string(REPLACE "," ";" SCRIPTS "${SCRIPTS}")
foreach(name ${SCRIPTS})
  file(READ ${FOLDER}/${name} text)
  string(APPEND script "${text}")
endforeach()
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
string(FIND "${page}" "@DATA@" place)
string(SUBSTRING "${page}" 0 ${place} head)
math(EXPR place "${place} + 6")
string(SUBSTRING "${page}" ${place} -1 tail)
file(WRITE ${OUTPUT} "#include <stddef.h>\nextern const unsigned char vic_report_head[], vic_report_tail[];\n"
     "extern const size_t vic_report_head_size, vic_report_tail_size;\n")
embed(vic_report_head "${head}")
embed(vic_report_tail "${tail}")
