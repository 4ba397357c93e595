/* One setting of a sweep: its ranks, its data, and every algorithm on them. */
#include "comm.h"

#include <string.h>

typedef struct place {
    const vic_comm *comm;
    size_t index;
    const vic_command_line *line;
} place;

static vic_status number(const place *p, const char *key, size_t *value) {
    return vic_sweep_grid_number(&p->comm->grid, p->index, key, value);
}

/* ---- ranks and data ---- */

static vic_status choose_ranks(vic_comm_setting *s, const place *p) {
    int size = vic_group_size(s->session.group);
    size_t ranks;
    VIC_TRY(number(p, "ranks", &ranks));
    if (ranks > (size_t)size)
        return vic_fail(VIC_BAD_CONFIG,
                        "--sweep ranks=%zu: this run has %d rank%s, start it with mpirun -np %zu", ranks,
                        size, size == 1 ? "" : "s", ranks);
    s->ranks = ranks > 0 ? (int)ranks : size;
    return VIC_OK;
}

/* Of so many samples; 0: they are generated, as many as are needed. */
static vic_status choose_batch(vic_comm_setting *s, const place *p, size_t samples) {
    size_t batch;
    VIC_TRY(number(p, "batch", &batch));
    s->batch = batch > 0 ? batch : vic_session_batch(&s->session);
    if (samples > 0 && s->batch > samples && batch > 0)
        return vic_fail(VIC_BAD_CONFIG, "--sweep batch=%zu: there are %zu samples to train with", batch,
                        samples);
    s->batch = samples > 0 && s->batch > samples ? samples : s->batch;
    return vic_session_cut(&s->session, s->batch, VIC_BAD_CONFIG);
}

/* Numbers in the place of data: uniform in [-1, 1), and the classes in turn. */
static void feed_random(vic_comm_setting *s) {
    const uint64_t inputs = UINT64_MAX, targets = UINT64_MAX - 1; /* streams of no parameter */
    vic_inference *x = s->session.inference;
    const vic_network *network = s->session.config->network;
    const vic_arithmetic *arithmetic = vic_arithmetic_of(network->precision);
    size_t features = vic_shape_count(network->shapes[0]);
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    uint64_t seed = s->session.config->seed;
    if (vic_inference_input(x))
        arithmetic->fill_uniform(features * s->batch, seed, inputs, 1, vic_inference_input(x));
    if (vic_inference_target(x) == NULL)
        return;
    if (network->loss->target_type == VIC_TARGET_VALUES) {
        arithmetic->fill_uniform(outputs * s->batch, seed, targets, 1, vic_inference_target(x));
        return;
    }
    for (size_t b = 0; b < s->batch; b++)
        ((int64_t *)vic_inference_target(x))[b] = (int64_t)(b % outputs);
}

/* ---- the runs ---- */

static bool same(vic_inference_options a, vic_inference_options b) {
    if (a.algorithm != b.algorithm || a.microbatches != b.microbatches)
        return false;
    return vic_algorithm_traits_of(a.algorithm)->single_step || a.always == b.always;
}

/* Over wires that are late, lose or add noise, every message is sent in every step; and a single pass has no
 * later step in which a late message could arrive. */
static bool makes_sense(const vic_comm_setting *s, vic_inference_options options) {
    bool late = false;
    if (options.error_weights && !vic_algorithm_traits_of(options.algorithm)->takes_error_weights)
        return false;
    for (size_t i = 0; options.wires && i < options.wires->count; i++)
        late = late || options.wires->of[i].delay > 0;
    if (vic_algorithm_traits_of(options.algorithm)->single_step)
        return !late && !same(options, s->runs[0].options);
    return (options.always || vic_wires_are_steady(options.wires)) && !same(options, s->runs[0].options);
}

static void add_baseline(vic_comm_setting *s, const vic_algorithm *algorithm, bool always) {
    vic_inference_options options = s->session.config->inference;
    options.algorithm = algorithm;
    options.always = always;
    options.microbatches = 1;
    if (vic_algorithm_traits_of(s->session.config->inference.algorithm)->in_beliefs_alone)
        options.coordinates = VIC_COORDINATES_ERROR; /* the default of the others */
    if (s->n_runs < VIC_MOST_RUNS && makes_sense(s, options))
        s->runs[s->n_runs++].options = options;
}

/* Backpropagation comes first. */
void vic_comm_choose_runs(vic_comm_setting *s, bool alone) {
    vic_inference_options options = s->session.config->inference;
    size_t n;
    const vic_algorithm *const *all = vic_algorithms(&n);
    options.always = options.always || !vic_wires_are_steady(options.wires);
    s->runs[s->n_runs++].options = options;
    if (alone)
        return;
    add_baseline(s, vic_algorithm_exact(), false);
    for (size_t i = 0; i < n; i++)
        for (int always = 0; vic_algorithm_traits_of(all[i])->n_baselines > 0 &&
                             all[i] != vic_algorithm_exact() && always < 2;
             always++)
            add_baseline(s, all[i], always);
}

/* Numbers that are not finite are the fault of the configured algorithm alone; the others are there for
 * comparison, and their messages are counted all the same. */
static vic_status check_finite(const vic_comm_setting *s, const vic_comm_run *run) {
    const vic_session *session = &s->session;
    vic_status status = vic_inference_check(session->inference);
    if (status != VIC_NOT_FINITE || run == &s->runs[0])
        return status;
    if (vic_session_prints(session))
        fprintf(stderr, "warning: %s, for comparison: %s\n", vic_algorithm_name(run->options.algorithm),
                vic_error_text());
    return VIC_OK;
}

