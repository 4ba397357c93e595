# Writes a wrapper for every call that mpi.h declares and calls.txt does not name: what is not known to move nothing
# is taken to move data.
#     awk -f wrap.awk calls.txt mpi.i        mpi.i: mpi.h after the preprocessor
function arguments_of(parameters,    parts, n, i, list) {
    n = split(parameters, parts, ",")
    for (i = 1; i <= n; i++) {
        gsub(/\[[^]]*\]/, "", parts[i])
        sub(/ *$/, "", parts[i])
        if (!match(parts[i], /[A-Za-z_][A-Za-z_0-9]*$/))
            continue
        list = list (list == "" ? "" : ", ") substr(parts[i], RSTART)
    }
    return list == "void" ? "" : list
}

# The bytes of the call, where one count and one type tell.
function bytes_of(parameters) {
    if (parameters ~ /(int|MPI_Count) count,/ && parameters ~ /MPI_Datatype datatype/)
        return "vic_interposer_bytes(count, datatype)"
    return "0"
}

FNR == 1 { file++ }
file == 1 && !/^ *(#|$)/ {
    if (sub(/\*$/, "", $1))
        families[$1] = 1
    else
        named[$1] = 1
}
file == 2 { text = text " " $0 }

function is_known(name,    family) {
    for (family in families)
        if (index(name, family) == 1)
            return 1
    return name in named
}

END {
    print "/* Made from mpi.h by wrap.awk. */"
    print "#include \"observe/audit/mpi_interposer_record.h\"\n"
    gsub(/[ \t\r]+/, " ", text)
    while (match(text, /[^A-Za-z_0-9]int MPI_[A-Za-z_0-9]+ *\([^();]*\)/)) {
        prototype = substr(text, RSTART + 1, RLENGTH - 1)
        text = substr(text, RSTART + RLENGTH)
        open = index(prototype, "(")
        name = substr(prototype, 5, open - 5)
        sub(/ *$/, "", name)
        parameters = substr(prototype, open + 1, length(prototype) - open - 1)
        if (is_known(name) || name in written)
            continue
        written[name] = 1
        printf "int %s(%s) {\n", name, parameters
        printf "    if (vic_interposer_current)\n        vic_interposer_add_call(\"%s\", %s);\n", name, bytes_of(parameters)
        printf "    return P%s(%s);\n}\n\n", name, arguments_of(parameters)
    }
}
