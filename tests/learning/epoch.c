/* An epoch of learning, step by step beside a slow one; interruptions, blow-ups and evaluation, on any number
 * of ranks. */
#include "made_data.h"

#include "support/digest.h"
#include "support/numbers.h"
#include "support/slow_backprop.h"
#include "support/together.h"

#include <math.h>
#include <mpi.h>
#include <string.h>
#include <time.h>

enum { BATCH = 6, COUNT = 20, MOST = 16, SEED = 5 };

/* A network that learns, on the ranks of a placement. */
typedef struct fixture {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
    vic_trainer *trainer;
    made_data data;
} fixture;

typedef struct plan {
    vic_precision precision;
    const char *loss;
    vic_reduction reduction;
    vic_inference_options inference;
    bool drop_last, alone;
    double rate;
} plan;

static plan usual(void) {
    return (plan){VIC_FLOAT64, "cross-entropy", VIC_MEAN, net_options("exact", 1, 1), false, false, 0.1};
}

static void open_fixture(fixture *s, plan p) {
    vic_learning_options learning = {
        .optimizer = vic_optimizer_find(p.precision, "sgd"),
        .settings = {p.rate, 0.5},
        .batch = BATCH,
        .drop_last = p.drop_last,
    };
    *s = (fixture){0};
    s->network = net_chain(p.precision, (vic_shape){1, {7}}, "linear 6, tanh | linear 5, sigmoid | linear 4",
                           p.loss, p.reduction);
    vic_place(s->network, p.alone ? 1 : together_size(), s->rank_of);
    made_data_open(&s->data, s->network, COUNT);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, BATCH, true, p.inference));
    net_give(s->x, net_draw(s->network, 1));
    together_assert_ok(vic_trainer_create(&s->trainer, s->x, learning, SEED));
}

/* Collective. What the last batch of an epoch left. */
static digest digest_of(const fixture *s) {
    digest d = digest_new(s->network);
    digest_add(d, s->x, COUNT % BATCH);
    digest_collect(d, s->x);
    return d;
}

static void close_fixture(fixture *s) {
    vic_trainer_destroy(&s->trainer);
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

/* ---- the slow epoch: exact, SGD with rate and momentum 0.5 ---- */

typedef struct slow_epoch {
    net_parameters theta, momentum;
    double loss, energy; /* of the whole pass; the mean over batches */
    size_t samples, correct;
} slow_epoch;

static size_t count_correct(const vic_network *network, const slow_result *r, const net_data *batch) {
    int output = vic_network_output(network);
    size_t outputs = vic_shape_count(network->shapes[output]), correct = 0;
    for (size_t b = 0; b < batch->batch; b++) {
        const double *row = r->value[output] + b * outputs;
        size_t best = 0;
        for (size_t k = 1; k < outputs; k++)
            best = row[k] > row[best] ? k : best;
        correct += (int64_t)best == batch->classes[b];
    }
    return correct;
}

static void slow_update(const vic_network *network, const slow_result *r, double rate, slow_epoch *e) {
    for (int edge = 0; edge < network->n_edges; edge++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[edge]); i++)
            for (size_t k = 0; k < vic_parameter_slot_at(network, edge, i).parameter->count; k++) {
                double *m = &e->momentum[edge][i][k];
                *m = 0.5 * *m + r->gradient[edge][i][k];
                e->theta[edge][i][k] -= rate * *m;
            }
}

static void learn_slowly(const fixture *s, uint64_t epoch, bool drop_last, double rate, slow_epoch *e) {
    size_t order[COUNT], steps = 0;
    vic_shuffle(COUNT, SEED, epoch, order);
    e->loss = e->energy = 0;
    e->samples = e->correct = 0;
    for (size_t first = 0; first < COUNT; first += BATCH, steps++) {
        size_t n = COUNT - first < BATCH ? COUNT - first : BATCH;
        if (n < BATCH && drop_last)
            break;
        net_data batch = made_data_batch(&s->data, order + first, n);
        slow_result r = slow_backprop(s->network, e->theta, &batch);
        e->loss += s->network->reduction == VIC_MEAN ? r.loss * (double)n : r.loss;
        e->energy += r.loss;
        e->correct += count_correct(s->network, &r, &batch);
        e->samples += n;
        slow_update(s->network, &r, rate, e);
    }
    e->energy /= (double)steps;
    if (s->network->reduction == VIC_MEAN)
        e->loss /= (double)e->samples;
}

