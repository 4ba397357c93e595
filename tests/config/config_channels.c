/* The section `channels`: what it means, how it is written out, and its error texts. */
#include "config/config.h"
#include "support/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define TOP   "network:\n  input: 6\n  layers: [linear: 5, linear: 4, linear: 3]\ninference: {steps: 9}\n"
#define WIRES TOP "channels: {"

static vic_config *parse(const char *text) {
    vic_config *config = NULL;
    vic_status status = vic_config_parse(&config, "d/x.yaml", text, strlen(text), NULL, 0);
    ck_assert_msg(status == VIC_OK, "%s\n%s", vic_error_text(), text);
    return config;
}

static const vic_wire *wire(const vic_config *config, int edge, vic_message_kind kind) {
    return &config->inference.wires->of[edge * VIC_MESSAGE_KINDS + (int)kind];
}

/* ---- what it means ---- */

START_TEST(perfect_wires_are_no_wires) {
    static const char *const same[] = {
        TOP,
        TOP "channels:\n",
        WIRES "}\n",
        WIRES "timeout: 3}\n",
        WIRES "delay: 0, drop: 0, noise: 0, keep: 1, encoding: float32}\n",
        WIRES "noise: 0.5, edges: [{from: 0, to: 1, noise: 0}, {from: 1, to: 2, noise: 0}, "
              "{from: 2, to: 3, noise: 0.0}]}\n",
        WIRES "edges: []}\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        vic_config *config = parse(same[i]);
        ck_assert_ptr_null(config->inference.wires);
        vic_config_destroy(&config);
    }
}
END_TEST

START_TEST(edges_change_what_holds_for_all) {
    vic_config *config = parse(WIRES "noise: 0.25, keep: 0.5, edges: [\n"
                                     "  {from: 1, to: 2, kind: error, delay: 8, encoding: int8},\n"
                                     "  {from: 2, to: 3, drop: 0.125, keep: 1},\n"
                                     "  {from: 2, to: 3, kind: prediction, noise: 0}]}\nseed: 7\n");
    const vic_wire *plain = wire(config, 0, VIC_PREDICTION);
    ck_assert(plain->noise == 0.25 && plain->keep == 0.5 && plain->delay == 0 && plain->drop == 0);
    ck_assert(vic_wire_equal(wire(config, 0, VIC_ERROR), plain));
    ck_assert(vic_wire_equal(wire(config, 1, VIC_PREDICTION), plain));
    const vic_wire *late = wire(config, 1, VIC_ERROR);
    ck_assert(late->delay == 8 && late->noise == 0.25 && late->keep == 0.5);
    ck_assert_str_eq(late->encoding->name, "int8");
    const vic_wire *up = wire(config, 2, VIC_PREDICTION), *down = wire(config, 2, VIC_ERROR);
    ck_assert(up->drop == 0.125 && up->keep == 1 && up->noise == 0);
    ck_assert(down->drop == 0.125 && down->keep == 1 && down->noise == 0.25);
    ck_assert_uint_eq(config->inference.wires->seed, 7);
    vic_config_destroy(&config);
}
END_TEST

START_TEST(encodings_are_those_of_the_precision) {
    vic_config *config = parse(WIRES "encoding: float32}\nprecision: float64\n");
    ck_assert_ptr_eq(wire(config, 0, VIC_ERROR)->encoding, vic_encoding_find(VIC_FLOAT64, "float32"));
    vic_config_destroy(&config);
    config = parse(WIRES "encoding: float64}\nprecision: float64\n");
    ck_assert_ptr_null(config->inference.wires);
    vic_config_destroy(&config);
}
END_TEST

/* ---- how it is written out ---- */

/* Reads back the same, and to the same text. */
static void assert_round_trip(const char *text, const char *spelled) {
    char *once, *twice;
    vic_config *a = parse(text);
    ck_assert(vic_config_resolved(a, &once) == VIC_OK);
    ck_assert_msg(strstr(once, spelled) != NULL, "no \"%s\" in:\n%s", spelled, once);
    vic_config *b = parse(once);
    ck_assert(vic_config_resolved(b, &twice) == VIC_OK);
    ck_assert_str_eq(once, twice);
    for (size_t i = 0; i < a->wires.count; i++)
        ck_assert(vic_wire_equal(&a->wires.of[i], &b->wires.of[i]));
    vic_release(&once);
    vic_release(&twice);
    vic_config_destroy(&a);
    vic_config_destroy(&b);
}

