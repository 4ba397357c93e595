/* The summary of step times, against numbers worked out by hand, and what an epoch of learning delivers. */
#include "observe/step_timing.h"

#include "learning/made_data.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <string.h>

static bool is_near(double a, double b) {
    return fabs(a - b) <= 1e-12 * (1 + fabs(b));
}

static bool spread_is(const vic_step_spread *s, double median, double lower, double upper, double least,
                      double total) {
    return is_near(s->median, median) && is_near(s->lower_quartile, lower) &&
           is_near(s->upper_quartile, upper) && is_near(s->least, least) && is_near(s->total, total);
}

/* The first step is left out. In step k the rank k % size is the slowest, and it alone infers for long, k + 1
 * seconds; elsewhere feeding takes half a second more. */
static void add_steps(vic_step_timing *timing, int steps) {
    vic_step_timing_add(timing, &(vic_step_times){{100, 100, 100, 100}});
    for (int k = 0; k < steps; k++) {
        bool slowest = k % together_size() == together_rank();
        vic_step_times times = {{[VIC_FEEDING] = slowest ? 0.25 : 0.75,
                                 [VIC_INFERRING] = slowest ? k + 1 : 0,
                                 [VIC_UPDATING] = 0.125}};
        vic_step_timing_add(timing, &times);
    }
}

START_TEST(sums_up_the_slowest_rank_of_each_step) {
    vic_step_timing *timing;
    vic_step_summary s = {0};
    together_assert_ok(vic_step_timing_create(&timing));
    add_steps(timing, 4);
    together_assert_ok(vic_step_timing_summarize(timing, together_group(), &s));
    vic_step_timing_destroy(&timing);
    if (together_rank() != 0)
        s = (vic_step_summary){.steps = 4};
    together_assert(s.steps == 4);
    bool here = together_rank() == 0;
    together_assert(!here || spread_is(&s.whole, 2.875, 2.125, 3.625, 1.375, 11.5));
    together_assert(!here || spread_is(&s.part[VIC_INFERRING], 2.5, 1.75, 3.25, 1, 10));
    together_assert(!here || spread_is(&s.part[VIC_FEEDING], 0.25, 0.25, 0.25, 0.25, 1));
    together_assert(!here || spread_is(&s.part[VIC_UPDATING], 0.125, 0.125, 0.125, 0.125, 0.5));
    together_assert(!here || spread_is(&s.part[VIC_METERING], 0, 0, 0, 0, 0));
}
END_TEST

START_TEST(a_run_of_one_step_has_no_times) {
    vic_step_timing *timing;
    vic_step_summary s = {.steps = 7};
    together_assert_ok(vic_step_timing_create(&timing));
    add_steps(timing, 0);
    together_assert_ok(vic_step_timing_summarize(timing, together_group(), &s));
    vic_step_timing_destroy(&timing);
    together_assert(together_rank() != 0 ||
                    (s.steps == 0 && isnan(s.whole.median) && isnan(s.part[0].least)));
}
END_TEST

/* ---- an epoch ---- */

enum { BATCH = 6, COUNT = 20, STEPS = 4, MOST = 8 };

typedef struct heard {
    int steps, wrong;
    double sum;
} heard;

static void hear(void *context, const vic_step_times *times) {
    heard *h = context;
    h->steps++;
    for (int part = 0; part < VIC_STEP_PARTS; part++) {
        h->wrong += !(times->part[part] >= 0);
        h->sum += times->part[part];
    }
    h->wrong += !(times->part[VIC_INFERRING] > 0);
}

/* Two epochs; what is timed is a part of what they take. */
START_TEST(every_step_of_an_epoch_is_timed) {
    vic_inference *x;
    vic_trainer *trainer;
    made_data data;
    vic_metrics metrics;
    heard h = {0};
    int rank_of[MOST];
    const vic_learning_callbacks callbacks = {.context = &h, .timed = hear};
    vic_learning_options options = {
        .optimizer = vic_optimizer_find(VIC_FLOAT64, "sgd"), .settings = {0.1, 0.5}, .batch = BATCH};
    vic_network *network =
        net_chain(VIC_FLOAT64, (vic_shape){1, {7}}, "linear 6, tanh | linear 4", "cross-entropy", VIC_MEAN);
    together_place(network, together_size(), rank_of);
    made_data_open(&data, network, COUNT);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true,
                                            net_options("exact", 1, 1)));
    net_give(x, net_draw(network, 1));
    together_assert_ok(vic_trainer_create(&trainer, x, options, 1));
    double began = vic_now();
    for (int epoch = 0; epoch < 2; epoch++)
        together_assert_ok(vic_trainer_epoch(trainer, &data.source, &callbacks, &metrics, NULL));
    together_assert_msg(h.sum <= vic_now() - began, "%g s", h.sum);
    together_assert_msg(h.steps == 2 * STEPS && h.wrong == 0, "%d steps, %d wrong", h.steps, h.wrong);
    vic_trainer_destroy(&trainer);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("step_timing");
    TCase *tests = tcase_create("step_timing");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_test(tests, sums_up_the_slowest_rank_of_each_step);
    tcase_add_test(tests, a_run_of_one_step_has_no_times);
    tcase_add_test(tests, every_step_of_an_epoch_is_timed);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
