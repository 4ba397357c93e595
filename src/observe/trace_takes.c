/* Recording: the timeline of every inference is kept for a while, those of the first ones for ever. */
#include "trace_local.h"

#include <math.h>
#include <string.h>

vic_status vic_clock_check_make(vic_clock_check *check, vic_group *group) {
    VIC_TRY(vic_group_compare_clocks(group, &check->ahead, &check->uncertainty));
    if (fabs(check->ahead) <= check->uncertainty) /* within the uncertainty, one clock */
        check->ahead = 0;
    check->when = vic_now();
    return VIC_OK;
}

vic_take *vic_trace_place(const vic_trace *t, uint64_t index) {
    return &t->takes[index < t->kept ? index : t->kept + (index - t->kept) % t->kept];
}

/* ---- how much is kept: a function of the network and its options, the same on every rank ---- */

static size_t at_most_a_step(const vic_inference *x) {
    int parts = vic_inference_get_options(x).microbatches;
    return VIC_MESSAGE_KINDS * (size_t)vic_inference_network(x)->n_edges * (size_t)(parts > 1 ? parts : 1);
}

static int steps_kept(const vic_inference *x) {
    size_t steps = (size_t)vic_inference_steps(x), most = VIC_TRACE_MESSAGES / 2 / at_most_a_step(x);
    most = most > 2 ? most - 1 : 1; /* the sweep is kept too */
    return (int)(steps < most ? steps : most);
}

static size_t takes_kept(const vic_inference *x) {
    size_t messages = at_most_a_step(x) * ((size_t)vic_inference_steps(x) + 1);
    size_t takes = VIC_TRACE_MESSAGES / 2 / messages;
    return takes < 1 ? 1 : takes > VIC_TRACE_INFERENCES ? VIC_TRACE_INFERENCES : takes;
}

/* ---- watching an inference ---- */

static vic_status note_network(vic_trace *t, const vic_inference *x) {
    const vic_network *network = vic_inference_network(x);
    size_t n = (size_t)network->n_populations, edges = (size_t)network->n_edges;
    t->n_edges = network->n_edges;
    t->n_populations = network->n_populations;
    VIC_TRY(vic_allocate(n, sizeof *t->rank_of, &t->rank_of));
    VIC_TRY(vic_allocate(n, sizeof *t->neurons, &t->neurons));
    VIC_TRY(vic_allocate(2 * edges, sizeof *t->ends, &t->ends));
    VIC_TRY(vic_allocate(2 * takes_kept(x), sizeof *t->takes, &t->takes));
    t->kept = takes_kept(x);
    memcpy(t->rank_of, vic_inference_rank_of(x), n * sizeof *t->rank_of);
    for (size_t p = 0; p < n; p++)
        t->neurons[p] = vic_shape_count(network->shapes[p]);
    for (size_t e = 0; e < edges; e++) {
        t->ends[2 * e] = network->edges[e].from;
        t->ends[2 * e + 1] = network->edges[e].to;
    }
    return VIC_OK;
}

static vic_timeline *timeline_of(vic_inference *x) {
    return vic_wiring_timeline(vic_inference_wiring(x));
}

static void release_take(vic_take *take) {
    vic_release(&take->spans);
    vic_release(&take->step_ends);
    vic_release(&take->sizes);
}

static vic_status make_take(vic_trace *t, const vic_inference *x) {
    if (t->kept == 0)
        VIC_TRY(note_network(t, x));
    vic_take *take = vic_trace_place(t, t->inferences);
    release_take(take);
    *take = (vic_take){
        .index = t->inferences,
        .algorithm = vic_algorithm_name(vic_inference_get_options(x).algorithm),
        .steps = vic_inference_steps(x),
        .microbatches = vic_inference_get_options(x).microbatches,
        .kept_steps = steps_kept(x),
    };
    size_t columns = (size_t)take->kept_steps + 1;
    VIC_TRY(vic_allocate(columns, sizeof *take->step_ends, &take->step_ends));
    return vic_allocate(columns * (size_t)t->n_populations, sizeof *take->sizes, &take->sizes);
}

