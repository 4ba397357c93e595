/* exact is backpropagation: against a slow one that shares no code with it, and against finite differences,
 * for every function and loss. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/slow_backprop.h"
#include "support/together.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct model {
    vic_shape input;
    const char *layers;
    size_t batch;
} model;

/* Together they hold every function, also first, last, alone and twice in a layer. */
static const model models[] = {
    {{1, {5}}, "linear 4", 6},
    {{1, {7}}, "linear 6, tanh | linear 5 0, sigmoid | linear 3", 6},
    {{1, {9}}, "linear 8, relu | linear 8, relu, linear 6, tanh | relu | linear 4", 6},
    {{3, {2, 3, 2}}, "tanh, flatten | linear 7, sigmoid, sigmoid | linear 3, relu, linear 3", 6},
    {{1, {6}}, "sigmoid, tanh | linear 5 | linear 4, sigmoid", 6},
    {{3, {2, 7, 6}}, "conv2d 3 3 1 1, tanh, maxpool2d 2 | conv2d 4 2, relu | flatten, linear 3", 6},
    {{3, {1, 9, 9}}, "conv2d 2 3 2 1 0, sigmoid | maxpool2d 2 | flatten, linear 6, tanh, linear 4", 6},
    /* Last: so large that blocks of 16 samples are taken. */
    {{3, {1, 36, 36}}, "conv2d 6 3 1 1, tanh, maxpool2d 6, flatten | linear 2", 40},
};

enum { N_MODELS = sizeof models / sizeof models[0], VARIANTS = 4, N_SMALL = N_MODELS - 1 };

/* Loop tests run over (model, loss, reduction). */
static vic_network *network_of(int i, vic_precision precision) {
    const model *m = &models[i / VARIANTS];
    return net_chain(precision, m->input, m->layers, i % 2 ? "squared-error" : "cross-entropy",
                     i / 2 % 2 ? VIC_SUM : VIC_MEAN);
}

static const int here[10];

static vic_inference *infer(const vic_network *network, size_t batch) {
    vic_inference *x;
    together_assert_ok(
        vic_inference_create(&x, together_group(), network, here, batch, true, net_options("exact", 1, 1)));
    return x;
}

static bool uses(const vic_network *network, const char *name) {
    for (int e = 0; e < network->n_edges; e++)
        for (size_t k = 0; k < network->edges[e].n_functions; k++)
            if (strcmp(network->edges[e].functions[k].kind->name, name) == 0)
                return true;
    return false;
}

START_TEST(models_hold_every_function) {
    size_t count;
    const vic_function_kind *const *kinds = vic_function_kinds(VIC_FLOAT64, &count);
    for (size_t k = 0; k < count; k++) {
        bool used = false;
        for (int i = 0; i < N_MODELS; i++) {
            vic_network *network = network_of(i * VARIANTS, VIC_FLOAT64);
            used = used || uses(network, kinds[k]->name);
            vic_network_destroy(&network);
        }
        ck_assert_msg(used, "no model of tests/inference/exact.c uses the registered function \"%s\"",
                      kinds[k]->name);
    }
    vic_loss_kinds(VIC_FLOAT64, &count);
    ck_assert_msg(count == 2, "a new loss needs its slow version and a variant here");
}
END_TEST

/* Every number is a sum of products that are a few hundred roundings deep; float32 loses as many more. */
static void assert_near(vic_precision precision, const char *what, int where, size_t n, const double *got,
                        const double *expected) {
    double epsilon = precision == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON;
    double off = farthest(n, got, expected), allowed = 100 * epsilon * (largest(n, expected) + 0.01);
    ck_assert_msg(off <= allowed, "%s %d in %s: off by %g, allowed %g", what, where,
                  vic_precision_name(precision), off, allowed);
}

