/* The functions of a layer, written out number by number. Of a function that is not in the list below the
 * input and the output are printed. */
#include "explanation.h"

#include <string.h>

/* One function of a layer, at the explained sample. */
typedef struct passage {
    const vic_view *view;
    const vic_function *f;
    size_t k, parameters_below;
    const double *in, *out; /* the activities of the printed line: home, or present */
    const double *change_in, *change_out, *error_in, *error_out;
} passage;

typedef struct printer {
    const char *name; /* of the function kind */
    void (*forward)(const passage *p);
    void (*change)(const passage *p);
    void (*vjp)(const passage *p);
    void (*gradient)(const passage *p);
} printer;

static const char *number(const passage *p, double value, vic_number_text *buffer) {
    *buffer = vic_number(p->view->explanation, value);
    return buffer->text;
}

#define NUMBER(value) number(p, (value), &(vic_number_text){""})

/* ---- linear: a sum for each neuron ---- */

static const double *theta_of(const passage *p, size_t i) {
    return p->view->theta[p->parameters_below + i];
}

static void print_linear(const passage *p, const double *in, bool bias, const double *out) {
    size_t n_in = vic_shape_count(p->f->in), n_out = vic_shape_count(p->f->out);
    for (size_t i = 0; i < vic_shown(n_out); i++) {
        printf("      linear[%zu] = ", i + 1);
        vic_print_products(p->view->explanation, n_in, theta_of(p, 0) + i * n_in, 1, in, 1);
        if (bias)
            printf(" + %s", NUMBER(theta_of(p, 1)[i]));
        printf(" = %s\n", NUMBER(out[i]));
    }
    vic_print_rest(n_out);
}

static void linear_forward(const passage *p) {
    print_linear(p, p->in, p->f->n_parameters == 2, p->out);
}

static void linear_change(const passage *p) {
    print_linear(p, p->change_in, false, p->change_out);
}

static void linear_vjp(const passage *p) {
    size_t n_in = vic_shape_count(p->f->in), n_out = vic_shape_count(p->f->out);
    for (size_t i = 0; i < vic_shown(n_in); i++) {
        printf("      back through linear[%zu] = ", i + 1);
        vic_print_products(p->view->explanation, n_out, theta_of(p, 0) + i, n_in, p->error_out, 1);
        printf(" = %s\n", NUMBER(p->error_in[i]));
    }
    vic_print_rest(n_in);
}

/* Updates are summed over the samples, which follow each other in a boundary. */
static void linear_gradient(const passage *p) {
    const vic_view *v = p->view;
    const vic_explanation *t = v->explanation;
    size_t n_in = vic_shape_count(p->f->in), n_out = vic_shape_count(p->f->out);
    double *const *update = v->update + p->parameters_below;
    for (size_t i = 0; i < vic_shown(n_out); i++)
        for (size_t j = 0; j < vic_shown(n_in); j++) {
            printf("      d weight[%zu][%zu] = ", i + 1, j + 1);
            vic_print_products(t, t->batch, v->error[p->k + 1] + i, n_out, v->present[p->k] + j, n_in);
            printf(" = %s\n", NUMBER(update[0][i * n_in + j]));
        }
    for (size_t i = 0; p->f->n_parameters == 2 && i < vic_shown(n_out); i++) {
        printf("      d bias[%zu] = ", i + 1);
        for (size_t b = 0; b < vic_shown(t->batch); b++)
            printf("%s%s", b > 0 ? " + " : "", NUMBER(v->error[p->k + 1][b * n_out + i]));
        if (t->batch > VIC_EXPLANATION_MOST)
            printf(" + ... %zu more", t->batch - VIC_EXPLANATION_MOST);
        printf(" = %s\n", NUMBER(update[1][i]));
    }
    if (n_out > VIC_EXPLANATION_MOST || n_in > VIC_EXPLANATION_MOST)
        printf("      ... and the other weights and biases\n");
}

/* ---- activations: one neuron, one number ---- */

typedef void print_neuron(const passage *p, size_t i);

static void each_neuron(const passage *p, const char *before, const double *result, print_neuron *print) {
    size_t n = vic_shape_count(p->f->in);
    for (size_t i = 0; i < vic_shown(n); i++) {
        printf("      %s%s[%zu] = ", before, p->f->kind->name, i + 1);
        print(p, i);
        printf(" = %s\n", NUMBER(result[i]));
    }
    vic_print_rest(n);
}

static void apply(const passage *p, size_t i) {
    printf("%s(%s)", p->f->kind->name, NUMBER(p->in[i]));
}

static void activation_forward(const passage *p) {
    each_neuron(p, "", p->out, apply);
}

static void relu_change_at(const passage *p, size_t i) {
    printf("relu(%s + %s) - relu(%s)", NUMBER(p->in[i]), NUMBER(p->change_in[i]), NUMBER(p->in[i]));
}

static void relu_change(const passage *p) {
    each_neuron(p, "", p->change_out, relu_change_at);
}

static void relu_slope(const passage *p, size_t i) {
    printf("%s * %d", NUMBER(p->error_out[i]), p->out[i] > 0);
}

static void relu_vjp(const passage *p) {
    each_neuron(p, "back through ", p->error_in, relu_slope);
}

