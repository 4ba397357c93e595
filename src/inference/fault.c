/* Numbers that are not finite: where they first arose, on this rank and on all. */
#include "inference.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static bool is_earlier(const vic_fault *a, const vic_fault *b) {
    if (a->batch != b->batch)
        return a->batch < b->batch;
    if (a->stage != b->stage)
        return a->stage < b->stage;
    if (a->is_anomaly != b->is_anomaly)
        return a->is_anomaly;
    return a->population > b->population;
}

void vic_fault_keep(vic_fault *first, const vic_fault *other) {
    if (other->found && (!first->found || is_earlier(other, first)))
        *first = *other;
}

void vic_fault_keep_of(vic_fault *first, const vic_fault *found, uint64_t batch, const char *where) {
    vic_fault fault = *found;
    fault.batch = batch;
    size_t used = strlen(fault.text);
    snprintf(fault.text + used, sizeof fault.text - used, " (%s)", where);
    vic_fault_keep(first, &fault);
}

/* Populations that are at work side by side may find some at once. */
static void keep(vic_inference *x, const vic_fault *fault) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    vic_fault_keep(&x->fault, fault);
    pthread_mutex_unlock(&lock);
}

void vic_note_fault(vic_inference *x, int step, int population, const char *what) {
    vic_fault fault = {.found = true, .status = VIC_NOT_FINITE, .stage = step, .population = population};
    snprintf(fault.text, sizeof fault.text,
             "the %s of population %d is not a finite number at inference step %d", what, population, step);
    keep(x, &fault);
    for (int i = 0; i < x->n_local_populations; i++)
        if (x->local_populations[i].population->id == population)
            x->local_populations[i].is_faulty = true;
}

void vic_note_anomaly(vic_inference *x, int stage, int population, const char *what) {
    vic_fault fault = {.found = true,
                       .status = VIC_NOT_FINITE,
                       .stage = stage,
                       .population = population,
                       .is_anomaly = true};
    bool is_gradient = stage > x->schedule->steps;
    snprintf(fault.text, sizeof fault.text, "%s %s inference step %d", what, is_gradient ? "after" : "at",
             is_gradient ? x->schedule->steps : stage);
    vic_fault_keep(&x->fault, &fault);
}

void vic_collect_anomaly(vic_inference *x, const vic_population *p, int stage) {
    if (p->anomaly == NULL || !p->anomaly->found)
        return;
    vic_note_anomaly(x, stage, p->id, p->anomaly->text);
    p->anomaly->found = false;
}

bool vic_is_finite(const vic_inference *x, const vic_population *p, const void *array) {
    return p->dry || x->arithmetic->all_finite(p->count * x->batch, array);
}

void vic_inspect(vic_inference *x, const vic_population *p, int step, const char *what, const void *array) {
    if (!vic_is_finite(x, p, array))
        vic_note_fault(x, step, p->id, what);
}

bool vic_check_classes(vic_inference *x, const vic_population *p, int step) {
    const int64_t *classes = x->target;
    if (x->network->loss->target_type != VIC_TARGET_CLASSES || p->dry)
        return true;
    for (size_t b = 0; b < x->batch; b++) {
        if (classes[b] >= 0 && (uint64_t)classes[b] < p->count)
            continue;
        vic_fault fault = {.found = true, .status = VIC_BAD_CONFIG, .stage = step, .population = p->id};
        snprintf(fault.text, sizeof fault.text,
                 "sample %zu is of class %lld, the network has classes 0 to %zu", b, (long long)classes[b],
                 p->count - 1);
        keep(x, &fault);
        return false;
    }
    return true;
}

static void inspect_gradient(vic_inference *x, const vic_projection *out, size_t i, int step) {
    vic_parameter_slot slot = vic_parameter_slot_at(x->network, out->edge_index, i);
    if (x->arithmetic->all_finite(slot.parameter->count, out->gradient[i]))
        return;
    vic_fault fault = {.found = true,
                       .status = VIC_NOT_FINITE,
                       .stage = x->schedule->steps + 1,
                       .population = x->network->edges[out->edge_index].from};
    snprintf(fault.text, sizeof fault.text,
             "the gradient %s of population %d is not a finite number after inference step %d", slot.name,
             fault.population, step);
    keep(x, &fault);
}

