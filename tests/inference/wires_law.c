/* What is known exactly of inference over wires that delay and lose messages. */
#include "wires_stage.h"

#include "support/numbers.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- delay: the law, later ---- */

static double length_of(const vic_projection *p, const void *other, double scale) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    size_t n = vic_parameter_slot_at(p->network, p->edge_index, 0).parameter->count;
    return sqrt(arithmetic->squared_distance(n, 1, p->gradient[0], scale, other));
}

/* Weights' gradients of exact over perfect wires, of the local projections. */
static void **exact_gradients(stage *s) {
    void **exact = scrap(L, sizeof *exact);
    together_assert_ok(vic_inference_set_options(s->x, net_options("exact", 1, 1)));
    together_assert_ok(vic_inference_run(s->x, s->batch));
    for (int e = 0; e < L; e++) {
        const vic_projection *p = stage_projection(s->x, e);
        if (p == NULL)
            continue;
        size_t bytes = vic_parameter_slot_at(s->network, e, 0).parameter->count *
                       vic_precision_bytes(s->network->precision);
        exact[e] = memcpy(scrap(bytes, 1), p->gradient[0], bytes);
    }
    return exact;
}

/* Steps that a change needs to arrive at the lower end of edge e, on top of one for each edge. */
static int lateness(const stage *s, int e) {
    int sum = 0;
    for (int k = e; k < L; k++)
        sum += s->wires.of[k * VIC_MESSAGE_KINDS + VIC_ERROR].delay;
    return sum;
}

/* Update of layer e+1 = P[Binomial(n - 1 - delays from it up, eta) >= L - (e + 1)] exact. */
static void check_late_law(stage *s, double eta, int steps, void **exact) {
    vic_inference_options options = net_options("fixed-prediction", eta, steps);
    options.wires = &s->wires;
    together_assert_ok(vic_inference_set_options(s->x, options));
    together_assert_ok(vic_inference_run(s->x, s->batch));
    char message[160] = "";
    for (int e = 0; e < L && message[0] == '\0'; e++) {
        const vic_projection *p = stage_projection(s->x, e);
        int left = steps - lateness(s, e);
        double law = left >= 1 ? vic_law(eta, left, L - 1 - e) : 0;
        if (p == NULL)
            continue;
        double off = length_of(p, exact[e], law), all = length_of(p, exact[e], 0);
        bool bits = eta == 1 || law == 0;
        if (bits ? off != 0 : off > 1e-12 * fmax(all, 1e-300) * 10)
            snprintf(message, sizeof message, "eta %g, %d steps, layer %d: off by %g of %g, law %g", eta,
                     steps, e + 1, off, all, law);
    }
    together_assert_msg(message[0] == '\0', "%s", message);
}

START_TEST(delays_shift_the_law) {
    static const int delays[][L] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 0, 2}, {3, 0, 0, 0}, {0, 2, 0, 1}};
    for (int k = 0; k < 5; k++) {
        stage s = stage_of(VIC_FLOAT64, BATCH, (vic_wire){.keep = 1});
        for (int e = 0; e < L; e++)
            s.wires.of[e * VIC_MESSAGE_KINDS + VIC_ERROR].delay = delays[k][e];
        stage_place(&s, stage_in_blocks, net_options("exact", 1, 1));
        void **exact = exact_gradients(&s);
        for (int steps = 4; steps <= 10; steps++) {
            check_late_law(&s, 1, steps, exact);
            check_late_law(&s, 0.3, steps, exact);
        }
        stage_strike(&s);
    }
}
END_TEST

/* The same as the program's user meets it: exact again, to the last bit, once n >= L + all delays. */
START_TEST(late_is_exact_after_all_delays) {
    for (int late = 0; late <= 1; late++) {
        stage s = stage_of(VIC_FLOAT32, BATCH, (vic_wire){.keep = 1, .delay = 2});
        vic_layer_check checks[L];
        vic_inference_options options = net_options("fixed-prediction", 1, L + 2 * L - late);
        options.wires = &s.wires;
        stage_place(&s, stage_in_blocks, options);
        together_assert_ok(vic_verify(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, checks));
        bool as_expected = true;
        for (int e = 0; e < L; e++) {
            bool arrived = e > 0 || !late;
            as_expected = as_expected && checks[e].scale == (arrived ? 1 : 0) && isnan(checks[e].law);
            as_expected = as_expected && (!arrived || checks[e].ulp == 0);
        }
        together_assert(together_rank() > 0 || as_expected);
        together_assert(!vic_verification_judges(s.network, options));
        stage_strike(&s);
    }
}
END_TEST

/* ---- drop: a law in the mean ---- */

enum { MANY = 4000 };

/* At eta = 1 the error of layer l in a sample is exact or has not arrived, and arrives by step n with
 * probability P[Binomial(n, 1 - p) >= L-l+1]. */
START_TEST(losses_follow_a_law_in_the_mean) {
    double drop = 0.3;
    stage s = stage_of(VIC_FLOAT32, MANY, (vic_wire){.keep = 1, .drop = drop});
    vic_inference_options options = net_options("fixed-prediction", 1, 5);
    options.wires = &s.wires;
    stage_place(&s, stage_in_blocks, options);
    together_assert_ok(vic_inference_run(s.x, MANY));
    char message[160] = "";
    for (int e = 0; e < L; e++) {
        const vic_projection *p = stage_projection(s.x, e);
        if (p == NULL)
            continue;
        size_t width = vic_shape_count(s.network->shapes[e + 1]), arrived = 0;
        for (size_t b = 0; b < MANY; b++) {
            bool any = false;
            for (size_t f = 0; f < width; f++)
                any = any || ((const float *)p->error)[f * MANY + b] != 0;
            arrived += any;
        }
        double law = vic_law(1 - drop, 6, L - e), off = fabs((double)arrived / MANY - law);
        if (off > 5 * sqrt(law * (1 - law) / MANY))
            snprintf(message, sizeof message, "layer %d: arrived in %zu of %d samples, law %g", e + 1,
                     arrived, MANY, law);
    }
    together_assert_msg(message[0] == '\0', "%s", message);
    stage_strike(&s);
}
END_TEST

START_TEST(what_is_lost_comes_in_the_end) {
    stage s = stage_of(VIC_FLOAT32, BATCH, (vic_wire){.keep = 1, .drop = 0.3});
    vic_layer_check checks[L];
    vic_inference_options options = net_options("fixed-prediction", 1, 60);
    options.wires = &s.wires;
    stage_place(&s, stage_in_blocks, options);
    together_assert_ok(vic_verify(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, checks));
    bool exact = true;
    for (int e = 0; e < L; e++)
        exact = exact && checks[e].ulp == 0;
    together_assert(together_rank() > 0 || exact);
    stage_strike(&s);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("laws of wires");
    TCase *all = tcase_create("inference over wires");
    tcase_set_timeout(all, 60);
    tcase_add_unchecked_fixture(all, NULL, scrap_free);
    tcase_add_test(all, delays_shift_the_law);
    tcase_add_test(all, late_is_exact_after_all_delays);
    tcase_add_test(all, losses_follow_a_law_in_the_mean);
    tcase_add_test(all, what_is_lost_comes_in_the_end);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
