#include "projection.h"

#include <math.h>

static int count_out(const vic_network *network, int population) {
    int count = 0;
    for (int e = network->first_out[population]; e >= 0; e = network->edges[e].next_out)
        count++;
    return count;
}

/* Do predictions converge there? */
static bool has_many_in(const vic_network *network, int population) {
    int first = network->first_in[population];
    return first >= 0 && network->edges[first].next_in >= 0;
}

vic_status vic_population_make_belief(vic_population *p) {
    if (p->id == 0 || p->belief)
        return VIC_OK;
    return vic_allocate_counted(p->memory_counter, p->count * p->capacity,
                                vic_precision_bytes(p->network->precision), &p->belief);
}

vic_status vic_population_make_vhat(vic_population *p) {
    if (p->own_vhat)
        return VIC_OK;
    return vic_allocate_counted(p->memory_counter, p->count * p->capacity,
                                vic_precision_bytes(p->network->precision), &p->own_vhat);
}

vic_status vic_population_make_dual(vic_population *p) {
    if (p->id == 0 || p->id == vic_network_output(p->network) || p->dual)
        return VIC_OK;
    return vic_allocate_counted(p->memory_counter, p->count * p->capacity,
                                vic_precision_bytes(p->network->precision), &p->dual);
}

vic_status vic_population_make_displacement(vic_population *p) {
    size_t bytes = vic_precision_bytes(p->network->precision), numbers = p->count * p->capacity;
    if (p->id == 0 || p->displacement)
        return VIC_OK;
    VIC_TRY(vic_population_make_vhat(p));
    for (int i = 0; i < p->n_out; i++)
        VIC_TRY(vic_projection_make_moved(&p->out[i]));
    return vic_allocate_counted(p->memory_counter, numbers, bytes, &p->displacement);
}

static vic_status make_arrays(vic_population *p, vic_population_needs needs) {
    size_t bytes = vic_precision_bytes(p->network->precision), numbers = p->count * p->capacity;
    bool input = p->id == 0, output = p->id == vic_network_output(p->network);
    if (needs.belief)
        VIC_TRY(vic_population_make_belief(p));
    if (!input)
        VIC_TRY(vic_allocate_counted(p->memory_counter, numbers, bytes, &p->error));
    if (!input && !output)
        VIC_TRY(vic_allocate_counted(p->memory_counter, numbers, bytes, &p->feedback));
    if (has_many_in(p->network, p->id))
        VIC_TRY(vic_allocate_counted(p->memory_counter, numbers, bytes, &p->sum));
    if (!input && p->n_out > 1)
        VIC_TRY(vic_allocate_counted(p->memory_counter, numbers, bytes, &p->scratch));
    return VIC_OK;
}

static vic_status make_projections(vic_population *p, vic_population_needs needs) {
    VIC_TRY(vic_allocate((size_t)p->n_out, sizeof *p->out, &p->out));
    int made = 0;
    if (vic_detects_anomalies())
        VIC_TRY(vic_allocate(1, sizeof *p->anomaly, &p->anomaly));
    for (int e = p->network->first_out[p->id]; e >= 0; e = p->network->edges[e].next_out) {
        VIC_TRY(vic_projection_init(&p->out[made], p->network, e, needs));
        p->out[made++].anomaly = p->anomaly;
    }
    return VIC_OK;
}

vic_status vic_population_create(vic_population **population, const vic_network *network, int id,
                                 vic_population_needs needs) {
    VIC_TRY(vic_allocate(1, sizeof **population, population));
    vic_population *p = *population;
    p->network = network;
    p->memory_counter = needs.memory_counter;
    p->done = needs.done;
    p->dry = needs.dry;
    p->id = id;
    p->count = vic_shape_count(network->shapes[id]);
    p->capacity = needs.capacity;
    p->n_out = count_out(network, id);
    vic_status status = make_arrays(p, needs);
    if (status == VIC_OK)
        status = make_projections(p, needs);
    if (status != VIC_OK)
        vic_population_destroy(population);
    return status;
}

void vic_population_destroy(vic_population **population) {
    vic_population *p = *population;
    if (p == NULL)
        return;
    for (int i = 0; p->out && i < p->n_out; i++)
        if (p->out[i].network)
            vic_projection_clear(&p->out[i]);
    vic_release(&p->out);
    vic_release(&p->anomaly);
    vic_release(&p->belief);
    vic_release(&p->displacement);
    vic_release(&p->own_vhat);
    vic_release(&p->dual);
    vic_release(&p->error);
    vic_release(&p->feedback);
    vic_release(&p->sum);
    vic_release(&p->scratch);
    vic_release(population);
}

void vic_population_initialise(vic_population *p, uint64_t seed) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    for (int i = 0; i < p->n_out && !p->dry; i++) {
        vic_projection *out = &p->out[i];
        for (size_t k = 0; k < out->n_parameters; k++) {
            const vic_parameter *parameter = vic_parameter_slot_at(p->network, out->edge_index, k).parameter;
            uint64_t stream = (uint64_t)out->edge_index << 16 | k;
            double bound = 1 / sqrt((double)parameter->fan_in);
            arithmetic->fill_uniform(parameter->count, seed, stream, bound, out->theta[k]);
        }
    }
}

bool vic_population_count_cost(const vic_population *p, vic_task task, size_t batch) {
    if (p->done)
        vic_cost_add(p->done, vic_population_cost(p->network, p->id, task, batch));
    return p->dry;
}

void vic_population_round(vic_population *p, double grain) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    for (int i = 0; i < p->n_out; i++)
        for (size_t k = 0; k < p->out[i].n_parameters; k++)
            arithmetic->round_to(vic_parameter_slot_at(p->network, p->out[i].edge_index, k).parameter->count,
                                 grain, p->out[i].theta[k]);
}

void vic_population_feedback(vic_population *p, vic_sample_range microbatch, void *into) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    vic_precision precision = p->network->precision;
    p->has_feedback = false;
    for (int i = 0; i < p->n_out; i++) {
        if (!vic_projection_has_error(&p->out[i]))
            continue;
        vic_projection_vjp(&p->out[i], microbatch, p->has_feedback ? p->scratch : into);
        void *sum = vic_microbatch_at(precision, p->count, into, microbatch);
        if (p->has_feedback && !vic_population_count_cost(p, VIC_TASK_ADD, microbatch.samples))
            arithmetic->add(p->count * microbatch.samples,
                            vic_microbatch_at(precision, p->count, p->scratch, microbatch), sum, sum);
        p->has_feedback = true;
    }
}
