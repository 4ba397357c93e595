/* The program with one more learning rule: the linker puts a longer list of algorithms in the place of its
 * own.
 *
 * thrice-damped: Jacobians stay at the sweep's vhat. In every step errors come down through all populations,
 * each from the error above as it has just become, and each with a momentum that stays with its population:
 *     m_l <- alpha m_l + eta (J_{l+1}^T z_{l+1} - z_l),    z_l <- z_l + m_l    for 0 < l < L,
 * from z_l = m_l = 0, with z_L = dLoss/dvhat_L. Two closing steps follow in which nothing moves; the input
 * receives z_1 in the last. Micro-batches are allowed. No shipped algorithm has this combination of
 * traits. */
#include "inference/inference.h"

#include <stdlib.h>

enum { CLOSING_STEPS = 2, MOST_ALGORITHMS = 64 };

/* The input and the output have arrays of the whole batch, and send and receive it in micro-batches. */
static vic_status allocate(vic_inference_options options, vic_population *p) {
    if (options.microbatches > 1 && !vic_is_hidden(p))
        VIC_TRY(vic_population_make_vhat(p));
    return vic_population_make_dual(p);
}

static bool closes(const vic_schedule *s, int step) {
    return step > s->steps - CLOSING_STEPS;
}

static bool is_sent(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step) {
    bool changes_once = edge->to == vic_network_output(s->network);
    if (kind == VIC_PREDICTION)
        return false;
    if (edge->from == 0)
        return step == s->steps;
    return s->options.always || (changes_once ? step == 1 : !closes(s, step));
}

static void begin(vic_inference *x, vic_local_population *r) {
    if (vic_is_hidden(r->population))
        vic_clear(x, r->population, r->population->dual);
}

/* to = keep to + take from, of the current micro-batch */
static void mix_part(const vic_inference *x, const vic_population *p, double keep, double take,
                     const void *from, void *to) {
    vic_precision precision = x->network->precision;
    if (!vic_population_count_cost(p, VIC_TASK_MIX, x->microbatch.samples))
        x->arithmetic->mix(p->count * x->microbatch.samples, keep, take,
                           vic_microbatch_at(precision, p->count, from, x->microbatch),
                           vic_microbatch_at(precision, p->count, to, x->microbatch));
}

static void relax(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    if (!vic_is_hidden(p) || closes(x->schedule, step))
        return;
    if (arrived)
        vic_population_feedback(p, x->microbatch, p->feedback);
    if (!p->has_feedback)
        return;
    vic_set_current_population(x, p);
    mix_part(x, p, x->options.dual_rate, x->options.eta, p->feedback, p->dual);
    mix_part(x, p, 1, -x->options.eta, p->error, p->dual);
    mix_part(x, p, 1, 1, p->dual, p->error);
}

static void record(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    const vic_population *p = r->population;
    (void)arrived;
    if (vic_is_hidden(p) && !closes(x->schedule, step))
        vic_record_error(x, r, step, NULL);
    else if (!vic_is_input(p))
        vic_record_again(r, step);
    if (r->recorded_error && vic_is_split(x, p))
        vic_join_microbatches(x, p, p->error, r->recorded_error);
}

static const vic_local_rule rules[] = {
    {.needs_error = true,
     .last_steps = CLOSING_STEPS,
     .formula = "m_{p} <- alpha m_{p} + eta (J_{q}^T z_{q} - z_{p}), my momentum",
     .name = "m",
     .numbers = "{dual_rate} * {dual-} + {eta} * ({feedback} - {error-})",
     .result = VIC_QUANTITY_DUAL},
    {.needs_error = true,
     .last_steps = CLOSING_STEPS,
     .formula = "z_{p} <- z_{p} + m_{p}",
     .name = "z",
     .numbers = "{error-} + {dual}",
     .result = VIC_QUANTITY_ERROR,
     .belief = "vhat_{p} - z_{p}",
     .otherwise = "z_{p} as it is: nothing moves in a closing step"},
};

static const vic_phase phases[] = {
    {.name = "relax",
     .receives = VIC_ERROR,
     .sends = VIC_ERROR,
     .downward = true,
     .by_microbatch = true,
     .act = relax,
     VIC_RULES(rules)},
    {.name = "record", .receives = VIC_NO_MESSAGE, .sends = VIC_NO_MESSAGE, .act = record},
};

static void belief_after(const vic_inference *x, const vic_local_population *r, int step, void *belief) {
    const vic_population *p = r->population;
    (void)step;
    if (vic_is_output(p))
        vic_copy(x, p, r->recorded_prediction, belief);
    else
        vic_subtract(x, p, r->recorded_prediction, vic_inference_recorded_error(x, p->id), belief);
}

static const vic_algorithm thrice_damped = {
    .name = "thrice-damped",
    .help = "errors come down through all populations in each step, with a momentum",
    .traits = {.in_errors_alone = true,
               .takes_microbatches = true,
               .closing_steps = CLOSING_STEPS,
               .has_dual = true,
               .error_symbol = "z",
               .n_baselines = 2,
               .baseline_eta = {0.5, 0.25}},
    .allocate = allocate,
    .is_sent = is_sent,
    .begin = begin,
    .phases = VIC_PHASES(phases),
    .belief_after = belief_after,
};

/* ---- the list ---- */

const vic_algorithm *const *__real_vic_algorithms(size_t *count);
const vic_algorithm *const *__wrap_vic_algorithms(size_t *count);

const vic_algorithm *const *__wrap_vic_algorithms(size_t *count) {
    static const vic_algorithm *all[MOST_ALGORITHMS];
    size_t n;
    const vic_algorithm *const *shipped = __real_vic_algorithms(&n);
    if (n >= MOST_ALGORITHMS)
        abort();
    for (size_t i = 0; i < n; i++)
        all[i] = shipped[i];
    all[n] = &thrice_damped;
    *count = n + 1;
    return all;
}