static double distance_from(const fixture *s, net_parameters theta) {
    double most = 0;
    for (int id = 0; id < s->network->n_populations; id++) {
        const vic_population *p = vic_inference_population(s->x, id);
        for (int k = 0; p && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                size_t n = vic_parameter_slot_at(s->network, p->out[k].edge_index, i).parameter->count;
                most = fmax(most, farthest(n, p->out[k].theta[i], theta[p->out[k].edge_index][i]));
            }
    }
    return most;
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-12 * (1 + fabs(b));
}

/* Loop test over (loss, reduction, drop_last). Two epochs: the second has another order, and momentum. */
START_TEST(learns_like_the_slow_one) {
    plan p = usual();
    fixture s;
    slow_epoch e;
    p.loss = _i % 2 ? "squared-error" : "cross-entropy";
    p.reduction = _i / 2 % 2 ? VIC_SUM : VIC_MEAN;
    p.drop_last = _i / 4;
    open_fixture(&s, p);
    e.theta = net_draw(s.network, 1);
    e.momentum = net_zeros(s.network);
    together_assert(vic_trainer_steps(s.trainer, COUNT) == (p.drop_last ? 3 : 4));
    for (uint64_t epoch = 0; epoch < 2; epoch++) {
        vic_metrics metrics = {0};
        double energy[2] = {0};
        together_assert_ok(vic_trainer_epoch(s.trainer, &s.data.source, NULL, &metrics, energy));
        learn_slowly(&s, epoch, p.drop_last, p.rate, &e);
        together_assert_msg(distance_from(&s, e.theta) <= 1e-12, "epoch %d: parameters are off by %g",
                            (int)epoch, distance_from(&s, e.theta));
        bool right = metrics.samples == e.samples && near(metrics.loss, e.loss) &&
                     near(energy[0], e.energy) &&
                     near(metrics.accuracy, (double)e.correct / (double)e.samples);
        together_assert_msg(together_rank() != 0 || right,
                            "epoch %d: %zu samples, loss %.15g, accuracy %g, energy %g", (int)epoch,
                            metrics.samples, metrics.loss, metrics.accuracy, energy[0]);
        vic_position position = vic_trainer_position(s.trainer);
        together_assert(position.epoch == epoch + 1 && position.step == 0);
        together_assert(position.updates == (epoch + 1) * (p.drop_last ? 3 : 4));
    }
    close_fixture(&s);
}
END_TEST

/* ---- the same bits on every number of ranks; hits are those of the sweep ---- */

static const struct {
    const char *algorithm;
    double eta;
    int steps;
} algorithms[] = {{"exact", 1, 1}, {"fixed-prediction", 0.3, 6}, {"strict", 0.3, 6}, {"strict", 0.3, 1}};

/* Loop test over (algorithm, precision). */
START_TEST(ranks_do_not_show) {
    plan p = usual();
    digest after[2];
    vic_metrics metrics[2];
    double energy[2][7] = {{0}};
    p.precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    p.inference = net_options(algorithms[_i / 2].algorithm, algorithms[_i / 2].eta, algorithms[_i / 2].steps);
    for (int alone = 0; alone < 2; alone++) {
        fixture s;
        p.alone = alone;
        open_fixture(&s, p);
        for (int epoch = 0; epoch < 3; epoch++)
            together_assert_ok(
                vic_trainer_epoch(s.trainer, &s.data.source, NULL, &metrics[alone], energy[alone]));
        after[alone] = digest_of(&s);
        together_assert(digest_difference(s.network, after[alone], after[0]) < 0);
        close_fixture(&s);
    }
    together_assert(together_rank() != 0 ||
                    (metrics[0].loss == metrics[1].loss && metrics[0].accuracy == metrics[1].accuracy));
    together_assert(memcmp(energy[0], energy[1], sizeof energy[0]) == 0);
}
END_TEST

