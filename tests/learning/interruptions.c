/* Epochs and evaluations that are interrupted on one rank end on all, and go on where they were; batches wait
 * for progress to be shown. */
#include "epoch_fixture.h"

#include "support/numbers.h"
#include "support/together.h"

#include <mpi.h>
#include <time.h>

typedef struct impatience {
    int calls, stop_at; /* the last rank alone wants to stop */
    fixture *of;
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

static Suite *make_suite(void) {
    Suite *suite = suite_create("interruptions");
    TCase *tests = tcase_create("interruptions");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_test(tests, goes_on_after_an_interruption);
    tcase_add_test(tests, goes_on_after_an_interruption_behind_the_last_batch);
    tcase_add_test(tests, an_evaluation_is_interrupted_everywhere);
    tcase_add_test(tests, the_next_batch_begins_when_progress_has_been_shown);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