void vic_inspect_gradients(vic_inference *x, int step) {
    x->has_gradients = false;
    for (int r = 0; r < x->n_local_populations; r++) {
        const vic_population *p = x->local_populations[r].population;
        for (int k = 0; k < p->n_out && !p->dry; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++)
                inspect_gradient(x, &p->out[k], i, step);
    }
}

const vic_fault *vic_inference_fault(const vic_inference *x) {
    return &x->fault;
}

/* The first fault of all ranks, as each of them knows it. */
typedef struct first_fault {
    bool found, mine;
    bool may_be_of_eta;
} first_fault;

/* A fault of the sweep comes before eta has any effect. */
static bool may_be_of_eta(const vic_inference *x, const vic_fault *fault) {
    return x->options.algorithm->traits.takes_euler_steps && fault->status == VIC_NOT_FINITE &&
           fault->stage > 0 && !fault->is_of_update;
}

/* As a number, which is the larger the earlier it is in its batch. */
static int64_t place_of(const vic_fault *fault) {
    return (int64_t)(INT_MAX - fault->stage) << 32 | (int64_t)fault->is_anomaly << 31 | fault->population;
}

/* The largest number over the ranks stands for the earliest. */
static vic_status find_first(vic_inference *x, const vic_fault *mine, first_fault *first) {
    int64_t batch = mine->found ? INT64_MAX - (int64_t)mine->batch : -1, earliest, place, best;
    VIC_TRY(vic_group_allreduce_max(x->group, 1, &batch, &earliest));
    *first = (first_fault){.found = earliest >= 0};
    if (!first->found)
        return VIC_OK;
    place = batch == earliest ? place_of(mine) : -1;
    VIC_TRY(vic_group_allreduce_max(x->group, 1, &place, &best));
    first->mine = place == best;
    int64_t of_eta = first->mine && may_be_of_eta(x, mine), any;
    VIC_TRY(vic_group_allreduce_max(x->group, 1, &of_eta, &any));
    first->may_be_of_eta = any;
    return VIC_OK;
}

/* Two digits, rounded down. */
static double round_down(double bound) {
    double unit = pow(10, floor(log10(bound)) - 1);
    return floor(bound / unit * (1 + 1e-6)) * unit;
}

enum { ADVICE = 200 };

/* What to try; bound 0: nothing is known of it. */
static const char *advice(const vic_inference *x, double bound, char text[ADVICE]) {
    double eta = x->options.eta;
    const char *wider = x->network->precision == VIC_FLOAT32 ? ", or precision: float64" : "";
    if (bound <= 0)
        snprintf(text, ADVICE, "try a smaller learning rate or inference.eta%s", wider);
    else if (eta < bound)
        snprintf(
            text, ADVICE,
            "inference.eta %g is below %.2g and should converge, so a smaller learning rate is likelier to "
            "help%s",
            eta, round_down(bound), wider);
    else
        snprintf(text, ADVICE,
                 "inference.eta %g diverges: try one below %.2g, 2 / (1 + max |J|)^2 with these synapses, or "
                 "a smaller "
                 "learning rate",
                 eta, round_down(bound));
    return text;
}

vic_status vic_fault_report(vic_inference *x, const vic_fault *fault) {
    const vic_fault mine = *fault; /* that of the inference may change meanwhile */
    first_fault first;
    double bound = 0;
    char text[ADVICE];
    vic_status status = VIC_OK;
    VIC_TRY(find_first(x, &mine, &first));
    if (!first.found)
        return VIC_OK;
    if (first.may_be_of_eta)
        VIC_TRY(vic_find_eta_bound(x, &bound));
    if (first.mine && mine.status != VIC_NOT_FINITE)
        status = vic_fail(mine.status, "%s", mine.text);
    else if (first.mine)
        status = vic_fail(VIC_NOT_FINITE, "%s: %s%s", mine.text, advice(x, bound, text),
                          x->options.wires ? ", or a wider channels.encoding" : "");
    return vic_group_agree_on_status(x->group, status);
}

vic_status vic_inference_check(vic_inference *x) {
    if (x->has_gradients)
        vic_inspect_gradients(x, x->schedule->steps);
    return vic_fault_report(x, &x->fault);
}
