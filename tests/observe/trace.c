/* A trace is valid Chrome trace-event JSON: a row per population, spans of a row one after the other, an
 * arrow per message of the ledger, times that ascend, error norms that are the inference's; long runs are
 * cut, and say so. */
#include "observe/trace.h"
#include "support/graph.h"
#include "support/learner.h"
#include "support/scratch.h"
#include "support/together.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { LAYERS = 4, BATCH = 3, STEPS = 6, MOST_ROWS = 64 };

static vic_network *network;
static int rank_of[LAYERS + 1];
static vic_inference *x;
static vic_trace *trace;
static scratch folder;
static json_t *root, *events, *about; /* on rank 0 */

static void open_inference(const char *algorithm, int steps) {
    const vic_inference_options options = {
        .algorithm = vic_algorithm_find(algorithm), .eta = 0.3, .steps = steps, .penalty = 1, .dual_rate = 1};
    network = graph_any_chain(VIC_FLOAT64, LAYERS);
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options));
    learner_attach(x, "sgd", true);
    graph_feed(x, BATCH, 3);
    scratch_open(&folder);
    together_assert_ok(vic_trace_open(&trace, together_group()));
}

static void run(int times) {
    for (int i = 0; i < times; i++)
        together_assert_ok(vic_inference_run(x, BATCH));
}

static void assert_report(void) {
    vic_trace_data trace_data;
    vic_status status = VIC_OK;
    together_assert_ok(vic_trace_collect(trace, &trace_data));
    if (together_rank() == 0) {
        json_error_t error;
        const char *path = scratch_path(&folder, "trace.json");
        status = vic_trace_write(&trace_data, path);
        root = status == VIC_OK ? json_load_file(path, 0, &error) : NULL;
        events = json_object_get(root, "traceEvents");
        about = json_object_get(root, "otherData");
    }
    vic_trace_data_release(&trace_data);
    together_assert_ok(status);
    together_assert(together_rank() != 0 || (json_is_array(events) && json_is_object(about)));
}

static void close_inference(void) {
    json_decref(root);
    root = NULL;
    scratch_close(&folder);
    vic_trace_close(&trace);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}

/* ---- looking into the file ---- */

static bool is(const json_t *event, const char *phase) {
    return strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0;
}

static double number(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

static size_t count(const char *phase) {
    size_t n = 0, i;
    json_t *event;
    json_array_foreach(events, i, event) n += is(event, phase);
    return n;
}

static bool times_ascend(void) {
    double last = 0;
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event) {
        if (is(event, "M"))
            continue;
        if (number(event, "ts") < last)
            return false;
        last = number(event, "ts");
    }
    return true;
}

/* Rows are those of the populations, on their ranks, each with a name; their spans do not overlap. */
static bool rows_are_right(void) {
    double end[LAYERS + 1] = {0};
    bool named[LAYERS + 1] = {false}, used[LAYERS + 1] = {false};
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event) {
        int row = (int)number(event, "tid"), rank = (int)number(event, "pid");
        if (is(event, "M") && strcmp(json_string_value(json_object_get(event, "name")), "thread_name") == 0)
            named[row] = true;
        if (!is(event, "X"))
            continue;
        if (row < 0 || row > LAYERS || rank != rank_of[row] || number(event, "ts") < end[row] - 1e-6)
            return false;
        end[row] = number(event, "ts") + number(event, "dur");
        used[row] = true;
    }
    for (int p = 0; p <= LAYERS; p++)
        if (!named[p] || !used[p])
            return false;
    return true;
}

/* Every arrow that begins ends, later, where the message was received. */
static bool arrows_are_whole(void) {
    size_t i, k;
    json_t *start, *end;
    json_array_foreach(events, i, start) {
        if (!is(start, "s"))
            continue;
        size_t ends = 0;
        json_array_foreach(events, k, end) if (is(end, "f") && number(end, "id") == number(start, "id") &&
                                               number(end, "ts") >= number(start, "ts") &&
                                               abs((int)number(end, "tid") - (int)number(start, "tid")) == 1)
            ends++;
        if (ends != 1)
            return false;
    }
    return count("s") == count("f");
}

static int64_t messages_in_the_ledger(void) {
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(x));
    int64_t mine[MOST_ROWS] = {0}, all[MOST_ROWS], sum = 0;
    for (int e = 0; e < LAYERS; e++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
            mine[e * VIC_MESSAGE_KINDS + kind] = (int64_t)vic_ledger_total(ledger, e, kind).messages;
    vic_group_allreduce_max(together_group(), MOST_ROWS, mine, all);
    for (int i = 0; i < MOST_ROWS; i++)
        sum += all[i];
    return sum;
}

/* ---- the tests ---- */