START_TEST(accuracy_is_that_of_the_sweep) {
    plan p = usual();
    fixture s;
    slow_epoch e;
    vic_metrics metrics = {0};
    p.rate = 0; /* so that the slow one, which is exact, sees the same parameters */
    p.inference = net_options(algorithms[_i].algorithm, 0.9, algorithms[_i].steps);
    open_fixture(&s, p);
    e.theta = net_draw(s.network, 1);
    e.momentum = net_zeros(s.network);
    together_assert_ok(vic_trainer_epoch(s.trainer, &s.data.source, NULL, &metrics, NULL));
    learn_slowly(&s, 0, false, 0, &e);
    together_assert_msg(together_rank() != 0 ||
                            (near(metrics.accuracy, (double)e.correct / COUNT) && near(metrics.loss, e.loss)),
                        "%s: accuracy %g, expected %g", algorithms[_i].algorithm, metrics.accuracy,
                        (double)e.correct / COUNT);
    close_fixture(&s);
}
END_TEST

START_TEST(learning_lowers_the_loss) {
    plan p = usual();
    fixture s;
    vic_metrics first = {0}, last = {0};
    p.inference = net_options(algorithms[_i].algorithm, algorithms[_i].eta, algorithms[_i].steps);
    p.rate =
        algorithms[_i].steps == 1 && _i > 0 ? 0 : 0.5; /* one step of inference teaches the top layer alone */
    open_fixture(&s, p);
    together_assert_ok(vic_evaluate(s.x, &s.data.source, NULL, &first));
    for (int epoch = 0; epoch < 40; epoch++)
        together_assert_ok(vic_trainer_epoch(s.trainer, &s.data.source, NULL, &last, NULL));
    together_assert_ok(vic_evaluate(s.x, &s.data.source, NULL, &last));
    together_assert_msg(together_rank() != 0 || p.rate == 0 || last.loss < 0.7 * first.loss,
                        "%s: from %g to %g", algorithms[_i].algorithm, first.loss, last.loss);
    close_fixture(&s);
}
END_TEST

/* ---- interruptions, bad data, blow-ups ---- */

typedef struct impatience {
    int calls, stop_at; /* the last rank alone wants to stop */
    struct fixture *of;
} impatience;

static bool should_stop(void *context) {
    impatience *i = context;
    return ++i->calls == i->stop_at && together_rank() == together_size() - 1;
}

START_TEST(goes_on_after_an_interruption) {
    fixture whole, parts;
    vic_metrics a = {0}, b = {0};
    double energy[2][2] = {{0}};
    impatience impatient = {.stop_at = 3}; /* asked before the first batch too */
    const vic_learning_callbacks callbacks = {.context = &impatient, .should_stop = should_stop};
    open_fixture(&whole, usual());
    open_fixture(&parts, usual());
    together_assert_ok(vic_trainer_epoch(whole.trainer, &whole.data.source, NULL, &a, energy[0]));
    vic_status status = vic_trainer_epoch(parts.trainer, &parts.data.source, &callbacks, &b, energy[1]);
    vic_position position = vic_trainer_position(parts.trainer);
    together_assert(status == VIC_INTERRUPTED && position.epoch == 0 && position.step == 2);
    together_assert_ok(vic_trainer_epoch(parts.trainer, &parts.data.source, &callbacks, &b, energy[1]));
    together_assert(digest_difference(whole.network, digest_of(&whole), digest_of(&parts)) < 0);
    together_assert(together_rank() != 0 || (a.samples == b.samples && a.loss == b.loss &&
                                             a.accuracy == b.accuracy && energy[0][0] == energy[1][0]));
    close_fixture(&parts);
    close_fixture(&whole);
}
END_TEST

/* What follows the last batch is interrupted, and done again. */
static vic_status finish(void *context, const vic_metrics *learned) {
    impatience *i = context;
    (void)learned;
    if (++i->calls == i->stop_at)
        return vic_fail(VIC_INTERRUPTED, "interrupted");
    return VIC_OK;
}

