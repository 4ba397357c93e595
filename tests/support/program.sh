# What the tests of the program share: running it on any number of ranks, small configs, a folder to work in. Source
# it instead of shell.sh. VICINAL_PROGRAM is the built program.
# shellcheck shell=bash disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=shell.sh
source "$root/tests/support/shell.sh"
program=${VICINAL_PROGRAM:-$root/build/release/vicinal}
[[ -x $program ]] || { echo "there is no program $program: set VICINAL_PROGRAM"; exit 1; }
# shellcheck source-path=SCRIPTDIR source=../../launch/launcher.sh
source "$root/launch/launcher.sh"
find_launcher
export OPENBLAS_NUM_THREADS=1
# Open MPI starts three times as fast when it need not look for networks and helpers.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_ess_singleton_isolated=1
work=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-program.XXXXXX")
# Open MPI's own files: a folder for each run, since one run takes away what another is about to use.
mpi_files=$(mktemp -d "${TMPDIR:-/tmp}/vicinal-mpi.XXXXXX")
trap 'rm -rf --one-file-system "$work" "$mpi_files"' EXIT
code=0
# Seconds until the program is taken to hang. No run takes a tenth of it, but the machine may be busy.
limit=${limit:-240}

# run RANKS WORD...: the program with these words, within a time limit; 0 ranks: without mpirun. Its output is in
# $work/stdout, its talk in $work/stderr, its exit code in $code.
run() {
    local ranks=$1 launcher=()
    shift
    ((ranks == 0)) || launcher=("${mpirun[@]}" -np "$ranks")
    code=0
    OMPI_MCA_orte_tmpdir_base=$(mktemp -d "$mpi_files/XXXXXX") \
        timeout --kill-after=2 "$limit" "${launcher[@]}" "$program" "$@" \
        >"$work/stdout" 2>"$work/stderr" </dev/null || code=$?
}

# ends CODE RANKS WORD...: whether the program ends so.
ends() {
    local wanted=$1
    shift
    run "$@"
    [[ $code == "$wanted" ]] || { printf 'exit code %s\n' "$code"; cat "$work/stderr"; return 1; }
}

says() {
    grep -Eq -- "$1" "$work/stderr"
}

prints() {
    grep -Eq -- "$1" "$work/stdout"
}

prints_nothing() {
    [[ ! -s $work/stdout ]]
}

# complains_once PATTERN: exactly one line of the program's own, which begins with its name or a place in a config, and
# is like the pattern. mpirun adds its own.
complains_once() {
    local complaints
    complaints=$(grep -E '^(vicinal|[^ :]+[.](yaml|json)(:[0-9]+:[0-9]+)?): ' "$work/stderr")
    [[ $(wc -l <<<"$complaints") == 1 ]] && grep -Eq -- "$1" <<<"$complaints"
}

# has PATH [PATTERN]: what was printed is JSON with this path, whose value is like the pattern.
has() {
    local value
    value=$("${VICINAL_JSON:?the built json_value}" "$1" <"$work/stdout") && [[ $value =~ ^(${2:-.*})$ ]]
}

# Is no process of the program left that was told about a file in the work folder, or runs there? One that is just
# ending may need a moment.
none_left() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        ! one_is_left || { sleep 0.1; continue; }
        return 0
    done
    return 1
}

one_is_left() {
    local exe
    while read -r exe; do
        if [[ $(readlink "${exe%exe}cwd") == "$work"* ]] || grep -qaF "$work/" "${exe%exe}cmdline"; then
            return 0
        fi
    done < <(find /proc -maxdepth 2 -name exe -lname "$(readlink -f "$program")" 2>/dev/null)
    return 1
}

# nothing_half_written FOLDER: no file that grows beside its place.
nothing_half_written() {
    [[ -z $(find "$1" -name '.*.vicinal-*' -print -quit) ]]
}

# refused FILE PATTERN WORD...: the program ends with 3 and one line that names the file and is like the pattern, on
# one rank and on three. Nothing is left in the folder `out`, nothing half written, and every rank is gone.
refused() {
    local file=$1 pattern=$2 ranks
    shift 2
    for ranks in 0 3; do
        rm -rf out
        check "$ranks ranks, $file: $pattern" ends 3 $ranks "$@"
        check "  says so once and names it" complains_once "^vicinal: ([^ ]*/)?${file}[^ ]*: .*$pattern"
        check "  prints nothing" prints_nothing
        check "  nothing half written" nothing_half_written .
        check "  no result" absent out/weights.safetensors
        check "  nobody left" none_left
    done
}

digits=$root/data/digits

# write_config FILE [SECTION...]: a small network for the digits that is soon trained, with the sections named, by
# default all.
write_config() {
    local file=$1 section
    shift
    (($#)) || set -- inference learning data
    {
        printf '%s\n' 'name: small' 'seed: 3' 'network:' '  input: [64]' '  layers:' '    - [linear: 24, relu]' \
            '    - [linear: 16, tanh]' '    - [linear: 12, sigmoid]' '    - linear: 10' '  loss: cross-entropy'
        for section; do
            case $section in
            inference) echo 'inference: {algorithm: fixed-prediction, eta: 1, steps: 4}' ;;
            learning) echo 'learning: {optimizer: {adam: {rate: 0.005}}, batch: 96, epochs: 2}' ;;
            data) printf '%s\n' 'data:' '  format: idx' '  scale: 16' \
                "  train: {inputs: $digits/train-images-idx3-ubyte, labels: $digits/train-labels-idx1-ubyte}" \
                "  test: {inputs: $digits/test-images-idx3-ubyte, labels: $digits/test-labels-idx1-ubyte}" ;;
            esac
        done
    } >"$file"
}

# A network with weights and a batch in tests/reference.
reference=$root/tests/reference/mlp_relu_ce

write_reference_config() {
    printf '%s\n' 'name: reference' 'precision: float64' 'network:' '  input: [20]' '  layers:' \
        '    - [linear: 16, relu]' '    - [linear: 12, relu]' '    - [linear: 10, relu]' '    - linear: 5' \
        '  loss: cross-entropy' 'inference: {algorithm: fixed-prediction, eta: 1, steps: 4}' >"$1"
}
