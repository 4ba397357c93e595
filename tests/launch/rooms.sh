#!/usr/bin/env bash
# The rooms of src/: which may use which, no cycle between files, no room above a fifth of the lines, and mpi.h in few
# files. What is read are the #include lines.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Each room, and those whose headers it may include.
cat >"$work/table" <<'END'
base
functions: base
network: base functions
populations: base functions network
messages: base functions network populations
inference: base functions network populations messages
tensors: base functions network populations messages inference
data: base functions network populations messages tensors
learning: base functions network populations messages inference tensors data
verify: base functions network populations messages inference
observe: base functions network populations messages inference tensors data learning verify
model: base functions network populations messages inference observe
config: base functions network populations messages inference tensors data learning model
library: base functions network populations messages inference tensors data learning verify observe model config
program: base functions network populations messages inference tensors data learning verify observe model config library
END

# Files that may include mpi.h, themselves or through a header.
mpi='^(messages/|program/main[.]c$|library/|observe/audit/mpi_interposer)'

# faults: what is wrong with the sources in the folder where it is called, a line each, "file:line: what".
# A source and the header of its name count as one file for cycles.
faults() {
    find . -name '*.[ch]' -printf '%P\n' | sort >"$work/files"
    awk -v table="$work/table" -v files="$work/files" -v mpi="$mpi" '
        function room(file) { sub(/\/.*/, "", file); return file }
        function unit(file) { sub(/[.][ch]$/, "", file); return file }
        function folder(file) { return file ~ /\// ? substr(file, 1, match(file, /[^\/]*$/) - 1) : "" }
        function header(file, name) {
            return (folder(file) name) in is_file ? folder(file) name : name in is_file ? name : ""
        }
        # The units from the one that is looked at to `u` are open; an include of an open one closes a cycle.
        function visit(u,    n, i, next_ones) {
            state[u] = 1
            n = split(uses[u], next_ones, " ")
            for (i = 1; i <= n; i++)
                if (state[next_ones[i]] == 1)
                    print place[u, next_ones[i]] ": closes a cycle of files"
                else if (!state[next_ones[i]])
                    visit(next_ones[i])
            state[u] = 2
        }
        # The line of `file` that brings mpi.h, or 0.
        function reaches_mpi(file,    n, i, next_ones) {
            if (file in known)
                return known[file]
            known[file] = includes_mpi[file] + 0
            n = split(headers[file], next_ones, " ")
            for (i = 1; i <= n; i++)
                if (!known[file] && reaches_mpi(next_ones[i]))
                    known[file] = line_of[file, next_ones[i]]
            return known[file]
        }
        BEGIN {
            while ((getline line <table) > 0) {
                n = split(line, word, /[: ]+/)
                is_room[word[1]] = 1
                for (i = 2; i <= n; i++)
                    if (word[i] in is_room && word[i] != word[1])
                        may[word[1], word[i]] = 1
                    else
                        print "the table: " word[1] " uses " word[i] ", which is not above it"
            }
            while ((getline line <files) > 0) {
                is_file[line] = 1
                ARGV[ARGC++] = line
            }
        }
        FNR == 1 && !is_room[room(FILENAME)] { print FILENAME ":1: no room of the table" }
        { lines[room(FILENAME)]++; total++ }
        /^#include <mpi[.]h>/ { includes_mpi[FILENAME] = FNR }
        /^#include "/ {
            split($0, part, "\"")
            if (part[2] == "vicinal.h" && room(FILENAME) == "library")
                next # include/vicinal.h, which uses no header of a room
            to = header(FILENAME, part[2])
            if (to == "") {
                print FILENAME ":" FNR ": there is no " part[2] " beside it or in src/"
                next
            }
            if (room(to) != room(FILENAME) && !((room(FILENAME), room(to)) in may))
                print FILENAME ":" FNR ": " room(FILENAME) " may not use " room(to)
            headers[FILENAME] = headers[FILENAME] " " to
            line_of[FILENAME, to] = FNR
            if (unit(to) != unit(FILENAME) && !((unit(FILENAME), unit(to)) in place)) {
                uses[unit(FILENAME)] = uses[unit(FILENAME)] " " unit(to)
                place[unit(FILENAME), unit(to)] = FILENAME ":" FNR
            }
        }
        END {
            for (i = 1; i < ARGC; i++)
                if (!state[unit(ARGV[i])])
                    visit(unit(ARGV[i]))
            for (file in is_file)
                if (file !~ mpi && reaches_mpi(file))
                    print file ":" known[file] ": mpi.h is included, or a header that includes it"
            for (r in lines)
                if (5 * lines[r] > total)
                    print r "/:0: " lines[r] " of " total " lines are more than a fifth"
        }' | sort
}

# finds FAULT: whether the small tree in $work/src has exactly this fault.
finds() {
    local found
    found=$(cd "$work/src" && faults)
    [[ $found == "$1" ]] || { printf '%s\n' "$found"; return 1; }
}

# write FILE LINE...: a file of the small tree.
write() {
    mkdir -p "$(dirname "$work/src/$1")"
    printf '%s\n' "${@:2}" >"$work/src/$1"
}

# A tree that keeps all rules: six rooms of three lines.
small_tree() {
    rm -rf "$work/src"
    write base/a.h '#include <stddef.h>' '' ''
    write functions/b.h '#include "base/a.h"' '' ''
    write network/c.c '#include "functions/b.h"' '' ''
    write messages/d.h '#include <mpi.h>' '' ''
    write populations/e.c '' '' ''
    write program/main.c '#include "messages/d.h"' '' ''
}

small_tree
check "a small tree keeps the rules" finds ""
write base/a.h '' '#include "functions/b.h"' ''
check "the use of a room above is found, and the cycle" finds "base/a.h:2: base may not use functions
functions/b.h:1: closes a cycle of files"
small_tree
write functions/b.h '#include "f.h"'
write functions/f.c '#include "b.h"'
write functions/f.h ''
check "so is a cycle of files inside a room" finds "functions/f.c:1: closes a cycle of files"
small_tree
write network/c.c '' '#include "messages/d.h"' ''
check "so is mpi.h in mathematics" finds "network/c.c:2: mpi.h is included, or a header that includes it
network/c.c:2: network may not use messages"
small_tree
write network/c.c '' '#include <mpi.h>' ''
check "itself too" finds "network/c.c:2: mpi.h is included, or a header that includes it"
small_tree
write populations/e.c '' '' '' ''
check "so is a room that is too large" finds "populations/:0: 4 of 19 lines are more than a fifth"
small_tree
write attic/h.c ''
check "so is a room that is not in the table" finds "attic/h.c:1: no room of the table"
small_tree
write network/c.c '#include "functions/z.h"' '' ''
check "so is a header that is not there" finds 'network/c.c:1: there is no functions/z.h beside it or in src/'

cd "$tests/../src"
found=$(faults)
[[ -z $found ]] || printf '%s\n' "$found"
check "the sources keep the rules" [ -z "$found" ]
finish
