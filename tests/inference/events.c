/* The event stream: its order, that nothing is missing, that subscribing changes nothing. Run with any number
 * of ranks. */
#include "inference/infer.h"
#include "support/digest.h"
#include "support/graph.h"
#include "support/learner.h"
#include "support/nets.h"
#include "support/together.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4, STEPS = 5, MOST = 4096 };

typedef struct event_log {
    int n;
    vic_event events[MOST];
    double first[MOST]; /* number of each event's values */
} event_log;

static event_log is_subscribed;
static vic_network *network;
static int rank_of[8];
static vic_inference *x;

static void keep(void *context, const vic_event *event) {
    event_log *s = context;
    ck_assert_int_lt(s->n, MOST);
    s->first[s->n] = event->values ? *(const double *)event->values : 0;
    s->events[s->n++] = *event;
}

static vic_subscriber all_of(const vic_inference *only) {
    return (vic_subscriber){.context = &is_subscribed, .kinds = ~0u, .only = only, .receive = keep};
}

static void open_inference(vic_network *made, vic_inference_options options) {
    network = made;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options));
    learner_attach(x, "sgd", true);
    graph_feed(x, BATCH, 5);
    is_subscribed.n = 0;
}

static void close_inference(void) {
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}

/* Runs it with a subscriber. */
static void run_subscribed(void) {
    vic_subscriber s = all_of(x);
    vic_subscribe(&s);
    together_assert_ok(vic_inference_run(x, BATCH));
    vic_unsubscribe(&s);
}

static int count(vic_event_kind kind, int step) {
    int n = 0;
    for (int i = 0; i < is_subscribed.n; i++)
        n += is_subscribed.events[i].kind == kind && (step < 0 || is_subscribed.events[i].step == step);
    return n;
}