START_TEST(goes_on_after_an_interruption_behind_the_last_batch) {
    fixture whole, parts;
    vic_metrics a = {0}, b = {0};
    double energy[2][2] = {{0}};
    impatience impatient = {.stop_at = 1};
    const vic_learning_callbacks callbacks = {.context = &impatient, .finish = finish};
    open_fixture(&whole, usual());
    open_fixture(&parts, usual());
    together_assert_ok(vic_trainer_epoch(whole.trainer, &whole.data.source, NULL, &a, energy[0]));
    vic_status status = vic_trainer_epoch(parts.trainer, &parts.data.source, &callbacks, &b, energy[1]);
    vic_position position = vic_trainer_position(parts.trainer);
    together_assert(status == VIC_INTERRUPTED && position.epoch == 0 && position.step == 4);
    b = (vic_metrics){0};
    energy[1][0] = 0;
    together_assert_ok(vic_trainer_epoch(parts.trainer, &parts.data.source, &callbacks, &b, energy[1]));
    position = vic_trainer_position(parts.trainer);
    together_assert(position.epoch == 1 && position.step == 0 && position.updates == 4 &&
                    impatient.calls == 2);
    together_assert(together_rank() != 0 || (a.samples == b.samples && a.loss == b.loss &&
                                             a.accuracy == b.accuracy && energy[0][0] == energy[1][0]));
    together_assert(digest_difference(whole.network, digest_of(&whole), digest_of(&parts)) < 0);
    close_fixture(&parts);
    close_fixture(&whole);
}
END_TEST

START_TEST(an_evaluation_is_interrupted_everywhere) {
    fixture s;
    vic_metrics whole = {0}, metrics = {0};
    impatience impatient = {.stop_at = 1};
    const vic_learning_callbacks callbacks = {.context = &impatient, .should_stop = should_stop};
    open_fixture(&s, usual());
    together_assert_ok(vic_evaluate(s.x, &s.data.source, NULL, &whole));
    together_assert(vic_evaluate(s.x, &s.data.source, &callbacks, &metrics) == VIC_INTERRUPTED);
    together_assert_ok(vic_evaluate(s.x, &s.data.source, &callbacks, &metrics));
    together_assert(together_rank() != 0 ||
                    (metrics.loss == whole.loss && metrics.accuracy == whole.accuracy));
    close_fixture(&s);
}
END_TEST

enum { SHOWN = 77 };

/* On rank 0, which is slow to show it. */
static void show_slowly(void *context, vic_position position, uint64_t steps, vic_metrics so_far) {
    (void)context, (void)position, (void)steps, (void)so_far;
    nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    for (int rank = 1; rank < together_size(); rank++)
        MPI_Send(NULL, 0, MPI_BYTE, rank, SHOWN, MPI_COMM_WORLD);
}

/* Counts in context->calls what has not been shown before the next batch begins. */
static vic_status infer_when_shown(void *context, vic_position position, const int64_t *classes,
                                   size_t batch) {
    impatience *i = context;
    fixture *s = i->of;
    int shown = position.step == 0 || together_rank() == 0;
    (void)classes;
    for (int tries = 0; tries < 100 && !shown; tries++)
        MPI_Iprobe(0, SHOWN, MPI_COMM_WORLD, &shown, MPI_STATUS_IGNORE);
    i->calls += !shown;
    if (position.step > 0 && together_rank() != 0)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, SHOWN, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return vic_inference_run(s->x, batch);
}

/* Otherwise a neighbour would wait for the first message of the next batch, and could lose patience. */
START_TEST(the_next_batch_begins_when_progress_has_been_shown) {
    fixture s;
    vic_metrics metrics;
    impatience late = {.of = &s};
    const vic_learning_callbacks callbacks = {
        .context = &late, .progress = show_slowly, .infer = infer_when_shown};
    open_fixture(&s, usual());
    together_assert_ok(vic_trainer_epoch(s.trainer, &s.data.source, &callbacks, &metrics, NULL));
    if (together_rank() != 0)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, SHOWN, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    together_assert_msg(late.calls == 0, "%d batches began before", late.calls);
    close_fixture(&s);
}
END_TEST

