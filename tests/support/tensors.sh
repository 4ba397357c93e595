# Safetensors and numpy arrays made and taken apart by a shell. Source it after program.sh.
# shellcheck shell=bash

# little_endian NUMBER: as 8 bytes, the way safetensors begin.
little_endian() {
    local i
    for i in 0 8 16 24 32 40 48 56; do
        # shellcheck disable=SC2059
        printf "\\x$(printf %x $((($1 >> i) & 255)))"
    done
}

# safetensors HEADER <DATA: a whole file.
safetensors() {
    little_endian ${#1}
    printf %s "$1"
    cat
}

# slice FILE FROM COUNT: so many bytes behind the first FROM.
slice() {
    dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none
}

# header_of FILE: its header.
header_of() {
    slice "$1" 8 "$(od -An -tu8 -N8 "$1" | tr -d ' ')"
}

# with_header FILE SCRIPT: the file with its header changed by sed.
with_header() {
    local header size
    header=$(header_of "$1" | sed "$2")
    size=$(od -An -tu8 -N8 "$1")
    tail -c +$((9 + size)) "$1" | safetensors "$header"
}

# tensor FILE NAME TYPE: the numbers of a tensor without dots in its name, in a line, as od's type shows them.
tensor() {
    local size begin end
    size=$(od -An -tu8 -N8 "$1")
    begin=$(header_of "$1" | "${VICINAL_JSON:?the built json_value}" "$2.data_offsets.0")
    end=$(header_of "$1" | "$VICINAL_JSON" "$2.data_offsets.1")
    od -An -v -t"$3" -j $((8 + size + begin)) -N $((end - begin)) "$1" | tr -s ' \n' ' '
}

# npy DESCR SHAPE <DATA: a whole file of format 1.0.
npy() {
    local header="{'descr': '$1', 'fortran_order': False, 'shape': $2, }"
    # shellcheck disable=SC2059
    printf "\\x93NUMPY\\1\\0\\x$(printf %x $((${#header} & 255)))\\x$(printf %x $((${#header} >> 8)))"
    printf %s "$header"
    cat
}
