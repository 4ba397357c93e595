/* Which function first makes a number that is not finite out of finite ones, beside a function that does so
 * where a test wants it. Run with any number of ranks. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 3, STEPS = 4 };

typedef enum call { NO_CALL, FORWARD, CHANGE, VJP, GRADIENT } call;

/* The call that the planted function breaks, of the one with so many inputs, and not before its n-th. */
static struct {
    call call;
    size_t inputs;
    int after;
    bool leaves_nan; /* which tanh lets pass, else infinity */
} breaks;

static bool is_broken(call which, const vic_function *f) {
    return breaks.call == which && vic_shape_count(f->in) == breaks.inputs && breaks.after-- <= 0;
}

static void pass(call which, const vic_function *f, size_t batch, const void *from, void *to) {
    memcpy(to, from, vic_shape_count(f->in) * batch * sizeof(float));
    if (is_broken(which, f))
        ((float *)to)[0] = breaks.leaves_nan ? NAN : INFINITY;
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    pass(FORWARD, f, batch, in, out);
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)scratch, (void)in, (void)out;
    pass(CHANGE, f, batch, change_in, change_out);
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)scratch, (void)in, (void)out;
    pass(VJP, f, batch, error_out, error_in);
}

static const vic_function_kind *shipped_linear;

static void gradient(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch) {
    shipped_linear->gradient(f, batch, in, error_out, gradient, add, scratch);
    if (is_broken(GRADIENT, f))
        ((float *)gradient[1])[0] = NAN;
}

/* fragile: the identity; linear: the shipped one with another gradient. */
static vic_function_kind fragile, linear;

static void plant(void) {
    shipped_linear = vic_function_find(VIC_FLOAT32, "linear");
    linear = *shipped_linear;
    linear.gradient = gradient;
    fragile = *vic_function_find(VIC_FLOAT32, "sigmoid");
    fragile.name = "fragile";
    fragile.element_bytes = 0;
    fragile.in_place = false;
    fragile.is_monotone = true;
    fragile.forward = forward;
    fragile.change = change;
    fragile.vjp = vjp;
}

static vic_function placed(const vic_function_kind *kind, vic_shape in, size_t option) {
    vic_function f;
    const size_t options[VIC_MAX_OPTIONS] = {option, 1};
    ck_assert_int_eq(vic_function_place(&f, kind, in, kind->n_options ? options : NULL), VIC_OK);
    return f;
}

/* Adds a population: linear of so many outputs, fragile, tanh. */
static void grow(vic_network *network, size_t outputs) {
    int from = network->n_populations - 1;
    vic_function f[3];
    f[0] = placed(&linear, network->shapes[from], outputs);
    f[1] = placed(&fragile, f[0].out, 0);
    f[2] = placed(vic_function_find(VIC_FLOAT32, "tanh"), f[1].out, 0);
    ck_assert_int_eq(vic_network_grow(network, from, 3, f), VIC_OK);
}

typedef struct built {
    vic_network *network;
    vic_inference *x;
} built;

static built build(const char *algorithm, bool detects) {
    static int rank_of[8];
    built it;
    plant();
    vic_detect_anomalies(detects);
    together_assert_ok(vic_network_create(&it.network, VIC_FLOAT32, (vic_shape){1, {7}}));
    it.network->loss = vic_loss_find(VIC_FLOAT32, "squared-error");
    for (size_t outputs = 6; outputs > 3; outputs--)
        grow(it.network, outputs);
    together_place(it.network, together_size(), rank_of);
    vic_inference_options options = net_options(algorithm, 0.1, STEPS);
    together_assert_ok(
        vic_inference_create(&it.x, together_group(), it.network, rank_of, BATCH, true, options));
    net_give(it.x, net_draw(it.network, 3));
    net_data data = net_data_of(it.network, BATCH, 4);
    net_feed(it.x, &data);
    return it;
}

static void unbuild(built *it) {
    vic_inference_destroy(&it->x);
    vic_network_destroy(&it->network);
    vic_detect_anomalies(false);
    memset(&breaks, 0, sizeof breaks);
}

typedef struct trial {
    const char *algorithm;
    call call;
    size_t inputs;
    int after;
    const char *text;
} trial;

/* An infinity that tanh hides from everybody else is named, too. Inputs tell one planted function from
 * another: 6 is in the edge from population 0 to 1, 5 from 1 to 2; linear has 7, 6, 5. */
static const trial trials[] = {
    {"exact", FORWARD, 6, 0,
     "fragile 0.1 of the edge from population 0 to 1 * its forward at inference step 0"},
    {"exact", FORWARD, 5, 0,
     "fragile 1.1 of the edge from population 1 to 2 * its forward at inference step 0"},
    {"exact", VJP, 5, 0, "fragile 1.1 of the edge from population 1 to 2 * its vjp at inference step 1"},
    {"exact", VJP, 6, 0, "fragile 0.1 of the edge from population 0 to 1 * its vjp after inference step 1"},
    {"exact", GRADIENT, 6, 0,
     "linear 1.0 of the edge from population 1 to 2 * its gradient after inference step 1"},
    {"strict", CHANGE, 4, 0,
     "fragile 2.1 of the edge from population 2 to 3 * its change at inference step 2"},
    {"strict", CHANGE, 4, 1,
     "fragile 2.1 of the edge from population 2 to 3 * its change at inference step 3"},
    {"strict", CHANGE, 4, 3,
     "fragile 2.1 of the edge from population 2 to 3 * its change at inference step 4"},
    {"strict", VJP, 4, 1, "fragile 2.1 of the edge from population 2 to 3 * its vjp at inference step 2"},
    {"incremental", GRADIENT, 7, 0,
     "linear 0.0 of the edge from population 0 to 1 * its gradient at inference step 2"},
    {"fixed-prediction", VJP, 4, 0,
     "fragile 2.1 of the edge from population 2 to 3 * its vjp at inference step 1"},
};
enum { TRIALS = sizeof trials / sizeof *trials };

