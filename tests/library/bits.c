/* Learning and inference through vicinal.h give what the rooms behind it give, bit for bit, and tensors and
 * events are read as they are. */
#include "small.h"

#include "support/nets.h"
#include "support/numbers.h"

#include "learning/learning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = SMALL_CAPACITY, UPDATES = 3, ALL = VIC_MODEL_LEARNS | VIC_MODEL_KEEPS_TENSORS };

typedef struct setting {
    const char *algorithm, *inference; /* as the design has it */
    double eta;
    int steps, microbatches;
    vic_precision precision;
    bool skips; /* an edge from population 0 to 2 */
} setting;

static const setting settings[] = {
    {"fixed-prediction", "{algorithm: fixed-prediction, eta: 0.5, steps: 4}", 0.5, 4, 1, VIC_FLOAT32, false},
    {"fixed-prediction", "{algorithm: fixed-prediction, eta: 1, steps: 3}", 1, 3, 1, VIC_FLOAT64, true},
    {"strict", "{algorithm: strict, eta: 0.3, steps: 6}", 0.3, 6, 1, VIC_FLOAT64, false},
    {"strict", "{algorithm: strict, eta: 0.3, steps: 5}", 0.3, 5, 1, VIC_FLOAT32, true},
    {"exact", "{algorithm: exact, eta: 1, steps: 3, microbatches: 3}", 1, 3, 3, VIC_FLOAT32, false},
    {"augmented-lagrangian", "{algorithm: augmented-lagrangian, eta: 0.2, steps: 5}", 0.2, 5, 1, VIC_FLOAT64,
     false},
    {"incremental", "{algorithm: incremental, eta: 0.2, steps: 5}", 0.2, 5, 1, VIC_FLOAT32, true},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* ---- the inner way ---- */

static const setting *s;
static vic_network *network;
static int rank_of[SMALL_LAYERS + 1];
static vic_inference *x;
static vic_trainer *trainer;

static void make_network(void) {
    vic_function functions[10];
    network = net_chain(s->precision, (vic_shape){1, {SMALL_FEATURES}},
                        "linear 4, tanh | linear 5, tanh | linear 2", "cross-entropy", VIC_MEAN);
    if (s->skips) {
        size_t n = net_layer(s->precision, network->shapes[0], "linear 5", functions);
        ck_assert_int_eq(vic_network_connect(network, 0, 2, n, functions), VIC_OK);
    }
}

static void make_inside(void) {
    vic_inference_options options = net_options(s->algorithm, s->eta, s->steps);
    options.microbatches = s->microbatches;
    options.penalty = options.dual_rate = 1;
    vic_learning_options learning = {.optimizer = vic_optimizer_find(s->precision, "adam"),
                                     .settings = {0.01, 0.9, 0.999, 1e-8},
                                     .batch = N};
    make_network();
    together_assert_ok(vic_inference_place(network, options, together_size(), rank_of));
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, N, true, options));
    for (int id = 0; id < network->n_populations; id++)
        if (vic_inference_population(x, id))
            vic_population_initialise(vic_inference_population(x, id), 1);
    together_assert_ok(vic_trainer_create(&trainer, x, learning, 1));
}

static void feed_inside(void) {
    if (vic_inference_input(x))
        vic_arithmetic_of(s->precision)
            ->samples_inward(SMALL_FEATURES, N, reals_of(s->precision, N * SMALL_FEATURES, small_inputs), N,
                             vic_inference_input(x));
    if (vic_inference_target(x))
        together_assert(vic_feed_classes(x, small_classes, N) == VIC_OK);
    else
        together_assert(true);
}

static bool learns_in_steps(void) {
    return vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->learns_in_steps;
}

static void run_inside(void) {
    feed_inside();
    for (int update = 0; update < UPDATES; update++) {
        together_assert_ok(vic_inference_run(x, N));
        vic_trainer_update(trainer);
    }
    together_assert_ok(vic_inference_run(x, N));
    if (learns_in_steps())
        vic_trainer_update(trainer);
}

/* ---- the same from outside ---- */

static vic_model *model;

