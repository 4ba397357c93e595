#!/usr/bin/env bash
# Every reader under libFuzzer: ten million executions of each target, and which lines of its sources they run.
# shellcheck source-path=SCRIPTDIR source=parts.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"

executions=${VICINAL_FUZZ_EXECUTIONS:-10000000}
least=90 # percent of the lines of each source
fuzz=$build/fuzz
fuzzer=$fuzz/tests/fuzzer
export LLVM_PROFILE_FILE=/dev/null UBSAN_OPTIONS=print_stacktrace=1 OPENBLAS_NUM_THREADS=1
export ASAN_OPTIONS=detect_leaks=1:leak_check_at_exit=0:allocator_may_return_null=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_ess_singleton_isolated=1

# sources_of TARGET: what of src/ a target is there for.
sources_of() {
    case $1 in
    config | setting) echo config/config_{parse,yaml,tree,text,read,reader,override,network,edges,files,labels,optimizer,error_weights}.c ;;
    idx) echo data/idx.c base/stream.c ;;
    cifar10) echo data/cifar10.c ;;
    csv) echo data/csv{,_rows,_cell,_head}.c ;;
    npy) echo data/npy_format.c tensors/npy{,_header}.c ;;
    weights) echo tensors/{tensor_file,tensor_header,weights_file,named_tensors,weight_names,weights_mismatch}.c ;;
    batch) echo tensors/{batch_file,batch_target}.c ;;
    checkpoint) echo learning/checkpoint{,_manifest,_part}.c ;;
    machine) echo config/machine_file.c ;;
    run_table | run_audit) echo program/report/report_tables.c ;;
    esac
}

# fuzz_target TARGET: goes on with the inputs that were found before. What breaks it is kept in $keep/TARGET-faults.
fuzz_target() {
    local target=$1 found=$keep/$1 faults=$keep/$1-faults
    mkdir -p "$found" "$faults"
    VICINAL_FUZZ=$target "$fuzzer" -runs="$executions" -max_len=8192 -timeout=20 -rss_limit_mb=4096 -use_value_profile=1 \
        -print_final_stats=1 -artifact_prefix="$faults/" "$found" "$root/tests/fuzz/inputs/$target"
}

# profile_of TARGET: runs all of its inputs once, and keeps which lines that ran.
profile_of() {
    LLVM_PROFILE_FILE=$keep/$1.profraw VICINAL_FUZZ=$1 "$fuzzer" -runs=0 "$keep/$1" "$root/tests/fuzz/inputs/$1"
}

# coverage TARGET...: a line for each source, and a failure where one has too few lines. Sources that several targets
# share are measured for all of them together.
coverage() {
    local target source
    rm -f "$keep"/*.profraw
    for target in "$@"; do profile_of "$target"; done
    llvm-profdata merge -o "$keep/all.profdata" "$keep"/*.profraw
    llvm-cov report "$fuzzer" -instr-profile="$keep/all.profdata" >"$keep/all.txt"
    for target in "$@"; do
        for source in $(sources_of "$target"); do
            awk -v target="$target" -v source="src/$source" '
                substr($1, length($1) - length(source) + 1) == source {
                    printf "%-12s %-36s %5.1f %% of %d lines\n", target, source, $10, $8
                }' "$keep/all.txt"
        done
    done | tee "$keep/coverage.txt"
    awk -v least=$least '$3 < least { print "too few: " $2; few = 1 } END { exit few || NR == 0 }' "$keep/coverage.txt"
}

build_fuzzer() {
    cmake -S "$root" --preset fuzz -B "$fuzz"
    cmake --build "$fuzz" --parallel "$(cores)" --target fuzzer
}

targets=(config setting idx cifar10 csv npy weights batch checkpoint machine run_table run_audit)
part build build_fuzzer
for target in "${targets[@]}"; do
    part "$target" fuzz_target "$target"
done
part coverage coverage "${targets[@]}"
[[ $listing || ! -e $keep/coverage.txt ]] || cat "$keep/coverage.txt"
close_parts
