/* What is forecast is what is allocated: on every rank, for every kind of network, algorithm and option. */
#include "support/allocated.h"
#include "support/nets.h"
#include "support/together.h"

#include <stdlib.h>

typedef struct model {
    vic_network *network;
    int *rank_of;
    bool *here;
} model;

static const struct {
    vic_shape input;
    const char *words;
    size_t capacity;
} nets[] = {
    {{1, {400}}, "linear 900, relu | linear 700, tanh, linear 700, sigmoid | linear 500 | linear 10", 600},
    {{3, {1, 28, 28}},
     "conv2d 10 3, relu, maxpool2d 2 | conv2d 5 3, relu, flatten | linear 50, relu | linear 10",
     500},
    {{3, {2, 40, 30}},
     "conv2d 24 3 1 1, relu | conv2d 32 3 2 1, relu, relu, maxpool2d 2, flatten | linear 8",
     5},
};
enum { N_NETS = sizeof nets / sizeof nets[0] };

static model make_model(int i, vic_precision precision, const char *loss) {
    model m = {.network = net_chain(precision, nets[i].input, nets[i].words, loss, VIC_MEAN)};
    size_t n = (size_t)m.network->n_populations;
    m.rank_of = calloc(n, sizeof *m.rank_of);
    m.here = calloc(n, sizeof *m.here);
    together_place(m.network, together_size(), m.rank_of);
    for (size_t p = 0; p < n; p++)
        m.here[p] = m.rank_of[p] == together_rank();
    return m;
}

static void destroy_model(model *m) {
    free(m->rank_of);
    free(m->here);
    vic_network_destroy(&m->network);
}

/* Some MPIs allocate more at the first collective call. */
static void first_use(const model *m, size_t capacity, bool learns, vic_inference_options options) {
    vic_inference *x;
    together_assert_ok(
        vic_inference_create(&x, together_group(), m->network, m->rank_of, capacity, learns, options));
    vic_inference_destroy(&x);
}

/* Half of the shared memory of each edge is this rank's. */
static double own_segments(const model *m, vic_inference *x) {
    double sum = 0;
    for (int e = 0; e < m->network->n_edges; e++) {
        const char *name;
        size_t bytes;
        vic_wiring_segment(vic_inference_wiring(x), e, &name, &bytes);
        sum += (double)bytes / 2;
    }
    return sum;
}

static double taken_by(const model *m, size_t capacity, bool learns, vic_inference_options options) {
    vic_inference *x;
    double before = allocated();
    together_assert_ok(
        vic_inference_create(&x, together_group(), m->network, m->rank_of, capacity, learns, options));
    double taken = allocated() - before + own_segments(m, x);
    vic_inference_destroy(&x);
    return taken;
}

static bool is_near_everywhere(double forecast, double taken) {
    int64_t off = !is_near(forecast, taken), most = 0;
    together_assert_ok(vic_group_allreduce_max(together_group(), 1, &off, &most));
    return most == 0;
}

/* MPICH keeps messages that come before somebody waits for them, where ranks are late. What the inference
 * takes is the same each time. */
enum { ATTEMPTS = 4 };

static void assert_inference(const model *m, size_t capacity, bool learns, vic_inference_options options,
                             const char *what) {
    size_t forecast;
    double taken = 0;
    first_use(m, capacity, learns, options);
    together_assert_ok(vic_inference_forecast(&forecast, m->network, m->here, capacity, learns, options));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        taken = taken_by(m, capacity, learns, options);
        if (is_near_everywhere((double)forecast, taken))
            break;
    }
    assert_near((double)forecast, taken, what);
}

/* ---- inference ---- */

