#!/usr/bin/env bash
# A training run that is interrupted saves itself, and goes on to the same bits, on any number of ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/running.sh
source "$root/tests/support/running.sh"
cd "$work"
write_config small.yaml
settings=(--set learning.batch=16)

same_as() {
    cmp "$1/weights.safetensors" run/weights.safetensors && cmp "$1/metrics.csv" run/metrics.csv &&
        cmp "$1/free_energy.csv" run/free_energy.csv
}

# goes_on RANKS: whether the run, resumed for two more epochs, has the bits of one that nobody interrupted.
goes_on() {
    local epochs=$(($(wc -l <run/metrics.csv) + 1))
    rm -rf whole
    ends 0 "$1" train small.yaml --out run "${settings[@]}" --set learning.epochs=$epochs --resume &&
        says '^going on after epoch [0-9]+, step [0-9]+' &&
        ends 0 1 train small.yaml --out whole "${settings[@]}" --set learning.epochs=$epochs && same_as whole &&
        (($(wc -l <whole/metrics.csv) == epochs + 1))
}

# cut_short RANKS: whether a run whose launcher gets SIGTERM ends and can be resumed. MPICH's launcher passes the signal on
# and waits. Open MPI's passes it on, kills its ranks a set time later, and ends with 1: that time may be too short on a
# busy machine; the checkpoint of the last epoch is there all the same.
cut_short() {
    if ! is_open_mpi "${mpirun[0]}"; then
        interrupted 5 launcher TERM "$1" "${settings[@]}"
        return
    fi
    # shellcheck disable=SC2046
    start "$1" run "${settings[@]}" && kill -TERM $(launched) && ended 1 && wait_until 100 none_left &&
        has_checkpoint run && [[ ! -e run/weights.safetensors ]]
}

check "SIGTERM to a run alone" interrupted 5 launcher TERM 0 "${settings[@]}"
check "  goes on to the same bits" goes_on 1
rm -r run
check "SIGTERM to one rank of 3" interrupted 5 rank TERM 3 "${settings[@]}"
check "  resumed by 2 ranks, and SIGINT to one" interrupted 5 rank INT 2 --resume "${settings[@]}"
check "  goes on to the same bits alone" goes_on 0
rm -r run
check "SIGTERM to mpirun" cut_short 3
check "  resumed by 2 ranks, and SIGUSR1 to mpirun" interrupted 5 launcher USR1 2 --resume "${settings[@]}"
check "  goes on to the same bits on 5 ranks" goes_on 5
rm -r run

check "a short run" ends 0 1 train small.yaml --out run --set learning.epochs=4
cp -r run short
check "resumed after its end" ends 0 2 train small.yaml --out run --set learning.epochs=4 --resume
check "  shows its result" prints "^test accuracy $(tail -n 1 short/metrics.csv | awk -F, '{ printf "%.2f", 100 * $6 }') %"
check "  and changes nothing" same_as short
# Rows of an epoch whose checkpoint was never written are written again.
printf '5,75,0.5,0.5,0.5,0.5\n6,7' >>run/metrics.csv
check "resumed for more epochs" ends 0 3 train small.yaml --out run --set learning.epochs=7 --resume
check "so many at once" ends 0 1 train small.yaml --out more --set learning.epochs=7
check "  gives the same bits" same_as more

# not_resumed RANKS PATTERN WORD...: resuming with these words is refused.
not_resumed() {
    local ranks=$1 pattern=$2
    shift 2
    check "$ranks ranks: $*" ends 3 "$ranks" train small.yaml --resume --out "$@"
    check "  says once: $pattern" complains_once "$pattern"
}
there='run/checkpoints/epoch-[0-9]+-step-[0-9]+: the checkpoint is of a run with other settings: '
data=$root/data/digits
not_resumed 0 "${there}inference.eta is 1 there and 0.5 here; resume with" run --set inference.eta=0.5
not_resumed 3 "${there}inference.eta is 1 there and 0.5 here; learning.batch is 96 there and 5 here; resume" run \
    --set inference.eta=0.5 --set learning.batch=5
not_resumed 0 "${there}what data.train holds is 1437 samples, .* there and 360 samples, .* here; resume" run \
    --set data.train.inputs="$data/test-images-idx3-ubyte" --set data.train.labels="$data/test-labels-idx1-ubyte"
not_resumed 3 "${there}data.scale is 16 there and 1 here; resume" run --set data.scale=1
not_resumed 3 "${there}seed is 3 there and 4 here; resume" run --set seed=4
check "  and of no change" bash -c "! grep -q 'changes from' stderr"
not_resumed 0 'empty/checkpoints: .*No such file' empty
not_resumed 3 'empty/checkpoints: .*No such file' empty
check "  makes no folder" absent empty
mkdir empty
not_resumed 0 'empty/checkpoints: .*No such file' empty
check "  and leaves nothing in one" test -z "$(ls -A empty)"
cp run/weights.safetensors empty/checkpoint.safetensors
not_resumed 0 'empty/checkpoint.safetensors: not a checkpoint' empty
check "its state as one file" ends 0 0 export run --state
head -c 9000 run/state.safetensors >empty/checkpoint.safetensors
not_resumed 3 'empty/checkpoint.safetensors: ' empty
# A position that no run with these data and batches comes to.
for damage in 's/"step":"0"/"step":"9"/' 's/"epoch":"7"/"epoch":"9"/' 's/"updates":"105"/"updates":"999"/'; do
    sed "$damage" run/state.safetensors >empty/checkpoint.safetensors
    check "$damage" bash -c "! cmp -s run/state.safetensors empty/checkpoint.safetensors"
    not_resumed 0 'empty/checkpoint.safetensors: the checkpoint is damaged, or of other data: it is at epoch' empty
done
check "a refused run is left as it was" same_as more

# What may change is recorded: the rate, the number of ranks and of epochs, and the path of data that are the same.
gzip -c "$data/train-images-idx3-ubyte" >images.gz
check "another rate and path" ends 0 2 train small.yaml --out run --resume --set learning.epochs=8 \
    --set learning.optimizer='{adam: {rate: 0.5}}' --set data.train.inputs=images.gz
check "  is said" says '^learning.optimizer.adam.rate changes from 0.005 to 0.5$'
changes_are_recorded() {
    local keys
    keys=$(grep '^7,0,' run/changes.csv | cut -d, -f3 | sort | tr '\n' ' ')
    [[ $(sed -n 1p run/changes.csv) == epoch,step,key,before,after ]] &&
        [[ $keys == 'data.train.inputs learning.epochs learning.optimizer.adam.rate ranks ' ]] &&
        grep -q '^7,0,learning.optimizer.adam.rate,"0.005","0.5"$' run/changes.csv &&
        grep -q '^4,0,ranks,"1","3"$' run/changes.csv
}
check "  and recorded" changes_are_recorded
finish
