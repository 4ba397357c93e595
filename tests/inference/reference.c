/* Every tensor that Torch2PC computed for the cases of tests/reference, on any number of ranks. */
#include "support/case.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"
#include "tensors/batch.h"
#include "tensors/weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The frontier has other rules than the paper's, and no trajectories. */
static const char *const names[] = {"mlp_relu_ce", "mlp_tanh_mse", "mlp_sigmoid_sum", "cnn_pad_mse",
                                    "cnn_pool_ce", "frontier_mlp", "frontier_cnn"};
enum { N_CASES = sizeof names / sizeof names[0], N_FRONTIER = 2, MOST_POPULATIONS = 16 };

static int rank_of[MOST_POPULATIONS];

/* Which tensors of the expected file were compared, on this rank. */
static int64_t *compared;

static vic_inference *infer(const reference_case *c, const char *name, vic_inference_options options) {
    vic_inference *x;
    together_place(c->network, together_size(), rank_of);
    together_assert_ok(
        vic_inference_create(&x, together_group(), c->network, rank_of, c->batch, true, options));
    together_assert_ok(vic_weights_read(x, case_file(name, "weights.safetensors")));
    together_assert_ok(vic_batch_read((vic_batch_files){.batch = case_file(name, "batch.safetensors")}, x));
    return x;
}

/* ---- comparing what is local; the first difference is kept and reported by all ranks together ---- */

static bool fine;
static char difference[256];

static const vic_tensor *find(const reference_case *c, const char *tensor) {
    for (size_t i = 0; i < vic_tensor_file_count(c->expected); i++) {
        const vic_tensor *t = vic_tensor_file_at(c->expected, i);
        if (strcmp(t->name, tensor) == 0) {
            compared[i] = 1;
            return t;
        }
    }
    return NULL;
}

static void differ(const char *format, const char *tensor, double a, double b) {
    if (fine)
        snprintf(difference, sizeof difference, format, tensor, a, b);
    fine = false;
}

/* Within 1e-12 of the largest entry plus 1e-14: the reference itself carries rounding of that size. */
static void compare(const reference_case *c, const char *tensor, size_t n, const double *got) {
    const vic_tensor *t = find(c, tensor);
    double *expected = scrap(n, sizeof *expected);
    if (t == NULL || t->count != n) {
        differ("%s: %g numbers, expected %g", tensor, (double)n, t ? (double)t->count : NAN);
        return;
    }
    if (vic_tensor_read_real(c->expected, t, 0, n, VIC_FLOAT64, expected) != VIC_OK) {
        differ("%s cannot be read", tensor, 0, 0);
        return;
    }
    double off = farthest(n, got, expected), allowed = 1e-12 * largest(n, expected) + 1e-14;
    if (!(off <= allowed))
        differ("%s: off by %g, allowed %g", tensor, off, allowed);
}

/* A multiplier, and what is sent, which the file calls the credit. */
static void compare_dual(const reference_case *c, vic_inference *x, const char *tag, int l) {
    const vic_population *p = vic_inference_population(x, l);
    const char *const what[] = {"credit", "belief", "dual"};
    const void *const columns[] = {vic_inference_recorded_error(x, l), vic_inference_recorded_belief(x, l),
                                   p->dual};
    for (int i = 0; l < vic_network_output(c->network) && i < 3; i++) {
        char tensor[160];
        snprintf(tensor, sizeof tensor, "%s/%s.%d", tag, what[i], l);
        compare(c, tensor, vic_shape_count(c->network->shapes[l]) * c->batch,
                net_rows(c->network, l, c->batch, columns[i]));
    }
}

/* Where initial beliefs were given the file has no predictions of the sweep. */
static void compare_population(const reference_case *c, vic_inference *x, const char *tag, int l) {
    const char *const what[] = {"prediction", "error", "belief"};
    const void *const columns[] = {vic_inference_recorded_prediction(x, l),
                                   vic_inference_recorded_error(x, l), vic_inference_recorded_belief(x, l)};
    bool output = l == vic_network_output(c->network), given = vic_inference_get_options(x).initial_beliefs;
    if (vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->has_dual) {
        compare_dual(c, x, tag, l);
        return;
    }
    for (int i = given ? 1 : 0; i < (output ? 2 : 3); i++) {
        char tensor[160];
        snprintf(tensor, sizeof tensor, "%s/%s.%d", tag, what[i], l);
        size_t n = vic_shape_count(c->network->shapes[l]) * c->batch;
        compare(c, tensor, n, net_rows(c->network, l, c->batch, columns[i]));
    }
}

/* Gradients as "TAG/grad.NAME", or parameters as "TAG/NAME". */
static void compare_parameters(const reference_case *c, const vic_population *p, const char *prefix,
                               bool gradient) {
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(c->network, p->out[k].edge_index, i);
            char tensor[160];
            snprintf(tensor, sizeof tensor, "%s%s", prefix, slot.name);
            compare(c, tensor, slot.parameter->count, gradient ? p->out[k].gradient[i] : p->out[k].theta[i]);
        }
}

/* What the steps have made of parameters and beliefs. */
static void compare_learned(const reference_case *c, vic_inference *x, const char *tag) {
    char text[160];
    for (int l = 0; l < c->network->n_populations; l++) {
        const vic_population *p = vic_inference_population(x, l);
        if (p == NULL)
            continue;
        snprintf(text, sizeof text, "%s/parameter.", tag);
        compare_parameters(c, p, text, false);
        snprintf(text, sizeof text, "%s/belief.%d", tag, l);
        if (l > 0 && l < vic_network_output(c->network))
            compare(c, text, p->count * c->batch,
                    net_rows(c->network, l, c->batch, vic_inference_recorded_belief(x, l)));
    }
}

