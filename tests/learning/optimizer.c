/* Optimisers against their definitions in plain float64, in both precisions. */
#include "learning/learning.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 37, STEPS = 25 };

/* One parameter's state in the formulas. */
typedef struct state {
    double theta, moment[VIC_MAX_MOMENTS];
} state;

/* torch.optim.SGD: settings rate, momentum. */
static void slow_sgd(const double *settings, int step, double g, state *s) {
    (void)step;
    s->moment[0] = settings[1] * s->moment[0] + g;
    s->theta -= settings[0] * s->moment[0];
}

/* Kingma and Ba, algorithm 1: settings rate, beta1, beta2, epsilon. */
static void slow_adam(const double *settings, int step, double g, state *s) {
    s->moment[0] = settings[1] * s->moment[0] + (1 - settings[1]) * g;
    s->moment[1] = settings[2] * s->moment[1] + (1 - settings[2]) * g * g;
    double first = s->moment[0] / (1 - pow(settings[1], step));
    double second = s->moment[1] / (1 - pow(settings[2], step));
    s->theta -= settings[0] * first / (sqrt(second) + settings[3]);
}

static const struct {
    const char *name;
    void (*update)(const double *settings, int step, double g, state *s);
    double settings[VIC_MAX_SETTINGS];
} trials[] = {
    {"sgd", slow_sgd, {0.1, 0}},
    {"sgd", slow_sgd, {0.05, 0.9}},
    {"adam", slow_adam, {0.002, 0.9, 0.999, 1e-8}},
    {"adam", slow_adam, {0.1, 0, 0.5, 0.25}},
    {"adam", slow_adam, {0.01, 0.5, 0, 1e-3}},
};
enum { N_TRIALS = sizeof trials / sizeof trials[0] };

static bool update(const vic_optimizer_kind *kind, const double *settings, int step, size_t n,
                   const void *gradient, void *const *moments, void *theta) {
    double factors[VIC_MAX_FACTORS];
    kind->prepare(settings, (uint64_t)step, factors);
    return kind->update(factors, n, gradient, moments, theta);
}

START_TEST(every_optimizer_has_a_trial) {
    size_t count;
    const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(VIC_FLOAT32, &count);
    for (size_t k = 0; k < count; k++) {
        bool tried = false;
        for (size_t i = 0; i < N_TRIALS; i++)
            tried = tried || strcmp(trials[i].name, kinds[k]->name) == 0;
        ck_assert_msg(tried, "tests/learning/optimizer.c has no formula of the registered optimizer \"%s\"",
                      kinds[k]->name);
    }
}
END_TEST

/* Loop test over (trial, precision). Gradients of very different sizes; each step rounds a few times. */
START_TEST(follows_its_definition) {
    vic_precision p = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    const vic_optimizer_kind *kind = vic_optimizer_find(p, trials[_i / 2].name);
    void *theta = reals_of(p, N, numbers(N, 1)), *moments[VIC_MAX_MOMENTS];
    double *start = doubles_of(p, N, theta);
    state expected[N];
    for (size_t m = 0; m < kind->n_moments; m++)
        moments[m] = scrap(N, vic_precision_bytes(p));
    for (int i = 0; i < N; i++)
        expected[i] = (state){.theta = start[i]};
    for (int step = 1; step <= STEPS; step++) {
        double *g = numbers(N, 10 + (uint64_t)step), off = 0;
        for (int i = 0; i < N; i++)
            g[i] = (float)(g[i] * pow(10, -i % 7));
        ck_assert(update(kind, trials[_i / 2].settings, step, N, reals_of(p, N, g), moments, theta));
        for (int i = 0; i < N; i++) {
            trials[_i / 2].update(trials[_i / 2].settings, step, g[i], &expected[i]);
            off = fmax(off, fabs(real_at(p, theta, (size_t)i) - expected[i].theta));
        }
        double allowed = 8 * step * (p == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON);
        ck_assert_msg(off <= allowed, "%s, %s, step %d: off by %g, allowed %g", kind->name,
                      vic_precision_name(p), step, off, allowed);
    }
}
END_TEST

/* What never had a gradient stays where it is, and what is far from 1 does not blow up. */
START_TEST(zero_tiny_and_huge_gradients) {
    vic_precision p = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    const vic_optimizer_kind *kind = vic_optimizer_find(p, trials[_i / 2].name);
    const double g[] = {0, 1e-30, -1e15}, ones[] = {1, 1, 1};
    void *theta = reals_of(p, 3, ones), *moments[] = {scrap(3, 8), scrap(3, 8)};
    for (int step = 1; step <= 3; step++)
        ck_assert(update(kind, trials[_i / 2].settings, step, 3, reals_of(p, 3, g), moments, theta));
    ck_assert_double_eq(real_at(p, theta, 0), 1);
    ck_assert_double_le(fabs(real_at(p, theta, 1) - 1), 0.01);
    ck_assert(isfinite(real_at(p, theta, 2)) && real_at(p, theta, 2) > 1);
}
END_TEST

