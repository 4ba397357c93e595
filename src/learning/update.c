/* One update of the local synapses. Threads share the blocks of an array, which also say where it stopped
 * being finite. */
#include "trainer.h"

#include "base/pool.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

enum { BLOCK = 16384 };

/* The arrays of one parameter, in one block. */
typedef struct block {
    size_t n;
    const void *gradient;
    void *moments[VIC_MAX_MOMENTS], *theta;
} block;

static block block_at(const vic_trainer *t, const vic_projection *out, void **moments, size_t i, size_t first,
                      size_t count) {
    size_t bytes = first * vic_precision_bytes(out->network->precision);
    block b = {
        .n = count - first < BLOCK ? count - first : BLOCK,
        .gradient = (const char *)out->gradient[i] + bytes,
        .theta = (char *)out->theta[i] + bytes,
    };
    for (size_t m = 0; m < t->options.optimizer->n_moments; m++)
        b.moments[m] = (char *)moments[m] + bytes;
    return b;
}

static const char updated_parameter[] = "updated parameter";

/* What of a block is not finite, in words. */
static const char *name_fault(const vic_trainer *t, const vic_arithmetic *arithmetic, const block *b,
                              bool *updated) {
    *updated = arithmetic->all_finite(b->n, b->gradient);
    for (size_t m = 0; m < t->options.optimizer->n_moments && *updated; m++)
        if (!arithmetic->all_finite(b->n, b->moments[m]))
            return t->options.optimizer->moment_names[m];
    return *updated ? updated_parameter : "gradient";
}

static void note(vic_trainer *t, const vic_projection *out, size_t i, const char *what, bool updated) {
    vic_parameter_slot slot = vic_parameter_slot_at(out->network, out->edge_index, i);
    vic_fault fault = {
        .found = true,
        .status = VIC_NOT_FINITE,
        .stage = t->steps + (updated ? 2 : 1),
        .is_of_update = what == updated_parameter,
        .population = out->network->edges[out->edge_index].from,
    };
    fault.is_anomaly = updated && vic_detects_anomalies();
    snprintf(fault.text, sizeof fault.text,
             "the %s %s of population %d is not a finite number after inference step %d%s%s", what, slot.name,
             fault.population, t->steps, fault.is_anomaly ? ", out of finite ones by an update of " : "",
             fault.is_anomaly ? t->options.optimizer->name : "");
    vic_trainer_keep_fault(t, &fault);
}

/* One parameter and its update. */
typedef struct parameter_update {
    const vic_trainer *t;
    const vic_projection *out;
    void **moments;
    const double *factors;
    size_t i, count;
    atomic_size_t faulty; /* where the first block begins that is not finite; count: there is none */
} parameter_update;

static void keep_first(atomic_size_t *least, size_t first) {
    size_t known = atomic_load(least);
    while (first < known && !atomic_compare_exchange_weak(least, &known, first))
        ;
}

static void update_block(void *context, size_t index) {
    parameter_update *u = context;
    size_t first = index * BLOCK;
    block b = block_at(u->t, u->out, u->moments, u->i, first, u->count);
    /* The block is in the cache for the update. A gradient that is not finite leaves the synapses as they
     * are. */
    if (!vic_arithmetic_of(u->out->network->precision)->all_finite(b.n, b.gradient) ||
        !u->t->options.optimizer->update(u->factors, b.n, b.gradient, b.moments, b.theta))
        keep_first(&u->faulty, first);
}

const char *vic_update_parameter(const vic_trainer *t, const vic_projection *out, void **moments, size_t i,
                                 const double *factors, bool *updated) {
    size_t count = vic_parameter_slot_at(out->network, out->edge_index, i).parameter->count;
    parameter_update u = {t, out, moments, factors, i, count, count};
    vic_pool_run((count + BLOCK - 1) / BLOCK, update_block, &u);
    size_t faulty = atomic_load(&u.faulty);
    if (faulty == count)
        return NULL;
    block b = block_at(t, out, moments, i, faulty, count);
    return name_fault(t, vic_arithmetic_of(out->network->precision), &b, updated);
}

void vic_trainer_keep_fault(vic_trainer *t, const vic_fault *found) {
    char where[80];
    if (!found->found)
        return;
    snprintf(where, sizeof where, "batch %" PRIu64 " of epoch %" PRIu64, t->position.step + 1,
             t->position.epoch + 1);
    vic_fault_keep_of(&t->fault, found, t->position.step, where);
}

vic_fault vic_trainer_take_fault(vic_trainer *t) {
    vic_fault fault = t->fault;
    t->fault = (vic_fault){0};
    return fault;
}

vic_status vic_trainer_report_fault(vic_trainer *t) {
    return vic_fault_report(t->inference, &t->fault);
}

static void update(vic_trainer *t, const vic_projection *out, void **moments, size_t i,
                   const double *factors) {
    bool updated;
    const char *fault = vic_update_parameter(t, out, moments, i, factors, &updated);
    if (fault)
        note(t, out, i, fault, updated);
}

void vic_trainer_update(vic_trainer *t) {
    t->position.updates++;
    t->optimizer_steps += vic_trainer_steps_a_batch(t);
    if (vic_trainer_is_in_steps(t))
        return;
    double factors[VIC_MAX_FACTORS];
    t->options.optimizer->prepare(t->options.settings, t->optimizer_steps, factors);
    for (int p = 0; p < t->n_parameter_states; p++) {
        /* The run has failed. Its synapses stay as they are, to find an eta that converges with them. */
        if (vic_inference_is_faulty(t->inference, t->parameter_states[p].population->id))
            continue;
        for (int k = 0; k < t->parameter_states[p].population->n_out; k++) {
            const vic_projection *out = &t->parameter_states[p].population->out[k];
            for (size_t i = 0; i < out->n_parameters; i++)
                update(t, out, t->parameter_states[p].moments[k][i], i, factors);
        }
    }
}
