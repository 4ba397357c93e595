/* The loss and its slope, written out. Of a loss that is not in the list below the result is printed. */
#include "explanation.h"

#include <string.h>

typedef struct loss_printer {
    const char *name; /* of the loss kind */
    const char *rule; /* the slope, in words */
    /* One entry of it, up to the reduction. */
    void (*slope)(const vic_explanation *t, const double *prediction, size_t i);
    size_t (*divisor)(const vic_explanation *t); /* of the mean */
} loss_printer;

static size_t outputs(const vic_explanation *t) {
    return vic_explanation_neurons(t, vic_network_output(t->network));
}

static void squared_slope(const vic_explanation *t, const double *prediction, size_t i) {
    printf("2 * (%s - %s)", vic_number(t, prediction[i]).text, vic_number(t, t->values[i]).text);
}

static size_t squared_divisor(const vic_explanation *t) {
    return outputs(t) * t->batch;
}

static void entropy_slope(const vic_explanation *t, const double *prediction, size_t i) {
    printf("(exp(%s) / (", vic_number(t, prediction[i]).text);
    for (size_t k = 0; k < vic_shown(outputs(t)); k++)
        printf("%sexp(%s)", k > 0 ? " + " : "", vic_number(t, prediction[k]).text);
    if (outputs(t) > VIC_EXPLANATION_MOST)
        printf(" + ... %zu more", outputs(t) - VIC_EXPLANATION_MOST);
    printf(") - %d)", (int64_t)i == t->class);
}

static size_t entropy_divisor(const vic_explanation *t) {
    return t->batch;
}

static const loss_printer printers[] = {
    {"squared-error", "2 (mu - target)", squared_slope, squared_divisor},
    {"cross-entropy", "softmax(mu) - target", entropy_slope, entropy_divisor},
};

static const loss_printer *printer_of(const vic_explanation *t) {
    for (size_t i = 0; i < sizeof printers / sizeof *printers; i++)
        if (strcmp(printers[i].name, t->network->loss->name) == 0)
            return &printers[i];
    return NULL;
}

static void print_slope(const vic_explanation *t, const loss_printer *printer, const double *prediction,
                        const double *error) {
    int output = vic_network_output(t->network);
    size_t divisor = t->network->reduction == VIC_MEAN ? printer->divisor(t) : 1;
    for (size_t i = 0; i < vic_shown(outputs(t)); i++) {
        printf("      %s_%d[%zu] <- ", vic_explanation_error(t), output, i + 1);
        printer->slope(t, prediction, i);
        if (divisor != 1)
            printf(" / %zu", divisor);
        printf(" = %s\n", vic_number(t, error[i]).text);
    }
    vic_print_rest(outputs(t));
}

void vic_print_loss(const vic_explanation *t, int step, const double *prediction) {
    int output = vic_network_output(t->network);
    const double *error = vic_explanation_state(t, output, VIC_QUANTITY_ERROR, step);
    const loss_printer *printer = printer_of(t);
    size_t divisor = printer && t->network->reduction == VIC_MEAN ? printer->divisor(t) : 1;
    printf("  %s the loss with its target ", vic_point_of_view(t, "works out", "I work out"));
    if (t->network->loss->target_type == VIC_TARGET_CLASSES)
        printf("class %lld", (long long)t->class);
    else
        vic_print_vector(t, t->values, outputs(t));
    printf("%s: %.9g\n", t->batch > 1 ? ", over the batch" : "",
           vic_recording_energy(t->recording, output, step));
    printf("  %s %s_%d = dLoss/dmu_%d", vic_point_of_view(t, "applies", "I apply"), vic_explanation_error(t),
           output, output);
    if (printer)
        printf(" = %s", printer->rule);
    if (divisor != 1)
        printf(" / %zu, for the loss is a mean", divisor);
    printf("\n");
    if (printer) {
        print_slope(t, printer, prediction, error);
        return;
    }
    printf("      %s_%d: ", vic_explanation_error(t), output);
    vic_print_vector(t, error, outputs(t));
    printf("\n");
}
