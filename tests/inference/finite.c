/* Where numbers first cease to be finite, beside a look at every array after every step. Run with any number
 * of ranks. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 3, STEPS = 9, NONE = 1 << 20 };

/* tanh hides from those above what is not finite below. */
static const char *const layers = "linear 6 | tanh | linear 5 | linear 4, relu | linear 3";

/* The first number that is not finite: lowest step, then highest population. */
typedef struct place {
    int step, population;
} place;

typedef struct look {
    vic_inference *x;
    place first; /* on this rank */
} look;

static bool finite(const vic_population *p, const void *array) {
    return array == NULL || vic_arithmetic_of(p->network->precision)->all_finite(p->count * BATCH, array);
}

static bool all_finite(vic_inference *x, const vic_population *p, int step) {
    bool output = p->id == vic_network_output(p->network);
    bool forms = step > 0 || output; /* what was there before the inference does not count */
    return (step > 0 || finite(p, p->vhat)) && (!forms || p->id == 0 || finite(p, p->error)) &&
           (step == 0 || (finite(p, p->belief) && finite(p, p->displacement) && finite(p, p->dual))) &&
           (!output || isfinite(vic_inference_energy(x, p->id, step))) &&
           (step > 0 || !output || isfinite((float)vic_inference_loss(x)));
}

static void after_step(void *context, const vic_event *event) {
    look *l = context;
    int step = event->step;
    int populations = vic_inference_network(l->x)->n_populations;
    for (int id = populations; id-- > 1 && l->first.step == NONE;) {
        const vic_population *p = vic_inference_population(l->x, id);
        if (p && !all_finite(l->x, p, step))
            l->first = (place){step, id};
    }
}

/* Over all ranks. */
static place first_of_all(place mine) {
    int64_t step = -mine.step, best, population, highest;
    together_assert_ok(vic_group_allreduce_max(together_group(), 1, &step, &best));
    population = step == best ? mine.population : -1;
    together_assert_ok(vic_group_allreduce_max(together_group(), 1, &population, &highest));
    return (place){(int)-best, (int)highest};
}

typedef struct setting {
    const char *algorithm;
    double eta;
    vic_coordinates coordinates;
} setting;

static const setting settings[] = {
    {"exact", 1, VIC_COORDINATES_ERROR},
    {"fixed-prediction", 1, VIC_COORDINATES_ERROR},
    {"fixed-prediction", 40, VIC_COORDINATES_ERROR},
    {"fixed-prediction", 1e9, VIC_COORDINATES_BELIEF},
    {"strict", 1e9, VIC_COORDINATES_ERROR},
    {"strict", 1e20, VIC_COORDINATES_BELIEF},
    {"augmented-lagrangian", 1e9, VIC_COORDINATES_ERROR},
    {"augmented-lagrangian", 1e20, VIC_COORDINATES_BELIEF},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* What one layer's synapses are multiplied with. */
static const double factors[] = {1, 1e12, 1e20, 1e30, 1e37};
enum { FACTORS = sizeof factors / sizeof *factors };

static void multiply(vic_inference *x, int edge, double factor) {
    const vic_network *network = vic_inference_network(x);
    vic_population *p = vic_inference_population(x, network->edges[edge].from);
    if (p == NULL || p->out[0].n_parameters == 0)
        return;
    for (size_t i = 0; i < vic_parameter_slot_at(network, edge, 0).parameter->count; i++)
        ((float *)p->out[0].theta[0])[i] *= (float)factor;
}

/* Runs it and compares the report with what was seen. Returns whether anything was not finite in a step. */
static bool reported_as_seen(const setting *s, int edge, double factor, size_t microbatches) {
    vic_network *network = net_chain(VIC_FLOAT32, (vic_shape){1, {4}}, layers, "squared-error", VIC_SUM);
    vic_inference_options options = net_options(s->algorithm, s->eta, STEPS);
    int rank_of[8];
    vic_inference *x;
    options.coordinates = s->coordinates;
    options.record = false;
    options.microbatches = (int)microbatches;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options));
    net_give(x, net_draw(network, 7));
    net_data data = net_data_of(network, BATCH, 8);
    net_feed(x, &data);
    multiply(x, edge, factor);
    float *input = vic_inference_input(x);
    for (size_t i = 0; input && edge == 0 && i < 4 * BATCH; i++)
        input[i] *= 1000; /* enough for the largest factor to overflow below the tanh */
    look l = {x, {NONE, -1}};
    vic_subscriber subscriber = {
        .context = &l, .kinds = VIC_EVENT_BIT(VIC_EVENT_STEP_END), .only = x, .receive = after_step};
    vic_subscribe(&subscriber);
    together_assert_ok(vic_inference_run(x, BATCH));
    vic_unsubscribe(&subscriber);
    place seen = first_of_all(l.first), reported = {NONE, -1};
    vic_status status = vic_inference_check(x);
    const char *text = status == VIC_OK ? "" : strstr(vic_error_text(), "population ");
    bool gradient = status != VIC_OK && strstr(vic_error_text(), "gradient ") != NULL;
    if (text && *text)
        sscanf(text, "population %d is not a finite number at inference step %d", &reported.population,
               &reported.step);
    bool right = seen.step == NONE ? status == VIC_OK || (status == VIC_NOT_FINITE && gradient)
                                   : status == VIC_NOT_FINITE && !gradient && reported.step == seen.step &&
                                         reported.population == seen.population;
    together_assert_msg(right, "%s, eta %g, layer %d times %g: seen in step %d, population %d: %s",
                        s->algorithm, s->eta, edge + 1, factor, seen.step, seen.population,
                        status == VIC_OK ? "reported nothing" : vic_error_text());
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
    return seen.step != NONE;
}

