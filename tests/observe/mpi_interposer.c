/* What an inference sends, counted by the MPI interposer: no collective, neighbours alone, and exactly as
 * many messages and bytes as the ledger and the theory have. */
#include "observe/audit/mpi_interposer.h"
#include "learning/learning.h"
#include "support/graph.h"
#include "support/together.h"

#include <mpi.h>
#include <string.h>

enum { BATCH = 3 };

static vic_interposer_record *inside, *outside; /* of inferences */
static void (*planted)(void);                   /* done inside the next inference */
static int inferences;
/* Of all stages but those that say otherwise: what is counted is what MPI sends. */
static vic_transport_choice transport = VIC_TRANSPORT_MPI;

static void begin(void *unused, vic_inference *inference) {
    (void)unused, (void)inference;
    vic_interposer_set_record(inside);
}

static void end(void *unused, vic_inference *inference) {
    (void)unused, (void)inference;
    if (planted)
        planted();
    vic_interposer_set_record(outside);
    inferences++;
}

static void receive(void *context, const vic_event *event) {
    if (event->kind == VIC_EVENT_BEGIN)
        begin(context, event->inference);
    else
        end(context, event->inference);
}

static vic_subscriber subscriber = {.kinds = VIC_EVENT_BIT(VIC_EVENT_BEGIN) | VIC_EVENT_BIT(VIC_EVENT_END),
                                    .receive = receive};

static void start_anew(void) {
    vic_interposer_record_destroy(&inside);
    vic_interposer_record_destroy(&outside);
    together_assert_ok(vic_interposer_record_create(&inside));
    together_assert_ok(vic_interposer_record_create(&outside));
    vic_interposer_set_record(outside);
}

/* ---- a network on all ranks ---- */

typedef struct stage {
    vic_network *network;
    int *rank_of;
    vic_inference *inference;
} stage;

static vic_inference_options event_driven(const char *algorithm, double eta, int steps) {
    return (vic_inference_options){.algorithm = vic_algorithm_find(algorithm), .eta = eta, .steps = steps};
}

/* Takes the network. */
static stage set(vic_network *network, vic_inference_options options) {
    stage s = {.network = network};
    together_assert_ok(vic_allocate((size_t)network->n_populations, sizeof(int), &s.rank_of));
    together_place(network, together_size(), s.rank_of);
    vic_group_set_transport(together_group(), transport);
    together_assert_ok(
        vic_inference_create(&s.inference, together_group(), network, s.rank_of, BATCH, true, options));
    graph_feed(s.inference, BATCH, 7);
    start_anew();
    return s;
}

static void strike(stage *s) {
    vic_inference_destroy(&s->inference);
    vic_network_destroy(&s->network);
    vic_release(&s->rank_of);
}

/* ---- the ledger's messages to one rank ---- */

typedef struct link_counts {
    uint64_t messages, bytes;
    bool near; /* an edge joins the two */
} link_counts;

static void add(link_counts *sum, vic_ledger_entry entry) {
    sum->messages += entry.messages;
    sum->bytes += entry.bytes;
    sum->near = true;
}

/* Predictions go to the upper end of an edge, errors to the lower. */
static link_counts counted(const stage *s, int me, int peer) {
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(s->inference));
    link_counts sum = {0};
    for (int e = 0; e < s->network->n_edges; e++) {
        int from = s->rank_of[s->network->edges[e].from], to = s->rank_of[s->network->edges[e].to];
        if (from == me && to == peer)
            add(&sum, vic_ledger_total(ledger, e, VIC_PREDICTION));
        if (to == me && from == peer)
            add(&sum, vic_ledger_total(ledger, e, VIC_ERROR));
    }
    return sum;
}

static const char *fault_of(const stage *s) {
    const vic_interposer_record *w = inside;
    int me = together_rank();
    if (w->n_calls || w->from_any_source || w->outside_world)
        return "a call that is no message between two ranks";
    for (int peer = 0; peer < together_size(); peer++) {
        link_counts t = counted(s, me, peer);
        bool near = peer != me && t.near;
        if (!near && (w->messages[peer] || w->received[peer]))
            return "a message between ranks that are no neighbours";
        if (near && (w->messages[peer] != t.messages || w->bytes[peer] != t.bytes))
            return "the ledger and the interposer disagree";
    }
    return NULL;
}

static void assert_faultless(const stage *s) {
    const char *fault = fault_of(s);
    together_assert_msg(fault == NULL, "%s (%s)", fault,
                        inside->n_calls ? inside->calls[0].name : "messages");
}

/* ---- totals over all ranks ---- */

typedef struct counts {
    long predictions, errors;
} counts;

