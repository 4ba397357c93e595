#include "subjects.h"

#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* ---- the functions under test ---- */

typedef struct kind_case {
    const char *kind;
    vic_shape in;
    size_t option[VIC_MAX_OPTIONS];
} kind_case;

static const kind_case cases[] = {
    {"linear", {1, {7}}, {5, 1}},
    {"linear", {1, {1}}, {1, 1}},
    {"linear", {1, {33}}, {17, 0}},
    /* out, kernel, stride, padding, bias */
    {"conv2d", {3, {2, 5, 6}}, {3, 3, 1, 0, 1}},
    {"conv2d", {3, {3, 6, 5}}, {2, 3, 2, 1, 1}},
    {"conv2d", {3, {1, 4, 4}}, {8, 2, 1, 1, 0}},
    {"conv2d", {3, {2, 7, 7}}, {7, 4, 3, 2, 1}},
    {"conv2d", {3, {3, 2, 3}}, {2, 1, 1, 0, 1}},
    {"conv2d", {3, {2, 9, 13}}, {8, 3, 1, 1, 1}}, /* rows of less than a run, which is less than the plane */
    {"conv2d",
     {3, {17, 5, 4}},
     {16, 3, 1, 1, 1}}, /* many channels, and tiles that rows and columns end within */
    {"conv2d", {3, {16, 3, 4}}, {16, 3, 2, 1, 1}}, /* only its transpose has stride 1 */
    {"maxpool2d", {3, {2, 4, 6}}, {2}},
    {"maxpool2d", {3, {3, 5, 7}}, {2}},
    {"maxpool2d", {3, {1, 7, 6}}, {3}},
};

/* For kinds that the table does not name and that need no options. */
static const vic_shape usual[] = {{1, {13}}, {3, {2, 3, 5}}};

enum { N_CASES = sizeof cases / sizeof cases[0], N_USUAL = sizeof usual / sizeof usual[0], MOST = 64 };

static vic_function all[2][MOST]; /* per precision, the same list */
static size_t n_all;

static bool needs_options(const vic_function_kind *kind) {
    for (size_t i = 0; i < kind->n_options; i++)
        if (kind->options[i].required)
            return true;
    return false;
}

static bool list(vic_precision precision, const vic_function_kind *kind, vic_shape in, const size_t *option) {
    ck_assert_uint_lt(n_all, MOST);
    return vic_function_place(&all[precision][n_all], kind, in, option) == VIC_OK && ++n_all;
}

/* Whether some case of the kind could be placed. */
static bool list_kind(vic_precision precision, const vic_function_kind *kind) {
    bool named = false, listed = false;
    for (size_t i = 0; i < N_CASES; i++)
        if (strcmp(cases[i].kind, kind->name) == 0) {
            ck_assert_msg(list(precision, kind, cases[i].in, cases[i].option), "case %zu of the table: %s", i,
                          vic_error_text());
            named = listed = true;
        }
    for (size_t i = 0; !named && !needs_options(kind) && i < N_USUAL; i++)
        listed |= list(precision, kind, usual[i], NULL);
    return listed;
}

size_t list_subjects(void) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        size_t count;
        const vic_function_kind *const *kinds = vic_function_kinds((vic_precision)precision, &count);
        n_all = 0;
        for (size_t i = 0; i < count; i++)
            ck_assert_msg(list_kind((vic_precision)precision, kinds[i]),
                          "no input of tests/functions/subjects.c fits the registered function \"%s\": "
                          "add a line with its shape and options to `cases`",
                          kinds[i]->name);
    }
    ck_assert_uint_gt(n_all, 0);
    return n_all;
}

/* ---- calls: float64 in, float64 out, in the precision of the function ---- */

call call_of(vic_precision precision, size_t which, size_t batch) {
    const vic_function *f = &all[precision][which];
    call c = {precision, f, batch, vic_shape_count(f->in) * batch, vic_shape_count(f->out) * batch, {NULL}};
    for (size_t k = 0; k < f->n_parameters; k++) {
        double *theta = numbers(f->parameter[k].count, 50 + k);
        for (size_t i = 0; i < f->parameter[k].count; i++)
            theta[i] = (float)(theta[i] / sqrt((double)f->parameter[k].fan_in)); /* the same in both */
        c.theta[k] = theta;
    }
    return c;
}

static void *reals(const call *c, size_t n, const double *x) {
    return reals_of(c->precision, n, x);
}

void *scratch_of(const call *c) {
    return c->f->kind->scratch_count ? unset(c->precision, c->f->kind->scratch_count(c->f, c->batch)) : NULL;
}

const void *const *theta_of(const call *c) {
    const void **theta = scrap(VIC_MAX_PARAMETERS, sizeof *theta);
    for (size_t k = 0; k < c->f->n_parameters; k++)
        theta[k] = reals(c, c->f->parameter[k].count, c->theta[k]);
    return (const void *const *)theta;
}

static const void *raw_forward(const call *c, const double *in) {
    void *out = unset(c->precision, c->n_out);
    vic_function_forward(c->f, c->batch, theta_of(c), reals(c, c->n_in, in), out, scratch_of(c));
    return out;
}

double *forward(const call *c, const double *in) {
    return doubles_of(c->precision, c->n_out, raw_forward(c, in));
}

double *change(const call *c, const double *in, const double *displacement) {
    void *moved = unset(c->precision, c->n_out);
    vic_function_change(c->f, c->batch, theta_of(c), reals(c, c->n_in, in), raw_forward(c, in),
                        reals(c, c->n_in, displacement), moved, scratch_of(c));
    return doubles_of(c->precision, c->n_out, moved);
}

double *vjp(const call *c, const double *in, const double *error) {
    void *below = unset(c->precision, c->n_in);
    vic_function_vjp(c->f, c->batch, theta_of(c), reals(c, c->n_in, in), raw_forward(c, in),
                     reals(c, c->n_out, error), below, scratch_of(c));
    return doubles_of(c->precision, c->n_in, below);
}

void gradients(const call *c, const double *in, const double *error, bool add, double **gradient) {
    void *arrays[VIC_MAX_PARAMETERS];
    for (size_t k = 0; k < c->f->n_parameters; k++)
        arrays[k] = add ? reals(c, c->f->parameter[k].count, gradient[k])
                        : unset(c->precision, c->f->parameter[k].count);
    c->f->kind->gradient(c->f, c->batch, reals(c, c->n_in, in), reals(c, c->n_out, error), arrays, add,
                         scratch_of(c));
    for (size_t k = 0; k < c->f->n_parameters; k++)
        gradient[k] = doubles_of(c->precision, c->f->parameter[k].count, arrays[k]);
}

double rounding(const call *c, double size) {
    double terms = (double)(c->n_in > c->n_out ? c->n_in : c->n_out) + 4;
    return terms * size * (c->precision == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON);
}