/* Loop test over the settings. */
START_TEST(reported_where_it_is_first_seen) {
    int found = 0;
    for (int edge = 0; edge < 5; edge++)
        for (int f = 0; f < FACTORS; f++)
            found += reported_as_seen(&settings[_i], edge, factors[f], 1);
    together_assert_msg(found >= 4, "%d of %d runs have numbers that are not finite", found, 5 * FACTORS);
    if (strcmp(settings[_i].algorithm, "exact") == 0)
        together_assert(reported_as_seen(&settings[_i], 4, 1e37, 2));
}
END_TEST

static void start(vic_network **network, vic_inference **x, vic_inference_options options,
                  const char *words) {
    static int rank_of[8];
    *network = net_chain(VIC_FLOAT32, (vic_shape){1, {4}}, words, "squared-error", VIC_SUM);
    together_place(*network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(x, together_group(), *network, rank_of, BATCH, true, options));
    net_give(*x, net_draw(*network, 7));
    net_data data = net_data_of(*network, BATCH, 8);
    net_feed(*x, &data);
}

static void stop(vic_network **network, vic_inference **x) {
    vic_inference_destroy(x);
    vic_network_destroy(network);
}

/* All that a step forms is finite, and a product with it is not. */
START_TEST(gradients_are_looked_at) {
    vic_network *network;
    vic_inference *x;
    start(&network, &x, net_options("exact", 1, 1), "linear 3, tanh | linear 2");
    multiply(x, 1, 1e18);
    multiply(x, 0, 1e-5);
    float *input = vic_inference_input(x);
    for (size_t i = 0; input && i < 4 * BATCH; i++)
        input[i] *= 1e5f;
    together_assert_ok(vic_inference_run(x, BATCH));
    vic_status status = vic_inference_check(x);
    together_assert_msg(status == VIC_NOT_FINITE &&
                            strstr(vic_error_text(), "gradient 0.0.weight of population 0") != NULL &&
                            strstr(vic_error_text(), "after inference step 1") != NULL,
                        "%s", vic_error_text());
    stop(&network, &x);
}
END_TEST

/* A fault does not outlive its inference. */
START_TEST(the_next_inference_begins_anew) {
    vic_network *network;
    vic_inference *x;
    start(&network, &x, net_options("strict", 1e30, STEPS), layers);
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert(vic_inference_check(x) == VIC_NOT_FINITE);
    together_assert_ok(vic_inference_set_options(x, net_options("strict", 0.1, STEPS)));
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert_ok(vic_inference_check(x));
    together_assert_ok(vic_inference_sweep(x, BATCH));
    together_assert_ok(vic_inference_check(x));
    stop(&network, &x);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("finite");
    TCase *tests = tcase_create("numbers that are not finite");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, reported_where_it_is_first_seen, 0, SETTINGS);
    tcase_add_test(tests, gradients_are_looked_at);
    tcase_add_test(tests, the_next_inference_begins_anew);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
