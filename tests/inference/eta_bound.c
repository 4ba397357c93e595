/* The eta below which explicit Euler steps converge, beside Jacobians of whole samples in plain float64 and
 * their singular values. Run with any number of ranks. */
#include "inference/inference.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <string.h>

enum { BATCH = 5, WIDTH = 8 };

typedef double matrix[WIDTH][WIDTH];

/* The largest singular value, by rotations of pairs of columns until all are orthogonal (Hestenes). */
static double largest_singular_value(int rows, int columns, matrix m) {
    for (int sweep = 0; sweep < 60; sweep++)
        for (int p = 0; p < columns; p++)
            for (int q = p + 1; q < columns; q++) {
                double a = 0, b = 0, c = 0;
                for (int i = 0; i < rows; i++) {
                    a += m[i][p] * m[i][p];
                    b += m[i][q] * m[i][q];
                    c += m[i][p] * m[i][q];
                }
                if (fabs(c) <= 1e-15 * sqrt(a * b))
                    continue;
                double zeta = (b - a) / (2 * c);
                double t = copysign(1, zeta) / (fabs(zeta) + hypot(1, zeta)), cosine = 1 / hypot(1, t);
                for (int i = 0; i < rows; i++) {
                    double x = m[i][p], y = m[i][q];
                    m[i][p] = cosine * (x - t * y);
                    m[i][q] = cosine * (y + t * x);
                }
            }
    double largest = 0;
    for (int p = 0; p < columns; p++) {
        double square = 0;
        for (int i = 0; i < rows; i++)
            square += m[i][p] * m[i][p];
        largest = fmax(largest, square);
    }
    return sqrt(largest);
}

/* A chain of "linear, activation" layers. */
typedef struct chain {
    const char *words;
    int n_layers, width[6];
    char activation[6]; /* of the layer to width[l + 1]: r(elu), t(anh), or none */
} chain;

static const chain chains[] = {
    {"linear 6 | linear 5 | linear 4 | linear 3", 4, {7, 6, 5, 4, 3}, "----"},
    {"linear 6, tanh | linear 8, tanh | linear 4, tanh | linear 3", 4, {7, 6, 8, 4, 3}, "ttt-"},
    {"linear 8, relu | linear 5, relu | linear 6, tanh | linear 3", 4, {7, 8, 5, 6, 3}, "rrt-"},
};
enum { CHAINS = sizeof chains / sizeof *chains };

/* v becomes the prediction of the layer from it, and `jacobian` its Jacobian there. */
static void pass(const chain *c, int layer, double *const *theta, double v[WIDTH], matrix jacobian) {
    double z[WIDTH];
    int in = c->width[layer], out = c->width[layer + 1];
    for (int o = 0; o < out; o++) {
        z[o] = theta[1][o];
        for (int i = 0; i < in; i++)
            z[o] += theta[0][o * in + i] * v[i];
    }
    for (int o = 0; o < out; o++) {
        char kind = c->activation[layer];
        double slope = kind == 't' ? 1 - tanh(z[o]) * tanh(z[o]) : kind == 'r' ? z[o] > 0 : 1;
        v[o] = kind == 't' ? tanh(z[o]) : kind == 'r' ? fmax(z[o], 0) : z[o];
        for (int i = 0; i < in; i++)
            jacobian[o][i] = slope * theta[0][o * in + i];
    }
}

/* max_l |J_l| over the layers above the first and the samples, at the activities of the sweep; the last layer
 * times `top`. */
static double dense_norm(const chain *c, double top, const net_data *data, net_parameters theta) {
    double largest = 0;
    for (int b = 0; b < BATCH; b++) {
        double v[WIDTH] = {0};
        for (int i = 0; i < c->width[0]; i++)
            v[i] = data->input[b * c->width[0] + i];
        for (int l = 0; l < c->n_layers; l++) {
            matrix jacobian;
            pass(c, l, theta[l], v, jacobian);
            double norm = largest_singular_value(c->width[l + 1], c->width[l], jacobian);
            if (l > 0)
                largest = fmax(largest, norm * (l == c->n_layers - 1 ? top : 1));
        }
    }
    return largest;
}

typedef struct built {
    vic_network *network;
    vic_inference *x;
    net_parameters theta;
    net_data data;
} built;

/* Predictions of populations 1 and 2 converge in the output. */
static bool converging;

static void add_edge(vic_network *network) {
    vic_function f;
    const size_t options[VIC_MAX_OPTIONS] = {vic_shape_count(network->shapes[3]), 1};
    together_assert_ok(
        vic_function_place(&f, network->edges[2].functions[0].kind, network->shapes[1], options));
    together_assert_ok(vic_network_connect(network, 1, 3, 1, &f));
}

