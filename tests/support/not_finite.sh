# A network of three synapses, one behind the other, whose weights and data are whatever a test wants, and runs that end
# with numbers that are not finite. Source it after program.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# float32 numbers as they lie in files
declare -A bits=([0]=00000000 [1]=0000803f [2]=00000040 [12]=00004041 [-1]=000080bf [1e-30]=6042a20d [1e-20]=085f3c1e [1e-15]=7d1d9026 [1e-8]=77cc2b32 [5e4]=00504347 [1e15]=a95f6358 [1e20]=ec78ad60 [1e30]=caf24971 [nan]=0000c07f [inf]=0000807f)

# tensor_file FILE NAME=SHAPE=NUMBER...: a safetensors file of float32 tensors that hold one number each.
tensor_file() {
    local file=$1 header='' data='' at=0 part i name shape number
    shift
    for part; do
        IFS='=' read -r name shape number <<<"$part"
        header+="${header:+,}\"$name\":{\"dtype\":\"F32\",\"shape\":$shape,\"data_offsets\":[$at,$((at + 4))]}"
        for i in 0 2 4 6; do data+="\\x${bits[$number]:i:2}"; done
        at=$((at + 4))
    done
    header="{$header}"
    # shellcheck disable=SC2059
    {
        printf "\\x$(printf %x $((${#header} & 255)))\\x$(printf %x $((${#header} >> 8)))\\0\\0\\0\\0\\0\\0"
        printf %s "$header"
        printf "$data"
    } >"$file"
}

# weights FILE A B C and batch FILE INPUT TARGET: of the network in scalar.yaml, three numbers behind each other.
weights() {
    tensor_file "$1" "0.0.weight=[1,1]=$2" "1.0.weight=[1,1]=$3" "2.0.weight=[1,1]=$4"
}
batch() {
    tensor_file "$1" "input=[1,1]=$2" "target=[1,1]=$3"
}
linear='[{linear: {out: 1, bias: false}}]'

# make_scalar: scalar.yaml, `ones` and `one`.
make_scalar() {
    printf '%s\n' "network: {input: [1], layers: [$linear, $linear, $linear], loss: squared-error, reduction: sum}" \
        'inference: {algorithm: exact, eta: 1, steps: 3}' 'learning: {optimizer: {sgd: {rate: 0.1}}}' >scalar.yaml
    weights ones 1 1 1
    batch one 1 0
}

# not_finite RANKS WHAT PATTERN COMMAND WORD...: on these numbers of ranks the command ends with 4, says so once, like
# the pattern and in the words of the last run unless $words is empty, and prints and writes nothing.
words=
not_finite() {
    local ranks=$1 what=$2 pattern=$3 n
    shift 3
    for n in $ranks; do
        rm -f out
        check "$what, $n ranks" ends 4 "$n" "$@"
        check "  says once where" complains_once "^vicinal: .*$pattern"
        check "  in the same words" test "${words:-$(grep '^vicinal: ' stderr)}" = "$(grep '^vicinal: ' stderr)"
        words=$(grep '^vicinal: ' stderr)
        check "  prints nothing" prints_nothing
        check "  writes nothing" absent out
        check "  nothing half written" nothing_half_written .
    done
}