static const struct {
    const char *algorithm;
    vic_coordinates coordinates;
    int steps;
    bool learns, record, initial;
    int microbatches;
} runs[] = {
    {"exact", VIC_COORDINATES_ERROR, 1, true, false, false, 1},
    {"exact", VIC_COORDINATES_ERROR, 1, true, true, false, 4},
    {"fixed-prediction", VIC_COORDINATES_ERROR, 20, false, false, false, 1},
    {"fixed-prediction", VIC_COORDINATES_ERROR, 20, true, true, false, 1},
    {"fixed-prediction", VIC_COORDINATES_BELIEF, 3, true, false, false, 1},
    {"strict", VIC_COORDINATES_ERROR, 20, true, false, false, 1},
    {"strict", VIC_COORDINATES_ERROR, 20, false, true, true, 1},
    {"strict", VIC_COORDINATES_BELIEF, 20, true, false, false, 1},
    {"strict", VIC_COORDINATES_BELIEF, 5, true, true, true, 1},
    {"augmented-lagrangian", VIC_COORDINATES_ERROR, 5, true, true, false, 1},
    {"incremental", VIC_COORDINATES_BELIEF, 5, true, true, true, 1},
};
enum { N_RUNS = sizeof runs / sizeof runs[0] };

START_TEST(inference_takes_what_was_forecast) {
    int net = _i / N_RUNS, run = _i % N_RUNS;
    vic_inference_options options = net_options(runs[run].algorithm, 0.1, runs[run].steps);
    options.coordinates = runs[run].coordinates;
    options.record = runs[run].record;
    options.initial_beliefs = runs[run].initial;
    options.microbatches = runs[run].microbatches;
    for (int precision = 0; precision < 2; precision++) {
        model m = make_model(net, (vic_precision)precision, precision ? "squared-error" : "cross-entropy");
        assert_inference(&m, nets[net].capacity, runs[run].learns, options, runs[run].algorithm);
        destroy_model(&m);
    }
}
END_TEST

/* Packets in flight, and the scratch to encode and decode them. */
START_TEST(wires_are_counted) {
    const vic_encoding *bytes = vic_encoding_find(VIC_FLOAT32, "int8");
    vic_wire bad[] = {{.keep = 1, .delay = 5},
                      {.keep = 1, .drop = 0.5},
                      {.keep = 1, .noise = 0.1},
                      {.keep = 1, .encoding = bytes},
                      {.keep = 0.1},
                      {.keep = 0.9, .delay = 2, .drop = 0.1, .noise = 0.1, .encoding = bytes}};
    for (int i = 0; i < 6; i++) {
        vic_wires wires;
        model m = make_model(0, VIC_FLOAT32, "cross-entropy");
        vic_inference_options options = net_options("strict", 0.1, 20);
        together_assert_ok(vic_wires_create(&wires, (size_t)m.network->n_edges * VIC_MESSAGE_KINDS, 1));
        for (size_t k = 0; k < wires.count; k++)
            wires.of[k] = bad[i];
        options.wires = &wires;
        assert_inference(&m, nets[0].capacity, true, options, "wires");
        vic_wires_release(&wires);
        destroy_model(&m);
    }
}
END_TEST

typedef struct arrays {
    size_t count, bytes, taken;
} arrays;

static void add_message(void *context, const vic_allocation *array) {
    arrays *sum = context;
    if (array->kind != VIC_ALLOCATION_MESSAGE)
        return;
    sum->count++;
    sum->bytes += array->count * array->item;
    sum->taken += vic_allocated_bytes(array->count, array->item);
}

static arrays messages_of(const model *m, size_t capacity, vic_inference_options options) {
    vic_inference *x;
    arrays sum = {0};
    together_assert_ok(
        vic_inference_create(&x, together_group(), m->network, m->rank_of, capacity, true, options));
    vic_inference_list(x, (vic_inventory_visitor){.context = &sum, .visit = add_message});
    vic_inference_destroy(&x);
    return sum;
}

