/* What each rank writes down of its own populations, in rows of doubles, goes to rank 0 when the inference is
 * over: there is one row per step for each population, and one for each edge and kind of message. */
#include "recording.h"

struct vic_recording {
    vic_inference *inference; /* while it is written */
    const vic_network *network;
    size_t batch, n_samples;
    const size_t *samples;
    int steps;
    double **states;   /* per population: energy, then its quantities */
    double **messages; /* per edge and kind: whether it was sent, then its numbers */
    void *scratch;     /* for a belief */
};

/* ---- rows ---- */

static size_t width(const vic_recording *r, int population) {
    return vic_shape_count(r->network->shapes[population]);
}

/* Of what one message, or one quantity, is for all the samples. */
static size_t numbers(const vic_recording *r, int population) {
    return width(r, population) * r->n_samples;
}

static size_t state_row(const vic_recording *r, int population) {
    return 1 + VIC_QUANTITIES * numbers(r, population);
}

static double *state_at(const vic_recording *r, int population, int step) {
    return r->states[population] + (size_t)step * state_row(r, population);
}

static double *quantity_at(const vic_recording *r, int population, vic_quantity quantity, int step) {
    return state_at(r, population, step) + 1 + quantity * numbers(r, population);
}

static int line_of(int edge, vic_message_kind kind) {
    return edge * VIC_MESSAGE_KINDS + (int)kind;
}

static size_t message_row(const vic_recording *r, int line) {
    return 1 + numbers(r, r->network->edges[line / VIC_MESSAGE_KINDS].to);
}

static double *message_at(const vic_recording *r, int line, int step) {
    return r->messages[line] + (size_t)step * message_row(r, line);
}

static int sender_of(const vic_recording *r, int line) {
    const vic_edge *edge = &r->network->edges[line / VIC_MESSAGE_KINDS];
    return line % VIC_MESSAGE_KINDS == VIC_PREDICTION ? edge->from : edge->to;
}

static int lines_of(const vic_network *network) {
    return network->n_edges * VIC_MESSAGE_KINDS;
}

/* ---- writing ---- */

/* One sample of a micro-batch at `from`, (shape, microbatch.samples); zeros where that is NULL. */
static void write_sample(const vic_recording *r, int population, vic_sample_range microbatch,
                         const void *from, size_t sample, double *to) {
    size_t n = width(r, population);
    for (size_t i = 0; i < n; i++)
        to[i] = from ? vic_number_at(r->network->precision, from,
                                     i * microbatch.samples + sample - microbatch.first)
                     : 0;
}

/* The chosen samples of (shape, batch), one after the other. */
static void write_quantity(const vic_recording *r, int population, vic_quantity quantity, int step,
                           const void *array) {
    double *to = quantity_at(r, population, quantity, step);
    for (size_t k = 0; k < r->n_samples; k++, to += width(r, population))
        write_sample(r, population, (vic_sample_range){0, r->batch}, array, r->samples[k], to);
}

/* The same of an array of the population, which may be stored micro-batch by micro-batch. */
static void write_own(const vic_recording *r, const vic_population *p, vic_quantity quantity, int step,
                      const void *array) {
    double *to = quantity_at(r, p->id, quantity, step);
    for (size_t k = 0; k < r->n_samples; k++, to += p->count) {
        vic_sample_range microbatch = vic_inference_microbatch_of(r->inference, p->id, r->samples[k]);
        const void *from =
            array ? vic_microbatch_at(r->network->precision, p->count, array, microbatch) : NULL;
        write_sample(r, p->id, microbatch, from, r->samples[k], to);
    }
}

static void note_message(const vic_recording *r, const vic_event *event) {
    vic_sample_range microbatch = event->microbatch;
    double *row = message_at(r, line_of(event->edge, event->message), event->step), *to = row + 1;
    int target = r->network->edges[event->edge].to;
    *row = 1;
    for (size_t k = 0; k < r->n_samples; k++, to += width(r, target))
        if (r->samples[k] >= microbatch.first && r->samples[k] < microbatch.first + microbatch.samples)
            write_sample(r, target, microbatch, event->values, r->samples[k], to);
}

static void note_error(const vic_recording *r, const vic_event *event) {
    const vic_population *p = vic_inference_population(r->inference, event->population);
    if (event->values)
        write_own(r, p, VIC_QUANTITY_ERROR, event->step, event->values);
}

