# What float32 costs strict inference. Sourced by paper.sh.
# shellcheck shell=bash disable=SC2154

# against_float64 WEIGHTS-NAME COORDINATES [OPTION...]: the same inference in float64 is what is compared with, in
# error coordinates, which lose nothing that matters there.
against_float64() {
    local table=$out/rounding/$1-$2.csv coordinates=$2 label="$1, $2"
    shift 2
    with inference.algorithm=strict inference.eta=0.1 inference.steps=20 "inference.coordinates=$coordinates"
    stage "$label" paper-verify.log vicinal verify "$config" "$@" "${options[@]}" --csv "$table" \
        --against precision=float64 --against inference.coordinates=error
}

rounding() {
    local folder=$out/rounding coordinates epochs=40 loss
    $quick && epochs=10
    train "training" rounding/trained inference.algorithm=exact "learning.epochs=$epochs"
    loss=$(tail -n 1 "$folder/trained/metrics.csv" | cut -d , -f 3)
    for coordinates in belief error; do
        against_float64 fresh $coordinates
        against_float64 trained $coordinates --weights "$folder/trained/weights.safetensors"
    done
    $quick || claim "loss after $epochs epochs" "$loss" '<' 0.01
    claim "fresh weights, error coordinates: largest relative error" \
        "$(measure "$folder/fresh-error.csv" relative_error)" '<=' 2e-5
    claim "trained weights, error coordinates: largest relative error" \
        "$(measure "$folder/trained-error.csv" relative_error)" '<=' 5e-4
    claim "fresh weights, belief coordinates: largest relative error" \
        "$(measure "$folder/fresh-belief.csv" relative_error)" '>' 1e-3
    claim "trained weights, belief coordinates: largest relative error" \
        "$(measure "$folder/trained-belief.csv" relative_error)" '>' 1e-3
    draw rounding rounding "What float32 costs strict inference (η = 0.1, n = 20), $subject" \
        "trained=\"trained to a loss of $(printf '%.2g' "$loss")\""
}
