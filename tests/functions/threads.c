/* The same bits on any number of threads: functions and array operations that are large enough to be shared.
 */
#include "functions/functions.h"

#include "base/pool.h"
#include "support/numbers.h"
#include "support/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 70, MOST_THREADS = 3 };

/* ---- what is shared ---- */

static size_t most_tasks;

void __real_vic_pool_run(size_t n, vic_pool_task *task, void *context);
void __wrap_vic_pool_run(size_t n, vic_pool_task *task, void *context);

void __wrap_vic_pool_run(size_t n, vic_pool_task *task, void *context) {
    most_tasks = n > most_tasks ? n : most_tasks;
    __real_vic_pool_run(n, task, context);
}

/* ---- results, one array behind the other ---- */

typedef struct results {
    size_t bytes;
    char *all;
} results;

static void keep(results *r, const void *array, size_t bytes) {
    char *longer = scrap(r->bytes + bytes, 1);
    if (r->bytes > 0)
        memcpy(longer, r->all, r->bytes);
    memcpy(longer + r->bytes, array, bytes);
    *r = (results){r->bytes + bytes, longer};
}

typedef results compute_results(vic_precision precision, const void *subject);

/* Without a pool, and with pools of up to MOST_THREADS. */
static void assert_same_bits(const char *name, compute_results *compute, const void *subject) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        most_tasks = 0;
        results alone = compute((vic_precision)precision, subject);
        ck_assert_msg(most_tasks > 1, "%s is not shared", name);
        for (int threads = 2; threads <= MOST_THREADS; threads++) {
            ck_assert_int_eq(vic_pool_start(threads, false, NULL), VIC_OK);
            results together = compute((vic_precision)precision, subject);
            vic_pool_stop();
            ck_assert_uint_eq(together.bytes, alone.bytes);
            ck_assert_msg(memcmp(together.all, alone.all, alone.bytes) == 0, "%s, %s, %d threads", name,
                          vic_precision_name((vic_precision)precision), threads);
        }
        scrap_free();
    }
}

/* ---- functions ---- */

typedef struct subject {
    const char *kind;
    vic_shape in;
    size_t option[VIC_MAX_OPTIONS];
    size_t samples;
} subject;

static const subject subjects[] = {
    {"linear", {1, {300}}, {157, 1}, BATCH},
    {"linear", {1, {700}}, {540, 0}, BATCH},
    {"linear", {1, {300}}, {10, 1}, 301}, /* few rows: shared by columns */
    {"relu", {3, {5, 31, 20}}, {0}, BATCH},
    {"tanh", {3, {5, 31, 20}}, {0}, BATCH},
    {"sigmoid", {3, {5, 31, 20}}, {0}, BATCH},
    {"flatten", {3, {5, 31, 20}}, {0}, BATCH},
    {"maxpool2d", {3, {7, 21, 30}}, {2}, BATCH},
    {"maxpool2d", {3, {7, 21, 30}}, {3}, BATCH},
    /* sums over taps, with stride 1 and 2, and Winograd's */
    {"conv2d", {3, {6, 21, 30}}, {9, 3, 1, 1, 1}, BATCH},
    {"conv2d", {3, {6, 31, 30}}, {11, 5, 2, 2, 0}, BATCH},
    {"conv2d", {3, {48, 9, 8}}, {64, 3, 1, 1, 1}, BATCH},
    /* few samples: runs across rows, groups of output channels, Winograd's */
    {"conv2d", {3, {64, 15, 15}}, {48, 5, 1, 0, 1}, 1},
    {"conv2d", {3, {90, 20, 20}}, {64, 5, 1, 2, 1}, 1},
    {"conv2d", {3, {80, 18, 17}}, {96, 3, 1, 1, 1}, 3},
};

enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