/* ---- what a population holds after a step ---- */

static bool is_output(const vic_population *p) {
    return p->id == vic_network_output(p->network);
}

static const void *belief_after(const vic_recording *r, const vic_population *p, int step) {
    const void *initial = vic_inference_initial(r->inference, p->id);
    bool given = vic_inference_get_options(r->inference).initial_beliefs && !is_output(p) && initial;
    if (p->id == 0)
        return vic_inference_input(r->inference);
    if (step == 0 && !given)
        return vic_inference_recorded_prediction(r->inference, p->id);
    if (step == 0)
        return initial;
    vic_inference_belief_after(r->inference, p->id, step, r->scratch);
    return r->scratch;
}

/* It is taken up in the first step. */
static const void *displacement_after(const vic_recording *r, const vic_population *p, int step) {
    vic_inference_options options = vic_inference_get_options(r->inference);
    if (!vic_algorithm_traits_of(options.algorithm)->predicts_in_steps ||
        options.coordinates != VIC_COORDINATES_ERROR)
        return NULL;
    if (step > 0)
        return p->displacement;
    if (!options.initial_beliefs || p->id == 0 || is_output(p))
        return NULL;
    vic_arithmetic_of(p->network->precision)
        ->subtract(p->count * r->batch, vic_inference_initial(r->inference, p->id), p->vhat, r->scratch);
    return r->scratch;
}

/* Backpropagation has it in the place of the error. */
static const void *feedback_after(const vic_recording *r, const vic_population *p, int step) {
    if (p->feedback == NULL || step == 0)
        return NULL;
    if (vic_algorithm_traits_of(vic_inference_get_options(r->inference).algorithm)->is_backpropagation)
        return p->error;
    return p->has_feedback ? p->feedback : NULL;
}

/* The multiplier starts in the first step. */
static const void *dual_after(const vic_recording *r, const vic_population *p, int step) {
    vic_inference_options options = vic_inference_get_options(r->inference);
    return step > 0 && vic_algorithm_traits_of(options.algorithm)->has_dual ? p->dual : NULL;
}

static void note_step(const vic_recording *r, int step) {
    for (int id = 0; id < r->network->n_populations; id++) {
        const vic_population *p = vic_inference_population(r->inference, id);
        if (p == NULL)
            continue;
        *state_at(r, id, step) = vic_inference_energy(r->inference, id, step);
        write_quantity(r, id, VIC_QUANTITY_BELIEF, step, belief_after(r, p, step));
        write_quantity(r, id, VIC_QUANTITY_DISPLACEMENT, step, displacement_after(r, p, step));
        write_own(r, p, VIC_QUANTITY_PREDICTION, step, p->prediction);
        write_own(r, p, VIC_QUANTITY_FEEDBACK, step, feedback_after(r, p, step));
        write_own(r, p, VIC_QUANTITY_DUAL, step, dual_after(r, p, step));
        if (step == 0 && is_output(p))
            write_own(r, p, VIC_QUANTITY_ERROR, step, p->error);
    }
}

static void receive(void *context, const vic_event *event) {
    if (event->kind == VIC_EVENT_SEND)
        note_message(context, event);
    else if (event->kind == VIC_EVENT_ERROR)
        note_error(context, event);
    else
        note_step(context, event->step);
}

/* ---- making one ---- */

/* Rank 0 allocates the rows of all ranks. */
static vic_status make_rows(vic_recording *r) {
    size_t steps = (size_t)r->steps + 1, widest = 0;
    bool first = vic_group_rank(vic_inference_group(r->inference)) == 0;
    VIC_TRY(vic_allocate((size_t)r->network->n_populations, sizeof *r->states, &r->states));
    VIC_TRY(vic_allocate((size_t)lines_of(r->network), sizeof *r->messages, &r->messages));
    for (int p = 0; p < r->network->n_populations; p++) {
        widest = width(r, p) > widest ? width(r, p) : widest;
        if (first || vic_inference_population(r->inference, p))
            VIC_TRY(vic_allocate(vic_size_product(steps, state_row(r, p)), sizeof(double), &r->states[p]));
    }
    for (int l = 0; l < lines_of(r->network); l++)
        if (first || vic_inference_population(r->inference, sender_of(r, l)))
            VIC_TRY(
                vic_allocate(vic_size_product(steps, message_row(r, l)), sizeof(double), &r->messages[l]));
    return vic_allocate(widest * r->batch, vic_precision_bytes(r->network->precision), &r->scratch);
}

