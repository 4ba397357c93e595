/* What a report runs: the configured algorithm and those it is compared with, on one batch. */
#include "report.h"

#include <math.h>
#include <stdlib.h>

enum { REPEATS = 5, WAVE_STEPS = 20 };

/* ---- which runs ---- */

static bool same(vic_inference_options a, vic_inference_options b) {
    bool one_pass = vic_algorithm_traits_of(a.algorithm)->single_step;
    return a.algorithm == b.algorithm && a.wires == b.wires && (one_pass || a.eta == b.eta);
}

static void add_run(vic_report *r, const vic_algorithm *algorithm, double eta, int steps) {
    const vic_report_run *configured = &r->runs[0];
    vic_inference_options options = configured->options;
    if (options.error_weights && !vic_algorithm_traits_of(algorithm)->takes_error_weights)
        return;
    options.algorithm = algorithm;
    options.coordinates = VIC_COORDINATES_ERROR;
    options.microbatches = 1;
    options.wires = NULL;
    options.eta = eta;
    options.steps = steps;
    for (size_t i = 0; i < r->n_runs; i++)
        if (same(r->runs[i].options, options))
            return;
    if (r->n_runs < VIC_REPORT_RUNS)
        r->runs[r->n_runs++].options = options;
}

static void choose_runs(vic_report *r) {
    int layers = r->session.config->network->n_populations - 1;
    int steps = 2 * layers > WAVE_STEPS ? 2 * layers : WAVE_STEPS;
    size_t n;
    r->runs[0] = (vic_report_run){.options = r->session.config->inference, .configured = true};
    r->n_runs = 1;
    const vic_algorithm *const *all = vic_algorithms(&n);
    for (size_t i = 0; i < n; i++) {
        const vic_algorithm_traits *traits = vic_algorithm_traits_of(all[i]);
        for (int k = 0; k < traits->n_baselines; k++) {
            double eta = traits->baseline_eta[k];
            add_run(r, all[i], eta, eta == 1 ? layers : steps);
        }
    }
}

/* ---- which samples ---- */

enum { NORM, CLASS, PREDICTED, STATISTICS };