static const char *learn_nothing(void *context, vic_population *population, int step) {
    (void)context, (void)population, (void)step;
    return NULL;
}

/* `text` has a * where the sentence is always the same. */
static bool is_like(const char *error, const char *text) {
    char expected[256];
    size_t head = strcspn(text, "*");
    snprintf(expected, sizeof expected,
             "%.*smakes a number that is not finite out of finite ones in%s:", (int)head, text,
             text + head + 1);
    return strncmp(error, expected, strlen(expected)) == 0;
}

/* Loop test over the trials. */
START_TEST(the_first_one_is_named) {
    const trial *t = &trials[_i];
    built it = build(t->algorithm, true);
    vic_inference_set_learner(it.x, (vic_learner){.learn = learn_nothing});
    breaks.call = t->call;
    breaks.inputs = t->inputs;
    breaks.after = t->after;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    vic_status status = vic_inference_check(it.x);
    together_assert_msg(status == VIC_NOT_FINITE && is_like(vic_error_text(), t->text), "%s",
                        vic_error_text());
    unbuild(&it);
}
END_TEST

/* The predictions of all populations above are NaN in the same step. */
START_TEST(it_comes_before_what_follows_from_it) {
    built it = build("exact", true);
    breaks.call = FORWARD;
    breaks.inputs = 6;
    breaks.leaves_nan = true;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    vic_status status = vic_inference_check(it.x);
    together_assert_msg(status == VIC_NOT_FINITE && is_like(vic_error_text(), trials[0].text), "%s",
                        vic_error_text());
    unbuild(&it);
}
END_TEST

/* Where nobody watches, what tanh hides is no fault, and functions that read what is not finite are not to
 * blame. */
START_TEST(nothing_is_named_without_it) {
    built it = build("exact", false);
    breaks.call = FORWARD;
    breaks.inputs = 6;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    together_assert_ok(vic_inference_check(it.x));
    unbuild(&it);
    it = build("exact", true);
    float *input = vic_inference_input(it.x);
    if (input)
        input[0] = NAN;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    vic_status status = vic_inference_check(it.x);
    together_assert_msg(status == VIC_NOT_FINITE && strstr(vic_error_text(), "makes a number") == NULL, "%s",
                        vic_error_text());
    unbuild(&it);
}
END_TEST

/* One inference that breaks does not taint the next. */
START_TEST(the_next_inference_begins_anew) {
    built it = build("strict", true);
    breaks.call = VJP;
    breaks.inputs = 6;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    together_assert(vic_inference_check(it.x) == VIC_NOT_FINITE);
    breaks.call = NO_CALL;
    together_assert_ok(vic_inference_run(it.x, BATCH));
    together_assert_ok(vic_inference_check(it.x));
    unbuild(&it);
}
END_TEST

/* The pooling is computed first. */
START_TEST(places_are_those_of_the_config) {
    vic_function f[2];
    vic_network *network;
    vic_population *p;
    plant();
    vic_detect_anomalies(true);
    ck_assert_int_eq(vic_network_create(&network, VIC_FLOAT32, (vic_shape){3, {1, 2, 2}}), VIC_OK);
    f[0] = placed(&fragile, network->shapes[0], 0);
    f[1] = placed(vic_function_find(VIC_FLOAT32, "maxpool2d"), f[0].out, 2);
    ck_assert_int_eq(vic_network_grow(network, 0, 2, f), VIC_OK);
    ck_assert_int_eq(vic_population_create(&p, network, 0, (vic_population_needs){.capacity = 1}), VIC_OK);
    breaks.call = FORWARD;
    breaks.inputs = 1;
    float in[] = {1, 2, 3, 4}, out;
    ck_assert_ptr_eq(network->edges[0].computed[1].kind, &fragile);
    vic_projection_predict(&p->out[0], (vic_sample_range){0, 1}, in, &out);
    ck_assert(p->anomaly->found);
    ck_assert_msg(strncmp(p->anomaly->text, "fragile 0.0 of", 14) == 0, "%s", p->anomaly->text);
    vic_population_destroy(&p);
    vic_network_destroy(&network);
    memset(&breaks, 0, sizeof breaks);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("anomaly");
    TCase *tests = tcase_create("the first number that is not finite");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, the_first_one_is_named, 0, TRIALS);
    tcase_add_test(tests, it_comes_before_what_follows_from_it);
    tcase_add_test(tests, nothing_is_named_without_it);
    tcase_add_test(tests, the_next_inference_begins_anew);
    tcase_add_test(tests, places_are_those_of_the_config);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