static void compare(vic_inference *x, const slow_result *slow, size_t batch) {
    const vic_network *network = vic_inference_network(x);
    vic_precision precision = network->precision;
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *p = vic_inference_population(x, id);
        for (int k = 0; k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                size_t n = vic_parameter_slot_at(network, p->out[k].edge_index, i).parameter->count;
                assert_near(precision, "gradient of edge", p->out[k].edge_index, n,
                            doubles_of(precision, n, p->out[k].gradient[i]),
                            slow->gradient[p->out[k].edge_index][i]);
            }
        if (id == 0)
            continue;
        size_t n = p->count * batch;
        double *belief = scrap(n, sizeof *belief);
        for (size_t i = 0; i < n; i++)
            belief[i] = slow->value[id][i] - slow->error[id][i];
        assert_near(precision, "prediction", id, n,
                    net_rows(network, id, batch, vic_inference_recorded_prediction(x, id)), slow->value[id]);
        assert_near(precision, "error", id, n,
                    net_rows(network, id, batch, vic_inference_recorded_error(x, id)), slow->error[id]);
        assert_near(precision, "belief", id, n,
                    net_rows(network, id, batch, vic_inference_recorded_belief(x, id)), belief);
    }
    double loss = vic_inference_loss(x);
    assert_near(precision, "loss", 0, 1, &loss, &slow->loss);
}

START_TEST(agrees_with_slow_backpropagation) {
    size_t batch = models[_i / VARIANTS].batch;
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            vic_network *network = network_of(_i, (vic_precision)precision);
            vic_inference *x = infer(network, batch);
            net_parameters theta = net_draw(network, seed);
            net_data data = net_data_of(network, batch, seed);
            slow_result slow = slow_backprop(network, theta, &data);
            net_give(x, theta);
            net_feed(x, &data);
            ck_assert_int_eq(vic_inference_run(x, batch), VIC_OK);
            ck_assert_int_eq(vic_inference_check(x), VIC_OK);
            compare(x, &slow, batch);
            vic_inference_destroy(&x);
            vic_network_destroy(&network);
            scrap_free();
        }
}
END_TEST

/* ---- finite differences of the loss that the library itself computes ---- */

static double loss_at(vic_inference *x, double *parameter, double value) {
    double old = *parameter;
    *parameter = value;
    ck_assert_int_eq(vic_inference_sweep(x, vic_inference_capacity(x)), VIC_OK);
    *parameter = old;
    return vic_inference_loss(x);
}

/* Central differences are off by h^2 times the third derivative and 1e-15 / h, both below 1e-9 here; where a
 * step crosses a kink of relu or a change of the largest of a square, slopes of both sides mix: those few
 * parameters are recognised by a second step that gives another slope, and skipped. */
static bool slope_at(vic_inference *x, double *parameter, double *slope) {
    const double h = 1e-5;
    double here_now = *parameter, s[2];
    for (int i = 0; i < 2; i++) {
        double step = i ? h / 2 : h;
        s[i] = (loss_at(x, parameter, here_now + step) - loss_at(x, parameter, here_now - step)) / (2 * step);
    }
    *slope = s[1];
    return fabs(s[0] - s[1]) < 1e-8;
}

static void check_slopes(vic_inference *x, vic_projection *out, size_t i, double *const gradient,
                         int *skipped) {
    const vic_parameter *parameter = vic_parameter_slot_at(out->network, out->edge_index, i).parameter;
    double *theta = out->theta[i];
    for (size_t k = 0; k < parameter->count; k++) {
        double slope;
        if (!slope_at(x, &theta[k], &slope))
            ++*skipped;
        else
            ck_assert_msg(fabs(gradient[k] - slope) <= 2e-8, "edge %d, %s, entry %zu: %.10g, expected %.10g",
                          out->edge_index, parameter->name, k, gradient[k], slope);
    }
}

START_TEST(gradients_are_slopes_of_the_loss) {
    size_t batch = models[_i / VARIANTS].batch;
    vic_network *network = network_of(_i, VIC_FLOAT64);
    vic_inference *x = infer(network, batch);
    net_data data = net_data_of(network, batch, 7);
    int skipped = 0;
    net_give(x, net_draw(network, 7));
    net_feed(x, &data);
    ck_assert_int_eq(vic_inference_run(x, batch), VIC_OK);
    for (int id = 0; id < network->n_populations; id++) {
        vic_population *p = vic_inference_population(x, id);
        for (int k = 0; k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++)
                check_slopes(x, &p->out[k], i, p->out[k].gradient[i], &skipped);
    }
    ck_assert_int_le(skipped, 2);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("exact");
    TCase *tests = tcase_create("exact");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_test(tests, models_hold_every_function);
    tcase_add_loop_test(tests, agrees_with_slow_backpropagation, 0, N_MODELS * VARIANTS);
    tcase_add_loop_test(tests, gradients_are_slopes_of_the_loss, 0, N_SMALL * VARIANTS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
