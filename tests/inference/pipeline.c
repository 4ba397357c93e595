/* Backpropagation pipelined over micro-batches: the updates of the whole batch but for the order of
 * summation, sent micro-batch by micro-batch, so that neighbours compute at the same time. */
#include "observe/critical_path.h"
#include "support/graph.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <string.h>

enum { BATCH = 23, MOST = 16 };

typedef struct model {
    vic_shape input;
    const char *layers, *loss;
} model;

static const model models[] = {
    {{1, {11}},
     "linear 9, tanh | linear 8, relu | linear 7, sigmoid | linear 6, tanh | linear 5",
     "cross-entropy"},
    {{3, {2, 6, 6}},
     "conv2d 3 3 1 1, relu | maxpool2d 2, tanh | flatten, linear 6 | linear 4",
     "squared-error"},
    /* So large that micro-batches are processed in blocks. */
    {{3, {1, 20, 20}}, "conv2d 16 1, relu, maxpool2d 4 | flatten, linear 4", "cross-entropy"},
};
static const int microbatches[] = {2, 3, 4, 7, BATCH};
enum { N_MODELS = sizeof models / sizeof models[0], N_CUTS = sizeof microbatches / sizeof microbatches[0] };

static vic_inference_options in_microbatches(int n_microbatches) {
    vic_inference_options options = net_options("exact", 1, 1);
    options.microbatches = n_microbatches;
    return options;
}

typedef struct subject {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
} subject;

static void create(subject *s, vic_network *network, bool learns, vic_inference_options options) {
    s->network = network;
    together_place(network, together_size(), s->rank_of);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), network, s->rank_of, BATCH, learns, options));
}

static void destroy(subject *s) {
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

/* ---- the same updates ---- */

/* How many numbers are added up, at most, on the way to a number of an update: along the layers up and down,
 * and over the samples and places of a gradient. */
static double terms(const vic_network *network, size_t batch) {
    double along = 0, across = 0;
    for (int e = 0; e < network->n_edges; e++)
        for (size_t k = 0; k < network->edges[e].n_functions; k++) {
            const vic_function *f = &network->edges[e].functions[k];
            if (f->n_parameters == 0)
                continue;
            const vic_parameter *weight = &f->parameter[0];
            along += (double)(weight->fan_in + weight->count / weight->dim[1]);
            across = fmax(across, (double)(batch * vic_shape_count(f->out) / weight->dim[0]));
        }
    return along + across;
}

/* Two orders of summing n numbers differ by at most 2 n u of the sum of their sizes, u being half a unit in
 * the last place of 1 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 4.2). Here
 * nothing much cancels, so that the sum itself is of that size. */
static double tolerance(const vic_network *network, size_t batch) {
    double u = network->precision == VIC_FLOAT32 ? 0x1p-24 : 0x1p-53;
    return 2 * terms(network, batch) * u;
}

static double norm(size_t n, const double *x) {
    return sqrt(inner(n, x, x));
}

static double relative(vic_precision precision, size_t n, const void *x, const double *expected) {
    double *difference = doubles_of(precision, n, x);
    for (size_t i = 0; i < n; i++)
        difference[i] -= expected[i];
    double whole = norm(n, expected);
    return whole > 0 ? norm(n, difference) / whole : norm(n, difference);
}

static const void *recorded(vic_inference *x, int id, size_t i) {
    return i == 0   ? vic_inference_recorded_prediction(x, id)
           : i == 1 ? vic_inference_recorded_belief(x, id)
                    : vic_inference_recorded_error(x, id);
}

enum { RECORDED = 3, GRADIENTS = 8 };

/* What one inference leaves on this rank, as float64. */
typedef struct results {
    double *recorded[MOST][RECORDED];
    double *gradient[MOST][GRADIENTS]; /* per edge */
    double energy[MOST][2];
} results;

/* Compares with what was kept, or keeps it; returns the largest relative distance. */
static double visit(vic_inference *x, size_t batch, results *kept, bool keep) {
    const vic_network *network = vic_inference_network(x);
    vic_precision precision = network->precision;
    double most = 0;
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *p = vic_inference_population(x, id);
        for (size_t i = 0; p && id > 0 && i < RECORDED; i++) {
            const void *array = recorded(x, id, i);
            double **then = &kept->recorded[id][i];
            *then = keep ? doubles_of(precision, p->count * batch, array) : *then;
            most = fmax(most, relative(precision, p->count * batch, array, *then));
        }
        for (int k = 0; p && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                int edge = p->out[k].edge_index;
                size_t n = vic_parameter_slot_at(network, edge, i).parameter->count;
                double **then = &kept->gradient[edge][i];
                *then = keep ? doubles_of(precision, n, p->out[k].gradient[i]) : *then;
                most = fmax(most, relative(precision, n, p->out[k].gradient[i], *then));
            }
        for (int step = 0; p && step <= 1; step++) {
            double energy = vic_inference_energy(x, id, step), *then = &kept->energy[id][step];
            *then = keep ? energy : *then;
            most = fmax(most, fabs(energy - *then) / fmax(fabs(*then), 1e-300));
        }
    }
    return most;
}