static void tanh_change_at(const passage *p, size_t i) {
    printf("tanh(%s) * (1 - %s * tanh(%s + %s))", NUMBER(p->change_in[i]), NUMBER(p->out[i]),
           NUMBER(p->in[i]), NUMBER(p->change_in[i]));
}

static void tanh_change(const passage *p) {
    each_neuron(p, "", p->change_out, tanh_change_at);
}

static void tanh_slope(const passage *p, size_t i) {
    printf("%s * (1 - %s * %s)", NUMBER(p->error_out[i]), NUMBER(p->out[i]), NUMBER(p->out[i]));
}

static void tanh_vjp(const passage *p) {
    each_neuron(p, "back through ", p->error_in, tanh_slope);
}

static void sigmoid_change_at(const passage *p, size_t i) {
    printf("sigmoid(%s + %s) * sigmoid(%s) * (1 - exp(%s))", NUMBER(p->in[i]), NUMBER(p->change_in[i]),
           NUMBER(-p->in[i]), NUMBER(-p->change_in[i]));
}

static void sigmoid_change(const passage *p) {
    each_neuron(p, "", p->change_out, sigmoid_change_at);
}

static void sigmoid_slope(const passage *p, size_t i) {
    printf("%s * %s * (1 - %s)", NUMBER(p->error_out[i]), NUMBER(p->out[i]), NUMBER(p->out[i]));
}

static void sigmoid_vjp(const passage *p) {
    each_neuron(p, "back through ", p->error_in, sigmoid_slope);
}

/* ---- any other function ---- */

static void print_passage(const passage *p, const char *before, const double *from, size_t n_from,
                          const double *to, size_t n_to) {
    printf("      %s%s: ", before, p->f->kind->name);
    vic_print_vector(p->view->explanation, from, n_from);
    printf(" -> ");
    vic_print_vector(p->view->explanation, to, n_to);
    printf("\n");
}

static void any_forward(const passage *p) {
    print_passage(p, "", p->in, vic_shape_count(p->f->in), p->out, vic_shape_count(p->f->out));
}

static void any_change(const passage *p) {
    print_passage(p, "change of ", p->change_in, vic_shape_count(p->f->in), p->change_out,
                  vic_shape_count(p->f->out));
}

static void any_vjp(const passage *p) {
    print_passage(p, "back through ", p->error_out, vic_shape_count(p->f->out), p->error_in,
                  vic_shape_count(p->f->in));
}

static void any_gradient(const passage *p) {
    const vic_explanation *t = p->view->explanation;
    double *const *update = p->view->update + p->parameters_below;
    for (size_t i = 0; i < p->f->n_parameters; i++) {
        printf("      d %s of %s = ", p->f->parameter[i].name, p->f->kind->name);
        vic_print_vector(t, update[i], p->f->parameter[i].count);
        printf("\n");
    }
}

static const printer printers[] = {
    {"linear", linear_forward, linear_change, linear_vjp, linear_gradient},
    {"relu", activation_forward, relu_change, relu_vjp, any_gradient},
    {"tanh", activation_forward, tanh_change, tanh_vjp, any_gradient},
    {"sigmoid", activation_forward, sigmoid_change, sigmoid_vjp, any_gradient},
};

static const printer *printer_of(const vic_function *f) {
    static const printer any = {"", any_forward, any_change, any_vjp, any_gradient};
    for (size_t i = 0; i < sizeof printers / sizeof *printers; i++)
        if (strcmp(printers[i].name, f->kind->name) == 0)
            return &printers[i];
    return &any;
}

/* ---- a layer ---- */

static const double *at(const vic_view *v, double *const *boundaries, size_t k) {
    return boundaries ? vic_view_of(v, boundaries, k) : NULL;
}

static passage passage_of(const vic_view *v, double *const *values, size_t k) {
    passage p = {
        .view = v,
        .f = &v->edge->functions[k],
        .k = k,
        .in = at(v, values, k),
        .out = at(v, values, k + 1),
        .change_in = at(v, v->change, k),
        .change_out = at(v, v->change, k + 1),
        .error_in = at(v, v->error, k),
        .error_out = at(v, v->error, k + 1),
    };
    for (size_t i = 0; i < k; i++)
        p.parameters_below += v->edge->functions[i].n_parameters;
    return p;
}

void vic_print_prediction(const vic_view *v) {
    for (size_t k = 0; k < v->edge->n_functions; k++) {
        passage p = passage_of(v, v->home, k);
        printer_of(p.f)->forward(&p);
    }
}

void vic_print_change(const vic_view *v) {
    for (size_t k = 0; k < v->edge->n_functions; k++) {
        passage p = passage_of(v, v->home, k);
        printer_of(p.f)->change(&p);
    }
}

void vic_print_feedback(const vic_view *v) {
    for (size_t k = v->edge->n_functions; k-- > 0;) {
        passage p = passage_of(v, v->present, k);
        printer_of(p.f)->vjp(&p);
    }
}

/* Down to the lowest function that learns. */
void vic_print_update(const vic_view *v) {
    size_t lowest = 0;
    while (lowest < v->edge->n_functions && v->edge->functions[lowest].n_parameters == 0)
        lowest++;
    for (size_t k = v->edge->n_functions; k-- > lowest;) {
        passage p = passage_of(v, v->present, k);
        if (p.f->n_parameters > 0)
            printer_of(p.f)->gradient(&p);
        if (k > lowest)
            printer_of(p.f)->vjp(&p);
    }
}