START_TEST(resolved_spells_wires_out) {
    assert_round_trip(WIRES "noise: 0.1}\n",
                      "channels:\n  delay: 0\n  drop: 0\n  noise: 0.1\n  encoding: float32\n  keep: 1\n");
    assert_round_trip(WIRES "timeout: 2, encoding: int8, keep: 0.3}\n",
                      "channels:\n  timeout: 2\n  delay: 0\n  drop: 0\n  noise: 0\n  encoding: int8\n"
                      "  keep: 0.3\n");
    assert_round_trip(WIRES "timeout: 2, edges: [{from: 1, to: 2, delay: 3}]}\n",
                      "  edges: [{from: 1, to: 2, kind: prediction, delay: 3, drop: 0, noise: 0, encoding: "
                      "float32, keep: 1},\n"
                      "    {from: 1, to: 2, kind: error, delay: 3, drop: 0, noise: 0, encoding: float32, "
                      "keep: 1}]\n");
    assert_round_trip(WIRES "noise: 0.1, edges: [{from: 1, to: 2, noise: 0}]}\n",
                      "  edges: [{from: 1, to: 2, kind: prediction, delay: 0, drop: 0, noise: 0, ");
}
END_TEST

/* ---- mistakes ---- */

typedef struct wrong {
    const char *text, *place, *contains;
} wrong;