static counts sum_over_ranks(counts mine) {
    long here[2] = {mine.predictions, mine.errors}, all[2];
    MPI_Allreduce(here, all, 2, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    return (counts){all[0], all[1]};
}

static counts count_by_ledger(const stage *s) {
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(s->inference));
    counts c = {0};
    for (int e = 0; e < s->network->n_edges; e++) {
        c.predictions += (long)vic_ledger_total(ledger, e, VIC_PREDICTION).messages;
        c.errors += (long)vic_ledger_total(ledger, e, VIC_ERROR).messages;
    }
    return sum_over_ranks(c);
}

/* In a chain whose populations have a rank each, in their order, predictions go to higher ranks. */
static counts count_by_interposer(void) {
    counts c = {0};
    for (int peer = 0; peer < together_size(); peer++)
        *(peer > together_rank() ? &c.predictions : &c.errors) += (long)inside->messages[peer];
    return sum_over_ranks(c);
}

static long positive(long x) {
    return x > 0 ? x : 0;
}

/* What one inference of a chain of L layers needs. */
static counts expected(int L, vic_inference_options o) {
    const char *name = vic_algorithm_name(o.algorithm);
    long n = o.steps;
    counts c = {L, 0};
    long microbatches = o.microbatches > 1 ? o.microbatches : 1;
    if (strcmp(name, "exact") == 0)
        return (counts){microbatches * L, microbatches * L};
    if (strcmp(name, "strict") == 0 && (o.always || o.initial_beliefs))
        return (counts){L + n * (L - 1), n * (L - 1) + 1};
    if (o.always)
        return (counts){L, n * (L - 1) + 1};
    for (int l = 2; l <= L; l++) {
        bool strict = strcmp(name, "strict") == 0, once = !strict && (o.eta == 1 || l == L);
        c.predictions += strict ? positive(n - (L - l + 1)) : 0;
        c.errors += once ? n >= L - l + 1 : positive(n - (L - l));
    }
    c.errors += n >= L;
    return c;
}

static void compare(int L, vic_inference_options o) {
    stage s = set(graph_any_chain(VIC_FLOAT32, L), o);
    together_assert_ok(vic_inference_run(s.inference, BATCH));
    counts theory = expected(L, o), ledger = count_by_ledger(&s), interposed = count_by_interposer();
    assert_faultless(&s);
    together_assert_msg(ledger.predictions == theory.predictions && ledger.errors == theory.errors,
                        "%s, eta %g, L %d, n %d, always %d: %ld predictions and %ld errors, not %ld and %ld",
                        vic_algorithm_name(o.algorithm), o.eta, L, o.steps, o.always, ledger.predictions,
                        ledger.errors, theory.predictions, theory.errors);
    if (together_size() > L)
        together_assert(interposed.predictions == theory.predictions && interposed.errors == theory.errors);
    strike(&s);
}

static const int depths[] = {1, 2, 4, 6};
static const int lengths[] = {1, 2, 3, 5, 6, 9};
enum { DEPTHS = sizeof depths / sizeof *depths, LENGTHS = sizeof lengths / sizeof *lengths };

static void compare_all(vic_inference_options options) {
    for (int d = 0; d < DEPTHS; d++)
        for (int n = 0; n < LENGTHS; n++) {
            options.steps = lengths[n];
            compare(depths[d], options);
        }
}

START_TEST(exact_sends_each_message_once) {
    compare_all(event_driven("exact", 1, 1));
    vic_inference_options options = event_driven("exact", 1, 1);
    options.always = true;
    compare_all(options);
}
END_TEST

START_TEST(exact_in_microbatches_sends_a_message_of_each) {
    vic_inference_options options = event_driven("exact", 1, 1);
    for (options.microbatches = 2; options.microbatches <= BATCH; options.microbatches++)
        compare_all(options);
}
END_TEST

START_TEST(fixed_prediction_at_eta_1_sends_what_backpropagation_does) {
    compare_all(event_driven("fixed-prediction", 1, 1));
    for (int d = 0; d < DEPTHS; d++) {
        counts c = expected(depths[d], event_driven("fixed-prediction", 1, depths[d] + 3));
        ck_assert_int_eq(c.predictions, depths[d]);
        ck_assert_int_eq(c.errors, depths[d]);
    }
}
END_TEST

START_TEST(fixed_prediction_sends_errors_once_they_are_not_0) {
    compare_all(event_driven("fixed-prediction", 0.3, 1));
}
END_TEST

START_TEST(fixed_prediction_sends_always_if_configured) {
    vic_inference_options options = event_driven("fixed-prediction", 1, 1);
    options.always = true;
    compare_all(options);
    options.eta = 0.3;
    compare_all(options);
}
END_TEST

START_TEST(strict_sends_what_has_changed) {
    compare_all(event_driven("strict", 0.1, 1));
}
END_TEST