/* What a wire adds to the arrays of messages, whatever is left of a word at the end of a packet. */
static void assert_wire(const model *m, size_t capacity, const vic_wire *wire) {
    vic_wires wires;
    arrays forecast = {0};
    size_t without, with;
    vic_inference_options options = net_options("strict", 0.1, 20);
    together_assert_ok(vic_wires_create(&wires, (size_t)m->network->n_edges * VIC_MESSAGE_KINDS, 1));
    for (size_t k = 0; k < wires.count; k++)
        wires.of[k] = *wire;
    arrays plain = messages_of(m, capacity, options);
    together_assert_ok(vic_inference_forecast(&without, m->network, m->here, capacity, true, options));
    options.wires = &wires;
    arrays coded = messages_of(m, capacity, options);
    together_assert_ok(vic_inference_forecast(&with, m->network, m->here, capacity, true, options));
    together_assert_ok(
        vic_wiring_forecast_wires(m->network, m->here, capacity, &wires,
                                  (vic_inventory_visitor){.context = &forecast, .visit = add_message}));
    together_assert(coded.count - plain.count == forecast.count);
    together_assert_msg(coded.bytes - plain.bytes == forecast.bytes,
                        "%zu samples: %zu bytes forecast, %zu held", capacity, forecast.bytes,
                        coded.bytes - plain.bytes);
    together_assert(with - without == forecast.taken && coded.taken - plain.taken == forecast.taken);
    vic_wires_release(&wires);
}

/* With every encoding, of all entries and of some, in every way from rank to rank. */
START_TEST(arrays_of_wires_are_listed_as_forecast) {
    vic_precision precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    size_t n;
    const vic_encoding *const *encodings = vic_encodings(precision, &n);
    model m = make_model(0, precision, "cross-entropy");
    vic_group_set_transport(together_group(), _i < 2 ? VIC_TRANSPORT_MPI : VIC_TRANSPORT_AUTO);
    for (size_t i = 0; i < n; i++)
        for (size_t capacity = 1; capacity <= 7; capacity += 2) {
            assert_wire(&m, capacity, &(vic_wire){.keep = 1, .encoding = encodings[i]});
            assert_wire(&m, capacity, &(vic_wire){.keep = 0.3, .drop = 0.1, .encoding = encodings[i]});
            assert_wire(&m, capacity,
                        &(vic_wire){.keep = 0.7, .noise = 1, .delay = 1, .encoding = encodings[i]});
        }
    vic_group_set_transport(together_group(), VIC_TRANSPORT_AUTO);
    destroy_model(&m);
}
END_TEST

/* ---- events ---- */

typedef struct watch {
    double before, most;
} watch;

static void look(void *context, const vic_event *event) {
    watch *w = context;
    double taken = allocated() - w->before;
    if (event->kind == VIC_EVENT_BEGIN)
        w->before = allocated();
    else if (taken > w->most)
        w->most = taken;
}

/* Before the first of a step is called all copies are there. */
START_TEST(copies_of_errors_are_counted) {
    vic_inference *x;
    watch w = {0};
    vic_inference_options options = net_options(runs[_i].algorithm, 0.1, runs[_i].steps);
    options.coordinates = runs[_i].coordinates;
    options.microbatches = runs[_i].microbatches;
    model m = make_model(1, VIC_FLOAT32, "squared-error");
    together_assert_ok(
        vic_inference_create(&x, together_group(), m.network, m.rank_of, nets[1].capacity, true, options));
    vic_subscriber subscriber = {.context = &w,
                                 .kinds = VIC_EVENT_BIT(VIC_EVENT_BEGIN) | VIC_EVENT_BIT(VIC_EVENT_ERROR),
                                 .only = x,
                                 .receive = look};
    vic_subscribe(&subscriber);
    vic_status status = vic_inference_run(x, nets[1].capacity);
    vic_unsubscribe(&subscriber);
    vic_inference_destroy(&x);
    together_assert_ok(status);
    assert_near((double)vic_event_forecast(m.network, m.here, nets[1].capacity), w.most, runs[_i].algorithm);
    destroy_model(&m);
}
END_TEST

