/* What learning takes is what was forecast. */
#include "base/pool.h"
#include "learning/learning.h"
#include "support/allocated.h"
#include "support/nets.h"
#include "support/together.h"

#include <stdatomic.h>
#include <string.h>

START_TEST(optimisers_take_what_was_forecast) {
    static const char *const names[] = {"sgd", "adam"};
    vic_inference_options options = net_options("exact", 1, 1);
    vic_network *network = net_chain(VIC_FLOAT64, (vic_shape){1, {400}}, "linear 900, relu | linear 10",
                                     "cross-entropy", VIC_MEAN);
    int rank_of[3];
    vic_learning_options learning = {.optimizer = vic_optimizer_find(VIC_FLOAT64, names[_i]), .batch = 2};
    vic_inference *x;
    vic_trainer *trainer;
    together_place(network, together_size(), rank_of);
    const bool here[] = {rank_of[0] == together_rank(), rank_of[1] == together_rank(),
                         rank_of[2] == together_rank()};
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, 2, true, options));
    size_t forecast = vic_trainer_forecast(network, here, learning);
    double before = allocated();
    together_assert_ok(vic_trainer_create(&trainer, x, learning, 1));
    assert_near((double)forecast, allocated() - before, names[_i]);
    vic_trainer_destroy(&trainer);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

/* A data set that holds nothing but the most that is allocated when it is asked. */
static void note_allocated(void *context, const size_t *order, size_t n, size_t first, size_t count,
                           void *rows) {
    _Atomic double *most = context;
    double now = allocated(), before = atomic_load(most);
    (void)order, (void)first;
    memset(rows, 0, n * count * sizeof(double));
    while (now > before && !atomic_compare_exchange_weak(most, &before, now))
        continue;
}

static void first_class(void *context, const size_t *order, size_t n, int64_t *classes) {
    (void)context;
    (void)order;
    for (size_t i = 0; i < n; i++)
        classes[i] = 0;
}

/* On one thread, where no array is needed, and on several. In an evaluation of two batches and a part. */
START_TEST(feeding_takes_what_was_forecast) {
    enum { SAMPLES = 100, COUNT = 230 };
    _Atomic double meanwhile = 0;
    const vic_source source = {COUNT, &meanwhile, note_allocated, first_class};
    int threads = 1 + 2 * _i, rank_of[2];
    vic_network *network =
        net_chain(VIC_FLOAT64, (vic_shape){1, {20000}}, "linear 10", "squared-error", VIC_MEAN);
    vic_inference *x;
    vic_metrics metrics;
    together_place(network, together_size(), rank_of);
    const bool here[] = {rank_of[0] == together_rank(), rank_of[1] == together_rank()};
    together_assert_ok(vic_pool_start(threads, false, NULL));
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, SAMPLES, false,
                                            net_options("exact", 1, 1)));
    double before = allocated();
    atomic_store(&meanwhile, before);
    together_assert_ok(vic_evaluate(x, &source, NULL, &metrics));
    size_t forecast = vic_feed_forecast(network, here, SAMPLES);
    together_assert((forecast > 0) == (here[0] && threads > 1));
    assert_near((double)forecast, atomic_load(&meanwhile) - before, "feeding");
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
    vic_pool_stop();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("forecast of learning");
    TCase *cases = tcase_create("forecast of learning");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, optimisers_take_what_was_forecast, 0, 2);
    tcase_add_loop_test(cases, feeding_takes_what_was_forecast, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