static void make_outside(void) {
    vic_design *design = small_design();
    OK(vic_design_set(design, "precision", vic_precision_name(s->precision)));
    OK(vic_design_set(design, "inference", s->inference));
    if (s->skips)
        OK(vic_design_connect(design, 0, 2, "linear: 5"));
    OK(vic_model_create(&model, design, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_destroy(&design));
}

/* One more inference, which learns where its steps do. */
static void infer_outside(void) {
    OK(learns_in_steps() ? vic_model_learn(model, N) : vic_model_infer(model, N));
}

static void run_outside(void) {
    small_batch(model, N);
    for (int update = 0; update < UPDATES; update++)
        OK(vic_model_learn(model, N));
    infer_outside();
}

static void open_both(int i) {
    s = &settings[i];
    make_inside();
    make_outside();
}

static void close_both(void) {
    OK(vic_model_destroy(&model));
    vic_trainer_destroy(&trainer);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
    scrap_free();
}

/* ---- comparing ---- */

/* Is the tensor the model's, as the network has it, on the rank that has it and nowhere else? */
static bool is_same(const char *name, size_t count, const double *expected) {
    double *values = scrap(count, sizeof *values);
    vic_tensor_info info;
    if (vic_model_find_tensor(model, name, &info) != VIC_RESULT_OK || info.count != count)
        return false;
    vic_result result = vic_model_read_f64(model, name, values, count);
    if (expected == NULL)
        return !info.is_here && result == VIC_RESULT_NOT_HERE;
    return info.is_here && result == VIC_RESULT_OK && memcmp(values, expected, count * sizeof *values) == 0;
}

static bool rows_are_same(const char *what, int id, const void *columns) {
    char name[64];
    snprintf(name, sizeof name, "%s.%d", what, id);
    bool is_here = vic_inference_population(x, id) != NULL;
    return is_same(name, N * vic_shape_count(network->shapes[id]),
                   is_here ? net_rows(network, id, N, columns) : NULL);
}

static bool populations_are_same(void) {
    for (int id = 1; id < network->n_populations; id++)
        if (!rows_are_same("prediction", id, vic_inference_recorded_prediction(x, id)) ||
            !rows_are_same("belief", id, vic_inference_recorded_belief(x, id)) ||
            !rows_are_same("error", id, vic_inference_recorded_error(x, id)))
            return false;
    return true;
}

static const vic_projection *projection_of(int edge) {
    const vic_population *p = vic_inference_population(x, network->edges[edge].from);
    for (int k = 0; p && k < p->n_out; k++)
        if (p->out[k].edge_index == edge)
            return &p->out[k];
    return NULL;
}

static bool synapses_are_same(void) {
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++) {
            const vic_projection *out = projection_of(e);
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            size_t n = slot.parameter->count;
            char gradient[64];
            snprintf(gradient, sizeof gradient, "grad.%s", slot.name);
            if (!is_same(slot.name, n, out ? doubles_of(s->precision, n, out->theta[i]) : NULL) ||
                !is_same(gradient, n, out ? doubles_of(s->precision, n, out->gradient[i]) : NULL))
                return false;
        }
    return true;
}

START_TEST(learning_gives_the_same_bits) {
    double loss, mine[16], theirs[16];
    open_both(_i);
    size_t count = (size_t)vic_inference_steps(x) + 1;
    run_inside();
    run_outside();
    together_assert(populations_are_same());
    together_assert(synapses_are_same());
    OK(vic_model_loss(model, &loss));
    together_assert(vic_inference_target(x) == NULL || loss == vic_inference_loss(x));
    OK(vic_model_energy(model, mine, count));
    together_assert_ok(vic_inference_collect_energy(x, theirs));
    together_assert(together_rank() > 0 || memcmp(mine, theirs, count * sizeof *mine) == 0);
    close_both();
}
END_TEST

/* ---- settings, synapses and files ---- */

