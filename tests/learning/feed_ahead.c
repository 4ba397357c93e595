/* The next batch is fed beside the present one, which shows in nothing but time. */
#include "epoch_fixture.h"

#include "base/pool.h"
#include "support/numbers.h"
#include "support/together.h"

#include <semaphore.h>

enum { EPOCHS = 3, STEPS = (COUNT + BATCH - 1) / BATCH };

/* ---- the same bits, whatever the number of threads ---- */

/* What an interruption on the last rank leaves is gone on with. */
static bool stop_once(void *context) {
    int *asked = context;
    return ++*asked == 3 && together_rank() == together_size() - 1;
}

typedef struct outcome {
    digest learned;
    vic_metrics training, test;
} outcome;

/* EPOCHS epochs and an evaluation. */
static outcome learn(vic_precision precision, int threads, bool interrupted) {
    plan p = usual();
    fixture s;
    outcome o = {.training = {0}, .test = {0}};
    int asked = interrupted ? 0 : 100;
    const vic_learning_callbacks callbacks = {.context = &asked, .should_stop = stop_once};
    p.precision = precision;
    together_assert_ok(vic_pool_start(threads, false, NULL));
    open_fixture(&s, p);
    while (vic_trainer_position(s.trainer).epoch < EPOCHS) {
        vic_status status = vic_trainer_epoch(s.trainer, &s.data.source, &callbacks, &o.training, NULL);
        together_assert(status == (interrupted && asked == 3 ? VIC_INTERRUPTED : VIC_OK));
    }
    o.learned = digest_of(&s);
    together_assert_ok(vic_evaluate(s.x, &s.data.source, NULL, &o.test));
    close_fixture(&s);
    vic_pool_stop();
    return o;
}

static bool same(vic_metrics a, vic_metrics b) {
    return together_rank() != 0 || (a.samples == b.samples && a.loss == b.loss && a.accuracy == b.accuracy);
}

static const int threads[] = {2, 3, 4};

/* Loop test over (threads, precision, interrupted). */
START_TEST(threads_learn_the_same) {
    vic_precision precision = _i / 3 % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    outcome alone = learn(precision, 1, false), o = learn(precision, threads[_i % 3], _i / 6);
    fixture s;
    plan p = usual();
    p.precision = precision;
    open_fixture(&s, p);
    together_assert(digest_difference(s.network, o.learned, alone.learned) < 0);
    close_fixture(&s);
    together_assert(same(o.training, alone.training) && same(o.test, alone.test));
}
END_TEST

/* ---- it is fed meanwhile ---- */

/* A data set that tells when a sample is looked at. */
typedef struct told {
    fixture s;
    vic_source inner;
    sem_t fed;
    int batches;
} told;

static void tell(void *context, const size_t *order, size_t n, size_t first, size_t count, void *rows) {
    told *t = context;
    t->inner.inputs(t->inner.context, order, n, first, count, rows);
    sem_post(&t->fed);
}

static void classes(void *context, const size_t *order, size_t n, int64_t *labels) {
    told *t = context;
    t->inner.classes(t->inner.context, order, n, labels);
}

/* Returns when the batch after this one has been fed, too: each is one task. */
static vic_status infer_when_fed(void *context, vic_position position, const int64_t *labels, size_t batch) {
    told *t = context;
    (void)labels;
    t->batches++;
    if (vic_inference_input(t->s.x) && position.step == 0)
        sem_wait(&t->fed);
    if (vic_inference_input(t->s.x) && position.step + 1 < STEPS)
        sem_wait(&t->fed);
    return vic_inference_run(t->s.x, batch);
}

START_TEST(the_next_batch_is_fed_during_an_inference) {
    told t = {.batches = 0};
    vic_metrics metrics;
    const vic_learning_callbacks callbacks = {.context = &t, .infer = infer_when_fed};
    together_assert_ok(vic_pool_start(2, false, NULL));
    open_fixture(&t.s, usual());
    t.inner = t.s.data.source;
    sem_init(&t.fed, 0, 0);
    const vic_source source = {COUNT, &t, tell, classes};
    together_assert_ok(vic_trainer_epoch(t.s.trainer, &source, &callbacks, &metrics, NULL));
    together_assert(t.batches == STEPS && sem_trywait(&t.fed) != 0);
    close_fixture(&t.s);
    sem_destroy(&t.fed);
    vic_pool_stop();
}
END_TEST

/* ---- errors belong to their batch ---- */

/* Where the output is, a sample of the batch with number `context->bad` has no class. */
typedef struct mislabelled {
    vic_source inner;
    int batches, bad;
} mislabelled;

static void inputs(void *context, const size_t *order, size_t n, size_t first, size_t count, void *rows) {
    const mislabelled *m = context;
    m->inner.inputs(m->inner.context, order, n, first, count, rows);
}

static void misread(void *context, const size_t *order, size_t n, int64_t *labels) {
    mislabelled *m = context;
    m->inner.classes(m->inner.context, order, n, labels);
    if (m->batches++ == m->bad)
        labels[0] = 99;
}

/* On one rank, since the others would wait for it. Loop test over the batch that is wrong. */
START_TEST(an_error_comes_with_its_batch) {
    fixture s;
    vic_metrics metrics;
    plan p = usual();
    p.alone = true;
    together_assert_ok(vic_pool_start(3, false, NULL));
    open_fixture(&s, p);
    mislabelled m = {.inner = s.data.source, .bad = _i};
    const vic_source source = {COUNT, &m, inputs, misread};
    if (together_size() == 1) {
        together_assert(vic_trainer_epoch(s.trainer, &source, NULL, &metrics, NULL) == VIC_BAD_FILE);
        together_assert(m.batches == _i + 1 && vic_trainer_position(s.trainer).step == (uint64_t)_i);
        m = (mislabelled){.inner = s.data.source, .bad = _i};
        together_assert(vic_evaluate(s.x, &source, NULL, &metrics) == VIC_BAD_FILE);
        together_assert(m.batches == _i + 1);
    }
    close_fixture(&s);
    vic_pool_stop();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("feed ahead");
    TCase *tests = tcase_create("feed ahead");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, threads_learn_the_same, 0, 12);
    tcase_add_test(tests, the_next_batch_is_fed_during_an_inference);
    tcase_add_loop_test(tests, an_error_comes_with_its_batch, 0, STEPS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