START_TEST(refuses_data_that_fill_no_batch) {
    plan p = usual();
    fixture s;
    vic_metrics metrics;
    p.drop_last = true;
    open_fixture(&s, p);
    s.data.source.count = BATCH - 1;
    vic_status status = vic_trainer_epoch(s.trainer, &s.data.source, NULL, &metrics, NULL);
    together_assert(status == VIC_BAD_FILE && strstr(vic_error_text(), "do not fill one batch") != NULL);
    close_fixture(&s);
}
END_TEST

/* A rate that blows up ends the epoch on every rank, and no rank waits. */
START_TEST(numbers_that_are_not_finite_end_it_everywhere) {
    plan p = usual();
    fixture s;
    vic_metrics metrics;
    p.precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    p.inference = net_options(algorithms[_i / 2].algorithm, algorithms[_i / 2].eta, algorithms[_i / 2].steps);
    p.rate = _i % 2 ? NAN : 1e38;
    open_fixture(&s, p);
    vic_status status = VIC_OK;
    for (int epoch = 0; epoch < 20 && status == VIC_OK; epoch++)
        status = vic_trainer_epoch(s.trainer, &s.data.source, NULL, &metrics, NULL);
    together_assert_msg(status == VIC_NOT_FINITE && strstr(vic_error_text(), "not a finite number") != NULL,
                        "status %s", vic_status_name(status));
    status = vic_evaluate(s.x, &s.data.source, NULL, &metrics);
    together_assert_msg(status == VIC_NOT_FINITE, "evaluate: %s", vic_status_name(status));
    close_fixture(&s);
}
END_TEST

/* ---- evaluation ---- */

/* Loop test over (loss, reduction, precision): batches of 6, 6, 6 and 2. */
START_TEST(evaluates_like_the_slow_one) {
    plan p = usual();
    fixture s;
    vic_metrics metrics = {0};
    size_t order[COUNT];
    p.loss = _i % 2 ? "squared-error" : "cross-entropy";
    p.reduction = _i / 2 % 2 ? VIC_SUM : VIC_MEAN;
    p.precision = _i / 4 ? VIC_FLOAT64 : VIC_FLOAT32;
    open_fixture(&s, p);
    for (size_t i = 0; i < COUNT; i++)
        order[i] = i;
    net_data batch = made_data_batch(&s.data, order, COUNT);
    slow_result r = slow_backprop(s.network, net_draw(s.network, 1), &batch);
    double accuracy = (double)count_correct(s.network, &r, &batch) / COUNT;
    together_assert_ok(vic_evaluate(s.x, &s.data.source, NULL, &metrics));
    double allowed = p.precision == VIC_FLOAT32 ? 1e-5 : 1e-12;
    together_assert_msg(together_rank() != 0 ||
                            (metrics.samples == COUNT && fabs(metrics.loss - r.loss) <= allowed * r.loss &&
                             near(metrics.accuracy, accuracy)),
                        "loss %.15g, expected %.15g, accuracy %g, expected %g", metrics.loss, r.loss,
                        metrics.accuracy, accuracy);
    close_fixture(&s);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("epoch");
    TCase *tests = tcase_create("epoch");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, learns_like_the_slow_one, 0, 8);
    tcase_add_loop_test(tests, ranks_do_not_show, 0, 8);
    tcase_add_loop_test(tests, accuracy_is_that_of_the_sweep, 0, 4);
    tcase_add_loop_test(tests, learning_lowers_the_loss, 0, 4);
    tcase_add_test(tests, goes_on_after_an_interruption);
    tcase_add_test(tests, goes_on_after_an_interruption_behind_the_last_batch);
    tcase_add_test(tests, an_evaluation_is_interrupted_everywhere);
    tcase_add_test(tests, the_next_batch_begins_when_progress_has_been_shown);
    tcase_add_test(tests, refuses_data_that_fill_no_batch);
    tcase_add_loop_test(tests, numbers_that_are_not_finite_end_it_everywhere, 0, 8);
    tcase_add_loop_test(tests, evaluates_like_the_slow_one, 0, 8);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
