/* One pass over the training data. Between inferences the ranks agree on their status and report progress:
 * ROUNDS times an epoch, more often where that would take long. */
#include "feeder.h"
#include "rounds.h"
#include "trainer.h"

#include <string.h>

enum { ROUNDS = 50 };

typedef struct pass {
    vic_trainer *t;
    const vic_source *data;
    const vic_learning_callbacks *callbacks;
    vic_feeder feeder;
    size_t *order;
    int64_t *classes;
    uint64_t steps;
    size_t samples_done;
    double lap_began;
    vic_step_times times;
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

static double *metric_sums(const vic_trainer *t, double *sums) {
    return sums + t->steps + 1;
}

static void add_statistics(pass *p, size_t n) {
    vic_trainer *t = p->t;
    int output = vic_network_output(vic_inference_network(t->inference));
    for (int i = 0; i < t->n_parameter_states; i++) {
        vic_parameter_state *parameter_state = &t->parameter_states[i];
        for (int s = 0; s <= t->steps; s++)
            parameter_state->sums[s] +=
                vic_inference_energy(t->inference, parameter_state->population->id, s);
        if (parameter_state->population->id == output)
            vic_metrics_add(t->inference, p->classes, n, metric_sums(t, parameter_state->sums));
    }
}

/* ---- times of a step ---- */

static void begin_times(pass *p) {
    if (!p->callbacks || !p->callbacks->timed)
        return;
    p->times = (vic_step_times){{0}};
    p->lap_began = vic_now();
}

/* The time since the last lap was spent on this part. */
static void lap(pass *p, vic_step_part part) {
    if (!p->callbacks || !p->callbacks->timed)
        return;
    double now = vic_now();
    p->times.part[part] += now - p->lap_began;
    p->lap_began = now;
}

static void end_times(pass *p) {
    lap(p, VIC_METERING);
    if (p->callbacks && p->callbacks->timed)
        p->callbacks->timed(p->callbacks->context, &p->times);
}

/* ---- one batch ---- */

static vic_status infer(pass *p, size_t n) {
    if (p->callbacks && p->callbacks->infer)
        return p->callbacks->infer(p->callbacks->context, p->t->position, p->classes, n);
    return vic_inference_run(p->t->inference, n);
}

/* A callback may fail for a fault of this batch, which is then reported like any other, after earlier
 * ones. */
static vic_status infer_checked(pass *p, size_t n) {
    vic_trainer *t = p->t;
    vic_status status = infer(p, n);
    if (status != VIC_OK && status != VIC_NOT_FINITE)
        return status;
    vic_trainer_keep_fault(t, vic_inference_fault(t->inference));
    if (status == VIC_NOT_FINITE)
        VIC_TRY(vic_trainer_report_fault(t));
    return status;
}

static vic_status learn_from_batch(pass *p) {
    vic_trainer *t = p->t;
    size_t n = batch_size(p, t->position.step);
    const size_t *order = p->order + (size_t)t->position.step * t->options.batch;
    size_t next = t->position.step + 1 < p->steps ? batch_size(p, t->position.step + 1) : 0;
    VIC_TRY(vic_feeder_feed(&p->feeder, order, n, next, p->classes));
    lap(p, VIC_FEEDING);
    vic_inference_set_batch_index(t->inference, t->position.updates);
    VIC_TRY(infer_checked(p, n));
    lap(p, VIC_INFERRING);
    add_statistics(p, n);
    lap(p, VIC_METERING);
    vic_trainer_update(t);
    lap(p, VIC_UPDATING);
    t->position.step++;
    p->samples_done += n;
    return VIC_OK;
}

static vic_status gather_metrics(pass *p, vic_metrics *metrics) {
    vic_trainer *t = p->t;
    double none[VIC_METRICS_SUMS] = {0};
    double *sums = vic_trainer_sums(t, vic_network_output(vic_inference_network(t->inference)));
    return vic_metrics_gather(t->inference, sums ? metric_sums(t, sums) : none, p->samples_done, metrics);
}

/* Collective: agrees on the status, and reports progress. */
static vic_status synchronize(pass *p, const vic_rounds *rounds) {
    const vic_learning_callbacks *callbacks = p->callbacks;
    VIC_TRY(vic_trainer_report_fault(p->t));
    VIC_TRY(vic_rounds_check(rounds, callbacks, VIC_OK));
    vic_metrics so_far;
    VIC_TRY(gather_metrics(p, &so_far));
    if (vic_group_rank(rounds->group) == 0 && callbacks && callbacks->progress)
        callbacks->progress(callbacks->context, p->t->position, p->steps, so_far);
    return VIC_OK;
}

static vic_status learn_all(pass *p) {
    const vic_position *position = &p->t->position;
    vic_rounds rounds = vic_rounds_begin(vic_inference_group(p->t->inference), position->step,
                                         (p->steps + ROUNDS - 1) / ROUNDS);
    VIC_TRY(vic_rounds_check(&rounds, p->callbacks, VIC_OK));
    while (position->step < p->steps) {
        begin_times(p);
        VIC_TRY(learn_from_batch(p));
        bool synchronizes = position->step == rounds.next || position->step == p->steps;
        if (synchronizes) {
            VIC_TRY(synchronize(p, &rounds));
            VIC_TRY(vic_rounds_schedule_next(&rounds, position->step));
        }
        if (p->callbacks && p->callbacks->followed && position->step < p->steps)
            VIC_TRY(p->callbacks->followed(p->callbacks->context, synchronizes));
        end_times(p);
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
    vic_status status = vic_allocate((size_t)t->n_parameter_states * columns, sizeof *mine, &mine);
    if (status == VIC_OK)
        status = vic_allocate((size_t)populations * columns, sizeof *all, &all);
    status = vic_group_agree_on_status(vic_inference_group(x), status);
    for (int i = 0; status == VIC_OK && i < t->n_parameter_states; i++)
        memcpy(mine + (size_t)i * columns, t->parameter_states[i].sums, columns * sizeof *mine);
    if (status == VIC_OK)
        status = vic_group_gather_rows(vic_inference_group(x), vic_inference_rank_of(x), populations, columns,
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
    VIC_TRY(vic_feeder_open(&p->feeder, t->inference, p->data));
    vic_shuffle(p->data->count, t->seed, t->position.epoch, p->order);
    for (uint64_t step = 0; step < t->position.step; step++)
        p->samples_done += batch_size(p, step);
    return VIC_OK;
}

static void close_epoch(vic_trainer *t) {
    t->position.epoch++;
    t->position.step = 0;
    for (int i = 0; i < t->n_parameter_states; i++)
        memset(t->parameter_states[i].sums, 0, vic_trainer_sums_length(t) * sizeof(double));
}

vic_status vic_trainer_epoch(vic_trainer *t, const vic_source *data, const vic_learning_callbacks *callbacks,
                             vic_metrics *metrics, double *energy) {
    pass p = {.t = t, .data = data, .callbacks = callbacks, .steps = vic_trainer_steps(t, data->count)};
    vic_status status = vic_group_agree_on_status(vic_inference_group(t->inference), prepare(&p));
    if (status == VIC_OK)
        status = learn_all(&p);
    vic_feeder_close(&p.feeder);
    if (status == VIC_OK)
        status = gather_metrics(&p, metrics);
    if (status == VIC_OK)
        status = collect_energy(&p, energy);
    if (status == VIC_OK && callbacks && callbacks->finish)
        status = callbacks->finish(callbacks->context, metrics);
    if (status == VIC_OK)
        close_epoch(t);
    vic_release(&p.order);
    vic_release(&p.classes);
    return status;
}