/* The ledger has a row for each step. */
START_TEST(many_steps_are_counted) {
    model m = make_model(2, VIC_FLOAT32, "cross-entropy");
    assert_inference(&m, 1, true, net_options("fixed-prediction", 0.1, 100000), "100000 steps");
    destroy_model(&m);
}
END_TEST

/* Predictions that converge, and errors that do, take memory where they are added. */
START_TEST(converging_edges_are_counted) {
    vic_function functions[10];
    model m = make_model(0, VIC_FLOAT64, "cross-entropy");
    size_t n = net_layer(VIC_FLOAT64, m.network->shapes[1], "linear 500", functions);
    together_assert_ok(vic_network_connect(m.network, 1, 3, n, functions));
    n = net_layer(VIC_FLOAT64, m.network->shapes[0], "linear 500, relu", functions);
    together_assert_ok(vic_network_connect(m.network, 0, 3, n, functions));
    together_place(m.network, together_size(), m.rank_of);
    for (int p = 0; p < m.network->n_populations; p++)
        m.here[p] = m.rank_of[p] == together_rank();
    assert_inference(&m, 1000, true, net_options("strict", 0.1, 20), "converging edges");
    destroy_model(&m);
}
END_TEST

/* A forecast is no allocation, however large the network. */
START_TEST(forecasting_takes_nothing) {
    size_t forecast;
    vic_inference_options options = net_options("strict", 0.1, 20);
    vic_network *network = net_chain(VIC_FLOAT64, (vic_shape){1, {1000000}}, "linear 1000000 | linear 10",
                                     "cross-entropy", VIC_MEAN);
    const bool here[] = {true, true, true};
    double before = allocated();
    together_assert_ok(vic_inference_forecast(&forecast, network, here, 100, true, options));
    together_assert(allocated() - before < SMALL_THINGS);
    together_assert((double)forecast > 16e12 && (double)forecast < 17e12);
    vic_network_destroy(&network);
}
END_TEST

/* Every parameter and population is on one rank; only messages are on two. */
START_TEST(ranks_share_what_one_would_take) {
    vic_inference_options options = net_options("fixed-prediction", 0.1, 20);
    model m = make_model(_i, VIC_FLOAT32, "cross-entropy");
    int n = m.network->n_populations;
    size_t alone, part, together = 0, messages = 0, parameters = 0;
    for (int p = 0; p < n; p++)
        m.here[p] = true;
    together_assert_ok(vic_inference_forecast(&alone, m.network, m.here, 100, true, options));
    size_t messages_alone = vic_wiring_forecast(m.network, m.here, 100, 20);
    for (int p = 0; p < n; p++) {
        for (int q = 0; q < n; q++)
            m.here[q] = p == q;
        together_assert_ok(vic_inference_forecast(&part, m.network, m.here, 100, true, options));
        together += part;
        messages += vic_wiring_forecast(m.network, m.here, 100, 20);
        parameters += vic_network_parameters_of(m.network, m.here);
    }
    ck_assert_uint_eq(messages, 2 * messages_alone);
    ck_assert_uint_eq(together, alone + messages_alone);
    ck_assert_uint_eq(parameters, vic_network_parameters(m.network));
    destroy_model(&m);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("forecast");
    TCase *cases = tcase_create("forecast");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, inference_takes_what_was_forecast, 0, N_NETS * N_RUNS);
    tcase_add_test(cases, wires_are_counted);
    tcase_add_loop_test(cases, arrays_of_wires_are_listed_as_forecast, 0, 4);
    tcase_add_loop_test(cases, copies_of_errors_are_counted, 0, N_RUNS - 1);
    tcase_add_test(cases, many_steps_are_counted);
    tcase_add_test(cases, converging_edges_are_counted);
    tcase_add_test(cases, forecasting_takes_nothing);
    tcase_add_loop_test(cases, ranks_share_what_one_would_take, 0, N_NETS);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
