#include "inference.h"

#include <math.h>

/* Residents are in the order of their numbers. */
static vic_local_population *find(const vic_inference *x, int id) {
    int low = 0, high = x->n_local_populations;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (x->local_populations[middle].population->id == id)
            return &x->local_populations[middle];
        if (x->local_populations[middle].population->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void record_beliefs(vic_inference *x) {
    int steps = x->schedule->steps;
    for (int i = 0; i < x->n_local_populations; i++) {
        const vic_local_population *r = &x->local_populations[i];
        if (vic_is_input(r->population))
            continue;
        x->options.algorithm->belief_after(x, r, steps, r->recorded_belief);
        vic_inspect(x, r->population, steps, "belief", r->recorded_belief);
    }
}

/* Where steps learn, the last one has left its gradients. */
static vic_status form_gradients(vic_inference *x) {
    const vic_algorithm *algorithm = x->options.algorithm;
    x->has_gradients = true;
    if (algorithm->traits.learns_in_steps)
        return VIC_OK;
    for (int i = 0; algorithm->finish && i < x->n_local_populations; i++) {
        VIC_TRY(algorithm->finish(x, x->local_populations[i].population));
        vic_collect_anomaly(x, x->local_populations[i].population, x->schedule->steps);
    }
    if (x->side_by_side && x->n_microbatches == 1) {
        vic_set_current_microbatch(x, 0);
        vic_form_gradients_side_by_side(x);
        return VIC_OK;
    }
    for (int i = 0; i < x->n_local_populations; i++) {
        for (int k = 0; k < x->n_microbatches; k++) {
            vic_set_current_microbatch(x, k);
            vic_form_gradients_of(x, x->local_populations[i].population);
        }
        vic_collect_anomaly(x, x->local_populations[i].population, x->schedule->steps + 1);
    }
    return VIC_OK;
}

vic_status vic_inference_check_batch(const vic_inference *x, size_t batch) {
    if (x == NULL)
        return vic_fail(VIC_BAD_CONFIG, "there is no inference");
    if (batch >= 1 && batch <= x->capacity)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "a batch of %zu samples: the inference has a capacity of 1 to %zu", batch,
                    x->capacity);
}

/* Takes this rank through its next step, all of whose messages are waited for. */
static vic_status take_step(vic_inference *x) {
    bool done;
    VIC_TRY(vic_engine_step(x, &x->workers[0], &done));
    vic_emit_step(x);
    return VIC_OK;
}

static vic_status sweep(vic_inference *x, size_t batch) {
    vic_engine_begin(x, batch);
    return take_step(x);
}

/* What the step would leave if it were the last. */
static vic_status form_gradients_of(vic_inference *x, int step) {
    VIC_TRY(form_gradients(x));
    vic_inspect_gradients(x, step);
    return VIC_OK;
}

static vic_status run(vic_inference *x, size_t batch) {
    VIC_TRY(sweep(x, batch));
    vic_emit_step_end(x, 0);
    for (int i = 1; i <= x->schedule->steps; i++) {
        VIC_TRY(take_step(x));
        if (x->options.gradients_every_step)
            VIC_TRY(form_gradients_of(x, i));
        vic_emit_step_end(x, i);
    }
    if (x->options.record)
        record_beliefs(x);
    return x->learns && !x->options.gradients_every_step ? form_gradients(x) : VIC_OK;
}

vic_status vic_inference_sweep(vic_inference *x, size_t batch) {
    VIC_TRY(vic_inference_check_batch(x, batch));
    vic_emit_begin(x);
    vic_status status = sweep(x, batch);
    vic_emit_end(x);
    return status;
}

vic_status vic_inference_run(vic_inference *x, size_t batch) {
    VIC_TRY(vic_inference_check_batch(x, batch));
    VIC_TRY(vic_check_learning(x));
    vic_emit_begin(x);
    vic_status status = run(x, batch);
    vic_emit_end(x);
    return status;
}

void vic_inference_belief_after(const vic_inference *x, int id, int step, void *belief) {
    const vic_local_population *r = find(x, id);
    if (r && r->recorded_prediction)
        x->options.algorithm->belief_after(x, r, step, belief);
}

double vic_inference_loss(const vic_inference *x) {
    return find(x, vic_network_output(x->network)) ? x->loss : NAN;
}

const void *vic_inference_output(const vic_inference *x) {
    const vic_local_population *output = find(x, vic_network_output(x->network));
    if (output == NULL)
        return NULL;
    /* Later predictions may have taken the place of the sweep's, but no belief of the output ever moves. */
    const vic_population *p = output->population;
    return p->belief ? p->belief : p->vhat;
}

size_t vic_inference_correct(const vic_inference *x, const int64_t *classes) {
    const vic_local_population *output = find(x, vic_network_output(x->network));
    if (output == NULL)
        return 0;
    return x->arithmetic->count_correct(output->population->count, x->batch, vic_inference_output(x),
                                        classes);
}

double vic_inference_energy(const vic_inference *x, int id, int step) {
    const vic_local_population *r = find(x, id);
    return r && step >= 0 && step <= x->schedule->steps ? r->energy[step] : 0;
}

vic_status vic_inference_collect_energy(vic_inference *x, double *totals) {
    size_t columns = (size_t)x->schedule->steps + 1, populations = (size_t)x->network->n_populations;
    double *mine = NULL, *all = NULL;
    vic_status status = vic_allocate((size_t)x->n_local_populations * columns, sizeof *mine, &mine);
    if (status == VIC_OK)
        status = vic_allocate(populations * columns, sizeof *all, &all);
    status = vic_group_agree_on_status(x->group, status);
    for (int i = 0; status == VIC_OK && i < x->n_local_populations; i++)
        for (size_t c = 0; c < columns; c++)
            mine[(size_t)i * columns + c] = x->local_populations[i].energy[c];
    if (status == VIC_OK)
        status = vic_group_gather_rows(x->group, x->rank_of, (int)populations, columns, mine, all);
    for (size_t c = 0; status == VIC_OK && totals && c < columns; c++) {
        totals[c] = 0;
        for (size_t p = 0; p < populations; p++)
            totals[c] += all[p * columns + c];
    }
    vic_release(&mine);
    vic_release(&all);
    return status;
}

vic_population *vic_inference_population(vic_inference *x, int id) {
    vic_local_population *r = find(x, id);
    return r ? r->population : NULL;
}

vic_wiring *vic_inference_wiring(vic_inference *x) {
    return x->wiring;
}

const vic_network *vic_inference_network(const vic_inference *x) {
    return x->network;
}

vic_group *vic_inference_group(vic_inference *x) {
    return x->group;
}

const int *vic_inference_rank_of(const vic_inference *x) {
    return x->rank_of;
}

bool vic_inference_learns(const vic_inference *x) {
    return x->learns;
}

size_t vic_inference_capacity(const vic_inference *x) {
    return x->capacity;
}

vic_sample_range vic_inference_microbatch_of(const vic_inference *x, int id, size_t sample) {
    const vic_local_population *r = find(x, id);
    vic_sample_range microbatch = {0, x->batch};
    for (int k = 0; r && vic_is_split(x, r->population) && k < x->n_microbatches; k++) {
        microbatch = vic_nth_microbatch(x->batch, x->n_microbatches, k);
        if (sample < microbatch.first + microbatch.samples)
            break;
    }
    return microbatch;
}

vic_inference_options vic_inference_get_options(const vic_inference *x) {
    return x->options;
}

bool vic_inference_is_faulty(const vic_inference *x, int id) {
    const vic_local_population *r = find(x, id);
    return r && r->is_faulty;
}

int vic_inference_steps(const vic_inference *x) {
    return x->schedule->steps;
}

int vic_inference_own_steps(const vic_inference *x) {
    return vic_inference_steps(x) - x->options.algorithm->traits.closing_steps;
}

int vic_inference_microbatches(const vic_inference *x, size_t batch) {
    return vic_schedule_microbatches(x->schedule, batch);
}

void vic_inference_set_batch_index(vic_inference *x, uint64_t batch_index) {
    vic_wiring_set_batch_index(x->wiring, batch_index);
}

void *vic_inference_input(vic_inference *x) {
    return x->input;
}

void vic_inference_swap_input(vic_inference *x, void **input) {
    void *before = x->input;
    x->input = *input;
    *input = before;
}

void *vic_inference_target(vic_inference *x) {
    return x->target;
}

void *vic_inference_initial(vic_inference *x, int id) {
    vic_local_population *r = find(x, id);
    return r ? r->initial : NULL;
}

const void *vic_inference_recorded_prediction(const vic_inference *x, int id) {
    const vic_local_population *r = find(x, id);
    return r ? r->recorded_prediction : NULL;
}

const void *vic_inference_recorded_belief(const vic_inference *x, int id) {
    const vic_local_population *r = find(x, id);
    return r ? r->recorded_belief : NULL;
}

const void *vic_inference_recorded_error(const vic_inference *x, int id) {
    const vic_local_population *r = find(x, id);
    if (r == NULL || !x->options.record)
        return NULL;
    return vic_is_split(x, r->population) ? r->recorded_error : r->population->error;
}