static vic_status measure_run(vic_comm_setting *s, vic_comm_run *run, const place *p,
                              const vic_source *data) {
    vic_session *session = &s->session;
    vic_demand demand = {.capacity = s->batch, .learns = p->comm->learns, .options = run->options};
    VIC_TRY(vic_session_populate(session, &demand, p->line->weights));
    if (data)
        VIC_TRY(vic_session_feed(session, data, s->batch));
    else
        feed_random(s);
    VIC_TRY(vic_communication_measure(&run->communication, session->inference, s->batch, p->comm->repeats));
    VIC_TRY(check_finite(s, run));
    vic_session_depopulate(session);
    return VIC_OK;
}

/* On all ranks together; 0 where there is no forecast. */
static double bytes_for(const vic_comm_setting *s, const vic_demand *demand) {
    int ranks = s->session.rank_of[s->session.config->network->n_populations - 1] + 1;
    double sum = 0, *bytes;
    vic_status status = vic_allocate((size_t)ranks, sizeof *bytes, &bytes);
    if (status == VIC_OK)
        status = vic_forecast(s->session.config, s->session.rank_of, demand, bytes);
    for (int rank = 0; status == VIC_OK && rank < ranks; rank++)
        sum += bytes[rank];
    vic_release(&bytes);
    return sum;
}

/* Runs follow each other: the largest of their forecasts is printed. */
static void print_forecast(const vic_comm_setting *s, bool learns, const vic_source *data) {
    vic_demand most = {0};
    double largest = -1;
    if (!vic_session_prints(&s->session))
        return;
    for (size_t i = 0; i < s->n_runs; i++) {
        vic_demand demand = {.capacity = s->batch,
                             .learns = learns,
                             .training_data = data != NULL,
                             .options = s->runs[i].options};
        double needed = bytes_for(s, &demand);
        most = needed > largest ? demand : most;
        largest = needed > largest ? needed : largest;
    }
    vic_print_forecast(s->session.config, s->session.rank_of, &most, true);
}

static vic_status measure_all(vic_comm_setting *s, const place *p, const vic_source *data) {
    vic_comm_choose_runs(s, p->line->alone);
    VIC_TRY(choose_batch(s, p, data ? data->count : 0));
    if (p->comm->grid.n_axes == 0)
        print_forecast(s, p->comm->learns, data);
    for (size_t i = 0; i < s->n_runs; i++)
        VIC_TRY(measure_run(s, &s->runs[i], p, data));
    return VIC_OK;
}

/* *data becomes NULL where the config has none. */
static vic_status open_data(vic_comm_setting *s, vic_dataset **data) {
    *data = NULL;
    VIC_TRY(vic_session_place(&s->session, s->ranks));
    return s->session.config->data.train_inputs.n > 0 ? vic_session_open_data(&s->session, true, data)
                                                      : VIC_OK;
}

static vic_status open_setting(vic_comm_setting *s, const place *p, vic_group *group) {
    VIC_TRY(vic_comm_open_config(&s->session, &p->comm->grid, p->index, group, p->line));
    return vic_group_agree_on_status(group, choose_ranks(s, p));
}

/* ---- before a sweep ---- */

static bool sweeps_data(const vic_sweep_grid *grid) {
    for (size_t a = 0; a < grid->n_axes; a++)
        if (strncmp(grid->axes[a].key, "data", 4) == 0)
            return true;
    return false;
}

/* Data that are the same for all settings are counted once. */
static vic_status count_samples(vic_comm_setting *s, const place *p, size_t *samples) {
    vic_dataset *data;
    if (p->index > 0 && !sweeps_data(&p->comm->grid))
        return VIC_OK;
    VIC_TRY(open_data(s, &data));
    *samples = data ? vic_dataset_source(data)->count : 0;
    vic_dataset_close(&data);
    return VIC_OK;
}

static vic_status check(const place *p, vic_group *group, size_t *samples) {
    vic_comm_setting s = {0};
    vic_status status = open_setting(&s, p, group);
    if (status == VIC_OK)
        status = count_samples(&s, p, samples);
    if (status == VIC_OK)
        status = choose_batch(&s, p, *samples);
    vic_comm_setting_release(&s);
    return status;
}

vic_status vic_comm_check(const vic_comm *comm, vic_group *group, const vic_command_line *line) {
    size_t samples = 0;
    for (size_t i = 0; i < comm->grid.n_combinations; i++) {
        const place p = {.comm = comm, .index = i, .line = line};
        VIC_TRY(check(&p, group, &samples));
    }
    return VIC_OK;
}

/* ---- one setting ---- */

vic_status vic_comm_measure(vic_comm_setting *s, const vic_comm *comm, size_t index, vic_group *group,
                            const vic_command_line *line) {
    const place p = {.comm = comm, .index = index, .line = line};
    vic_dataset *training;
    VIC_TRY(open_setting(s, &p, group));
    VIC_TRY(open_data(s, &training));
    vic_status status = measure_all(s, &p, training ? vic_dataset_source(training) : NULL);
    vic_dataset_close(&training);
    return status;
}

void vic_comm_setting_release(vic_comm_setting *s) {
    for (size_t i = 0; i < s->n_runs; i++)
        vic_communication_release(&s->runs[i].communication);
    vic_session_close(&s->session);
}
