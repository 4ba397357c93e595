#include "inference.h"

#include <math.h>

enum { FAR = 1 << 30 };

static bool lower(int *value, int candidate) {
    if (candidate >= *value)
        return false;
    *value = candidate;
    return true;
}

/* News spreads from the output, which errs from step 1. A belief moves in the step in which its own error, or
 * one above it, is not 0; the step after, its own error and those of the populations that it predicts have
 * changed. The input is clamped and passes nothing on. */
static bool spread_along(vic_schedule *s, const vic_edge *edge) {
    int *error = s->first_error, *move = s->first_move;
    bool changed = false;
    if (edge->from == 0)
        return false;
    changed |= lower(&move[edge->from], error[edge->from]);
    changed |= lower(&move[edge->from], error[edge->to]);
    changed |= lower(&error[edge->from], move[edge->from] + 1);
    changed |= lower(&error[edge->to], move[edge->from] + 1);
    return changed;
}

/* Do the synapses change in the first step, whatever comes? Then every prediction of the second is new. */
static bool learns_from_the_start(const vic_schedule *s) {
    return s->options.algorithm->traits.learns_in_steps && s->options.learning.moves_on;
}

static void find_first_steps(vic_schedule *s) {
    for (int p = 0; p < s->network->n_populations; p++)
        s->first_error[p] = s->first_move[p] = FAR;
    s->first_error[vic_network_output(s->network)] = 1;
    for (int p = 1; learns_from_the_start(s) && p < vic_network_output(s->network); p++)
        s->first_error[p] = 2;
    bool changed = true;
    while (changed) {
        changed = false;
        for (int e = s->network->n_edges; e-- > 0;)
            changed |= spread_along(s, &s->network->edges[e]);
    }
}

static bool keeps_nothing(const vic_schedule *s) {
    if (s->unsteady)
        return false;
    for (int p = 1; p < vic_network_output(s->network); p++)
        if (!(s->options.eta * vic_scalar_error_weight(&s->options, p) == 1))
            return false;
    return s->options.eta == 1 || vic_network_output(s->network) > 1;
}

static vic_status fill(vic_schedule *s) {
    size_t n = (size_t)s->network->n_populations;
    s->unsteady = !vic_wires_are_steady(s->options.wires);
    s->options.always = s->options.always || s->unsteady;
    VIC_TRY(vic_allocate(n, sizeof(int), &s->shortest));
    VIC_TRY(vic_allocate(n, sizeof(int), &s->longest));
    VIC_TRY(vic_allocate(n, sizeof(int), &s->first_error));
    VIC_TRY(vic_allocate(n, sizeof(int), &s->first_move));
    VIC_TRY(vic_network_heights(s->network, s->shortest, s->longest));
    find_first_steps(s);
    s->keeps_nothing = keeps_nothing(s);
    return VIC_OK;
}

static vic_status check_options(const vic_network *network, vic_inference_options options) {
    if (options.algorithm == NULL)
        return vic_fail(VIC_BAD_CONFIG, "an inference needs an algorithm");
    if (!options.algorithm->traits.single_step && (!(options.eta > 0) || !isfinite(options.eta)))
        return vic_fail(VIC_BAD_CONFIG, "inference.eta is %g, it must be above 0", options.eta);
    if (options.steps < 1 && !options.algorithm->traits.single_step)
        return vic_fail(VIC_BAD_CONFIG, "inference.steps is %d, it must be at least 1", options.steps);
    if (options.algorithm->traits.has_dual && !(options.penalty > 0 && isfinite(options.penalty)))
        return vic_fail(VIC_BAD_CONFIG, "inference.penalty is %g, it must be above 0", options.penalty);
    if (options.algorithm->traits.has_dual && !(options.dual_rate > 0 && isfinite(options.dual_rate)))
        return vic_fail(VIC_BAD_CONFIG, "inference.dual_rate is %g, it must be above 0", options.dual_rate);
    if (network->loss == NULL || network->n_populations < 2)
        return vic_fail(VIC_BAD_CONFIG, "a network needs a loss and at least one layer");
    return VIC_OK;
}

vic_status vic_schedule_create(vic_schedule **schedule, const vic_network *network,
                               vic_inference_options options) {
    *schedule = NULL;
    VIC_TRY(check_options(network, options));
    if (options.microbatches > 1 && !options.algorithm->traits.takes_microbatches)
        return vic_fail(VIC_BAD_CONFIG, "%s takes no micro-batches", options.algorithm->name);
    if (options.error_weights && !options.algorithm->traits.takes_error_weights)
        return vic_fail(VIC_BAD_CONFIG, "%s takes no precision weights", options.algorithm->name);
    VIC_TRY(vic_allocate(1, sizeof **schedule, schedule));
    **schedule = (vic_schedule){
        .network = network,
        .options = options,
        .steps = (options.algorithm->traits.single_step ? 1 : options.steps) +
                 options.algorithm->traits.closing_steps,
    };
    vic_status status = fill(*schedule);
    if (status != VIC_OK)
        vic_schedule_destroy(schedule);
    return status;
}

void vic_schedule_destroy(vic_schedule **schedule) {
    vic_schedule *s = *schedule;
    if (s == NULL)
        return;
    vic_release(&s->shortest);
    vic_release(&s->longest);
    vic_release(&s->first_error);
    vic_release(&s->first_move);
    vic_release(schedule);
}

int vic_schedule_steps(const vic_schedule *schedule) {
    return schedule->steps;
}

int vic_schedule_microbatches(const vic_schedule *schedule, size_t batch) {
    int microbatches = schedule->options.microbatches > 1 ? schedule->options.microbatches : 1;
    return (size_t)microbatches < batch ? microbatches : batch > 0 ? (int)batch : 1;
}

/* The input needs but its last error. Where that comes late, or falls back on an earlier one when it is lost,
 * the earlier ones have to be sent. */
static bool misses_the_last(const vic_schedule *s, int edge, vic_message_kind kind) {
    return kind == VIC_ERROR && s->network->edges[edge].from == 0 && s->options.wires &&
           vic_wire_forgets(&s->options.wires->of[edge * VIC_MESSAGE_KINDS + VIC_ERROR]);
}

bool vic_schedule_sends(const vic_schedule *schedule, int edge, vic_message_kind kind, int step) {
    if (step == 0)
        return kind == VIC_PREDICTION;
    if (misses_the_last(schedule, edge, kind))
        return true;
    vic_schedule as_if_last = *schedule;
    if (schedule->options.gradients_every_step)
        as_if_last.steps = step;
    return schedule->options.algorithm->is_sent(&as_if_last, &schedule->network->edges[edge], kind, step);
}

int vic_schedule_count(const vic_schedule *schedule, int edge, vic_message_kind kind) {
    int sent = 0;
    for (int step = 1; step <= schedule->steps; step++)
        sent += vic_schedule_sends(schedule, edge, kind, step);
    return sent;
}