/* The least value of a setting that is allowed, or the largest: of what a precision has. */
static double end_of(const vic_setting *s, vic_precision p, bool largest) {
    double tiny = p == VIC_FLOAT32 ? FLT_MIN : DBL_MIN;
    if (!largest)
        return s->open ? s->lowest + tiny : s->lowest;
    return isfinite(s->below) ? nextafter(s->below, s->lowest) : 1e30;
}

/* Whatever a setting is, as long as it is allowed. */
START_TEST(what_has_no_gradient_stays) {
    vic_precision p = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    size_t count;
    const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(p, &count);
    const double zeros[] = {0, 0}, ones[] = {1, -1};
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < 2 * kinds[k]->n_settings; i++) {
            double settings[VIC_MAX_SETTINGS];
            for (size_t s = 0; s < kinds[k]->n_settings; s++)
                settings[s] = kinds[k]->settings[s].fallback;
            settings[i / 2] = end_of(&kinds[k]->settings[i / 2], p, i % 2);
            void *theta = reals_of(p, 2, ones), *moments[] = {scrap(2, 8), scrap(2, 8)};
            for (int step = 1; step <= 1000; step *= 10)
                update(kinds[k], settings, step, 2, reals_of(p, 2, zeros), moments, theta);
            ck_assert_msg(real_at(p, theta, 0) == 1 && real_at(p, theta, 1) == -1, "%s, %s %g: %g",
                          kinds[k]->name, kinds[k]->settings[i / 2].name, settings[i / 2],
                          real_at(p, theta, 0));
        }
}
END_TEST

/* The arrays of an update: the moments are the last. */
enum { GRADIENT, THETA, MOMENT };

/* Updates N numbers, of which the one at `place` of that array was `wrong` before. */
static bool update_spoilt(const vic_optimizer_kind *kind, const double *settings, vic_precision p, int array,
                          size_t place, double wrong) {
    double values[N];
    void *arrays[MOMENT + VIC_MAX_MOMENTS];
    for (int a = 0; a < MOMENT + VIC_MAX_MOMENTS; a++) {
        for (size_t i = 0; i < N; i++)
            values[i] = a == array && i == place ? wrong : 1;
        arrays[a] = reals_of(p, N, values);
    }
    return update(kind, settings, 1, N, arrays[GRADIENT], arrays + MOMENT, arrays[THETA]);
}

/* Loop test over (trial, precision): a number of any array, in whole vectors and in what is left over. */
START_TEST(sees_what_is_not_finite) {
    static const double wrong[] = {INFINITY, -INFINITY, NAN};
    vic_precision p = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    const double *settings = trials[_i / 2].settings;
    const vic_optimizer_kind *kind = vic_optimizer_find(p, trials[_i / 2].name);
    ck_assert(update_spoilt(kind, settings, p, GRADIENT, 0, -1));
    for (int array = 0; array < MOMENT + (int)kind->n_moments; array++)
        for (size_t i = 0; i < 3 * N; i++) {
            bool finite = update_spoilt(kind, settings, p, array, i / 3, wrong[i % 3]);
            ck_assert_msg(!finite, "%s, array %d: %g at %zu", kind->name, array, wrong[i % 3], i / 3);
        }
}
END_TEST

START_TEST(settings_can_be_left_out) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        size_t count;
        const vic_optimizer_kind *const *kinds = vic_optimizer_kinds((vic_precision)precision, &count);
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < kinds[k]->n_settings; i++) {
                const vic_setting *s = &kinds[k]->settings[i];
                ck_assert(isnan(s->fallback) || (s->fallback >= s->lowest && s->fallback < s->below));
            }
        ck_assert_ptr_null(vic_optimizer_find((vic_precision)precision, "none"));
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("optimizer");
    TCase *tests = tcase_create("optimizer");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_test(tests, every_optimizer_has_a_trial);
    tcase_add_loop_test(tests, follows_its_definition, 0, 2 * N_TRIALS);
    tcase_add_loop_test(tests, zero_tiny_and_huge_gradients, 0, 2 * N_TRIALS);
    tcase_add_loop_test(tests, what_has_no_gradient_stays, 0, 2);
    tcase_add_loop_test(tests, sees_what_is_not_finite, 0, 2 * N_TRIALS);
    tcase_add_test(tests, settings_can_be_left_out);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