static vic_status report_rows(const vic_recording *r, int population, size_t length, double *rows) {
    vic_group *group = vic_inference_group(r->inference);
    const int *rank_of = vic_inference_rank_of(r->inference);
    for (int step = 0; step <= r->steps; step++) {
        double *row = rows ? rows + (size_t)step * length : NULL;
        VIC_TRY(vic_group_fetch(group, rank_of, population, length, row));
    }
    return VIC_OK;
}

static vic_status collect(const vic_recording *r) {
    for (int p = 0; p < r->network->n_populations; p++)
        VIC_TRY(report_rows(r, p, state_row(r, p), r->states[p]));
    for (int l = 0; l < lines_of(r->network); l++)
        VIC_TRY(report_rows(r, sender_of(r, l), message_row(r, l), r->messages[l]));
    return VIC_OK;
}

static vic_status set_options(vic_inference *x, vic_inference_options options) {
    return vic_group_agree_on_status(vic_inference_group(x), vic_inference_set_options(x, options));
}

static vic_status run(vic_recording *r) {
    vic_subscriber subscriber = {.context = r,
                                 .kinds = VIC_EVENT_BIT(VIC_EVENT_SEND) | VIC_EVENT_BIT(VIC_EVENT_ERROR) |
                                          VIC_EVENT_BIT(VIC_EVENT_STEP_END),
                                 .only = r->inference,
                                 .receive = receive};
    vic_subscribe(&subscriber);
    vic_status status = vic_inference_run(r->inference, r->batch);
    vic_unsubscribe(&subscriber);
    VIC_TRY(status);
    VIC_TRY(vic_inference_check(r->inference));
    return collect(r);
}

/* Beliefs after the last step are computed on request alone. */
static vic_status record(vic_recording *r) {
    vic_inference_options configured = vic_inference_get_options(r->inference), recorded = configured;
    if (configured.record)
        return run(r);
    recorded.record = true;
    VIC_TRY(set_options(r->inference, recorded));
    VIC_TRY(run(r));
    return set_options(r->inference, configured);
}

vic_status vic_recording_create(vic_recording **recording, vic_inference *x, size_t batch, size_t n_samples,
                                const size_t *samples) {
    vic_status status =
        vic_group_agree_on_status(vic_inference_group(x), vic_allocate(1, sizeof **recording, recording));
    if (status != VIC_OK) {
        vic_release(recording);
        return status;
    }
    vic_recording *r = *recording;
    *r = (vic_recording){
        .inference = x,
        .network = vic_inference_network(x),
        .batch = batch,
        .n_samples = n_samples,
        .samples = samples,
        .steps = vic_inference_steps(x),
    };
    status = vic_group_agree_on_status(vic_inference_group(x), make_rows(r));
    if (status == VIC_OK)
        status = record(r);
    vic_release(&r->scratch);
    if (status != VIC_OK)
        vic_recording_destroy(recording);
    return status;
}

void vic_recording_destroy(vic_recording **recording) {
    vic_recording *r = *recording;
    if (r == NULL)
        return;
    for (int p = 0; r->states && p < r->network->n_populations; p++)
        vic_release(&r->states[p]);
    for (int l = 0; r->messages && l < lines_of(r->network); l++)
        vic_release(&r->messages[l]);
    vic_release(&r->states);
    vic_release(&r->messages);
    vic_release(&r->scratch);
    vic_release(recording);
}

/* ---- reading ---- */

int vic_recording_steps(const vic_recording *r) {
    return r->steps;
}

const double *vic_recording_state(const vic_recording *r, int population, vic_quantity quantity, int step,
                                  size_t sample) {
    return quantity_at(r, population, quantity, step) + sample * width(r, population);
}

const double *vic_recording_message(const vic_recording *r, int edge, vic_message_kind kind, int step,
                                    size_t sample) {
    const double *row = message_at(r, line_of(edge, kind), step);
    return *row ? row + 1 + sample * width(r, r->network->edges[edge].to) : NULL;
}

double vic_recording_energy(const vic_recording *r, int population, int step) {
    return *state_at(r, population, step);
}

double vic_recording_free_energy(const vic_recording *r, int step) {
    double sum = 0;
    for (int p = 0; p < r->network->n_populations; p++)
        sum += vic_recording_energy(r, p, step);
    return sum;
}
