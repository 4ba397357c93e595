/* The numbers of an explanation as JSON. */
#include "explain_json.h"
#include "json.h"

#include <string.h>

static json_t *vector(const double *values, size_t n) {
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, vic_json_number(values[i]));
    return array;
}

/* Per step 0..n. */
static json_t *history(const vic_explanation *t, int p, vic_quantity quantity) {
    json_t *array = json_array();
    for (int step = 0; step <= t->steps; step++)
        json_array_append_new(
            array, vector(vic_explanation_state(t, p, quantity, step), vic_explanation_neurons(t, p)));
    return array;
}

static json_t *populations(const vic_explanation *t) {
    json_t *array = json_array();
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_is_explained(t, p))
            json_array_append_new(array, json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "population", p,
                                                   "belief", history(t, p, VIC_QUANTITY_BELIEF),
                                                   "displacement", history(t, p, VIC_QUANTITY_DISPLACEMENT),
                                                   "prediction", history(t, p, VIC_QUANTITY_PREDICTION),
                                                   "error", history(t, p, VIC_QUANTITY_ERROR), "feedback",
                                                   history(t, p, VIC_QUANTITY_FEEDBACK)));
    return array;
}

static json_t *messages(const vic_explanation *t) {
    json_t *array = json_array();
    for (int step = 0; step <= t->steps; step++)
        for (int e = 0; e < t->network->n_edges; e++)
            for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
                const vic_edge *edge = &t->network->edges[e];
                const double *message = vic_explanation_message(t, e, (vic_message_kind)kind, step);
                if (message == NULL || !(vic_is_explained(t, edge->from) || vic_is_explained(t, edge->to)))
                    continue;
                json_array_append_new(
                    array, json_pack("{s:i, s:i, s:i, s:s, s:o}", "step", step, "from", edge->from, "to",
                                     edge->to, "kind", vic_message_kind_name((vic_message_kind)kind),
                                     "values", vector(message, vic_explanation_neurons(t, edge->to))));
            }
    return array;
}

/* Where steps learn, of each of them: its gradient, and the value after it. Else NULL. */
static json_t *learning(const vic_explanation *t, int edge, size_t i, size_t n) {
    if (t->learned == NULL)
        return NULL;
    json_t *array = json_array();
    for (int step = 1; step <= t->steps; step++)
        json_array_append_new(array,
                              json_pack("{s:o, s:o}", "gradient", vector(t->gradient[step][edge][i], n),
                                        "value", vector(t->learned[step][edge][i], n)));
    return array;
}

static json_t *parameters(const vic_explanation *t, int edge) {
    json_t *object = json_object();
    for (size_t i = 0; i < vic_edge_parameters(&t->network->edges[edge]); i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(t->network, edge, i);
        size_t n = slot.parameter->count;
        json_object_set_new(object, slot.name,
                            json_pack("{s:o, s:o, s:o, s:o*}", "value", vector(t->theta[edge][i], n),
                                      "update", vector(t->update[edge][i], n),
                                      vic_algorithm_name(vic_algorithm_exact()), vector(t->exact[edge][i], n),
                                      "steps", learning(t, edge, i, n)));
    }
    return object;
}

static json_t *layers(const vic_explanation *t) {
    json_t *array = json_array();
    for (int e = 0; e < t->network->n_edges; e++) {
        const vic_layer_check *c = &t->checks[e];
        if (vic_is_explained(t, t->network->edges[e].from))
            json_array_append_new(array,
                                  json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "layer", e + 1,
                                            "relative_error", vic_json_number(c->relative_error), "angle",
                                            vic_json_number(c->angle), "scale", vic_json_number(c->scale),
                                            "law", vic_json_number(c->law), "parameters", parameters(t, e)));
    }
    return array;
}

static json_t *energies(const vic_explanation *t) {
    json_t *array = json_array();
    for (int step = 1; step <= t->steps; step++)
        json_array_append_new(array, vic_json_number(vic_recording_free_energy(t->recording, step)));
    return array;
}

static json_t *target(const vic_explanation *t) {
    return t->network->loss->target_type == VIC_TARGET_CLASSES
               ? json_integer((json_int_t)t->class)
               : vector(t->values, vic_explanation_neurons(t, vic_network_output(t->network)));
}

vic_status vic_explanation_print_json(const vic_explanation *t) {
    double loss = vic_recording_energy(t->recording, vic_network_output(t->network), 0);
    return vic_json_print(json_pack(
        "{s:s, s:f, s:i, s:s, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "algorithm",
        vic_algorithm_name(t->options.algorithm), "eta", t->options.eta, "steps", t->steps, "coordinates",
        vic_explanation_in_beliefs(t) ? "belief" : "error", "batch", (json_int_t)t->batch, "sample",
        (json_int_t)t->sample + 1, "ranks", vic_group_size(vic_inference_group(t->inference)), "target",
        target(t), "loss", vic_json_number(loss), "free_energy", energies(t), "populations", populations(t),
        "messages", messages(t), "layers", layers(t)));
}