START_TEST(strict_sends_always_if_configured_or_given_beliefs) {
    vic_inference_options options = event_driven("strict", 0.1, 1);
    options.always = true;
    compare_all(options);
    options.always = false;
    options.initial_beliefs = true;
    compare_all(options);
}
END_TEST

START_TEST(a_graph_that_is_no_chain_has_no_other_messages_either) {
    static const char *const names[] = {"exact", "fixed-prediction", "strict"};
    for (int i = 0; i < 3; i++) {
        stage s = set(graph_dag(VIC_FLOAT64), event_driven(names[i], 0.2, 5));
        together_assert_ok(vic_inference_run(s.inference, BATCH));
        assert_faultless(&s);
        counts c = count_by_ledger(&s);
        together_assert(c.predictions >= s.network->n_edges && c.errors >= s.network->n_edges);
        strike(&s);
    }
}
END_TEST

/* What goes through shared memory is in the ledger alone. */
START_TEST(through_shared_memory_nothing_is_sent_by_mpi) {
    transport = VIC_TRANSPORT_SHARED;
    stage s = set(graph_dag(VIC_FLOAT64), event_driven("strict", 0.2, 5));
    transport = VIC_TRANSPORT_MPI;
    together_assert_ok(vic_inference_run(s.inference, BATCH));
    bool right = inside->n_calls == 0;
    for (int peer = 0; peer < together_size(); peer++)
        right = right && inside->messages[peer] == 0 && inside->received[peer] == 0;
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(s.inference));
    for (int i = 0; i < s.network->n_edges * VIC_MESSAGE_KINDS; i++) {
        int edge = i / VIC_MESSAGE_KINDS;
        vic_message_kind kind = (vic_message_kind)(i % VIC_MESSAGE_KINDS);
        bool apart = s.rank_of[s.network->edges[edge].from] != s.rank_of[s.network->edges[edge].to];
        vic_ledger_sum all = vic_ledger_ever(ledger, edge, kind);
        vic_ledger_sum shared = vic_ledger_ever_shared(ledger, edge, kind);
        right =
            right && shared.messages == (apart ? all.messages : 0) && shared.bytes == (apart ? all.bytes : 0);
        right = right && (vic_wiring_sender(vic_inference_wiring(s.inference), edge, kind) == NULL ||
                          all.messages > 0);
    }
    together_assert(right);
    strike(&s);
}
END_TEST

/* What MPI carries is what the wires make of messages. */
START_TEST(bytes_over_wires_are_those_that_mpi_sends) {
    static const char *const names[] = {"exact", "fixed-prediction", "strict"};
    vic_wire bad[] = {
        {.keep = 1, .encoding = vic_encoding_find(VIC_FLOAT32, "bfloat16")},
        {.keep = 1, .encoding = vic_encoding_find(VIC_FLOAT32, "int8")},
        {.keep = 0.3},
        {.keep = 1, .drop = 0.5},
        {.keep = 1, .noise = 0.1},
        {.keep = 0.4, .drop = 0.2, .noise = 0.1, .encoding = vic_encoding_find(VIC_FLOAT32, "int8")},
    };
    for (int i = 0; i < 3 * 6; i++) {
        vic_wires wires;
        vic_network *network = graph_any_chain(VIC_FLOAT32, 4);
        together_assert_ok(vic_wires_create(&wires, 4 * VIC_MESSAGE_KINDS, 3));
        for (size_t k = 0; k < wires.count; k++)
            wires.of[k] = bad[i / 3];
        vic_inference_options options = event_driven(names[i % 3], 0.3, 6);
        options.wires = &wires;
        stage s = set(network, options);
        together_assert_ok(vic_inference_run(s.inference, BATCH));
        assert_faultless(&s);
        strike(&s);
        vic_wires_release(&wires);
    }
}
END_TEST

START_TEST(a_sweep_sends_predictions_alone) {
    stage s = set(graph_any_chain(VIC_FLOAT32, 4), event_driven("fixed-prediction", 1, 4));
    together_assert_ok(vic_inference_sweep(s.inference, BATCH));
    counts c = count_by_ledger(&s);
    assert_faultless(&s);
    together_assert(c.predictions == 4 && c.errors == 0);
    strike(&s);
}
END_TEST

/* ---- a whole epoch ---- */

static void make_inputs(void *context, const size_t *order, size_t n, size_t first, size_t count,
                        void *rows) {
    const vic_network *network = context;
    for (size_t i = 0; i < n; i++)
        vic_arithmetic_of(network->precision)
            ->fill_uniform(count, order[i], first, 1, (float *)rows + i * count);
}

static void make_classes(void *context, const size_t *order, size_t n, int64_t *classes) {
    (void)context;
    for (size_t i = 0; i < n; i++)
        classes[i] = (int64_t)(order[i] % 3);
}