static const char *const algorithms[] = {"exact", "fixed-prediction", "strict", "augmented-lagrangian",
                                         "incremental"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

START_TEST(it_records_all_of_a_short_run) {
    open_inference(algorithms[_i], STEPS);
    run(2);
    assert_report();
    int64_t messages = messages_in_the_ledger();
    bool first = together_rank() == 0;
    together_assert(!first || times_ascend());
    together_assert(!first || rows_are_right());
    together_assert(!first || arrows_are_whole());
    together_assert_msg(!first || (int64_t)count("s") == messages, "%zu arrows, %lld messages", count("s"),
                        (long long)messages);
    together_assert(!first ||
                    (number(about, "inferences") == 2 && number(about, "inferences_left_out") == 0));
    close_inference();
}
END_TEST

/* The last value of a population's counter. */
static double counted(int population) {
    double value = NAN;
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event) if (is(event, "C") && (int)number(event, "tid") == population)
        value = json_number_value(json_object_iter_value(json_object_iter(json_object_get(event, "args"))));
    return value;
}

START_TEST(counters_are_error_norms) {
    open_inference("strict", STEPS);
    run(1);
    assert_report();
    for (int p = 1; p <= LAYERS; p++) {
        double energy = vic_inference_population(x, p) ? vic_inference_energy(x, p, STEPS) : 0;
        together_assert_ok(vic_group_fetch(together_group(), rank_of, p, 1, &energy));
        double wanted = p == LAYERS ? energy : sqrt(2 * energy);
        together_assert_msg(together_rank() != 0 || (wanted > 0 && fabs(counted(p) / wanted - 1) < 1e-5),
                            "population %d: %g instead of %g", p, counted(p), wanted);
    }
    size_t wanted = LAYERS * (STEPS + 1);
    together_assert(together_rank() != 0 || count("C") == wanted);
    close_inference();
}
END_TEST

enum { RUNS = 40, MANY = 3000 };

static bool ends_are_kept(int64_t messages) {
    json_t *kept = json_object_get(about, "kept"), *take;
    size_t takes = json_array_size(kept), i;
    json_array_foreach(kept, i, take) if (number(take, "inference") !=
                                          (double)(i < takes / 2 ? i : RUNS - takes + i)) return false;
    return takes == 2 * VIC_TRACE_INFERENCES && number(about, "inferences") == RUNS &&
           number(about, "inferences_left_out") == RUNS - (double)takes &&
           count("s") == takes * (size_t)messages && count("i") == 1;
}

START_TEST(a_long_run_is_cut_in_the_middle) {
    open_inference("fixed-prediction", STEPS);
    run(RUNS);
    assert_report();
    int64_t messages = messages_in_the_ledger() / RUNS;
    bool first = together_rank() == 0;
    together_assert(!first || ends_are_kept(messages));
    together_assert(!first || (times_ascend() && rows_are_right() && arrows_are_whole()));
    close_inference();
}
END_TEST

static bool beginning_is_kept(void) {
    const json_t *take = json_array_get(json_object_get(about, "kept"), 0);
    double kept = MANY - number(take, "steps_left_out"), last = 0;
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event) last = fmax(last, number(json_object_get(event, "args"), "step"));
    return kept > 1 && kept < MANY && last == kept && count("s") <= VIC_TRACE_MESSAGES / 2 &&
           count("s") > VIC_TRACE_MESSAGES / 4 && count("s") == count("f");
}

START_TEST(a_long_inference_is_cut_at_its_end) {
    open_inference("strict", MANY);
    run(1);
    assert_report();
    bool first = together_rank() == 0;
    together_assert(!first || beginning_is_kept());
    together_assert(!first || (times_ascend() && rows_are_right()));
    close_inference();
}
END_TEST

START_TEST(no_inference_is_an_empty_trace) {
    open_inference("strict", STEPS);
    assert_report();
    together_assert(together_rank() != 0 || (count("X") == 0 && count("s") == 0));
    close_inference();
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_reported) {
    const vic_trace_data trace_data = {0};
    vic_status status = vic_trace_write(&trace_data, "/dev/null/trace.json");
    together_assert(status == VIC_BAD_FILE && strstr(vic_error_text(), "/dev/null/trace.json"));
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("observe/trace");
    TCase *test = tcase_create("trace");
    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, it_records_all_of_a_short_run, 0, ALGORITHMS);
    tcase_add_test(test, counters_are_error_norms);
    tcase_add_test(test, a_long_run_is_cut_in_the_middle);
    tcase_add_test(test, a_long_inference_is_cut_at_its_end);
    tcase_add_test(test, no_inference_is_an_empty_trace);
    tcase_add_test(test, a_file_that_cannot_be_written_is_reported);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