/* What one model learned goes on in another, by its file of weights and by its state. */
START_TEST(states_go_on_with_the_same_bits) {
    char path[] = "/tmp/vicinal-state-XXXXXX";
    open_both(_i);
    if (together_rank() == 0)
        close(mkstemp(path));
    MPI_Bcast(path, sizeof path, MPI_BYTE, 0, MPI_COMM_WORLD);
    small_batch(model, N);
    OK(vic_model_learn(model, N));
    OK(vic_model_save_state(model, path));
    OK(vic_model_destroy(&model));
    make_outside();
    small_batch(model, N);
    OK(vic_model_load_state(model, path));
    for (int update = 1; update < UPDATES; update++)
        OK(vic_model_learn(model, N));
    OK(vic_model_save(model, path));
    if (!learns_in_steps()) /* weights go back to before an update, the optimizer does not */
        OK(vic_model_learn(model, N));
    OK(vic_model_load(model, path));
    infer_outside();
    run_inside();
    together_assert(populations_are_same() && synapses_are_same());
    if (together_rank() == 0)
        remove(path);
    close_both();
}
END_TEST

START_TEST(a_model_can_be_set_anew) {
    vic_model *other;
    double a, b;
    int steps;
    open_both(0);
    small_batch(model, N);
    OK(vic_model_set(model, "inference.steps", "7"));
    OK(vic_model_set(model, "inference.algorithm", "strict"));
    BAD_DESIGN(vic_model_set(model, "inference.steps", "0"));
    OK(vic_model_infer(model, N));
    OK(vic_model_steps(model, &steps));
    ck_assert_int_eq(steps, 7);
    other = model;
    vic_design *design = small_design();
    OK(vic_design_set(design, "inference", "{algorithm: strict, eta: 0.5, steps: 7}"));
    OK(vic_model_create(&model, design, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_destroy(&design));
    small_batch(model, N);
    OK(vic_model_infer(model, N));
    double energies[2][8];
    OK(vic_model_energy(model, energies[0], 8));
    OK(vic_model_energy(other, energies[1], 8));
    together_assert(memcmp(energies[0], energies[1], sizeof energies[0]) == 0);
    OK(vic_model_loss(model, &a));
    OK(vic_model_loss(other, &b));
    together_assert(a == b);
    OK(vic_model_destroy(&other));
    close_both();
}
END_TEST

/* At rate 0 nothing is learned, whatever the rate was before. */
START_TEST(a_rate_can_be_set_anew) {
    double before[SMALL_WEIGHTS] = {0}, after[SMALL_WEIGHTS] = {0};
    open_both(0);
    run_outside();
    vic_model_read_f64(model, "0.0.weight", before, SMALL_WEIGHTS);
    OK(vic_model_set(model, "learning.optimizer", "{adam: {rate: 0}}"));
    small_batch(model, N);
    OK(vic_model_learn(model, N));
    vic_model_read_f64(model, "0.0.weight", after, SMALL_WEIGHTS);
    together_assert(memcmp(before, after, sizeof before) == 0);
    OK(vic_model_set(model, "learning.optimizer", "{adam: {rate: 0.1}}"));
    OK(vic_model_learn(model, N));
    vic_model_read_f64(model, "0.0.weight", after, SMALL_WEIGHTS);
    bool changed = memcmp(before, after, sizeof before) != 0;
    together_assert(changed == (vic_inference_population(x, 0) != NULL));
    close_both();
}
END_TEST

/* Synapses that are written are read again, in either precision. */
START_TEST(synapses_are_written) {
    float singles[SMALL_WEIGHTS], back[SMALL_WEIGHTS];
    double doubles[SMALL_WEIGHTS];
    bool same = true;
    open_both(_i);
    for (int i = 0; i < SMALL_WEIGHTS; i++)
        singles[i] = (float)number_at(3, (uint64_t)i);
    if (vic_inference_population(x, 0)) {
        same = vic_model_write_f32(model, "0.0.weight", singles, SMALL_WEIGHTS) == VIC_RESULT_OK &&
               vic_model_read_f32(model, "0.0.weight", back, SMALL_WEIGHTS) == VIC_RESULT_OK &&
               vic_model_read_f64(model, "0.0.weight", doubles, SMALL_WEIGHTS) == VIC_RESULT_OK;
        for (int i = 0; same && i < SMALL_WEIGHTS; i++)
            same = singles[i] == back[i] && doubles[i] == singles[i];
    }
    together_assert(same);
    close_both();
}
END_TEST

/* ---- events ---- */

typedef struct seen {
    double last[SMALL_LAYERS + 1][N * 5]; /* the last error of each population */
    int errors, sent, received, steps, ends;
    bool all_read;
} seen;

static void keep_event(void *context, const vic_model_event *event) {
    seen *h = context;
    h->errors += event->kind == VIC_ON_ERROR;
    h->sent += event->kind == VIC_ON_SENT;
    h->received += event->kind == VIC_ON_RECEIVED;
    h->steps += event->kind == VIC_ON_STEP;
    h->ends += event->kind == VIC_ON_END;
    if (event->kind == VIC_ON_ERROR && event->samples > 0)
        h->all_read = h->all_read && vic_model_event_read_f64(event, h->last[event->population],
                                                              N * event->features) == VIC_RESULT_OK;
}

static bool ends_with(const seen *h, int id) {
    double values[N * 5];
    char name[32];
    size_t n = N * vic_shape_count(network->shapes[id]);
    snprintf(name, sizeof name, "error.%d", id);
    return vic_inference_population(x, id) == NULL ||
           (vic_model_read_f64(model, name, values, n) == VIC_RESULT_OK &&
            memcmp(values, h->last[id], n * sizeof *values) == 0);
}

/* The last error that is told of is the one that can be read afterwards; what is sent is received. */
START_TEST(events_report_what_is_there) {
    seen h = {.all_read = true};
    vic_subscription *subscription;
    int balance[2], steps;
    open_both(_i);
    small_batch(model, N);
    OK(vic_model_subscribe(model, 0x3f, keep_event, &h, &subscription));
    infer_outside();
    OK(vic_model_steps(model, &steps));
    together_assert(h.all_read && h.steps == steps + 1 && h.ends == 1);
    for (int id = 1; id < network->n_populations; id++)
        together_assert_msg(ends_with(&h, id), "the error of population %d", id);
    MPI_Allreduce((int[]){h.sent, h.received}, balance, 2, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    together_assert(balance[0] == balance[1] && balance[0] > 0);
    close_both();
}
END_TEST

/* ---- part of the ranks ---- */

START_TEST(a_model_may_live_on_some_ranks) {
    int is_in = together_rank() % 2 == 0;
    double loss = 0, all;
    MPI_Comm some;
    open_both(0);
    run_outside();
    OK(vic_model_loss(model, &all));
    OK(vic_model_destroy(&model));
    MPI_Comm_split(MPI_COMM_WORLD, is_in ? 0 : MPI_UNDEFINED, -together_rank(), &some);
    vic_design *design = small_design();
    OK(vic_design_set(design, "inference", settings[0].inference));
    vic_result result = vic_model_create(&model, design, some, N, ALL);
    together_assert(result == (is_in ? VIC_RESULT_OK : VIC_RESULT_WRONG_USE));
    if (is_in) {
        vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES);
        vic_model_set_classes(model, N, small_classes, N);
        for (int update = 0; update < UPDATES; update++)
            vic_model_learn(model, N);
        vic_model_infer(model, N);
        vic_model_loss(model, &loss);
        vic_model_destroy(&model);
        MPI_Comm_free(&some);
    }
    together_assert(loss == (is_in ? all : 0));
    OK(vic_design_destroy(&design));
    close_both();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("bits of the library");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, learning_gives_the_same_bits, 0, SETTINGS);
    tcase_add_loop_test(all, states_go_on_with_the_same_bits, 0, SETTINGS);
    tcase_add_test(all, a_model_can_be_set_anew);
    tcase_add_test(all, a_rate_can_be_set_anew);
    tcase_add_loop_test(all, synapses_are_written, 0, 2);
    tcase_add_loop_test(all, events_report_what_is_there, 0, SETTINGS);
    tcase_add_test(all, a_model_may_live_on_some_ranks);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
