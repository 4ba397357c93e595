/* exact: backpropagation as messages, the reference for everything else. One sweep down:
 *     eps_l = J_{l+1}(vhat_l)^T eps_{l+1},    v_l = vhat_l - eps_l.
 *
 * With micro-batches it is a pipeline, on the schedule of GPipe (Huang et al. 2019, section 2.3 and figure
 * 2c; arXiv 1811.06965): the micro-batches stream up one after the other, population l predicting for
 * micro-batch k while l+1 does for micro-batch k-1; once all have arrived, and the loss of the whole batch is
 * known, their errors stream down. Gradients are added over the micro-batches in their order, after the
 * stream: they delay no message. */
#include "inference.h"

/* The input and the output have arrays of the whole batch, and send and receive it in micro-batches. */
static vic_status allocate(vic_inference_options options, vic_population *p) {
    bool collects = options.microbatches > 1 && !vic_is_hidden(p);
    return collects ? vic_population_make_vhat(p) : VIC_OK;
}

static bool is_sent(const vic_schedule *schedule, const vic_edge *edge, vic_message_kind kind, int step) {
    (void)schedule, (void)edge;
    return kind == VIC_ERROR && step == 1;
}

static void vjp(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)step, (void)arrived;
    if (vic_is_hidden(r->population))
        vic_population_feedback(r->population, x->microbatch, r->population->error);
}

static void record(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)arrived;
    if (vic_is_hidden(r->population))
        vic_record_error(x, r, step, NULL);
    else if (vic_is_output(r->population))
        vic_record_again(r, step);
    if (r->recorded_error && vic_is_split(x, r->population))
        vic_join_microbatches(x, r->population, r->population->error, r->recorded_error);
}

static const vic_local_rule rules[] = {
    {.is_feedback = true, .formula = "eps_{p} = J_{q}^T eps_{q}, which is:"},
};

/* Errors are recorded behind the stream of micro-batches, which this holds up no longer. */
static const vic_phase phases[] = {
    {.name = "pull back",
     .receives = VIC_ERROR,
     .sends = VIC_ERROR,
     .downward = true,
     .by_microbatch = true,
     .act = vjp,
     VIC_RULES(rules)},
    {.name = "record", .receives = VIC_NO_MESSAGE, .sends = VIC_NO_MESSAGE, .act = record},
};

static void belief_after(const vic_inference *x, const vic_local_population *r, int step, void *belief) {
    const vic_population *p = r->population;
    (void)step;
    vic_subtract(x, p, r->recorded_prediction, vic_inference_recorded_error(x, p->id), belief);
}

const vic_algorithm vic_exact = {
    .name = "exact",
    .help = "backpropagation as messages, in one step; a batch in pieces is a pipeline",
    .traits = {.is_backpropagation = true,
               .single_step = true,
               .takes_microbatches = true,
               .takes_error_weights = true,
               .n_baselines = 1,
               .baseline_eta = {1}},
    .forms_every_error = true,
    .allocate = allocate,
    .is_sent = is_sent,
    .phases = VIC_PHASES(phases),
    .belief_after = belief_after,
};