static void begin(vic_trace *t, vic_inference *x) {
    t->in_a_run = false;
    vic_timeline_start(timeline_of(x));
}

static void end_step(vic_trace *t, vic_inference *x, int step) {
    double now = vic_now();
    if (step == 0 && t->status == VIC_OK)
        t->status = make_take(t, x);
    t->in_a_run = t->status == VIC_OK;
    if (t->in_a_run && step <= vic_trace_place(t, t->inferences)->kept_steps)
        vic_trace_place(t, t->inferences)->step_ends[step] = now;
}

static double size_of(vic_inference *x, int population, int step) {
    double energy = vic_inference_energy(x, population, step);
    bool output = population == vic_network_output(vic_inference_network(x));
    return output ? energy : sqrt(2 * energy);
}

static void keep_sizes(const vic_trace *t, vic_take *take, vic_inference *x) {
    double *size = take->sizes;
    for (int p = 0; p < t->n_populations; p++)
        for (int step = 0; step <= take->kept_steps; step++)
            *size++ = p > 0 && vic_inference_population(x, p) ? size_of(x, p, step) : NAN;
}

/* What came after the last step is kept too, unless steps are left out before it. */
static size_t count_kept(const vic_take *take, const vic_span *spans, size_t count) {
    size_t kept = 0;
    if (take->kept_steps == take->steps)
        return count;
    while (kept < count && spans[kept].step <= take->kept_steps &&
           spans[kept].end <= take->step_ends[take->kept_steps])
        kept++;
    return kept;
}

static vic_status keep_spans(vic_take *take, vic_timeline *timeline) {
    size_t count;
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    take->n_spans = count_kept(take, spans, count);
    VIC_TRY(vic_allocate(take->n_spans, sizeof *take->spans, &take->spans));
    if (take->n_spans > 0)
        memcpy(take->spans, spans, take->n_spans * sizeof *spans);
    return VIC_OK;
}

static void end(vic_trace *t, vic_inference *x) {
    vic_status stopped = vic_timeline_stop(timeline_of(x));
    if (!t->in_a_run)
        return;
    vic_take *take = vic_trace_place(t, t->inferences);
    t->status = stopped == VIC_OK ? keep_spans(take, timeline_of(x)) : stopped;
    keep_sizes(t, take, x);
    t->inferences++;
}

static void receive(void *context, const vic_event *event) {
    if (event->kind == VIC_EVENT_BEGIN)
        begin(context, event->inference);
    else if (event->kind == VIC_EVENT_STEP_END)
        end_step(context, event->inference, event->step);
    else
        end(context, event->inference);
}

/* ---- the trace ---- */

vic_status vic_trace_open(vic_trace **trace, vic_group *group) {
    vic_status status = vic_group_agree_on_status(group, vic_allocate(1, sizeof **trace, trace));
    if (status != VIC_OK) {
        vic_release(trace);
        return status;
    }
    vic_trace *t = *trace;
    t->group = group;
    t->subscriber =
        (vic_subscriber){.context = t,
                         .kinds = VIC_EVENT_BIT(VIC_EVENT_BEGIN) | VIC_EVENT_BIT(VIC_EVENT_STEP_END) |
                                  VIC_EVENT_BIT(VIC_EVENT_END),
                         .receive = receive};
    vic_subscribe(&t->subscriber);
    status = vic_clock_check_make(&t->first, group);
    if (status != VIC_OK)
        vic_trace_close(trace);
    return status;
}

void vic_trace_close(vic_trace **trace) {
    vic_trace *t = *trace;
    if (t == NULL)
        return;
    vic_unsubscribe(&t->subscriber);
    for (size_t i = 0; t->takes && i < 2 * t->kept; i++)
        release_take(&t->takes[i]);
    vic_release(&t->takes);
    vic_release(&t->rank_of);
    vic_release(&t->neurons);
    vic_release(&t->ends);
    vic_release(trace);
}
