/* An epoch of learning, step by step beside a slow one; bad data, blow-ups and evaluation, on any number of
 * ranks. */
#include "epoch_fixture.h"

#include "support/numbers.h"
#include "support/slow_backprop.h"
#include "support/together.h"

#include <math.h>
#include <string.h>

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

/* ---- bad data, blow-ups ---- */

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

static void spoil(vic_inference *x) {
    vic_population *p = vic_inference_population(x, 0);
    if (p && p->network->precision == VIC_FLOAT32)
        ((float *)p->out[0].theta[0])[0] = NAN;
    else if (p)
        ((double *)p->out[0].theta[0])[0] = NAN;
}

/* A rate that blows up ends the epoch on every rank, and so do synapses that are not finite an evaluation; no
 * rank waits. */
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
    spoil(s.x);
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
    tcase_add_test(tests, refuses_data_that_fill_no_batch);
    tcase_add_loop_test(tests, numbers_that_are_not_finite_end_it_everywhere, 0, 8);
    tcase_add_loop_test(tests, evaluates_like_the_slow_one, 0, 8);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