static const char *const algorithms[] = {"exact", "fixed-prediction", "strict", "augmented-lagrangian",
                                         "incremental"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

static bool is_message(const vic_event *e) {
    return e->kind == VIC_EVENT_SEND || e->kind == VIC_EVENT_RECEIVED;
}

/* Begin first, end last; steps ascend, and each ends once; in a step populations ascend. */
static bool in_order(void) {
    int step = 0, population = -1;
    for (int i = 0; i < is_subscribed.n; i++) {
        const vic_event *e = &is_subscribed.events[i];
        bool around = e->kind == VIC_EVENT_BEGIN || e->kind == VIC_EVENT_END;
        if (around != (i == 0 || i == is_subscribed.n - 1) || (!around && e->step != step) ||
            e->inference != x)
            return false;
        if (e->population >= 0 && e->population < population)
            return false;
        population = e->population;
        step += e->kind == VIC_EVENT_STEP_END;
    }
    return is_subscribed.events[0].kind == VIC_EVENT_BEGIN &&
           is_subscribed.events[is_subscribed.n - 1].kind == VIC_EVENT_END &&
           step == vic_inference_steps(x) + 1;
}

/* The population of an event is a local one, and the one at that end of the edge. */
static bool is_well_placed(const vic_event *e) {
    if (e->population < 0)
        return !is_message(e) && e->kind != VIC_EVENT_ERROR;
    if (rank_of[e->population] != together_rank())
        return false;
    if (!is_message(e))
        return e->edge < 0 && e->microbatch.samples == BATCH;
    const vic_edge *edge = &network->edges[e->edge];
    bool sends_up = (e->kind == VIC_EVENT_SEND) == (e->message == VIC_PREDICTION);
    return e->population == (sends_up ? edge->from : edge->to) && e->values != NULL;
}

static bool all_well_placed(void) {
    for (int i = 0; i < is_subscribed.n; i++)
        if (!is_well_placed(&is_subscribed.events[i]))
            return false;
    return true;
}

START_TEST(events_come_in_order) {
    open_inference(graph_dag(VIC_FLOAT64), net_options(algorithms[_i], 0.3, STEPS));
    run_subscribed();
    together_assert(in_order());
    together_assert(all_well_placed());
    close_inference();
}
END_TEST

/* What is sent is received, message for message, over all ranks, as many as the ledger counts. */
START_TEST(messages_are_those_of_the_ledger) {
    open_inference(graph_dag(VIC_FLOAT64), net_options(algorithms[_i], 0.3, STEPS));
    run_subscribed();
    for (int step = 0; step <= vic_inference_steps(x); step++) {
        vic_ledger_entry sum = {0};
        for (int e = 0; e < network->n_edges; e++)
            for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
                sum.messages +=
                    vic_ledger_at(vic_wiring_ledger(vic_inference_wiring(x)), e, (vic_message_kind)kind, step)
                        .messages;
        int mine[2] = {count(VIC_EVENT_SEND, step), count(VIC_EVENT_RECEIVED, step)};
        together_assert(together_size() > 1 || mine[0] == mine[1]);
        together_assert_msg((uint64_t)mine[0] == sum.messages, "step %d: %d sent, %llu in the ledger", step,
                            mine[0], (unsigned long long)sum.messages);
    }
    close_inference();
}
END_TEST

/* What was sent in the step on the edge that the event's message came along. */
static double sent_with(const vic_event *e) {
    for (int i = 0; i < is_subscribed.n; i++) {
        const vic_event *s = &is_subscribed.events[i];
        if (s->kind == VIC_EVENT_SEND && s->step == e->step && s->edge == e->edge && s->message == e->message)
            return is_subscribed.first[i];
    }
    return NAN;
}

/* Where both ends are on one rank, what comes is what was sent in that step. */
START_TEST(what_is_received_was_sent) {
    bool right = true;
    open_inference(graph_dag(VIC_FLOAT64), net_options(algorithms[_i], 0.3, STEPS));
    run_subscribed();
    for (int i = 0; i < is_subscribed.n; i++) {
        const vic_event *e = &is_subscribed.events[i];
        if (e->kind == VIC_EVENT_RECEIVED &&
            rank_of[network->edges[e->edge].from] == rank_of[network->edges[e->edge].to])
            right = right && is_subscribed.first[i] == sent_with(e);
    }
    together_assert(right);
    together_assert(together_size() > 1 || count(VIC_EVENT_RECEIVED, -1) > 0);
    close_inference();
}
END_TEST

START_TEST(every_population_has_an_error_in_each_step) {
    open_inference(graph_any_chain(VIC_FLOAT64, 4), net_options(algorithms[_i], 0.3, STEPS));
    run_subscribed();
    int above = 0;
    for (int p = 0; p <= 4; p++)
        above += rank_of[p] == together_rank();
    for (int step = 1; step <= vic_inference_steps(x); step++)
        together_assert(count(VIC_EVENT_ERROR, step) == above);
    close_inference();
}
END_TEST

/* Loop test over the algorithms: the same bits with a subscriber and without. */
START_TEST(subscribing_changes_no_bit) {
    digest alone, received;
    open_inference(graph_dag(VIC_FLOAT64), net_options(algorithms[_i], 0.3, STEPS));
    alone = digest_new(network);
    received = digest_new(network);
    together_assert_ok(vic_inference_run(x, BATCH));
    digest_add(alone, x, BATCH);
    run_subscribed();
    digest_add(received, x, BATCH);
    digest_collect(alone, x);
    digest_collect(received, x);
    together_assert(digest_difference(network, alone, received) < 0);
    close_inference();
}
END_TEST

static int seen;

static void leave_at_once(void *context, const vic_event *event) {
    (void)event;
    seen++;
    vic_unsubscribe(context);
}

/* Of kinds that were not asked for, of another inference, and after a subscriber has gone, it is not called.
 */
START_TEST(subscribers_get_what_they_asked_for) {
    open_inference(graph_any_chain(VIC_FLOAT64, 3), net_options("strict", 0.3, STEPS));
    vic_subscriber ends = all_of(NULL), others = all_of((const vic_inference *)&is_subscribed),
                   once = {.kinds = ~0u, .receive = leave_at_once};
    ends.kinds = VIC_EVENT_BIT(VIC_EVENT_END) | VIC_EVENT_BIT(VIC_EVENT_LEAVE);
    once.context = &once;
    vic_subscribe(&ends);
    vic_subscribe(&others);
    vic_subscribe(&once);
    seen = 0;
    together_assert_ok(vic_inference_sweep(x, BATCH));
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert(is_subscribed.n == 2 && count(VIC_EVENT_END, -1) == 2 && seen == 1);
    close_inference();
    together_assert(is_subscribed.n == 3 && count(VIC_EVENT_LEAVE, -1) == 1);
    vic_unsubscribe(&others);
    vic_unsubscribe(&ends);
}
END_TEST

static vic_subscriber *victim;

static void take_away(void *context, const vic_event *event) {
    (void)context;
    (void)event;
    vic_unsubscribe(victim);
}

/* The one who would be called next is not, for it may be gone. */
START_TEST(subscribers_may_be_taken_away_by_another) {
    open_inference(graph_any_chain(VIC_FLOAT64, 3), net_options("strict", 0.3, STEPS));
    vic_subscriber last = all_of(NULL), before = all_of(NULL), killer = {.kinds = ~0u, .receive = take_away};
    vic_subscribe(&last);
    vic_subscribe(&before);
    vic_subscribe(&killer);
    victim = &before;
    together_assert_ok(vic_inference_sweep(x, BATCH));
    together_assert_msg(count(VIC_EVENT_BEGIN, -1) == 1, "%d calls", count(VIC_EVENT_BEGIN, -1));
    vic_unsubscribe(&killer);
    vic_unsubscribe(&last);
    close_inference();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("inference/events");
    TCase *tests = tcase_create("events");
    tcase_add_loop_test(tests, events_come_in_order, 0, ALGORITHMS);
    tcase_add_loop_test(tests, messages_are_those_of_the_ledger, 0, ALGORITHMS);
    tcase_add_loop_test(tests, what_is_received_was_sent, 0, ALGORITHMS);
    tcase_add_loop_test(tests, every_population_has_an_error_in_each_step, 0, ALGORITHMS);
    tcase_add_loop_test(tests, subscribing_changes_no_bit, 0, ALGORITHMS);
    tcase_add_test(tests, subscribers_get_what_they_asked_for);
    tcase_add_test(tests, subscribers_may_be_taken_away_by_another);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
