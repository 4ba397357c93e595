/* Numbers and text fragments that every part of an explanation uses. */
#include "explanation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool reads_back(vic_precision precision, const char *text, double value) {
    return precision == VIC_FLOAT32 ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

vic_number_text vic_number(const vic_explanation *t, double value) {
    enum { MOST_DIGITS = 17 };
    vic_number_text number;
    value = value == 0 ? 0 : value; /* no sign */
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
        snprintf(number.text, sizeof number.text, "%.*g", digits, value);
        if (reads_back(t->network->precision, number.text, value))
            break;
    }
    return number;
}

bool vic_explanation_learns_in_steps(const vic_explanation *t) {
    return vic_explanation_traits(t)->learns_in_steps;
}

const char *vic_point_of_view(const vic_explanation *t, const char *above, const char *inside) {
    return t->population < 0 ? above : inside;
}

bool vic_is_explained(const vic_explanation *t, int population) {
    return t->population < 0 || t->population == population;
}

size_t vic_shown(size_t n) {
    return n <= VIC_EXPLANATION_MOST ? n : VIC_EXPLANATION_MOST;
}

void vic_print_rest(size_t n) {
    if (n > VIC_EXPLANATION_MOST)
        printf("      ... and %zu more\n", n - VIC_EXPLANATION_MOST);
}

void vic_print_vector(const vic_explanation *t, const double *values, size_t n) {
    printf("(");
    for (size_t i = 0; i < vic_shown(n); i++)
        printf("%s%s", i > 0 ? ", " : "", vic_number(t, values[i]).text);
    if (n > VIC_EXPLANATION_MOST)
        printf(", ... %zu more", n - VIC_EXPLANATION_MOST);
    printf(")");
}

void vic_print_products(const vic_explanation *t, size_t n, const double *a, size_t a_stride, const double *b,
                        size_t b_stride) {
    for (size_t i = 0; i < vic_shown(n); i++)
        printf("%s%s * %s", i > 0 ? " + " : "", vic_number(t, a[i * a_stride]).text,
               vic_number(t, b[i * b_stride]).text);
    if (n > VIC_EXPLANATION_MOST)
        printf(" + ... %zu more", n - VIC_EXPLANATION_MOST);
}

/* ---- what was recorded ---- */

const double *vic_explanation_state(const vic_explanation *t, int population, vic_quantity quantity,
                                    int step) {
    return vic_recording_state(t->recording, population, quantity, step, t->sample);
}

const double *vic_explanation_message(const vic_explanation *t, int edge, vic_message_kind kind, int step) {
    return vic_recording_message(t->recording, edge, kind, step, t->sample);
}

size_t vic_explanation_neurons(const vic_explanation *t, int population) {
    return vic_shape_count(t->network->shapes[population]);
}

const vic_algorithm_traits *vic_explanation_traits(const vic_explanation *t) {
    return vic_algorithm_traits_of(t->options.algorithm);
}

const char *vic_explanation_error(const vic_explanation *t) {
    const char *symbol = vic_explanation_traits(t)->error_symbol;
    return symbol ? symbol : "eps";
}

bool vic_explanation_in_beliefs(const vic_explanation *t) {
    return t->options.coordinates == VIC_COORDINATES_BELIEF;
}
