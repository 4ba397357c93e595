/* Synapses that have changed are packed anew: an inference after others has the bits of one that is the first
 * with its synapses. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <string.h>

enum { BATCH = 4, MOST = 8 };

static const struct {
    const char *algorithm;
    double eta;
} settings[] = {{"strict", 0.1}, {"fixed-prediction", 0.1}, {"augmented-lagrangian", 0.1}};
enum { N_SETTINGS = sizeof settings / sizeof *settings };

static vic_network *network;
static int rank_of[MOST];

static vic_inference *create(int setting) {
    vic_inference *x;
    vic_inference_options options = net_options(settings[setting].algorithm, settings[setting].eta, 9);
    options.penalty = options.dual_rate = 1;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options));
    return x;
}

static void run(vic_inference *x, uint64_t synapses) {
    net_data data = net_data_of(network, BATCH, 2);
    net_give(x, net_draw(network, synapses));
    net_feed(x, &data);
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert_ok(vic_inference_check(x));
}

static bool same_gradients(vic_inference *a, vic_inference *b) {
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *p = vic_inference_population(a, id), *q = vic_inference_population(b, id);
        for (int k = 0; p && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                size_t n = vic_parameter_slot_at(network, p->out[k].edge_index, i).parameter->count;
                if (memcmp(p->out[k].gradient[i], q->out[k].gradient[i],
                           n * vic_precision_bytes(network->precision)) != 0)
                    return false;
            }
    }
    return true;
}

/* Population 1 takes errors back in most steps, under each of these. */
static bool packs(vic_inference *x) {
    const vic_population *p = vic_inference_population(x, 1);
    return p == NULL || p->out[0].packings[1].array;
}

START_TEST(new_synapses_are_taken) {
    network = net_chain(VIC_FLOAT64, (vic_shape){1, {5}}, "linear 4, tanh | linear 7, tanh | linear 3",
                        "squared-error", VIC_MEAN);
    vic_inference *again = create(_i), *first = create(_i);
    run(again, 1);
    run(again, 2);
    run(first, 2);
    together_assert(packs(first));
    together_assert(same_gradients(again, first));
    vic_inference_destroy(&again);
    vic_inference_destroy(&first);
    vic_network_destroy(&network);
    scrap_free();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("inference/packed");
    TCase *tests = tcase_create("packed");
    tcase_add_loop_test(tests, new_synapses_are_taken, 0, N_SETTINGS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
