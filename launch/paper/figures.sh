# The paper's figures, each a function: what to compute, what to claim, what to draw. Sourced by paper.sh.
# shellcheck shell=bash disable=SC2046,SC2154
etas=(0.1 0.2 0.5 1)
correction="The paper's notebooks predate a sign correction in Torch2PC's strict update; these curves follow the
corrected one, and may differ from the printed ones for that reason."

# The first of every so many batches is compared.
compare_every() {
    if $quick; then
        echo "learning.compare={every: 10, weights_only: true}"
    else
        echo "learning.compare={every: 4, weights_only: true}"
    fi
}

strict_settings=(network.loss=squared-error network.reduction=mean inference.algorithm=strict)

fig1() {
    local strict=$out/fig1/strict/compare.csv batches
    train "strict" fig1/strict "${strict_settings[@]}" inference.eta=0.1 inference.steps=20 "$(compare_every)"
    train "exact" fig1/exact "${strict_settings[@]}" inference.algorithm=exact "$(compare_every)"
    batches=$(measure "$strict" updates)
    claim "numbers that are not finite" "$(count_nan "$strict" relative_error)" == 0
    claim "at the first batch the loss differs from exact by" "$(measure "$strict" \
        "updates == 1 ? abs(loss - exact) : 0" exact="$(measure "$out/fig1/exact/compare.csv" "updates == 1 ? loss : 0")")" == 0
    claim "accuracy that strict reaches on a batch" "$(measure "$strict" accuracy)" '>=' "$($quick && echo 0.5 || echo 0.95)"
    claim "relative error of the last layer" "$(measure "$strict" "layer == $layers ? relative_error : 0")" '<' 0.1
    say "the first layer's: $(brief "$strict" "layer == 1 && updates == 1 ? relative_error : 0") at the start," \
        "$(brief "$strict" "layer == 1 && updates == $batches ? relative_error : 0") at the end"
    say "$correction"
    draw fig1 fig1 "Strict inference: η = 0.1, n = 20, squared error, $subject"
}

# diverges TABLE: the first number of steps at which an update has grown beyond a thousand times the exact one.
diverges() {
    awk -F , 'NR > 1 && ($3 == "nan" || $3 > 1000) { print $1; exit }' "$1"
}

fig2() {
    local eta table last=400 from
    $quick && last=60
    train "exact" fig2/trained "${strict_settings[@]}" inference.algorithm=exact
    for eta in "${etas[@]}"; do
        table=$out/fig2/eta-$eta/trajectory.csv
        trajectory "strict, eta $eta" "fig2/eta-$eta" "$out/fig2/trained/weights.safetensors" "${strict_settings[@]}" \
            precision=float64 "inference.eta=$eta" "inference.steps=$last"
        claim "rows that are missing" $((last * layers + 1 - $(wc -l <"$table"))) == 0
        claim "length of updates that news from the output cannot have reached" \
            "$(measure "$table" "steps <= $layers - layer ? scale : 0")" == 0
        from=$(diverges "$table")
        if [[ -n $from ]]; then
            say "eta $eta diverges: some layer is more than 1000 times exact from n = $from on"
        else
            say "eta $eta stays below 1000 times exact"
        fi
    done
    say "$correction"
    draw fig2 fig2 "Strict inference on one batch of a trained network, float64, $subject" "last=$last"
}

# fixed_prediction FIGURE KEY=VALUE...: the same training by exact and by three variants of fixed-prediction.
fixed_prediction() {
    local figure=$1 variant
    shift
    train "exact" "$figure/exact" "$@" inference.algorithm=exact "$(compare_every)"
    for variant in double error belief; do
        train "$variant" "$figure/$variant" "$@" inference.algorithm=fixed-prediction $(variant $variant) \
            "$(compare_every)"
    done
}