static const wrong mistakes[] = {
    /* clang-format off */
    {WIRES "nois: 0.1}\n", "5:12", "unknown key 'nois' in channels; did you mean 'noise'? Allowed: timeout, delay, drop"},
    {TOP "channels: [noise]\n", "5:11", "channels must be a mapping with keys among: timeout, delay, drop, noise"},
    {WIRES "noise: -0.1}\n", "5:19", "channels.noise must be a number of at least 0 and below 1000, not '-0.1'"},
    {WIRES "noise: 1e300}\n", "5:19", "channels.noise must be a number of at least 0 and below 1000, not '1e300'"},
    {WIRES "noise: loud}\n", "5:19", "channels.noise must be a number of at least 0 and below 1000, not 'loud'"},
    {WIRES "noise: .nan}\n", "5:19", "channels.noise must be a number"},
    {WIRES "drop: -0.5}\n", "5:18", "channels.drop must be a number of at least 0 and below 1, not '-0.5'"},
    {WIRES "drop: 1}\n", "5:18", "channels.drop must be a number of at least 0 and below 1, not '1'"},
    {WIRES "drop: 50%}\n", "5:18", "channels.drop must be a number of at least 0 and below 1, not '50%'"},
    {WIRES "keep: 0}\n", "5:18", "channels.keep must be a number above 0 and at most 1, not '0'"},
    {WIRES "keep: 1.0000001}\n", "5:18", "channels.keep must be a number above 0 and at most 1, not '1.0000001'"},
    {WIRES "keep: -1}\n", "5:18", "channels.keep must be a number above 0 and at most 1, not '-1'"},
    {WIRES "keep: []}\n", "5:18", "channels.keep must be a number above 0 and at most 1, not an empty list"},
    {WIRES "delay: 9}\n", "5:19", "a delay of 9 is longer than the run: what is sent in the first of 9 inference steps would never arrive; at most 8"},
    {WIRES "delay: -1}\n", "5:19", "channels.delay must be a whole number from 0 to"},
    {WIRES "delay: 0.5}\n", "5:19", "channels.delay must be a whole number from 0 to"},
    {WIRES "delay: 99999999999999999999}\n", "5:19", "channels.delay must be a whole number from 0 to"},
    {"network: {input: 4, layers: [linear: 3]}\ninference: {algorithm: exact, steps: 9}\nchannels: {delay: 1}\n", "3:19",
     "a delay of 1 is longer than the run: what is sent in the first of 1 inference step would never arrive; at most 0"},
    {WIRES "encoding: int4}\n", "5:22", "unknown encoding 'int4'; did you mean 'int8'? Allowed: float64, float32, bfloat16"},
    {WIRES "encoding: 8}\n", "5:22", "unknown encoding '8'; allowed: float64, float32, bfloat16, float16, int8"},
    {WIRES "encoding: {int8: 1}}\n", "5:22", "channels.encoding must be one of float64, float32"},
    {WIRES "encoding: float64}\n", "5:22", "encoding float64 is wider than the numbers of a run in float32"},
    {WIRES "edges: 3}\n", "5:19", "channels.edges must be a list of edges, such as [{from: 0, to: 1, noise: 0.1}], not '3'"},
    {WIRES "edges: {from: 1, to: 2}}\n", "5:19", "channels.edges must be a list of edges"},
    {WIRES "edges: [3]}\n", "5:20", "channels.edges[0] must be a mapping with keys among: from, to, kind"},
    {WIRES "edges: [{from: 1}]}\n", "5:20", "channels.edges[0].to is missing; write the populations at its ends"},
    {WIRES "edges: [{to: 1}]}\n", "5:20", "channels.edges[0].from is missing; write the populations at its ends"},
    {WIRES "edges: [{from: 1, to: 4}]}\n", "5:34", "channels.edges[0].to must be a whole number from 0 to 3"},
    {WIRES "edges: [{from: 0, to: 1}, {from: 0, to: 2}]}\n", "5:38", "there is no edge from 0 to 2: edges join neighbours, from 0 to 1 up to from 2 to 3"},
    {WIRES "edges: [{from: 2, to: 1}]}\n", "5:20", "there is no edge from 2 to 1: edges go upward, the way of predictions; write from: 1, to: 2, and kind: error"},
    {WIRES "edges: [{from: 1, to: 2, kind: errors}]}\n", "5:43", "unknown kind 'errors'; did you mean 'error'? Allowed: prediction, error, both"},
    {WIRES "edges: [{from: 1, to: 2, timeout: 3}]}\n", "5:37", "unknown key 'timeout' in channels.edges[0]; there is channels.timeout; allowed: from, to, kind, delay"},
    {WIRES "edges: [{from: 1, to: 2, drop: 2}]}\n", "5:43", "channels.edges[0].drop must be a number of at least 0 and below 1"},
    {WIRES "edges: [{from: 1, to: 2, delay: 9}]}\n", "5:44", "a delay of 9 is longer than the run"},
    {"network: {input: 4, layers: [linear: 3]}\ninference: {algorithm: exact, microbatches: 2}\nchannels: {keep: 0.5}\n", "3:11",
     "channels that are not perfect carry whole batches: leave inference.microbatches at 1, not 2"},
    /* clang-format on */
};

START_TEST(names_place_and_mistake) {
    const wrong *w = &mistakes[_i];
    char start[64];
    vic_config *config = NULL;
    snprintf(start, sizeof start, "d/x.yaml:%s: ", w->place);
    ck_assert_int_eq(vic_config_parse(&config, "d/x.yaml", w->text, strlen(w->text), NULL, 0),
                     VIC_BAD_CONFIG);
    ck_assert_ptr_null(config);
    const char *message = vic_error_text();
    ck_assert_msg(strncmp(message, start, strlen(start)) == 0, "\"%s\" does not begin with \"%s\"", message,
                  start);
    ck_assert_msg(strstr(message, w->contains) != NULL, "\"%s\" is not in \"%s\"", w->contains, message);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config_channels");
    TCase *cases = tcase_create("channels");
    tcase_add_test(cases, perfect_wires_are_no_wires);
    tcase_add_test(cases, edges_change_what_holds_for_all);
    tcase_add_test(cases, encodings_are_those_of_the_precision);
    tcase_add_test(cases, resolved_spells_wires_out);
    tcase_add_loop_test(cases, names_place_and_mistake, 0, sizeof mistakes / sizeof *mistakes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
