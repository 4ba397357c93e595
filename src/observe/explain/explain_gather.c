/* Gathers the numbers of an explanation on rank 0 when the inference is over. */
#include "explanation.h"

#include <string.h>

/* ---- parameters and updates ---- */

static vic_projection *projection_of(vic_inference *x, int edge) {
    vic_population *p = vic_inference_population(x, vic_inference_network(x)->edges[edge].from);
    for (int k = 0; p && k < p->n_out; k++)
        if (p->out[k].edge_index == edge)
            return &p->out[k];
    return NULL;
}

static void to_doubles(vic_precision precision, size_t n, const void *from, double *to) {
    if (precision == VIC_FLOAT32)
        vic_arithmetic_of(VIC_FLOAT64)->from_float32(n, from, to);
    else
        memcpy(to, from, n * sizeof *to);
}

static size_t count_of(const vic_network *network, int edge, size_t i) {
    return vic_parameter_slot_at(network, edge, i).parameter->count;
}

/* Room for a number of each parameter. */
static vic_status allocate_buffers(const vic_network *network, double ****of) {
    VIC_TRY(vic_allocate((size_t)network->n_edges, sizeof **of, of));
    for (int e = 0; e < network->n_edges; e++) {
        size_t n = vic_edge_parameters(&network->edges[e]);
        VIC_TRY(vic_allocate(n, sizeof *(*of)[e], &(*of)[e]));
        for (size_t i = 0; i < n; i++)
            VIC_TRY(vic_allocate(count_of(network, e, i), sizeof(double), &(*of)[e][i]));
    }
    return VIC_OK;
}

static void drop(const vic_network *network, double ****of) {
    for (int e = 0; *of && e < network->n_edges; e++) {
        for (size_t i = 0; (*of)[e] && i < vic_edge_parameters(&network->edges[e]); i++)
            vic_release(&(*of)[e][i]);
        vic_release(&(*of)[e]);
    }
    vic_release(of);
}

/* Local. */
static void copy(const vic_explanation *t, bool gradients, double ***of) {
    for (int e = 0; e < t->network->n_edges; e++) {
        const vic_projection *p = projection_of(t->inference, e);
        for (size_t i = 0; p && i < p->n_parameters; i++)
            to_doubles(t->network->precision, count_of(t->network, e, i),
                       gradients ? p->gradient[i] : p->theta[i], of[e][i]);
    }
}

static vic_status report(const vic_explanation *t, double ***of) {
    for (int e = 0; e < t->network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&t->network->edges[e]); i++)
            VIC_TRY(vic_group_fetch(vic_inference_group(t->inference), vic_inference_rank_of(t->inference),
                                    t->network->edges[e].from, count_of(t->network, e, i), of[e][i]));
    return VIC_OK;
}

static vic_status collect(const vic_explanation *t, bool gradients, double ***of) {
    copy(t, gradients, of);
    return report(t, of);
}

/* ---- the target ---- */

static bool has_classes(const vic_explanation *t) {
    return t->network->loss->target_type == VIC_TARGET_CLASSES;
}

static vic_status collect_target(vic_explanation *t) {
    int output = vic_network_output(t->network);
    size_t n = vic_explanation_neurons(t, output);
    vic_group *group = vic_inference_group(t->inference);
    const int *rank_of = vic_inference_rank_of(t->inference);
    const void *target = vic_inference_target(t->inference);
    double class = target && has_classes(t) ? (double)((const int64_t *)target)[t->sample] : 0;
    for (size_t i = 0; target && !has_classes(t) && i < n; i++) {
        size_t at = i * t->batch + t->sample;
        t->values[i] = t->network->precision == VIC_FLOAT32 ? (double)((const float *)target)[at]
                                                            : ((const double *)target)[at];
    }
    VIC_TRY(vic_group_fetch(group, rank_of, output, 1, &class));
    t->class = (int64_t) class;
    return vic_group_fetch(group, rank_of, output, n, t->values);
}

/* ---- the inferences ---- */

static vic_status set_options(const vic_explanation *t, vic_inference_options options) {
    return vic_group_agree_on_status(vic_inference_group(t->inference),
                                     vic_inference_set_options(t->inference, options));
}