static void assert_close(vic_inference *x, size_t batch) {
    const vic_network *network = vic_inference_network(x);
    double bound = tolerance(network, batch);
    results whole = {0};
    together_assert_ok(vic_inference_set_options(x, in_microbatches(1)));
    together_assert_ok(vic_inference_run(x, batch));
    visit(x, batch, &whole, true);
    for (int i = 0; i < N_CUTS; i++) {
        together_assert_ok(vic_inference_set_options(x, in_microbatches(microbatches[i])));
        together_assert_ok(vic_inference_run(x, batch));
        together_assert_ok(vic_inference_check(x));
        double distance = visit(x, batch, &whole, false);
        together_assert_msg(distance <= bound, "%s, batch %zu in %d parts: %g of at most %g",
                            vic_precision_name(network->precision), batch, microbatches[i], distance, bound);
    }
}

/* Loop tests run over (model, precision, reduction). */
START_TEST(updates_are_those_of_the_whole_batch) {
    const model *m = &models[_i / 4];
    subject s;
    create(&s,
           net_chain(_i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, m->input, m->layers, m->loss,
                     _i / 2 % 2 ? VIC_SUM : VIC_MEAN),
           true, in_microbatches(1));
    net_give(s.x, net_draw(s.network, 1));
    static const size_t batches[] = {BATCH, 5, 1}; /* short ones have fewer samples than micro-batches */
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        net_data data = net_data_of(s.network, batches[i], 2);
        net_feed(s.x, &data);
        assert_close(s.x, batches[i]);
    }
    destroy(&s);
}
END_TEST

/* Where edges converge and diverge, predictions and errors of a micro-batch are added. */
START_TEST(graphs_are_pipelined_too) {
    subject s;
    vic_precision precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    create(&s, _i / 2 ? graph_bypass(precision) : graph_dag(precision), true, in_microbatches(4));
    graph_feed(s.x, BATCH, 3);
    assert_close(s.x, BATCH);
    destroy(&s);
}
END_TEST

/* ---- messages ---- */

START_TEST(every_microbatch_is_a_message) {
    subject s;
    create(&s, graph_any_chain(VIC_FLOAT32, 3), false, in_microbatches(4));
    static const size_t batches[] = {BATCH, 9, 4, 3, 1};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        size_t batch = batches[i];
        bool right = true;
        vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(s.x));
        graph_feed(s.x, batch, 1);
        vic_ledger_clear(ledger);
        together_assert_ok(vic_inference_run(s.x, batch));
        for (int e = 0; e < s.network->n_edges; e++)
            for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
                int sender = kind == VIC_PREDICTION ? s.network->edges[e].from : s.network->edges[e].to;
                vic_ledger_entry sent = vic_ledger_at(ledger, e, kind, kind == VIC_ERROR);
                size_t width = vic_shape_count(s.network->shapes[s.network->edges[e].to]);
                if (s.rank_of[sender] == together_rank())
                    right = right && sent.messages == (batch < 4 ? batch : 4) &&
                            sent.bytes == batch * width * sizeof(float) &&
                            vic_ledger_total(ledger, e, kind).messages == sent.messages;
            }
        together_assert_msg(right, "batch %zu", batch);
    }
    destroy(&s);
}
END_TEST

/* Of one population in one step: all receives are posted before the first is waited for, and a micro-batch is
 * sent on before the next is waited for. */
static bool in_turn(const vic_span *spans, size_t count, int population, int step, int n_microbatches) {
    int posted = 0, received = 0, sent = 0;
    for (size_t i = 0; i < count; i++) {
        const vic_span *s = &spans[i];
        if (s->population != population || s->step != step)
            continue;
        if (s->doing == VIC_POSTING_RECEIVE && (s->microbatch_index != posted++ || received > 0))
            return false;
        if (s->doing == VIC_WAITING && (s->microbatch_index != received++ || sent != received - 1))
            return false;
        if (s->doing == VIC_POSTING && (s->microbatch_index != sent++ || sent != received))
            return false;
    }
    return received == n_microbatches && sent == n_microbatches;
}

START_TEST(a_microbatch_is_sent_on_before_the_next_is_awaited) {
    subject s;
    size_t count;
    bool right = true;
    create(&s, graph_any_chain(VIC_FLOAT64, 4), true, in_microbatches(5));
    graph_feed(s.x, BATCH, 1);
    vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(s.x));
    vic_timeline_start(timeline);
    together_assert_ok(vic_inference_run(s.x, BATCH));
    together_assert_ok(vic_timeline_stop(timeline));
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    for (int id = 1; id < 4; id++)
        for (int step = 0; step <= 1; step++)
            right = right && (s.rank_of[id] != together_rank() || in_turn(spans, count, id, step, 5));
    together_assert(right);
    destroy(&s);
}
END_TEST

