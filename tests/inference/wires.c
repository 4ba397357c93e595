/* Inference over wires that are not perfect: the same bits on every number of ranks and every placement, and
 * what they send. */
#include "wires_stage.h"

#include "support/learner.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
    static int (*const placements[])(int) = {stage_alone, stage_dealt, stage_in_blocks};
    digest reference = {0};
    for (int k = 0; k < 3; k++) {
        stage s = stage_of(precision, BATCH, wire_of(t, precision));
        if (strcmp(w->algorithm, "exact") == 0)
            for (int i = 0; i < WIRES; i++)
                s.wires.of[i].delay = 0;
        stage_place(&s, placements[k], options_of(w, &s.wires));
        digest d = stage_run(&s, 4);
        reference = k == 0 ? d : reference;
        int where = digest_difference(s.network, reference, d);
        together_assert_msg(where < 0, "%s, %s: population %d differs in placement %d", t->name, w->algorithm,
                            where, k);
        stage_strike(&s);
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
        stage_place(&s, stage_in_blocks, options_of(&ways[2], &s.wires));
        digest first = stage_run(&s, 1), second = stage_run(&s, 2), again = stage_run(&s, 1);
        together_assert(digest_difference(s.network, first, second) >= 0);
        together_assert(digest_difference(s.network, first, again) < 0);
        stage_strike(&s);
    }
}
END_TEST

/* ---- wires that change nothing ---- */

START_TEST(perfect_wires_and_no_wires_are_the_same_bits) {
    for (int w = 0; w < WAYS; w++) {
        stage s = stage_of(VIC_FLOAT32, BATCH, (vic_wire){.keep = 1});
        stage_place(&s, stage_in_blocks, options_of(&ways[w], &s.wires));
        digest with = stage_run(&s, 0);
        together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[w], NULL)));
        digest without = stage_run(&s, 0);
        together_assert(digest_difference(s.network, with, without) < 0);
        stage_strike(&s);
    }
}
END_TEST

/* After an inference over bad wires, one over perfect ones does not depend on them; and back. */
START_TEST(wires_can_be_changed_between_inferences) {
    stage s = stage_of(VIC_FLOAT32, BATCH, wire_of(&troubles[8], VIC_FLOAT32));
    stage_place(&s, stage_in_blocks, options_of(&ways[2], NULL));
    digest before = stage_run(&s, 0);
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], &s.wires)));
    digest bad = stage_run(&s, 0);
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], NULL)));
    digest after = stage_run(&s, 0);
    s.wires.of[1].delay = 3;
    s.wires.of[2].keep = 0.25;
    together_assert_ok(vic_inference_set_options(s.x, options_of(&ways[2], &s.wires)));
    digest other = stage_run(&s, 0);
    together_assert(digest_difference(s.network, before, after) < 0);
    together_assert(digest_difference(s.network, before, bad) >= 0);
    together_assert(digest_difference(s.network, bad, other) >= 0);
    stage_strike(&s);
}
END_TEST

/* An unchanged message is encoded the same: leaving it out changes nothing. */
START_TEST(silence_stays_exact_where_wires_only_encode) {
    for (int t = 3; t < 8; t++)
        for (int w = 0; w < WAYS - 1; w++) {
            stage s = stage_of(VIC_FLOAT32, BATCH, wire_of(&troubles[t], VIC_FLOAT32));
            vic_inference_options options = options_of(&ways[w], &s.wires);
            stage_place(&s, stage_in_blocks, options);
            digest silent = stage_run(&s, 0);
            options.always = true;
            together_assert_ok(vic_inference_set_options(s.x, options));
            digest always = stage_run(&s, 0);
            int where = digest_difference(s.network, silent, always);
            together_assert_msg(where < 0, "%s, %s: population %d", troubles[t].name, ways[w].algorithm,
                                where);
            stage_strike(&s);
        }
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
    stage_place(&s, stage_in_blocks, options_of(&ways[2], &s.wires));
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
    stage_strike(&s);
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
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_wires_create(&wires, 2 * VIC_MESSAGE_KINDS, 1));
    wires.of[VIC_ERROR].encoding = vic_encoding_find(VIC_FLOAT32, "float16");
    options.wires = &wires;
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, 2, true, options));
    net_give(x, net_draw(network, 1));
    net_data data = net_data_of(network, 2, 3);
    net_feed(x, &data);
    vic_projection *p = stage_projection(x, 1);
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
    tcase_add_loop_test(all, the_ledger_counts_bytes_as_they_are_sent, 0, TROUBLES);
    tcase_add_test(all, numbers_that_a_wire_makes_infinite_are_found);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
