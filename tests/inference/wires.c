/* Inference over wires that are not perfect: the same bits on every number of ranks and every placement, what
 * is known of them exactly, and what they send. */
#include "support/digest.h"
#include "support/learner.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 6, L = 4, WIRES = L * VIC_MESSAGE_KINDS };

static const char layers[] = "linear 9, tanh | linear 8, sigmoid | linear 7, tanh | linear 5";

static vic_network *chain(vic_precision precision) {
    return net_chain(precision, (vic_shape){1, {11}}, layers, "cross-entropy", VIC_MEAN);
}

/* ---- a network on all ranks, and wires that are alike ---- */

typedef struct stage {
    vic_network *network;
    int rank_of[L + 1];
    vic_wires wires;
    vic_inference *x;
    size_t batch;
} stage;

static stage stage_of(vic_precision precision, size_t batch, vic_wire wire) {
    stage s = {.network = chain(precision), .batch = batch};
    together_assert_ok(vic_wires_create(&s.wires, WIRES, 5));
    for (int i = 0; i < WIRES; i++)
        s.wires.of[i] = wire;
    return s;
}

static int alone(int p) {
    (void)p;
    return 0;
}

static int dealt(int p) {
    return p % together_size();
}

static int in_blocks(int p) {
    return p * (together_size() < L + 1 ? together_size() : L + 1) / (L + 1);
}

static void place(stage *s, int (*rank)(int), vic_inference_options options) {
    for (int p = 0; p <= L; p++)
        s->rank_of[p] = rank(p);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, s->batch, true, options));
    learner_attach(s->x, "sgd", true);
    net_give(s->x, net_draw(s->network, 1));
    net_data data = net_data_of(s->network, s->batch, 3);
    net_feed(s->x, &data);
}

static void strike(stage *s) {
    vic_inference_destroy(&s->x);
    vic_wires_release(&s->wires);
    vic_network_destroy(&s->network);
}

static digest run(stage *s, uint64_t batch_index) {
    digest d = digest_new(s->network);
    vic_inference_set_batch_index(s->x, batch_index);
    vic_status status = vic_inference_run(s->x, s->batch);
    together_assert_ok(status == VIC_OK ? vic_inference_check(s->x) : status);
    digest_add(d, s->x, s->batch);
    digest_collect(d, s->x);
    return d;
}

/* ---- the same bits everywhere ---- */

typedef struct trouble {
    const char *name;
    vic_wire wire;
    const char *encoding; /* NULL: exact */
} trouble;

static const trouble troubles[] = {
    {"delay", {.delay = 2, .keep = 1}, NULL},
    {"drop", {.drop = 0.4, .keep = 1}, NULL},
    {"noise", {.noise = 0.2, .keep = 1}, NULL},
    {"bfloat16", {.keep = 1}, "bfloat16"},
    {"float16", {.keep = 1}, "float16"},
    {"int8", {.keep = 1}, "int8"},
    {"keep, places as indices", {.keep = 0.1}, NULL},
    {"keep, places as bits", {.keep = 0.6}, NULL},
    {"all at once", {.delay = 1, .drop = 0.2, .noise = 0.1, .keep = 0.5}, "int8"},
};
enum { TROUBLES = sizeof troubles / sizeof *troubles };

typedef struct way {
    const char *algorithm;
    double eta;
    vic_coordinates coordinates;
} way;

static const way ways[] = {
    {"fixed-prediction", 1, VIC_COORDINATES_ERROR},
    {"fixed-prediction", 0.3, VIC_COORDINATES_BELIEF},
    {"strict", 0.2, VIC_COORDINATES_ERROR},
    {"strict", 0.2, VIC_COORDINATES_BELIEF},
    {"exact", 1, VIC_COORDINATES_ERROR},
    {"augmented-lagrangian", 0.1, VIC_COORDINATES_ERROR},
    {"incremental", 0.1, VIC_COORDINATES_BELIEF},
};
enum { WAYS = sizeof ways / sizeof *ways, STEPS = 8 };

static vic_inference_options options_of(const way *w, const vic_wires *wires) {
    vic_inference_options options = net_options(w->algorithm, w->eta, STEPS);
    options.coordinates = w->coordinates;
    options.wires = wires;
    return options;
}

static vic_wire wire_of(const trouble *t, vic_precision precision) {
    vic_wire wire = t->wire;
    if (t->encoding)
        wire.encoding = vic_encoding_find(precision, t->encoding);
    return wire;
}

static void compare_placements(const trouble *t, const way *w, vic_precision precision) {
    static int (*const placements[])(int) = {alone, dealt, in_blocks};
    digest reference = {0};
    for (int k = 0; k < 3; k++) {
        stage s = stage_of(precision, BATCH, wire_of(t, precision));
        if (strcmp(w->algorithm, "exact") == 0)
            for (int i = 0; i < WIRES; i++)
                s.wires.of[i].delay = 0;
        place(&s, placements[k], options_of(w, &s.wires));
        digest d = run(&s, 4);
        reference = k == 0 ? d : reference;
        int where = digest_difference(s.network, reference, d);
        together_assert_msg(where < 0, "%s, %s: population %d differs in placement %d", t->name, w->algorithm,
                            where, k);
        strike(&s);
    }
}