# claims_of_fig3 FOLDER: at eta 0.1 and n = 20.
claims_of_fig3() {
    local table=$1/double/compare.csv layer relative=""
    for ((layer = 1; layer <= layers; layer++)); do
        relative+="$(brief "$table" "layer == $layer ? relative_error : 0") "
    done
    say "relative errors from the first layer to the last: $relative"
    claim "float64: distance of relative errors from the law" \
        "$(measure "$table" "abs(relative_error - missing(0.1, 20, $layers - layer))")" '<=' 1e-10
    claim "float64: largest angle in degrees" "$(measure "$table" angle)" '<=' 1e-6
    claim "float32, error coordinates: distance of relative errors from the law" \
        "$(measure "$1/error/compare.csv" "abs(relative_error - missing(0.1, 20, $layers - layer))")" '<=' 1e-5
    claim "float32, error coordinates: largest angle in degrees" "$(measure "$1/error/compare.csv" angle)" '<=' 1e-3
    claim "float32, belief coordinates: largest angle, times that in error coordinates" \
        "$(ratio "$(measure "$1/belief/compare.csv" angle)" "$(measure "$1/error/compare.csv" angle)")" '>=' 3
}

ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.17g\n", (b > 0 ? a / b : 0) }'
}

fig3() {
    fixed_prediction fig3 inference.eta=0.1 inference.steps=20
    claims_of_fig3 "$out/fig3"
    draw fig3 fig3 "Fixed-prediction: η = 0.1, n = 20, cross-entropy, $subject"
    if ! $quick && [[ -f data/cifar10/data_batch_1.bin && -f data/cifar10/test_batch.bin ]]; then
        fig3_cifar
    fi
}

# One epoch of the first of CIFAR-10's five files, 40 batches, takes about an hour of one core.
fig3_cifar() {
    # shellcheck disable=SC2034 # train reads it
    local config=configs/paper/cifar-6.yaml layers=6
    local first="../../data/cifar10/data_batch_1.bin"
    fixed_prediction fig3/cifar-6 inference.eta=0.1 inference.steps=20 learning.epochs=1 \
        "data.train={inputs: $first, labels: $first}"
    claims_of_fig3 "$out/fig3/cifar-6"
    draw fig3 fig3/cifar-6 "Fixed-prediction: η = 0.1, n = 20, cross-entropy, CIFAR-6"
}

fig4() {
    local variant eta table last=200 bound
    $quick && last=40
    train "exact" fig4/trained inference.algorithm=exact
    for variant in double error belief; do
        for eta in "${etas[@]}"; do
            trajectory "$variant, eta $eta" "fig4/$variant/eta-$eta" "$out/fig4/trained/weights.safetensors" \
                inference.algorithm=fixed-prediction $(variant $variant) "inference.eta=$eta" "inference.steps=$last"
        done
    done
    for eta in "${etas[@]}"; do
        for variant in double error; do
            bound=1e-10
            [[ $variant == error ]] && bound=1e-5
            table=$out/fig4/$variant/eta-$eta/trajectory.csv
            claim "$variant, eta $eta: distance from the law, for every n" \
                "$(measure "$table" "abs(relative_error - missing($eta, steps, $layers - layer))")" '<=' $bound
        done
        claim "error, eta $eta: largest angle in degrees" "$(measure "$table" angle)" '<=' 1e-3
        say "belief, eta $eta: relative error up to" \
            "$(brief "$out/fig4/belief/eta-$eta/trajectory.csv" "steps == $last ? relative_error : 0")" \
            "at n = $last, where the law says $(brief "$table" "steps == $last ? missing($eta, steps, $layers - layer) : 0")"
    done
    draw fig4 fig4 "Fixed-prediction on one batch of a trained network, $subject" "last=$last"
}

fig5() {
    local variant table
    fixed_prediction fig5 inference.eta=1 "inference.steps=$layers"
    for variant in error double; do
        table=$out/fig5/$variant/compare.csv
        claim "$variant: largest relative error" "$(measure "$table" relative_error)" == 0
        claim "$variant: numbers that are not finite" "$(count_nan "$table" relative_error)" == 0
    done
    claim "weights that differ from exact after training" \
        "$(cmp -s "$out/fig5/exact/weights.safetensors" "$out/fig5/error/weights.safetensors"; echo $?)" == 0
    claim "belief: largest relative error" "$(measure "$out/fig5/belief/compare.csv" relative_error)" '>' 0
    draw fig5 fig5 "Fixed-prediction: η = 1, n = $layers, cross-entropy, $subject"
}