static void compare_run(const reference_case *c, vic_inference *x, const char *tag) {
    char prefix[96];
    if (vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->learns_in_steps) {
        compare_learned(c, x, tag);
        return;
    }
    snprintf(prefix, sizeof prefix, "%s/grad.", tag);
    for (int l = 0; l < c->network->n_populations; l++) {
        const vic_population *p = vic_inference_population(x, l);
        if (p == NULL)
            continue;
        compare_parameters(c, p, prefix, true);
        if (l > 0)
            compare_population(c, x, tag, l);
    }
    double loss = vic_inference_loss(x);
    bool has_loss = !vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->has_dual;
    snprintf(prefix, sizeof prefix, "%s/loss", tag);
    if (has_loss && !isnan(loss))
        compare(c, prefix, 1, &loss);
}

/* All tensors that start with "TAG/", but the belief of the output, were compared on some rank. */
static void assert_all_compared(const reference_case *c, const char *tag) {
    size_t n = vic_tensor_file_count(c->expected);
    int64_t *anywhere = scrap(n, sizeof *anywhere);
    char output[128], prefix[80];
    snprintf(prefix, sizeof prefix, "%s/", tag);
    snprintf(output, sizeof output, "%sbelief.%d", prefix, vic_network_output(c->network));
    together_assert_ok(vic_group_allreduce_max(together_group(), n, compared, anywhere));
    for (size_t i = 0; i < n; i++) {
        const char *name = vic_tensor_file_at(c->expected, i)->name;
        bool meant = strncmp(name, prefix, strlen(prefix)) == 0 && strcmp(name, output) != 0;
        ck_assert_msg(!meant || anywhere[i], "%s was not compared", name);
        ck_assert_msg(meant || !anywhere[i], "%s was compared in a run of another tag", name);
    }
}

static void begin(const reference_case *c) {
    compared = scrap(vic_tensor_file_count(c->expected), sizeof *compared);
    fine = true;
}

/* ---- tests ---- */

/* An inference with arrays for the beliefs of some run reads them again with the batch. */
static void check_run(const reference_case *c, const char *name, vic_inference *x, const case_run *run,
                      int variant) {
    vic_inference_options options = run->options;
    options.coordinates = variant % 2 ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR;
    options.always = variant / 2;
    vic_trainer *trainer = NULL;
    begin(c);
    if (run->learning.optimizer)
        together_assert_ok(vic_trainer_create(&trainer, x, run->learning, 1));
    vic_status status = vic_inference_set_options(x, options);
    if (status == VIC_OK)
        status = vic_weights_read(x, case_file(name, "weights.safetensors"));
    if (status == VIC_OK)
        status = vic_batch_read((vic_batch_files){.batch = case_file(name, "batch.safetensors")}, x);
    if (status == VIC_OK)
        status = vic_inference_run(x, c->batch);
    if (status == VIC_OK)
        status = vic_inference_check(x);
    together_assert_ok(status);
    compare_run(c, x, run->tag);
    together_assert_msg(fine, "%s, %s coordinates, %s messages: %s", name, variant % 2 ? "belief" : "error",
                        variant / 2 ? "all" : "event-driven", difference);
    assert_all_compared(c, run->tag);
    vic_trainer_destroy(&trainer);
}

START_TEST(every_tensor_of_every_run) {
    reference_case c;
    case_open(&c, names[_i]);
    ck_assert_int_ge(c.n_runs, 3);
    vic_inference *x = infer(&c, names[_i], net_options("exact", 1, 1));
    for (int i = 0; i < c.n_runs; i++)
        for (int variant = 0; variant < 4; variant++)
            check_run(&c, names[_i], x, &c.run[i], variant);
    vic_inference_destroy(&x);
    case_close(&c);
}
END_TEST

START_TEST(parameters_after_steps_of_the_optimisers) {
    reference_case c;
    case_open(&c, names[_i]);
    ck_assert_int_eq(c.n_trajectories, 2);
    for (int i = 0; i < c.n_trajectories; i++) {
        const case_trajectory *t = &c.trajectory[i];
        vic_inference *x = infer(&c, names[_i], net_options("exact", 1, 1));
        vic_trainer *trainer;
        char tag[80], prefix[96];
        together_assert_ok(vic_trainer_create(&trainer, x, t->options, 1));
        begin(&c);
        for (int step = 0; step < t->steps; step++) {
            together_assert_ok(vic_inference_run(x, c.batch));
            vic_trainer_update(trainer);
        }
        snprintf(tag, sizeof tag, "trajectory_%s", t->tag);
        snprintf(prefix, sizeof prefix, "%s/", tag);
        for (int l = 0; l < c.network->n_populations; l++)
            if (vic_inference_population(x, l))
                compare_parameters(&c, vic_inference_population(x, l), prefix, false);
        together_assert_msg(fine, "%s: %s", names[_i], difference);
        assert_all_compared(&c, tag);
        vic_trainer_destroy(&trainer);
        vic_inference_destroy(&x);
    }
    case_close(&c);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("reference");
    TCase *tests = tcase_create("reference");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, every_tensor_of_every_run, 0, N_CASES);
    tcase_add_loop_test(tests, parameters_after_steps_of_the_optimisers, 0, N_CASES - N_FRONTIER);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main_at_each_level(argc, argv, make_suite);
}