START_TEST(the_same_bits_in_every_placement) {
    for (int w = 0; w < WAYS; w++)
        compare_placements(&troubles[_i], &ways[w], w % 2 ? VIC_FLOAT64 : VIC_FLOAT32);
}
END_TEST

/* Random numbers belong to the batch, not to the inference that happens to run it. */
START_TEST(occasions_differ_and_repeat) {
    for (int t = 1; t <= 2; t++) { /* drop, noise */
        stage s = stage_of(VIC_FLOAT32, BATCH, troubles[t].wire);
        place(&s, in_blocks, options_of(&ways[2], &s.wires));
        digest first = run(&s, 1), second = run(&s, 2), again = run(&s, 1);
        together_assert(digest_difference(s.network, first, second) >= 0);
        together_assert(digest_difference(s.network, first, again) < 0);
        strike(&s);
    }
}
END_TEST

/* ---- wires that change nothing ---- */

START_TEST(perfect_wires_and_no_wires_are_the_same_bits) {
    for (int w = 0; w < WAYS; w++) {
        stage s = stage_of(VIC_FLOAT32, BATCH, (vic_wire){.keep = 1});
        place(&s, in_blocks, options_of(&ways[w], &s.wires));
        digest with = run(&s, 0);
        together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[w], NULL)));
        digest without = run(&s, 0);
        together_assert(digest_difference(s.network, with, without) < 0);
        strike(&s);
    }
}
END_TEST

/* After an inference over bad wires, one over perfect ones does not depend on them; and back. */
START_TEST(wires_can_be_changed_between_inferences) {
    stage s = stage_of(VIC_FLOAT32, BATCH, wire_of(&troubles[8], VIC_FLOAT32));
    place(&s, in_blocks, options_of(&ways[2], NULL));
    digest before = run(&s, 0);
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], &s.wires)));
    digest bad = run(&s, 0);
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], NULL)));
    digest after = run(&s, 0);
    s.wires.of[1].delay = 3;
    s.wires.of[2].keep = 0.25;
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], &s.wires)));
    digest other = run(&s, 0);
    together_assert(digest_difference(s.network, before, after) < 0);
    together_assert(digest_difference(s.network, before, bad) >= 0);
    together_assert(digest_difference(s.network, bad, other) >= 0);
    strike(&s);
}
END_TEST

/* An unchanged message is encoded the same: leaving it out changes nothing. */
START_TEST(silence_stays_exact_where_wires_only_encode) {
    for (int t = 3; t < 8; t++)
        for (int w = 0; w < WAYS - 1; w++) {
            stage s = stage_of(VIC_FLOAT32, BATCH, wire_of(&troubles[t], VIC_FLOAT32));
            vic_inference_options options = options_of(&ways[w], &s.wires);
            place(&s, in_blocks, options);
            digest silent = run(&s, 0);
            options.always = true;
            together_assert_ok(vic_inference_set_options(s.x, options));
            digest always = run(&s, 0);
            int where = digest_difference(s.network, silent, always);
            together_assert_msg(where < 0, "%s, %s: population %d", troubles[t].name, ways[w].algorithm,
                                where);
            strike(&s);
        }
}
END_TEST

/* ---- delay: the law, later ---- */

static vic_projection *projection_of(vic_inference *x, int edge) {
    vic_population *p = vic_inference_population(x, edge);
    return p ? &p->out[0] : NULL;
}

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
        const vic_projection *p = projection_of(s->x, e);
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
        const vic_projection *p = projection_of(s->x, e);
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
        place(&s, in_blocks, net_options("exact", 1, 1));
        void **exact = exact_gradients(&s);
        for (int steps = 4; steps <= 10; steps++) {
            check_late_law(&s, 1, steps, exact);
            check_late_law(&s, 0.3, steps, exact);
        }
        strike(&s);
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
        place(&s, in_blocks, options);
        together_assert_ok(vic_verify(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, checks));
        bool as_expected = true;
        for (int e = 0; e < L; e++) {
            bool arrived = e > 0 || !late;
            as_expected = as_expected && checks[e].scale == (arrived ? 1 : 0) && isnan(checks[e].law);
            as_expected = as_expected && (!arrived || checks[e].ulp == 0);
        }
        together_assert(together_rank() > 0 || as_expected);
        together_assert(!vic_verification_judges(s.network, options));
        strike(&s);
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
    place(&s, in_blocks, options);
    together_assert_ok(vic_inference_run(s.x, MANY));
    char message[160] = "";
    for (int e = 0; e < L; e++) {
        const vic_projection *p = projection_of(s.x, e);
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
    strike(&s);
}
END_TEST