/* Synapses times `steep`: the larger, the further apart their singular values and slopes. */
static built build(vic_precision precision, const char *words, const char *loss, vic_reduction reduction,
                   vic_inference_options options, double steep) {
    static int rank_of[8];
    built it;
    it.network = net_chain(precision, (vic_shape){1, {7}}, words, loss, reduction);
    if (converging)
        add_edge(it.network);
    together_place(it.network, together_size(), rank_of);
    together_assert_ok(
        vic_inference_create(&it.x, together_group(), it.network, rank_of, BATCH, true, options));
    it.theta = net_draw(it.network, 11);
    for (int e = 0; e < it.network->n_edges; e++)
        for (size_t i = 0; i < vic_parameter_slot_at(it.network, e, 0).parameter->count; i++)
            it.theta[e][0][i] *= steep;
    net_give(it.x, it.theta);
    it.data = net_data_of(it.network, BATCH, 12);
    net_feed(it.x, &it.data);
    return it;
}

static void unbuild(built *it) {
    vic_inference_destroy(&it->x);
    vic_network_destroy(&it->network);
}

static vic_inference_options options_of(double eta, int steps, vic_coordinates coordinates) {
    vic_inference_options options = net_options("strict", eta, steps);
    options.coordinates = coordinates;
    options.record = false;
    return options;
}

/* 2 / (1 + max |J|)^2 from singular values of dense Jacobians. With eta near 0 beliefs stay at the sweep's.
 */
static void compare(const chain *c, vic_precision precision, vic_coordinates coordinates, const char *loss,
                    vic_reduction reduction, double top) {
    built it = build(precision, c->words, loss, reduction, options_of(1e-12, 2, coordinates), 4);
    double bound = 0, norm = dense_norm(c, top, &it.data, it.theta), expected = 2 / ((1 + norm) * (1 + norm));
    together_assert_ok(vic_inference_run(it.x, BATCH));
    together_assert_ok(vic_find_eta_bound(it.x, &bound));
    together_assert_msg(fabs(bound - expected) < 1e-4 * expected, "%s, %s: %.9g, expected %.9g", c->words,
                        loss, bound, expected);
    unbuild(&it);
}

/* Loop test over the chains. The second derivative of a sum of squares is 2, that of a mean far below 1. */
START_TEST(norms_are_those_of_dense_jacobians) {
    const chain *c = &chains[_i];
    for (int precision = 0; precision < 2; precision++)
        for (int coordinates = 0; coordinates < 2; coordinates++) {
            vic_coordinates in = coordinates ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR;
            compare(c, precision ? VIC_FLOAT64 : VIC_FLOAT32, in, "cross-entropy", VIC_MEAN, 1);
            compare(c, precision ? VIC_FLOAT64 : VIC_FLOAT32, in, "squared-error", VIC_MEAN, 1);
            compare(c, precision ? VIC_FLOAT64 : VIC_FLOAT32, in, "squared-error", VIC_SUM, sqrt(2));
        }
}
END_TEST

/* W = (1 - 2 u u^T) diag(s) (1 - 2 w w^T) has the singular values s. */
static void with_singular_values(int n, const double *s, double *weights) {
    double u[WIDTH], w[WIDTH], uu = 0, ww = 0;
    for (int i = 0; i < n; i++) {
        u[i] = number_at(1, (uint64_t)i);
        w[i] = number_at(2, (uint64_t)i);
        uu += u[i] * u[i];
        ww += w[i] * w[i];
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            weights[i * n + j] = 0;
            for (int k = 0; k < n; k++)
                weights[i * n + j] +=
                    ((i == k) - 2 * u[i] * u[k] / uu) * s[k] * ((k == j) - 2 * w[k] * w[j] / ww);
        }
}

/* One that is hardly apart from the next, one that is alone, all alike. */
START_TEST(known_singular_values_are_found) {
    static const double values[][6] = {
        {1, 3, 2.999, 0.5, 0.1, 0}, {0.1, 0.1, 100, 0.1, 0.1, 0.1}, {2, 2, 2, 2, 2, 2}};
    static const double largest[] = {3, 100, 2};
    for (int i = 0; i < 3; i++) {
        built it = build(VIC_FLOAT64, "linear 6 | linear 6 | linear 3", "cross-entropy", VIC_MEAN,
                         options_of(0.1, 1, VIC_COORDINATES_ERROR), 1);
        const vic_population *p = vic_inference_population(it.x, 1);
        const double weights[] = {1};
        double norm = largest[i];
        void *at = scrap(6 * BATCH, sizeof(double));
        if (p) {
            with_singular_values(6, values[i], p->out[0].theta[0]);
            ck_assert_int_eq(vic_population_spectral_norm(p, BATCH, at, weights, &norm), VIC_OK);
        }
        together_assert_msg(fabs(norm - largest[i]) < 1e-4 * largest[i], "%.9g, expected %g", norm,
                            largest[i]);
        unbuild(&it);
    }
}
END_TEST