static const void *const *draw_parameters(vic_precision precision, const vic_function *f) {
    const void **theta = scrap(VIC_MAX_PARAMETERS, sizeof *theta);
    for (size_t k = 0; k < f->n_parameters; k++)
        theta[k] = reals_of(precision, f->parameter[k].count, numbers(f->parameter[k].count, 50 + k));
    return (const void *const *)theta;
}

static void *scratch_for(vic_precision precision, const vic_function *f, size_t batch) {
    return f->kind->scratch_count ? unset(precision, f->kind->scratch_count(f, batch)) : NULL;
}

static void keep_gradients(vic_precision precision, const vic_function *f, size_t batch, const void *in,
                           const void *error, results *r) {
    void *gradient[VIC_MAX_PARAMETERS];
    for (size_t k = 0; k < f->n_parameters; k++)
        gradient[k] = unset(precision, f->parameter[k].count);
    for (int add = 0; f->n_parameters > 0 && add < 2; add++) {
        f->kind->gradient(f, batch, in, error, gradient, add, scratch_for(precision, f, batch));
        for (size_t k = 0; k < f->n_parameters; k++)
            keep(r, gradient[k], f->parameter[k].count * vic_precision_bytes(precision));
    }
}

static void keep_saving(vic_precision precision, const vic_function *f, size_t batch, const void *in,
                        const void *error, results *r) {
    size_t bytes = vic_precision_bytes(precision), n_in = vic_shape_count(f->in) * batch;
    size_t n_out = vic_shape_count(f->out) * batch;
    if (f->kind->saved_bytes == NULL)
        return;
    uint8_t *saved = scrap(f->kind->saved_bytes(f) * batch, 1);
    void *out = unset(precision, n_out), *below = unset(precision, n_in);
    f->kind->forward_saving(f, batch, in, out, saved);
    f->kind->vjp_from_saved(f, batch, saved, error, below);
    keep(r, out, n_out * bytes);
    keep(r, saved, f->kind->saved_bytes(f) * batch);
    keep(r, below, n_in * bytes);
}

/* Packed, to the bits that they have otherwise. */
static void assert_packed_bits(vic_precision precision, const vic_function *f, size_t batch,
                               const void *const *theta, const void *in, const void *error, const void *moved,
                               const void *below) {
    if (f->kind->packed_count == NULL)
        return;
    size_t bytes = vic_precision_bytes(precision) * batch;
    void *ahead = unset(precision, f->kind->packed_count(f, false));
    void *back = unset(precision, f->kind->packed_count(f, true));
    void *out = unset(precision, vic_shape_count(f->out) * batch);
    void *under = unset(precision, vic_shape_count(f->in) * batch);
    f->kind->pack(f, theta, false, ahead);
    f->kind->pack(f, theta, true, back);
    f->kind->change_packed(f, batch, theta, ahead, in, out, scratch_for(precision, f, batch));
    f->kind->vjp_packed(f, batch, theta, back, error, under, scratch_for(precision, f, batch));
    ck_assert(memcmp(out, moved, vic_shape_count(f->out) * bytes) == 0);
    ck_assert(memcmp(under, below, vic_shape_count(f->in) * bytes) == 0);
}

static results call_function(vic_precision precision, const void *context) {
    const subject *s = context;
    vic_function f;
    size_t batch = s->samples;
    results r = {0};
    ck_assert_int_eq(vic_function_place(&f, vic_function_find(precision, s->kind), s->in, s->option), VIC_OK);
    size_t bytes = vic_precision_bytes(precision), n_in = vic_shape_count(f.in) * batch;
    size_t n_out = vic_shape_count(f.out) * batch;
    const void *const *theta = draw_parameters(precision, &f);
    const void *in = reals_of(precision, n_in, numbers(n_in, 1));
    const void *d = reals_of(precision, n_in, numbers(n_in, 2));
    const void *error = reals_of(precision, n_out, numbers(n_out, 3));
    void *out = unset(precision, n_out), *moved = unset(precision, n_out), *below = unset(precision, n_in);
    void *scratch = scratch_for(precision, &f, batch);
    vic_function_forward(&f, batch, theta, in, out, scratch);
    vic_function_change(&f, batch, theta, in, out, d, moved, scratch);
    vic_function_vjp(&f, batch, theta, in, out, error, below, scratch);
    keep(&r, out, n_out * bytes);
    keep(&r, moved, n_out * bytes);
    keep(&r, below, n_in * bytes);
    keep_gradients(precision, &f, batch, in, error, &r);
    keep_saving(precision, &f, batch, in, error, &r);
    assert_packed_bits(precision, &f, batch, theta, d, error, moved, below);
    return r;
}