START_TEST(what_is_lost_comes_in_the_end) {
    stage s = stage_of(VIC_FLOAT32, BATCH, (vic_wire){.keep = 1, .drop = 0.3});
    vic_layer_check checks[L];
    vic_inference_options options = net_options("fixed-prediction", 1, 60);
    options.wires = &s.wires;
    place(&s, in_blocks, options);
    together_assert_ok(vic_verify(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, checks));
    bool exact = true;
    for (int e = 0; e < L; e++)
        exact = exact && checks[e].ulp == 0;
    together_assert(together_rank() > 0 || exact);
    strike(&s);
}
END_TEST

/* ---- what is sent ---- */

/* Messages of strict over wires that are not steady: always, and eps_1 in every step where it may be late. */
static uint64_t messages_on(const vic_wire *wire, int edge, vic_message_kind kind) {
    bool unsteady = !vic_wire_is_steady(wire);
    int l = edge + 1;
    if (kind == VIC_PREDICTION)
        return l == 1 ? 1 : 1 + (uint64_t)(unsteady ? STEPS : STEPS - L + l - 1);
    if (l == 1)
        return vic_wire_forgets(wire) ? STEPS : 1;
    return (uint64_t)(unsteady ? STEPS : STEPS - L + l);
}

START_TEST(the_ledger_counts_bytes_as_they_are_sent) {
    stage s = stage_of(VIC_FLOAT32, BATCH, wire_of(&troubles[_i], VIC_FLOAT32));
    place(&s, in_blocks, options_of(&ways[2], &s.wires));
    vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(s.x));
    together_assert_ok(vic_inference_run(s.x, BATCH));
    bool right = true;
    for (int e = 0; e < L; e++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
            if (s.rank_of[kind == VIC_PREDICTION ? e : e + 1] != together_rank())
                continue;
            const vic_wire *wire = &s.wires.of[e * VIC_MESSAGE_KINDS + kind];
            size_t width = vic_shape_count(s.network->shapes[e + 1]);
            vic_ledger_entry entry = vic_ledger_total(ledger, e, (vic_message_kind)kind);
            uint64_t messages = messages_on(wire, e, (vic_message_kind)kind);
            right = right && entry.messages == messages &&
                    entry.bytes == messages * vic_wire_bytes(wire, VIC_FLOAT32, width, BATCH);
        }
    together_assert_msg(right, "%s", troubles[_i].name);
    strike(&s);
}
END_TEST

/* ---- faults ---- */

/* The error that the input receives is more than float16 holds. No population computes a number that is not
 * finite: it arises on the last wire, behind the last of them. */
START_TEST(numbers_that_a_wire_makes_infinite_are_found) {
    vic_network *network =
        net_chain(VIC_FLOAT32, (vic_shape){1, {4}}, "linear 3 | linear 2", "squared-error", VIC_MEAN);
    int rank_of[3];
    vic_wires wires;
    vic_inference *x;
    vic_inference_options options = net_options("fixed-prediction", 1, 2);
    vic_place(network, together_size(), rank_of);
    together_assert_ok(vic_wires_create(&wires, 2 * VIC_MESSAGE_KINDS, 1));
    wires.of[VIC_ERROR].encoding = vic_encoding_find(VIC_FLOAT32, "float16");
    options.wires = &wires;
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, 2, true, options));
    net_give(x, net_draw(network, 1));
    net_data data = net_data_of(network, 2, 3);
    net_feed(x, &data);
    vic_projection *p = projection_of(x, 1);
    for (size_t i = 0; p && i < 6; i++)
        ((float *)p->theta[0])[i] *= 1e5f;
    together_assert_ok(vic_inference_run(x, 2));
    vic_status status = vic_group_agree_on_status(together_group(), vic_inference_check(x));
    together_assert_msg(status == VIC_NOT_FINITE && strstr(vic_error_text(), "population 0 ") != NULL, "%s",
                        vic_error_text());
    vic_inference_destroy(&x);
    vic_wires_release(&wires);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("wires");
    TCase *all = tcase_create("inference over wires");
    tcase_set_timeout(all, 60);
    tcase_add_unchecked_fixture(all, NULL, scrap_free);
    tcase_add_loop_test(all, the_same_bits_in_every_placement, 0, TROUBLES);
    tcase_add_test(all, occasions_differ_and_repeat);
    tcase_add_test(all, perfect_wires_and_no_wires_are_the_same_bits);
    tcase_add_test(all, wires_can_be_changed_between_inferences);
    tcase_add_test(all, silence_stays_exact_where_wires_only_encode);
    tcase_add_test(all, delays_shift_the_law);
    tcase_add_test(all, late_is_exact_after_all_delays);
    tcase_add_test(all, losses_follow_a_law_in_the_mean);
    tcase_add_test(all, what_is_lost_comes_in_the_end);
    tcase_add_loop_test(all, the_ledger_counts_bytes_as_they_are_sent, 0, TROUBLES);
    tcase_add_test(all, numbers_that_a_wire_makes_infinite_are_found);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