/* After so many steps of strict: is the free energy finite, and no larger than at first? */
static bool converges(const char *words, const char *loss, double eta, const vic_error_weight *weights) {
    enum { STEPS = 2000 };
    vic_inference_options options = options_of(eta, STEPS, VIC_COORDINATES_ERROR);
    options.error_weights = weights;
    built it = build(VIC_FLOAT64, words, loss, VIC_SUM, options, 4);
    double energy[STEPS + 1] = {0};
    together_assert_ok(vic_inference_run(it.x, BATCH));
    vic_status status = vic_inference_check(it.x);
    if (status == VIC_OK)
        together_assert_ok(vic_inference_collect_energy(it.x, energy));
    unbuild(&it);
    return together_agree(status == VIC_OK && energy[STEPS] <= energy[1], "it does not");
}

static double bound_of(const char *words, const char *loss, const vic_error_weight *weights) {
    vic_inference_options options = options_of(1e-12, 2, VIC_COORDINATES_ERROR);
    options.error_weights = weights;
    built it = build(VIC_FLOAT64, words, loss, VIC_SUM, options, 4);
    double bound = 0;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    together_assert_ok(vic_find_eta_bound(it.x, &bound));
    unbuild(&it);
    return bound;
}

/* Up to the bound it converges; at some times the bound linear layers do not: the bound is no small number
 * that is always safe. */
START_TEST(below_it_strict_converges) {
    static const char *const words[] = {"linear 6 | linear 5 | linear 3",
                                        "linear 6, tanh | linear 5, relu | linear 3"};
    double heavy[] = {9}, each[] = {1, 2, 3, 4, 5};
    const vic_error_weight weights[] = {{0}, {1, heavy}, {5, each}, {0}};
    for (int i = 0; i < 4; i++) {
        const vic_error_weight *w = i % 2 ? weights : NULL;
        double bound = bound_of(words[i / 2], "squared-error", w);
        bool below = converges(words[i / 2], "squared-error", bound, w);
        bool above = converges(words[i / 2], "squared-error", 6 * bound, w);
        together_assert_msg(below && (!above || i / 2), "%s, weights %d, bound %g: below %d, above %d",
                            words[i / 2], i % 2, bound, below, above);
    }
}
END_TEST

START_TEST(it_holds_where_edges_converge) {
    converging = true;
    double bound = bound_of("linear 6 | linear 6 | linear 3", "squared-error", NULL);
    bool below = converges("linear 6 | linear 6 | linear 3", "squared-error", bound, NULL);
    converging = false;
    double without = bound_of("linear 6 | linear 6 | linear 3", "squared-error", NULL);
    together_assert_msg(below && bound < without, "bound %g, without the edge %g: below %d", bound, without,
                        below);
}
END_TEST

/* In the sweep all relus above population 1 are dead: their Jacobian is 0. Beliefs that move wake them up. */
START_TEST(beliefs_at_hand_count) {
    vic_inference_options options = options_of(1e-3, 1, VIC_COORDINATES_BELIEF);
    options.initial_beliefs = true;
    for (int awake = 0; awake < 2; awake++) {
        built it = build(VIC_FLOAT64, "linear 4, relu | linear 4, relu | linear 2", "cross-entropy", VIC_SUM,
                         options, 0);
        vic_population *p = vic_inference_population(it.x, 1), *top = vic_inference_population(it.x, 2);
        double bound;
        for (int i = 0; p && i < 4; i++) { /* max(10 v - 1, 0), v = 0 in the sweep */
            ((double *)p->out[0].theta[0])[i * 4 + i] = 10;
            ((double *)p->out[0].theta[1])[i] = -1;
        }
        for (int i = 0; top && i < 2; i++)
            ((double *)top->out[0].theta[0])[i * 4 + i] = 1;
        vic_population *below = vic_inference_population(it.x, 0);
        for (int i = 0; below && i < 4; i++)
            ((double *)below->out[0].theta[1])[i] = 0;
        for (int id = 1; id < 3; id++)
            for (int i = 0; vic_inference_initial(it.x, id) && i < 4 * BATCH; i++)
                ((double *)vic_inference_initial(it.x, id))[i] = awake;
        together_assert_ok(vic_inference_run(it.x, BATCH));
        together_assert_ok(vic_find_eta_bound(it.x, &bound));
        double expected = awake ? 2. / (11 * 11) : 2. / (2 * 2);
        together_assert_msg(fabs(bound - expected) < 1e-4, "awake %d: %g, expected %g", awake, bound,
                            expected);
        unbuild(&it);
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("eta bound");
    TCase *tests = tcase_create("the eta below which Euler steps converge");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, norms_are_those_of_dense_jacobians, 0, CHAINS);
    tcase_add_test(tests, known_singular_values_are_found);
    tcase_add_test(tests, below_it_strict_converges);
    tcase_add_test(tests, it_holds_where_edges_converge);
    tcase_add_test(tests, beliefs_at_hand_count);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
