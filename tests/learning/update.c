/* One update of a parameter that is large enough for threads to share it: the same bits as of an update by
 * one thread, and of several faults the first. */
#include "learning/trainer.h"

#include "base/pool.h"
#include "support/graph.h"
#include "support/numbers.h"
#include "support/suite.h"

#include <check.h>
#include <string.h>

enum { WIDTH = 301, COUNT = WIDTH * WIDTH, WEIGHT = 0, MOST_THREADS = 4 };

static vic_network *network;
static vic_population *population;
static vic_trainer trainer;
static float *moments[VIC_MAX_MOMENTS];

static void setup(void) {
    network = graph_chain(VIC_FLOAT32, 1, (const size_t[]){WIDTH, WIDTH});
    const vic_population_needs needs = {.capacity = 1, .gradient = true};
    ck_assert_int_eq(vic_population_create(&population, network, 0, needs), VIC_OK);
    trainer.options.optimizer = vic_optimizer_find(network->precision, "adam");
    for (size_t i = 0; i < trainer.options.optimizer->n_settings; i++)
        trainer.options.settings[i] = trainer.options.optimizer->settings[i].fallback;
    for (int m = 0; m < 2; m++)
        moments[m] = scrap(COUNT, sizeof **moments);
    float *gradient = population->out[0].gradient[WEIGHT];
    for (size_t i = 0; i < COUNT; i++)
        gradient[i] = (float)number_at(1, i);
}

static void teardown(void) {
    vic_population_destroy(&population);
    vic_network_destroy(&network);
    scrap_free();
}

static const char *update(int threads, bool *updated) {
    double factors[VIC_MAX_FACTORS];
    trainer.options.optimizer->prepare(trainer.options.settings, 1, factors);
    ck_assert_int_eq(vic_pool_start(threads, false, NULL), VIC_OK);
    const char *fault =
        vic_update_parameter(&trainer, &population->out[0], (void **)moments, WEIGHT, factors, updated);
    vic_pool_stop();
    return fault;
}

START_TEST(threads_change_no_bit) {
    bool updated;
    float *theta = population->out[0].theta[WEIGHT], *alone = scrap(COUNT, sizeof *alone);
    ck_assert_ptr_null(update(1, &updated));
    memcpy(alone, theta, COUNT * sizeof *theta);
    ck_assert(theta[0] != 0 && theta[COUNT - 1] != 0);
    memset(theta, 0, COUNT * sizeof *theta);
    for (int m = 0; m < 2; m++)
        memset(moments[m], 0, COUNT * sizeof **moments);
    ck_assert_ptr_null(update(_i, &updated));
    ck_assert_mem_eq(theta, alone, COUNT * sizeof *theta);
}
END_TEST

/* Where numbers are that are not finite: the square of a gradient overflows, or it is infinite itself. */
typedef struct fault_case {
    size_t overflow, infinite;
    const char *named;
    bool updated;
} fault_case;

static const fault_case faults[] = {
    {70000, 20000, "gradient", false},
    {20000, 70000, "second_moment", true},
    {COUNT, COUNT - 1, "gradient", false},
    {COUNT - 1, COUNT, "second_moment", true},
};

START_TEST(the_first_fault_is_named) {
    const fault_case *f = &faults[_i / MOST_THREADS];
    float *gradient = population->out[0].gradient[WEIGHT];
    bool updated;
    if (f->overflow < COUNT)
        gradient[f->overflow] = 1e30f;
    if (f->infinite < COUNT)
        gradient[f->infinite] = INFINITY;
    const char *fault = update(1 + _i % MOST_THREADS, &updated);
    ck_assert_ptr_nonnull(fault);
    ck_assert_str_eq(fault, f->named);
    ck_assert_int_eq(updated, f->updated);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("update");
    TCase *cases = tcase_create("update");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, threads_change_no_bit, 2, MOST_THREADS + 1);
    tcase_add_loop_test(cases, the_first_fault_is_named, 0, MOST_THREADS * (sizeof faults / sizeof *faults));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
