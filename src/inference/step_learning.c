/* Learning as a part of inference: gradients of a population's synapses, and updates in every step. */
#include "inference.h"

void vic_inference_set_learner(vic_inference *x, vic_learner learner) {
    x->learner = learner;
}

vic_status vic_check_learning(const vic_inference *x) {
    if (!x->options.algorithm->traits.learns_in_steps || (x->learns && x->learner.learn))
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG,
                    "%s updates the synapses in every step: it needs an optimizer and room for gradients",
                    x->options.algorithm->name);
}

void vic_form_gradients_of(vic_inference *x, vic_population *p) {
    vic_set_current_population(x, p);
    for (int k = 0; k < p->n_out; k++)
        vic_projection_gradient(&p->out[k], x->microbatch);
}

/* Of the arrays of each parameter, the gradient is read, and parameter and moments are read and written. */
static vic_cost cost_of(const vic_inference *x, const vic_population *p) {
    vic_cost cost = {0};
    double arrays = 3 + 2 * (double)x->options.learning.n_moments;
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(x->network, p->out[k].edge_index, i);
            double bytes = (double)(slot.parameter->count * vic_precision_bytes(x->network->precision));
            vic_cost_add(&cost, (vic_cost){.bytes = arrays * bytes, .tasks = 1});
        }
    return cost;
}

void vic_learn(vic_inference *x, vic_population *p, int step) {
    vic_set_current_population(x, p);
    if (p->done)
        vic_cost_add(p->done, cost_of(x, p));
    if (p->dry)
        return;
    const char *fault = x->learner.learn(x->learner.context, p, step);
    vic_population_renew(p);
    if (fault)
        vic_note_fault(x, step, p->id, fault);
}