/* The spans as they would be if making a message of n samples took n seconds and nothing else took time. */
static size_t with_made_up_times(const vic_span *spans, size_t count, int n_microbatches, vic_span *made_up) {
    double now = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].doing == VIC_COMPUTING)
            continue;
        if (spans[i].doing == VIC_POSTING) {
            double samples =
                (double)vic_nth_microbatch(BATCH, n_microbatches, spans[i].microbatch_index).samples;
            made_up[n++] = (vic_span){.begin = now,
                                      .end = now + samples,
                                      .population = spans[i].population,
                                      .doing = VIC_COMPUTING,
                                      .edge = -1,
                                      .step = -1,
                                      .microbatch_index = -1};
            now += samples;
        }
        made_up[n] = spans[i];
        made_up[n].begin = made_up[n].end = now;
        n++;
    }
    return n;
}

/* The critical path of one inference in `n_microbatches`, all of it on this rank, in samples. */
static double counted_path(subject *s, int n_microbatches) {
    size_t count;
    double path, free_path;
    vic_rank_time time;
    vic_span *made_up;
    vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(s->x));
    ck_assert_int_eq(vic_inference_set_options(s->x, in_microbatches(n_microbatches)), VIC_OK);
    vic_timeline_start(timeline);
    ck_assert_int_eq(vic_inference_run(s->x, BATCH), VIC_OK);
    ck_assert_int_eq(vic_timeline_stop(timeline), VIC_OK);
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    ck_assert_int_eq(vic_allocate(2 * count, sizeof *made_up, &made_up), VIC_OK);
    const vic_rank_timeline record = {made_up, with_made_up_times(spans, count, n_microbatches, made_up)};
    ck_assert_int_eq(vic_critical_path(s->network, 1, 1, &record, &path, &free_path, &time), VIC_OK);
    ck_assert_double_eq(path, free_path);
    vic_release(&made_up);
    return path;
}

/* Each population on a processor of its own, L messages follow each other up and L down. m micro-batches of b
 * samples take m + L - 1 times b each way, where the whole batch takes L times m b. */
START_TEST(the_critical_path_is_shorter) {
    enum { LAYERS = 6 };
    subject s;
    if (together_size() > 1)
        return;
    create(&s, graph_any_chain(VIC_FLOAT32, LAYERS), false, in_microbatches(1));
    graph_feed(s.x, BATCH, 1);
    ck_assert_double_eq(counted_path(&s, 1), 2 * LAYERS * BATCH);
    ck_assert_double_eq(counted_path(&s, BATCH), 2 * (BATCH + LAYERS - 1));
    destroy(&s);
}
END_TEST

/* ---- how a batch is cut ---- */

START_TEST(microbatches_are_contiguous_and_alike) {
    for (size_t batch = 1; batch <= 40; batch++)
        for (int n = 1; (size_t)n <= batch; n++) {
            size_t next = 0;
            for (int k = 0; k < n; k++) {
                vic_sample_range microbatch = vic_nth_microbatch(batch, n, k);
                ck_assert_uint_eq(microbatch.first, next);
                ck_assert(microbatch.samples == batch / (size_t)n ||
                          microbatch.samples == (batch - 1) / (size_t)n + 1);
                next += microbatch.samples;
            }
            ck_assert_uint_eq(next, batch);
        }
}
END_TEST

START_TEST(others_take_no_microbatches) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 2);
    static const char *const others[] = {"fixed-prediction", "strict"};
    for (int i = 0; i < 2; i++) {
        vic_schedule *schedule;
        vic_inference_options options = net_options(others[i], 0.1, 3);
        options.microbatches = 2;
        ck_assert_int_eq(vic_schedule_create(&schedule, network, options), VIC_BAD_CONFIG);
        ck_assert_ptr_nonnull(strstr(vic_error_text(), others[i]));
    }
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("pipeline");
    TCase *tests = tcase_create("pipeline");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, updates_are_those_of_the_whole_batch, 0, N_MODELS * 4);
    tcase_add_loop_test(tests, graphs_are_pipelined_too, 0, 4);
    tcase_add_test(tests, every_microbatch_is_a_message);
    tcase_add_test(tests, a_microbatch_is_sent_on_before_the_next_is_awaited);
    tcase_add_test(tests, the_critical_path_is_shorter);
    tcase_add_test(tests, microbatches_are_contiguous_and_alike);
    tcase_add_test(tests, others_take_no_microbatches);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
