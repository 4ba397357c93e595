/* Both losses, both reductions, both precisions, against plain formulas. */
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More samples than are taken side by side, and no multiple of them. */
enum { OUTPUTS = 6, BATCH = 37, N = OUTPUTS * BATCH };

typedef struct problem {
    vic_precision precision;
    const vic_loss_kind *loss;
    vic_reduction reduction;
    double x[N]; /* (outputs, batch), exact in float32 */
    double values[N];
    int64_t classes[BATCH];
} problem;

/* Case `i` of every registered loss, reduction and precision. */
static problem problem_of(int i, double scale) {
    size_t count;
    problem p = {.precision = i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, .reduction = i / 2 % 2 ? VIC_SUM : VIC_MEAN};
    p.loss = vic_loss_kinds(p.precision, &count)[i / 4];
    for (int k = 0; k < N; k++) {
        p.x[k] = (float)(scale * number_at(1, (uint64_t)k));
        p.values[k] = (float)number_at(2, (uint64_t)k);
    }
    for (int b = 0; b < BATCH; b++)
        p.classes[b] = (int64_t)(bits_at(3, (uint64_t)b) % OUTPUTS);
    return p;
}

static int n_problems(void) {
    size_t count;
    vic_loss_kinds(VIC_FLOAT32, &count);
    return (int)count * 4;
}

static double evaluate(const problem *p, double *error) {
    bool classes = p->loss->target_type == VIC_TARGET_CLASSES;
    const void *target = classes ? (const void *)p->classes : reals_of(p->precision, N, p->values);
    void *eps = error ? unset(p->precision, N) : NULL;
    double value =
        p->loss->evaluate(OUTPUTS, BATCH, p->reduction, reals_of(p->precision, N, p->x), target, eps);
    if (error)
        memcpy(error, doubles_of(p->precision, N, eps), N * sizeof *error);
    return value;
}

/* ---- the formulas, as PyTorch documents them ---- */

static double log_of_softmax(const problem *p, int b, int c) {
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < OUTPUTS; k++)
        most = fmax(most, p->x[k * BATCH + b]);
    for (int k = 0; k < OUTPUTS; k++)
        sum += exp(p->x[k * BATCH + b] - most);
    return p->x[c * BATCH + b] - most - log(sum);
}

static double cross_entropy(const problem *p) {
    double sum = 0;
    for (int b = 0; b < BATCH; b++)
        sum -= log_of_softmax(p, b, (int)p->classes[b]);
    return p->reduction == VIC_MEAN ? sum / BATCH : sum;
}

static double squared_error(const problem *p) {
    double sum = 0;
    for (int k = 0; k < N; k++)
        sum += (p->x[k] - p->values[k]) * (p->x[k] - p->values[k]);
    return p->reduction == VIC_MEAN ? sum / N : sum;
}

static double formula(const problem *p) {
    if (strcmp(p->loss->name, "cross-entropy") == 0)
        return cross_entropy(p);
    if (strcmp(p->loss->name, "squared-error") == 0)
        return squared_error(p);
    ck_abort_msg("tests/functions/losses.c has no formula of the registered loss \"%s\"", p->loss->name);
    return NAN;
}

/* ---- tests; the losses are computed in float64 in either precision ---- */

START_TEST(value_is_that_of_the_formula) {
    problem p = problem_of(_i, 3);
    double expected = formula(&p), error[N];
    ck_assert_double_le(fabs(evaluate(&p, error) - expected), 1e-14 * (1 + expected));
    ck_assert_msg(evaluate(&p, NULL) == evaluate(&p, error), "%s depends on whether errors are asked for",
                  p.loss->name);
}
END_TEST

/* Central differences of the formula with step h are off by some h^2 + 1e-14 / h; float32 errors are rounded
 * once. */
START_TEST(error_is_the_slope_of_the_loss) {
    const double h = 2e-5;
    problem p = problem_of(_i, 3);
    double error[N];
    evaluate(&p, error);
    for (int k = 0; k < N; k++) {
        double x = p.x[k];
        p.x[k] = x + h;
        double above = formula(&p);
        p.x[k] = x - h;
        double expected = (above - formula(&p)) / (2 * h);
        p.x[k] = x;
        double allowed = 1e-8 + (p.precision == VIC_FLOAT32 ? FLT_EPSILON * fabs(expected) : 0);
        ck_assert_msg(fabs(error[k] - expected) <= allowed, "%s, entry %d: %.10g, expected %.10g",
                      p.loss->name, k, error[k], expected);
    }
}
END_TEST

START_TEST(extreme_predictions_stay_finite) {
    for (int sign = -1; sign <= 1; sign += 2) {
        problem p = problem_of(_i, sign * 1e4);
        double error[N], expected = formula(&p), value = evaluate(&p, error);
        ck_assert_msg(fabs(value - expected) <= 1e-14 * expected, "%s: %g, expected %g", p.loss->name, value,
                      expected);
        for (int k = 0; k < N; k++)
            ck_assert_msg(isfinite(error[k]), "%s: error %g", p.loss->name, error[k]);
    }
}
END_TEST

START_TEST(a_prediction_that_is_no_number_shows) {
    problem p = problem_of(_i, 1);
    p.x[BATCH + 2] = NAN;
    ck_assert(!isfinite(evaluate(&p, NULL)));
}
END_TEST

/* One of two equal logits has probability 1/2. */
START_TEST(cross_entropy_of_known_values) {
    const vic_loss_kind *loss = vic_loss_find(VIC_FLOAT64, "cross-entropy");
    const double x[] = {-1e4, 1e4, -1e4, -1e4}; /* (2 outputs, 2 samples) */
    const int64_t classes[] = {0, 1};
    const double expected[] = {-0.5, 1, 0.5, -1};
    double error[4];
    ck_assert_double_eq(loss->evaluate(2, 2, VIC_SUM, x, classes, error), log(2) + 2e4);
    ck_assert_double_le(farthest(4, error, expected), DBL_EPSILON);
    ck_assert_double_eq(loss->evaluate(2, 2, VIC_MEAN, x, classes, error), (log(2) + 2e4) / 2);
    ck_assert_double_le(fabs(error[0] + 0.25), DBL_EPSILON);
    ck_assert_double_le(fabs(error[3] + 0.5), DBL_EPSILON);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("losses");
    TCase *tests = tcase_create("losses");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, value_is_that_of_the_formula, 0, n_problems());
    tcase_add_loop_test(tests, error_is_the_slope_of_the_loss, 0, n_problems());
    tcase_add_loop_test(tests, extreme_predictions_stay_finite, 0, n_problems());
    tcase_add_loop_test(tests, a_prediction_that_is_no_number_shows, 0, n_problems());
    tcase_add_test(tests, cross_entropy_of_known_values);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