START_TEST(functions_give_the_same_bits) {
    assert_same_bits(subjects[_i].kind, call_function, &subjects[_i]);
}
END_TEST

/* What is computed in ranges is what the kind computes of the whole. */
START_TEST(ranges_make_up_the_whole) {
    const subject *s = &subjects[_i];
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        vic_function f;
        vic_precision p = (vic_precision)precision;
        ck_assert_int_eq(vic_function_place(&f, vic_function_find(p, s->kind), s->in, s->option), VIC_OK);
        size_t n = vic_shape_count(f.in) * BATCH, bytes = n * vic_precision_bytes(p);
        if (f.kind->element_bytes == 0)
            continue;
        ck_assert_uint_eq(f.kind->element_bytes, vic_precision_bytes(p));
        const void *in = reals_of(p, n, numbers(n, 1)), *d = reals_of(p, n, numbers(n, 2));
        void *out = unset(p, n), *result = unset(p, n), *whole = unset(p, n);
        f.kind->forward(&f, BATCH, NULL, in, out, NULL);
        vic_function_forward(&f, BATCH, NULL, in, result, NULL);
        ck_assert_msg(memcmp(result, out, bytes) == 0, "%s, forward", s->kind);
        f.kind->change(&f, BATCH, NULL, in, out, d, whole, NULL);
        vic_function_change(&f, BATCH, NULL, in, out, d, result, NULL);
        ck_assert_msg(memcmp(result, whole, bytes) == 0, "%s, change", s->kind);
        f.kind->vjp(&f, BATCH, NULL, in, out, d, whole, NULL);
        vic_function_vjp(&f, BATCH, NULL, in, out, d, result, NULL);
        ck_assert_msg(memcmp(result, whole, bytes) == 0, "%s, vjp", s->kind);
        scrap_free();
    }
}
END_TEST

/* ---- array operations ---- */

enum { NUMBERS = 100003 };

static void *fresh(vic_precision precision) {
    return reals_of(precision, NUMBERS, numbers(NUMBERS, 4));
}

static results call_arithmetic(vic_precision precision, const void *unused) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(precision);
    const void *x = reals_of(precision, NUMBERS, numbers(NUMBERS, 5)), *y = fresh(precision);
    static const double keeps[] = {0, 0, 0.7}, takes[] = {1, 0.3, 0.3};
    size_t bytes = NUMBERS * vic_precision_bytes(precision);
    results r = {0};
    (void)unused;
    for (int i = 0; i < 3; i++) {
        void *mixed = fresh(precision);
        arithmetic->mix(NUMBERS, keeps[i], takes[i], x, mixed);
        keep(&r, mixed, bytes);
    }
    void *difference = unset(precision, NUMBERS), *sum = fresh(precision), *belief = fresh(precision);
    arithmetic->subtract(NUMBERS, x, y, difference);
    arithmetic->add(NUMBERS, x, sum, sum);
    arithmetic->relax(NUMBERS, 0.1, x, y, belief);
    keep(&r, difference, bytes);
    keep(&r, sum, bytes);
    keep(&r, belief, bytes);
    return r;
}

START_TEST(arithmetic_gives_the_same_bits) {
    assert_same_bits("arithmetic", call_arithmetic, NULL);
}
END_TEST

