/* One update of the local synapses. It goes through the arrays in blocks, and looks whether a block is finite
 * while that is still in the cache. Threads share the blocks. */
#include "trainer.h"

#include "base/pool.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

enum { BLOCK = 1024, BLOCKS_A_TASK = 16 };

/* The arrays of one parameter, from a block on. */
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

static bool is_finite(const vic_trainer *t, const vic_arithmetic *arithmetic, const block *b) {
    const vic_optimizer_kind *optimizer = t->options.optimizer;
    for (size_t m = 0; m < optimizer->n_moments && !optimizer->theta_shows_nonfinite; m++)
        if (!arithmetic->all_finite(b->n, b->moments[m]))
            return false;
    return arithmetic->all_finite(b->n, b->theta);
}

/* What of a block is not finite, in words. */
static const char *name_fault(const vic_trainer *t, const vic_arithmetic *arithmetic, const block *b,
                              bool *updated) {
    *updated = arithmetic->all_finite(b->n, b->gradient);
    for (size_t m = 0; m < t->options.optimizer->n_moments && *updated; m++)
        if (!arithmetic->all_finite(b->n, b->moments[m]))
            return t->options.optimizer->moment_names[m];
    return *updated ? "updated parameter" : "gradient";
}

static void note(vic_trainer *t, const vic_projection *out, size_t i, const char *what, bool updated) {
    vic_parameter_slot slot = vic_parameter_slot_at(out->network, out->edge_index, i);
    vic_fault fault = {
        .found = true,
        .status = VIC_NOT_FINITE,
        .stage = t->steps + (updated ? 2 : 1),
        .population = out->network->edges[out->edge_index].from,
    };
    snprintf(fault.text, sizeof fault.text,
             "the %s %s of population %d is not a finite number after inference step %d", what, slot.name,
             fault.population, t->steps);
    vic_trainer_keep_fault(t, &fault);
}

/* One parameter and its update. */
typedef struct parameter_update {
    const vic_trainer *t;
    const vic_projection *out;
    void **moments;
    size_t i, count;
    uint64_t update;
    atomic_size_t faulty; /* where the first block begins that is not finite; count: there is none */
} parameter_update;

static void keep_first(atomic_size_t *least, size_t first) {
    size_t known = atomic_load(least);
    while (first < known && !atomic_compare_exchange_weak(least, &known, first))
        ;
}

static void update_blocks(void *context, size_t task) {
    parameter_update *u = context;
    const vic_optimizer_kind *optimizer = u->t->options.optimizer;
    const vic_arithmetic *arithmetic = vic_arithmetic_of(u->out->network->precision);
    size_t first = task * BLOCKS_A_TASK * BLOCK, left = u->count - first;
    size_t end = left < BLOCKS_A_TASK * BLOCK ? u->count : first + BLOCKS_A_TASK * BLOCK;
    for (; first < end; first += BLOCK) {
        block b = block_at(u->t, u->out, u->moments, u->i, first, u->count);
        optimizer->update(u->t->options.settings, u->update, b.n, b.gradient, b.moments, b.theta);
        if (first < atomic_load(&u->faulty) && !is_finite(u->t, arithmetic, &b))
            keep_first(&u->faulty, first);
    }
}

const char *vic_update_parameter(const vic_trainer *t, const vic_projection *out, void **moments, size_t i,
                                 uint64_t update, bool *updated) {
    size_t count = vic_parameter_slot_at(out->network, out->edge_index, i).parameter->count;
    parameter_update u = {t, out, moments, i, count, update, count};
    vic_pool_run((count + BLOCKS_A_TASK * BLOCK - 1) / (BLOCKS_A_TASK * BLOCK), update_blocks, &u);
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

static void update(vic_trainer *t, const vic_projection *out, void **moments, size_t i) {
    bool updated;
    const char *fault = vic_update_parameter(t, out, moments, i, t->optimizer_steps, &updated);
    if (fault)
        note(t, out, i, fault, updated);
}

void vic_trainer_update(vic_trainer *t) {
    t->position.updates++;
    t->optimizer_steps += vic_trainer_steps_a_batch(t);
    if (vic_trainer_is_in_steps(t))
        return;
    for (int p = 0; p < t->n_parameter_states; p++)
        for (int k = 0; k < t->parameter_states[p].population->n_out; k++) {
            const vic_projection *out = &t->parameter_states[p].population->out[k];
            for (size_t i = 0; i < out->n_parameters; i++)
                update(t, out, t->parameter_states[p].moments[k][i], i);
        }
}