static vic_status run_exact(vic_explanation *t) {
    vic_inference *x = t->inference;
    vic_inference_options exact = t->options;
    exact.algorithm = vic_algorithm_exact();
    exact.initial_beliefs = false;
    VIC_TRY(set_options(t, exact));
    VIC_TRY(vic_inference_run(x, t->batch));
    VIC_TRY(vic_inference_check(x));
    VIC_TRY(collect(t, true, t->exact));
    return set_options(t, t->options);
}

/* ---- steps that learn ---- */

static vic_status make_steps(const vic_explanation *t, double *****of) {
    VIC_TRY(vic_allocate((size_t)t->steps + 1, sizeof **of, of));
    for (int step = 0; step <= t->steps; step++)
        VIC_TRY(allocate_buffers(t->network, &(*of)[step]));
    return VIC_OK;
}

static void drop_steps(const vic_explanation *t, double *****of) {
    for (int step = 0; *of && step <= t->steps; step++)
        drop(t->network, &(*of)[step]);
    vic_release(of);
}

static void receive(void *context, const vic_event *event) {
    const vic_explanation *t = context;
    copy(t, false, t->learned[event->step]);
    if (event->step > 0)
        copy(t, true, t->gradient[event->step]);
}

static vic_status record_learning(vic_explanation *t, size_t *samples) {
    vic_inference *x = t->inference;
    vic_subscriber subscriber = {
        .context = t, .kinds = VIC_EVENT_BIT(VIC_EVENT_STEP_END), .only = x, .receive = receive};
    vic_trainer_sum(t->learner, false);
    vic_subscribe(&subscriber);
    vic_status status = vic_recording_create(&t->recording, x, t->batch, t->batch, samples);
    vic_unsubscribe(&subscriber);
    for (int step = 0; status == VIC_OK && step <= t->steps; step++) {
        status = report(t, t->learned[step]);
        if (status == VIC_OK)
            status = report(t, t->gradient[step]);
    }
    return status;
}

static vic_status record(vic_explanation *t) {
    size_t *samples;
    vic_status status = vic_allocate(t->batch, sizeof *samples, &samples);
    VIC_TRY(vic_group_agree_on_status(vic_inference_group(t->inference), status));
    for (size_t i = 0; i < t->batch; i++)
        samples[i] = i;
    if (vic_explanation_learns_in_steps(t))
        status = record_learning(t, samples);
    else
        status = vic_recording_create(&t->recording, t->inference, t->batch, t->batch, samples);
    vic_release(&samples);
    return status;
}

static vic_status allocate_all(vic_explanation *t) {
    VIC_TRY(allocate_buffers(t->network, &t->theta));
    VIC_TRY(allocate_buffers(t->network, &t->update));
    VIC_TRY(allocate_buffers(t->network, &t->exact));
    if (vic_explanation_learns_in_steps(t)) {
        VIC_TRY(make_steps(t, &t->learned));
        VIC_TRY(make_steps(t, &t->gradient));
    }
    VIC_TRY(
        vic_allocate(vic_explanation_neurons(t, vic_network_output(t->network)), sizeof(double), &t->values));
    return vic_allocate((size_t)t->network->n_edges, sizeof *t->checks, &t->checks);
}

vic_status vic_explanation_gather(vic_explanation *t) {
    t->network = vic_inference_network(t->inference);
    t->steps = vic_inference_steps(t->inference);
    VIC_TRY(vic_group_agree_on_status(vic_inference_group(t->inference), allocate_all(t)));
    VIC_TRY(collect(t, false, t->theta));
    VIC_TRY(collect_target(t));
    VIC_TRY(vic_verify(t->inference, t->batch, VIC_WEIGHTS_AND_BIASES, t->checks));
    VIC_TRY(collect(t, true, t->update));
    VIC_TRY(run_exact(t));
    return record(t);
}

void vic_explanation_release(vic_explanation *t) {
    vic_recording_destroy(&t->recording);
    if (t->network) {
        drop(t->network, &t->theta);
        drop(t->network, &t->update);
        drop(t->network, &t->exact);
        drop_steps(t, &t->learned);
        drop_steps(t, &t->gradient);
    }
    vic_release(&t->values);
    vic_release(&t->checks);
}