/* Element by element: a call is what calls of short parts of its arrays make up. */
START_TEST(ranges_of_arithmetic_make_up_the_whole) {
    enum { PART = 1000 };
    const vic_arithmetic *arithmetic = vic_arithmetic_of(VIC_FLOAT32);
    const float *x = reals_of(VIC_FLOAT32, NUMBERS, numbers(NUMBERS, 5)), *y = fresh(VIC_FLOAT32);
    float *whole[4], *parts[4];
    for (int i = 0; i < 4; i++) {
        whole[i] = fresh(VIC_FLOAT32);
        parts[i] = fresh(VIC_FLOAT32);
    }
    arithmetic->mix(NUMBERS, 0.7, 0.3, x, whole[0]);
    arithmetic->subtract(NUMBERS, x, y, whole[1]);
    arithmetic->add(NUMBERS, x, whole[2], whole[2]);
    arithmetic->relax(NUMBERS, 0.1, x, y, whole[3]);
    for (size_t i = 0; i < NUMBERS; i += PART) {
        size_t n = NUMBERS - i < PART ? NUMBERS - i : PART;
        arithmetic->mix(n, 0.7, 0.3, x + i, parts[0] + i);
        arithmetic->subtract(n, x + i, y + i, parts[1] + i);
        arithmetic->add(n, x + i, parts[2] + i, parts[2] + i);
        arithmetic->relax(n, 0.1, x + i, y + i, parts[3] + i);
    }
    for (int i = 0; i < 4; i++)
        ck_assert_msg(memcmp(whole[i], parts[i], NUMBERS * sizeof **whole) == 0, "operation %d", i);
}
END_TEST

/* So many ranges that their terms do not fit the stack at once. */
enum { MANY = 2 * 1024 * 1024 + 12345 };

static results call_sums(vic_precision precision, const void *numbers_of_both) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(precision);
    const void *x = ((const void *const *)numbers_of_both)[precision];
    double sum = arithmetic->sum_of_squares(MANY, x);
    bool finite = arithmetic->all_finite(MANY, x);
    results r = {0};
    keep(&r, &sum, sizeof sum);
    keep(&r, &finite, sizeof finite);
    return r;
}

START_TEST(sums_have_the_same_bits) {
    double *values = numbers(MANY, 6);
    void *both[2], *copies[2];
    for (int p = 0; p < 2; p++) {
        both[p] = reals_of((vic_precision)p, MANY, values);
        size_t bytes = MANY * vic_precision_bytes((vic_precision)p);
        copies[p] = memcpy(malloc(bytes), both[p], bytes);
    }
    assert_same_bits("a sum", call_sums, copies);
    for (int p = 0; p < 2; p++)
        free(copies[p]);
}
END_TEST

START_TEST(sums_take_every_number_once) {
    static const size_t places[] = {0, 16383, 16384, 1024 * 1024 - 1, 1024 * 1024, MANY - 1};
    const vic_arithmetic *arithmetic = vic_arithmetic_of(VIC_FLOAT32);
    float *x = scrap(MANY, sizeof *x);
    for (size_t i = 0; i < MANY; i++)
        x[i] = 1;
    ck_assert_double_eq(arithmetic->sum_of_squares(MANY, x), MANY);
    ck_assert(arithmetic->all_finite(MANY, x));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        x[places[i]] = 3;
        ck_assert_double_eq(arithmetic->sum_of_squares(MANY, x), MANY + 8);
        x[places[i]] = i % 2 ? NAN : -INFINITY;
        ck_assert_msg(!arithmetic->all_finite(MANY, x), "number %zu", places[i]);
        x[places[i]] = 1;
    }
}
END_TEST

/* ---- losses ---- */

enum { LABELLED = 5000, OUTPUTS = 11 };

typedef struct labelled {
    const vic_loss_kind *kind;
    size_t batch;
    const double *x, *values;
    const int64_t *classes;
    void *error;
    double loss;
} labelled;

