/* One pass over the training data. Between inferences the ranks meet to agree that all is well and to show
 * how far they are: ROUNDS times an epoch, more often where that would take long. */
#include "rounds.h"
#include "trainer.h"

#include <string.h>

enum { ROUNDS = 50 };

typedef struct pass {
    vic_trainer *t;
    const vic_source *data;
    const vic_watcher *watcher;
    size_t *order;
    int64_t *classes;
    uint64_t steps;
    size_t samples_done;
} pass;

uint64_t vic_trainer_steps(const vic_trainer *t, size_t samples) {
    size_t batch = t->options.batch;
    return t->options.drop_last ? samples / batch : (samples + batch - 1) / batch;
}

bool vic_position_fits(vic_position p, uint64_t steps) {
    uint64_t before;
    return p.step <= steps && p.epoch < UINT64_MAX / 2 && !__builtin_mul_overflow(p.epoch, steps, &before) &&
           p.updates >= before && p.updates - before == p.step;
}

static size_t batch_size(const pass *p, uint64_t step) {
    size_t first = (size_t)step * p->t->options.batch, left = p->data->count - first;
    return left < p->t->options.batch ? left : p->t->options.batch;
}

static double *score_sums(const vic_trainer *t, double *sums) {
    return sums + t->steps + 1;
}

static void take_notes(pass *p, size_t n) {
    vic_trainer *t = p->t;
    int output = vic_network_output(vic_inference_network(t->inference));
    for (int i = 0; i < t->n_pupils; i++) {
        vic_pupil *pupil = &t->pupils[i];
        for (int s = 0; s <= t->steps; s++)
            pupil->sums[s] += vic_inference_energy(t->inference, pupil->population->id, s);
        if (pupil->population->id == output)
            vic_score_add(t->inference, p->classes, n, score_sums(t, pupil->sums));
    }
}

static vic_status infer(pass *p, size_t n) {
    if (p->watcher && p->watcher->infer)
        return p->watcher->infer(p->watcher->context, p->t->position, p->classes, n);
    return vic_inference_run(p->t->inference, n);
}

/* A watcher may fail for a fault of this batch, which is then told like any other, behind earlier ones. */
static vic_status infer_checked(pass *p, size_t n) {
    vic_trainer *t = p->t;
    vic_status status = infer(p, n);
    if (status != VIC_OK && status != VIC_NOT_FINITE)
        return status;
    vic_trainer_note(t, vic_inference_fault(t->inference));
    if (status == VIC_NOT_FINITE)
        VIC_TRY(vic_fault_report(t->inference, &t->fault));
    return status;
}

static vic_status learn_from_batch(pass *p) {
    vic_trainer *t = p->t;
    size_t n = batch_size(p, t->position.step);
    const size_t *order = p->order + (size_t)t->position.step * t->options.batch;
    VIC_TRY(vic_feed(t->inference, p->data, order, n, p->classes));
    vic_inference_set_occasion(t->inference, t->position.updates);
    VIC_TRY(infer_checked(p, n));
    take_notes(p, n);
    vic_trainer_update(t);
    t->position.step++;
    p->samples_done += n;
    return VIC_OK;
}

static vic_status collect_score(pass *p, vic_score *score) {
    vic_trainer *t = p->t;
    double none[VIC_SCORE_SUMS] = {0};
    double *sums = vic_trainer_sums(t, vic_network_output(vic_inference_network(t->inference)));
    return vic_score_collect(t->inference, sums ? score_sums(t, sums) : none, p->samples_done, score);
}

/* Collective: all is well, or everyone learns what is not. */
static vic_status meet(pass *p, const vic_rounds *rounds) {
    const vic_watcher *watcher = p->watcher;
    VIC_TRY(vic_fault_report(p->t->inference, &p->t->fault));
    VIC_TRY(vic_rounds_check(rounds, watcher, VIC_OK));
    vic_score so_far;
    VIC_TRY(collect_score(p, &so_far));
    if (vic_group_rank(rounds->group) == 0 && watcher && watcher->progress)
        watcher->progress(watcher->context, p->t->position, p->steps, so_far);
    return VIC_OK;
}