static double number_at(vic_precision precision, const void *array, size_t i) {
    return precision == VIC_FLOAT32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

/* The largest of a sample's outputs in (outputs, batch). */
static double largest(const vic_report *r, const vic_population *p, const void *array, size_t sample) {
    vic_precision precision = r->session.config->network->precision;
    size_t best = 0;
    for (size_t i = 1; i < p->count; i++)
        if (number_at(precision, array, i * r->batch + sample) >
            number_at(precision, array, best * r->batch + sample))
            best = i;
    return (double)best;
}

/* On the rank of the output population, after an exact inference. */
static void describe_samples(const vic_report *r, double *statistics) {
    const vic_network *network = r->session.config->network;
    vic_inference *x = r->session.inference;
    const vic_population *p = vic_inference_population(x, vic_network_output(network));
    bool classes = network->loss->target_type == VIC_TARGET_CLASSES;
    for (size_t b = 0; p && b < r->batch; b++) {
        double sum = 0, *row = statistics + b * STATISTICS;
        for (size_t i = 0; i < p->count; i++)
            sum += pow(number_at(network->precision, p->error, i * r->batch + b), 2);
        row[NORM] = sqrt(sum);
        row[CLASS] = classes ? (double)((const int64_t *)vic_inference_target(x))[b]
                             : largest(r, p, vic_inference_target(x), b);
        row[PREDICTED] = largest(r, p, p->vhat, b);
    }
}

typedef struct ranked {
    double norm;
    size_t index;
} ranked;

static int by_norm(const void *a, const void *b) {
    const ranked *one = a, *other = b;
    if (one->norm != other->norm)
        return one->norm > other->norm ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

/* On rank 0: the one with the largest error, the one in the middle, the one with the smallest. */
static vic_status pick(vic_report *r, const double *statistics) {
    static const char *const about[] = {"surprises most", "typical", "surprises least"};
    ranked *order;
    VIC_TRY(vic_allocate(r->batch, sizeof *order, &order));
    for (size_t b = 0; b < r->batch; b++)
        order[b] = (ranked){statistics[b * STATISTICS + NORM], b};
    qsort(order, r->batch, sizeof *order, by_norm);
    for (size_t k = 0; k < r->n_samples; k++) {
        size_t index = order[r->n_samples > 1 ? k * (r->batch - 1) / (r->n_samples - 1) : 0].index;
        const double *row = statistics + index * STATISTICS;
        r->samples[k] = (vic_report_sample){index, about[k], (int64_t)row[CLASS], (int64_t)row[PREDICTED]};
    }
    vic_release(&order);
    return VIC_OK;
}

static vic_status broadcast_choice(vic_report *r) {
    int64_t mine[VIC_REPORT_SAMPLES], all[VIC_REPORT_SAMPLES];
    for (size_t k = 0; k < VIC_REPORT_SAMPLES; k++)
        mine[k] = vic_session_prints(&r->session) ? (int64_t)r->samples[k].index : 0;
    VIC_TRY(vic_group_allreduce_max(r->session.group, VIC_REPORT_SAMPLES, mine, all));
    for (size_t k = 0; k < VIC_REPORT_SAMPLES; k++)
        r->samples[k].index = (size_t)all[k];
    return VIC_OK;
}

static vic_status populate(vic_report *r, vic_inference_options options, const char *weights,
                           const vic_source *data) {
    vic_session *session = &r->session;
    vic_demand demand = {
        .capacity = r->batch, .learns = true, .compares = true, .records = true, .options = options};
    vic_session_depopulate(session);
    VIC_TRY(vic_session_populate(session, &demand, weights));
    return vic_session_feed(session, data, r->batch);
}

static vic_inference_options exact_options(const vic_report *r) {
    vic_inference_options options = r->session.config->inference;
    options.algorithm = vic_algorithm_exact();
    options.wires = NULL;
    return options;
}

static vic_status choose_samples(vic_report *r, const char *weights, const vic_source *data) {
    vic_group *group = r->session.group;
    double *statistics = NULL;
    r->n_samples = r->batch < VIC_REPORT_SAMPLES ? 1 : VIC_REPORT_SAMPLES;
    VIC_TRY(populate(r, exact_options(r), weights, data));
    VIC_TRY(vic_inference_run(r->session.inference, r->batch));
    VIC_TRY(vic_inference_check(r->session.inference));
    VIC_TRY(vic_group_agree_on_status(group,
                                      vic_allocate(r->batch * STATISTICS, sizeof *statistics, &statistics)));
    describe_samples(r, statistics);
    vic_status status =
        vic_group_fetch(group, r->session.rank_of, vic_network_output(r->session.config->network),
                        r->batch * STATISTICS, statistics);
    if (status == VIC_OK)
        status =
            vic_group_agree_on_status(group, vic_session_prints(&r->session) ? pick(r, statistics) : VIC_OK);
    if (status == VIC_OK)
        status = broadcast_choice(r);
    vic_release(&statistics);
    return status;
}

/* ---- the runs ---- */

static vic_status shorten(const vic_report *r, vic_report_run *run) {
    vic_inference *x = r->session.inference;
    vic_inference_options shorter = run->options;
    if (vic_inference_steps(x) > VIC_REPORT_STEPS) {
        shorter.steps = VIC_REPORT_STEPS;
        VIC_TRY(vic_group_agree_on_status(r->session.group, vic_inference_set_options(x, shorter)));
    }
    run->played = vic_inference_steps(x);
    run->compared = vic_inference_own_steps(x);
    return VIC_OK;
}

static vic_status record(vic_report *r, vic_report_run *run) {
    vic_inference *x = r->session.inference;
    size_t layers = (size_t)r->session.config->network->n_edges, chosen[VIC_REPORT_SAMPLES];
    for (size_t k = 0; k < VIC_REPORT_SAMPLES; k++)
        chosen[k] = r->samples[k].index;
    VIC_TRY(shorten(r, run));
    if (!vic_algorithm_traits_of(run->options.algorithm)->single_step) {
        vic_status status =
            vic_allocate((size_t)run->compared * layers, sizeof *run->trajectory, &run->trajectory);
        VIC_TRY(vic_group_agree_on_status(r->session.group, status));
        VIC_TRY(vic_trajectory(x, r->batch, VIC_WEIGHTS_AND_BIASES, run->trajectory));
    }
    return vic_recording_create(&run->recording, x, r->batch, r->n_samples, chosen);
}

static vic_status run_one(vic_report *r, vic_report_run *run, const char *weights, const vic_source *data) {
    size_t layers = (size_t)r->session.config->network->n_edges;
    VIC_TRY(populate(r, run->options, weights, data));
    VIC_TRY(
        vic_group_agree_on_status(r->session.group, vic_allocate(layers, sizeof *run->layers, &run->layers)));
    VIC_TRY(vic_verify(r->session.inference, r->batch, VIC_WEIGHTS_AND_BIASES, run->layers));
    VIC_TRY(vic_communication_measure(&run->communication, r->session.inference, r->batch, REPEATS));
    return record(r, run);
}

static void release_run(vic_report_run *run) {
    vic_release(&run->layers);
    vic_release(&run->trajectory);
    vic_communication_release(&run->communication);
    vic_recording_destroy(&run->recording);
}

/* Numbers that are not finite are the fault of the configured algorithm alone; another one is left out then.
 */
static vic_status keep_or_drop(vic_report *r, size_t index, vic_status status) {
    if (status != VIC_NOT_FINITE || index == 0)
        return status;
    if (vic_session_prints(&r->session))
        fprintf(stderr, "warning: %s is left out of the report: %s\n",
                vic_algorithm_name(r->runs[index].options.algorithm), vic_error_text());
    release_run(&r->runs[index]);
    r->n_runs--;
    for (size_t i = index; i < r->n_runs; i++)
        r->runs[i] = r->runs[i + 1];
    r->runs[r->n_runs] = (vic_report_run){0};
    return VIC_OK;
}

vic_status vic_report_run_all(vic_report *r, const char *weights, const vic_source *data) {
    choose_runs(r);
    VIC_TRY(choose_samples(r, weights, data));
    for (size_t i = 0; i < r->n_runs;) {
        size_t before = r->n_runs;
        VIC_TRY(keep_or_drop(r, i, run_one(r, &r->runs[i], weights, data)));
        i += r->n_runs == before;
    }
    return VIC_OK;
}

void vic_report_release(vic_report *r) {
    for (size_t i = 0; i < r->n_runs; i++)
        release_run(&r->runs[i]);
}