static labelled label(vic_precision precision, const char *kind) {
    size_t n = (size_t)LABELLED * OUTPUTS;
    int64_t *classes = scrap(LABELLED, sizeof *classes);
    for (size_t i = 0; i < LABELLED; i++)
        classes[i] = (int64_t)(i % OUTPUTS);
    return (labelled){
        vic_loss_find(precision, kind), LABELLED, numbers(n, 7), numbers(n, 8), classes, NULL, 0};
}

/* Sums: the error of a sample does not depend on the batch then. */
static void find_loss(vic_precision precision, labelled *l) {
    size_t n = l->batch * OUTPUTS;
    const void *target = l->kind->target_type == VIC_TARGET_CLASSES ? (const void *)l->classes
                                                                    : reals_of(precision, n, l->values);
    l->error = unset(precision, n);
    l->loss = l->kind->evaluate(OUTPUTS, l->batch, VIC_SUM, reals_of(precision, n, l->x), target, l->error);
}

static results call_loss(vic_precision precision, const void *kind) {
    labelled l = label(precision, kind);
    results r = {0};
    find_loss(precision, &l);
    keep(&r, &l.loss, sizeof l.loss);
    keep(&r, l.error, (size_t)LABELLED * OUTPUTS * vic_precision_bytes(precision));
    return r;
}

static const double *of_sample(const double *all, size_t sample) {
    double *one = scrap(OUTPUTS, sizeof *one);
    for (size_t c = 0; c < OUTPUTS; c++)
        one[c] = all[c * LABELLED + sample];
    return one;
}

static const char *const losses[] = {"cross-entropy", "squared-error"};
enum { N_LOSSES = sizeof losses / sizeof *losses };

START_TEST(losses_have_the_same_bits) {
    assert_same_bits(losses[_i], call_loss, losses[_i]);
}
END_TEST

START_TEST(samples_make_up_the_loss) {
    for (int p = VIC_FLOAT32; p <= VIC_FLOAT64; p++) {
        vic_precision precision = (vic_precision)p;
        labelled all = label(precision, losses[_i]);
        double sum = 0;
        find_loss(precision, &all);
        const double *errors = doubles_of(precision, (size_t)LABELLED * OUTPUTS, all.error);
        for (size_t i = 0; i < LABELLED; i++) {
            labelled one = {all.kind, 1, of_sample(all.x, i), of_sample(all.values, i), all.classes + i,
                            NULL,     0};
            find_loss(precision, &one);
            sum += one.loss;
            const double *error = of_sample(errors, i), *alone = doubles_of(precision, OUTPUTS, one.error);
            ck_assert_msg(memcmp(error, alone, OUTPUTS * sizeof *error) == 0, "%s, sample %zu", losses[_i],
                          i);
        }
        ck_assert_double_le(fabs(all.loss - sum), 1e-12 * sum);
        scrap_free();
    }
}
END_TEST

int main(void) {
    vic_blas_use_one_thread();
    Suite *suite = suite_create("threads");
    TCase *cases = tcase_create("threads");
    tcase_add_checked_fixture(cases, NULL, scrap_free);
    tcase_set_timeout(cases, 30);
    tcase_add_loop_test(cases, functions_give_the_same_bits, 0, N_SUBJECTS);
    tcase_add_loop_test(cases, ranges_make_up_the_whole, 0, N_SUBJECTS);
    tcase_add_test(cases, arithmetic_gives_the_same_bits);
    tcase_add_test(cases, ranges_of_arithmetic_make_up_the_whole);
    tcase_add_test(cases, sums_have_the_same_bits);
    tcase_add_test(cases, sums_take_every_number_once);
    tcase_add_loop_test(cases, losses_have_the_same_bits, 0, N_LOSSES);
    tcase_add_loop_test(cases, samples_make_up_the_loss, 0, N_LOSSES);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