static vic_status learn_all(pass *p) {
    const vic_position *position = &p->t->position;
    vic_rounds rounds = vic_rounds_begin(vic_inference_group(p->t->inference), position->step,
                                         (p->steps + ROUNDS - 1) / ROUNDS);
    VIC_TRY(vic_rounds_check(&rounds, p->watcher, VIC_OK));
    while (position->step < p->steps) {
        VIC_TRY(learn_from_batch(p));
        if (position->step != rounds.next && position->step != p->steps)
            continue;
        VIC_TRY(meet(p, &rounds));
        VIC_TRY(vic_rounds_go_on(&rounds, position->step));
    }
    return VIC_OK;
}

/* The mean free energy of a batch, population by population in their order. */
static vic_status collect_energy(pass *p, double *energy) {
    vic_trainer *t = p->t;
    vic_inference *x = t->inference;
    int populations = vic_inference_network(x)->n_populations;
    size_t columns = (size_t)t->steps + 1;
    double *mine = NULL, *all = NULL;
    vic_status status = vic_allocate((size_t)t->n_pupils * columns, sizeof *mine, &mine);
    if (status == VIC_OK)
        status = vic_allocate((size_t)populations * columns, sizeof *all, &all);
    status = vic_group_agree(vic_inference_group(x), status);
    for (int i = 0; status == VIC_OK && i < t->n_pupils; i++)
        memcpy(mine + (size_t)i * columns, t->pupils[i].sums, columns * sizeof *mine);
    if (status == VIC_OK)
        status = vic_group_collect(vic_inference_group(x), vic_inference_rank_of(x), populations, columns,
                                   mine, all);
    for (size_t c = 0; status == VIC_OK && energy && c < columns; c++) {
        energy[c] = 0;
        for (int l = 0; l < populations; l++)
            energy[c] += all[(size_t)l * columns + c];
        energy[c] /= (double)p->steps;
    }
    vic_release(&mine);
    vic_release(&all);
    return status;
}

static vic_status prepare(pass *p) {
    vic_trainer *t = p->t;
    if (p->steps == 0)
        return vic_fail(VIC_BAD_FILE,
                        "%zu training samples do not fill one batch of %zu: lower learning.batch or set "
                        "learning.drop_last to false",
                        p->data->count, t->options.batch);
    t->fault = (vic_fault){0};
    VIC_TRY(vic_allocate(p->data->count, sizeof *p->order, &p->order));
    VIC_TRY(vic_allocate(t->options.batch, sizeof *p->classes, &p->classes));
    vic_shuffle(p->data->count, t->seed, t->position.epoch, p->order);
    for (uint64_t step = 0; step < t->position.step; step++)
        p->samples_done += batch_size(p, step);
    return VIC_OK;
}

static void close_epoch(vic_trainer *t) {
    t->position.epoch++;
    t->position.step = 0;
    for (int i = 0; i < t->n_pupils; i++)
        memset(t->pupils[i].sums, 0, vic_trainer_sums_length(t) * sizeof(double));
}

vic_status vic_trainer_epoch(vic_trainer *t, const vic_source *data, const vic_watcher *watcher,
                             vic_score *score, double *energy) {
    pass p = {.t = t, .data = data, .watcher = watcher, .steps = vic_trainer_steps(t, data->count)};
    vic_status status = vic_group_agree(vic_inference_group(t->inference), prepare(&p));
    if (status == VIC_OK)
        status = learn_all(&p);
    if (status == VIC_OK)
        status = collect_score(&p, score);
    if (status == VIC_OK)
        status = collect_energy(&p, energy);
    if (status == VIC_OK && watcher && watcher->finish)
        status = watcher->finish(watcher->context, score);
    if (status == VIC_OK)
        close_epoch(t);
    vic_release(&p.order);
    vic_release(&p.classes);
    return status;
}
