/* Updates that the steps of an inference ask for, for algorithms that learn in them. */
#include "trainer.h"

#include <stdio.h>
#include <string.h>

/* One parameter and its arrays. */
typedef struct parameter {
    size_t count;
    void *theta, *gradient, **kept;
} parameter;

static parameter parameter_at(const vic_parameter_state *parameter_state, int k, size_t i) {
    const vic_projection *out = &parameter_state->population->out[k];
    return (parameter){
        .count = vic_parameter_slot_at(out->network, out->edge_index, i).parameter->count,
        .theta = out->theta[i],
        .gradient = out->gradient[i],
        .kept = parameter_state->moments[k][i],
    };
}

/* The gradients at hand become the sums, with which no optimiser works: the next step forms its own. */
static void add_gradient(const vic_trainer *t, vic_precision precision, const parameter *p, int step) {
    void *sum = p->kept[vic_trainer_sum_place(&t->options)];
    size_t bytes = p->count * vic_precision_bytes(precision);
    if (step == 1)
        memset(sum, 0, bytes);
    vic_arithmetic_of(precision)->add(p->count, p->gradient, sum, sum);
    memcpy(p->gradient, sum, bytes);
}

static const char *learn(void *context, vic_population *population, int step) {
    vic_trainer *t = context;
    const vic_parameter_state *parameter_state = vic_trainer_find(t, population->id);
    const char *first = NULL;
    bool updated;
    double factors[VIC_MAX_FACTORS];
    t->options.optimizer->prepare(t->options.settings, t->optimizer_steps + (uint64_t)step, factors);
    for (int k = 0; k < population->n_out; k++)
        for (size_t i = 0; i < population->out[k].n_parameters; i++) {
            const vic_projection *out = &population->out[k];
            parameter p = parameter_at(parameter_state, k, i);
            const char *fault = vic_update_parameter(t, out, p.kept, i, factors, &updated);
            if (t->is_summing)
                add_gradient(t, population->network->precision, &p, step);
            if (!fault || first)
                continue;
            bool is_anomaly = updated && vic_detects_anomalies();
            snprintf(t->found, sizeof t->found, "%s %s%s%s", fault,
                     vic_parameter_slot_at(out->network, out->edge_index, i).name,
                     is_anomaly ? ", out of finite ones by an update of " : "",
                     is_anomaly ? t->options.optimizer->name : "");
            first = t->found;
        }
    return first;
}

/* ---- inferences that are undone ---- */

static void keep(const vic_trainer *t, const parameter *p, size_t bytes) {
    memcpy(p->kept[vic_trainer_before_place(&t->options)], p->theta, p->count * bytes);
    for (size_t m = 0; m < t->options.optimizer->n_moments; m++)
        memset(p->kept[m], 0, p->count * bytes);
}

static void restore(const vic_trainer *t, const parameter *p, size_t bytes) {
    memcpy(p->theta, p->kept[vic_trainer_before_place(&t->options)], p->count * bytes);
}

static void receive(void *context, const vic_event *event) {
    const vic_trainer *t = context;
    size_t bytes = vic_precision_bytes(vic_inference_network(t->inference)->precision);
    for (int i = 0; vic_trainer_is_in_steps(t) && i < t->n_parameter_states; i++) {
        const vic_parameter_state *parameter_state = &t->parameter_states[i];
        for (int k = 0; !parameter_state->population->dry && k < parameter_state->population->n_out; k++)
            for (size_t j = 0; j < parameter_state->population->out[k].n_parameters; j++) {
                parameter p = parameter_at(parameter_state, k, j);
                (event->kind == VIC_EVENT_BEGIN ? keep : restore)(t, &p, bytes);
            }
    }
}

void vic_trainer_sum(vic_trainer *t, bool sums) {
    t->is_summing = sums && t->options.sums_gradients;
}

void vic_trainer_attach(vic_trainer *t) {
    vic_trainer_sum(t, true);
    vic_inference_set_learner(t->inference, (vic_learner){t, learn});
    if (!t->options.undoes)
        return;
    t->subscriber = (vic_subscriber){.context = t,
                                     .kinds = VIC_EVENT_BIT(VIC_EVENT_BEGIN) | VIC_EVENT_BIT(VIC_EVENT_END),
                                     .only = t->inference,
                                     .receive = receive};
    vic_subscribe(&t->subscriber);
}

void vic_trainer_detach(vic_trainer *t) {
    vic_inference_set_learner(t->inference, (vic_learner){0});
    if (t->subscriber.receive)
        vic_unsubscribe(&t->subscriber);
}
