/* Updates beside those of another inference: same parameters, same batch, other options or precision. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>

enum { BATCH = 6, MOST = 16, LAYERS = 4 };

static const char chain[] =
    "conv2d 3 3 1 1 1, relu, maxpool2d 2 | flatten, linear 7, tanh | linear 6 | linear 4";

typedef struct subject {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
} subject;

static void open_subject(subject *s, vic_precision precision, const char *loss,
                         vic_inference_options options) {
    *s = (subject){.network = net_chain(precision, (vic_shape){3, {1, 6, 4}}, chain, loss, VIC_MEAN)};
    together_place(s->network, together_size(), s->rank_of);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, BATCH, true, options));
}

static void feed(subject *s, uint64_t seed) {
    net_data data = net_data_of(s->network, BATCH, seed);
    net_give(s->x, net_draw(s->network, seed));
    net_feed(s->x, &data);
}

static void close_subject(subject *s) {
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

static const char *const losses[] = {"cross-entropy", "squared-error"};

/* The reference has other parameters and another batch of its own, which must not matter. */
START_TEST(the_same_settings_give_the_same_bits) {
    subject mine, other;
    vic_layer_check layers[LAYERS];
    open_subject(&mine, VIC_FLOAT32, losses[_i], net_options("strict", 0.3, 7));
    open_subject(&other, VIC_FLOAT32, losses[_i], net_options("strict", 0.3, 7));
    feed(&mine, 1);
    feed(&other, 2);
    together_assert_ok(vic_verify_against(mine.x, other.x, BATCH, VIC_WEIGHTS_AND_BIASES, layers));
    for (int l = 0; l < LAYERS; l++)
        together_assert_msg(together_rank() != 0 || (layers[l].relative_error == 0 && layers[l].ulp == 0 &&
                                                     layers[l].scale == 1 && isnan(layers[l].law)),
                            "layer %d: relative error %g", l + 1, layers[l].relative_error);
    close_subject(&other);
    close_subject(&mine);
}
END_TEST

START_TEST(float64_shows_the_rounding_of_float32) {
    subject mine, other;
    vic_layer_check layers[LAYERS];
    open_subject(&mine, VIC_FLOAT32, losses[_i], net_options("strict", 0.1, 20));
    open_subject(&other, VIC_FLOAT64, losses[_i], net_options("strict", 0.1, 20));
    feed(&mine, 1);
    together_assert_ok(vic_verify_against(mine.x, other.x, BATCH, VIC_WEIGHTS_AND_BIASES, layers));
    for (int l = 0; l < LAYERS; l++)
        together_assert_msg(together_rank() != 0 || (layers[l].relative_error > 1e-9 &&
                                                     layers[l].relative_error < 2e-5 && isnan(layers[l].ulp)),
                            "layer %d: relative error %g", l + 1, layers[l].relative_error);
    close_subject(&other);
    close_subject(&mine);
}
END_TEST

/* Against exact in the same precision it is what verify finds. */
START_TEST(exact_as_the_other_is_verify) {
    subject mine, other;
    vic_layer_check against[LAYERS], verified[LAYERS];
    open_subject(&mine, VIC_FLOAT64, losses[_i], net_options("strict", 0.2, 9));
    open_subject(&other, VIC_FLOAT64, losses[_i], net_options("exact", 1, 1));
    feed(&mine, 1);
    together_assert_ok(vic_verify_against(mine.x, other.x, BATCH, VIC_WEIGHTS_ALONE, against));
    together_assert_ok(vic_verify(mine.x, BATCH, VIC_WEIGHTS_ALONE, verified));
    for (int l = 0; l < LAYERS; l++)
        together_assert_msg(together_rank() != 0 ||
                                (against[l].relative_error == verified[l].relative_error &&
                                 against[l].angle == verified[l].angle && against[l].ulp == verified[l].ulp),
                            "layer %d: relative error %.17g, verify %.17g", l + 1, against[l].relative_error,
                            verified[l].relative_error);
    close_subject(&other);
    close_subject(&mine);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("against");
    TCase *tests = tcase_create("against");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, the_same_settings_give_the_same_bits, 0, 2);
    tcase_add_loop_test(tests, float64_shows_the_rounding_of_float32, 0, 2);
    tcase_add_loop_test(tests, exact_as_the_other_is_verify, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