static void learn_an_epoch(const stage *s, uint64_t samples) {
    vic_trainer *trainer;
    vic_metrics metrics;
    vic_source data = {
        .count = samples, .context = s->network, .inputs = make_inputs, .classes = make_classes};
    vic_learning_options options = {
        .optimizer = vic_optimizer_find(VIC_FLOAT32, "sgd"), .settings = {0.01}, .batch = BATCH, .epochs = 1};
    together_assert_ok(vic_trainer_create(&trainer, s->inference, options, 1));
    together_assert_ok(vic_trainer_epoch(trainer, &data, NULL, &metrics, NULL));
    together_assert_ok(vic_evaluate(s->inference, &data, NULL, &metrics));
    vic_trainer_destroy(&trainer);
}

START_TEST(an_epoch_calls_collectives_only_between_inferences) {
    enum { SAMPLES = 4 * BATCH, L = 4 };
    stage s = set(graph_any_chain(VIC_FLOAT32, L), event_driven("fixed-prediction", 1, L));
    inferences = 0;
    learn_an_epoch(&s, SAMPLES);
    assert_faultless(&s);
    together_assert_msg(inferences == 8, "%d inferences were watched, not 4 to learn and 4 to evaluate",
                        inferences);
    together_assert(outside->n_calls > 0);
    counts c = count_by_ledger(&s);
    together_assert_msg(c.predictions == 8 * L && c.errors == 4 * L, "%ld predictions, %ld errors",
                        c.predictions, c.errors);
    strike(&s);
}
END_TEST

/* ---- the interposer sees violations ---- */

static void call_a_barrier(void) {
    MPI_Request request;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

/* The last rank sends to the first, which is no neighbour. */
static void send_extra(void) {
    int word = 1, last = together_size() - 1;
    if (together_rank() == last)
        MPI_Send(&word, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
    if (together_rank() == 0)
        MPI_Recv(&word, 1, MPI_INT, last, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void send_extra_by_request(void) {
    int word = 1, last = together_size() - 1, me = together_rank();
    MPI_Request request;
    if (me != 0 && me != last)
        return;
    if (me == last)
        MPI_Send_init(&word, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, &request);
    else
        MPI_Recv_init(&word, 1, MPI_INT, last, 0, MPI_COMM_WORLD, &request);
    MPI_Start(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Request_free(&request);
}

static void run_with(void (*violation)(void), bool seen_here, const char *as) {
    stage s = set(graph_any_chain(VIC_FLOAT32, 4), event_driven("exact", 1, 1));
    planted = violation;
    vic_status status = vic_inference_run(s.inference, BATCH);
    planted = NULL;
    together_assert_ok(status);
    const char *fault = fault_of(&s);
    together_assert_msg(!seen_here || (fault && strstr(fault, as)), "not seen: %s, but %s", as,
                        fault ? fault : "nothing");
    strike(&s);
}

START_TEST(the_interposer_sees_a_collective) {
    run_with(call_a_barrier, true, "no message between two ranks");
}
END_TEST

/* Between neighbours only the sender has something to compare with: its own ledger. */
START_TEST(the_interposer_sees_a_message_to_a_stranger_and_one_too_many) {
    int me = together_rank(), last = together_size() - 1;
    bool strangers = last > 1, noticed = me == last || (strangers && me == 0);
    const char *as = strangers ? "no neighbours" : "disagree";
    if (last == 0)
        return;
    run_with(send_extra, noticed, as);
    run_with(send_extra_by_request, noticed, as);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("observe/witness");
    TCase *tests = tcase_create("mpi_interposer");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, exact_sends_each_message_once);
    tcase_add_test(tests, exact_in_microbatches_sends_a_message_of_each);
    tcase_add_test(tests, fixed_prediction_at_eta_1_sends_what_backpropagation_does);
    tcase_add_test(tests, fixed_prediction_sends_errors_once_they_are_not_0);
    tcase_add_test(tests, fixed_prediction_sends_always_if_configured);
    tcase_add_test(tests, strict_sends_what_has_changed);
    tcase_add_test(tests, strict_sends_always_if_configured_or_given_beliefs);
    tcase_add_test(tests, a_graph_that_is_no_chain_has_no_other_messages_either);
    tcase_add_test(tests, through_shared_memory_nothing_is_sent_by_mpi);
    tcase_add_test(tests, bytes_over_wires_are_those_that_mpi_sends);
    tcase_add_test(tests, a_sweep_sends_predictions_alone);
    tcase_add_test(tests, an_epoch_calls_collectives_only_between_inferences);
    tcase_add_test(tests, the_interposer_sees_a_collective);
    tcase_add_test(tests, the_interposer_sees_a_message_to_a_stranger_and_one_too_many);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    vic_subscribe(&subscriber);
    int code = together_main(argc, argv, make_suite);
    vic_interposer_record_destroy(&inside);
    vic_interposer_record_destroy(&outside);
    return code;
}
