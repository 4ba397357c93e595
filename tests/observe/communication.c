/* What is counted is what the formulas give, whatever the number of ranks; what is measured is consistent. */
#include "observe/cost.h"
#include "support/graph.h"
#include "support/together.h"

#include <string.h>

enum { MOST_LAYERS = 6, MOST_POPULATIONS = MOST_LAYERS + 1 };

static const size_t widths[] = {5, 7, 3, 4, 6, 2, 8};

typedef struct algorithm_case {
    const char *name;
    double eta;
    bool always;
    int microbatches;
} algorithm_case;

static const algorithm_case algorithms[] = {
    {"exact", 0.5, false, 1},
    {"exact", 0.5, true, 1},
    {"exact", 1, false, 2},
    {"exact", 1, false, 5},
    {"fixed-prediction", 1, false, 1},
    {"fixed-prediction", 0.3, false, 1},
    {"fixed-prediction", 1, true, 1},
    {"fixed-prediction", 0.3, true, 1},
    {"strict", 0.2, false, 1},
    {"strict", 0.2, true, 1},
};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

/* ---- the formulas: messages of one batch ---- */

static bool is(const algorithm_case *a, const char *name) {
    return strcmp(a->name, name) == 0;
}

static int at_least_0(int x) {
    return x > 0 ? x : 0;
}

/* Messages that a batch comes in: micro-batches, but no more than samples. */
static uint64_t microbatches_of(const algorithm_case *a, size_t batch) {
    size_t microbatches = (size_t)a->microbatches;
    return microbatches < batch ? microbatches : batch;
}

/* Predictions and errors along the edge that ends at population l, 1 <= l <= L, in n steps, each of the whole
 * batch or in as many micro-batches. */
static int predictions_to(const algorithm_case *a, int l, int L, int n) {
    if (!is(a, "strict") || l == 1)
        return 1;
    return 1 + (a->always ? n : at_least_0(n - L + l - 1));
}

static int errors_from(const algorithm_case *a, int l, int L, int n) {
    if (is(a, "exact"))
        return 1;
    if (l == 1)
        return a->always || n >= L;
    if (a->always)
        return n;
    if (is(a, "fixed-prediction") && (a->eta == 1 || l == L))
        return n >= L - l + 1;
    return at_least_0(n - L + l);
}

/* The same in all, as README.md and launch/guide/communication.md have it. */
static int all_predictions(const algorithm_case *a, int L, int n) {
    int sum = L;
    if (!is(a, "strict"))
        return L;
    if (a->always)
        return L + n * (L - 1);
    for (int l = 2; l <= L; l++)
        sum += at_least_0(n - L + l - 1);
    return sum;
}

static int all_errors(const algorithm_case *a, int L, int n) {
    bool fixed = is(a, "fixed-prediction");
    int sum = n >= L && L > 1;
    if (is(a, "exact"))
        return L;
    if (a->always)
        return n * (L - 1) + 1;
    if (fixed && a->eta == 1)
        return n < L ? n : L;
    for (int l = 2; l <= L - fixed; l++)
        sum += at_least_0(n - L + l);
    return fixed || L == 1 ? sum + 1 : sum;
}

/* For n >= L > 1 the sums have closed forms; bytes are those of one sample of numbers of one byte. */
typedef struct totals {
    double predictions, errors, bytes;
} totals;

static totals closed_forms(const algorithm_case *a, int L, int n) {
    bool strict = is(a, "strict"), once = is(a, "exact") || (!a->always && !strict && a->eta == 1);
    totals t = {L, L, 2.0 * (double)widths[1]};
    for (int l = 2; l <= L; l++) {
        int both = once        ? 2
                   : a->always ? (strict ? 1 + 2 * n : 1 + n)
                   : strict    ? 2 * (n - L + l)
                   : l == L    ? 2
                               : 1 + n - L + l;
        t.bytes += both * (double)widths[l];
    }
    if (once)
        return t;
    if (strict)
        t.predictions = a->always ? L + n * (L - 1) : L + (L - 1) * (n - L / 2.0);
    t.errors = a->always ? n * (L - 1) + 1
               : strict  ? (L - 1) * (n - L / 2.0 + 1) + 1
                         : 2 + (L - 2) * (n - (L - 1) / 2.0);
    return t;
}

/* ---- measuring ---- */

typedef struct subject {
    vic_network *network;
    int rank_of[MOST_POPULATIONS];
    vic_inference *x;
    vic_communication cost;
} subject;

static void measure(subject *s, vic_precision precision, int layers, const size_t *sizes, size_t batch,
                    vic_inference_options options, int repeats) {
    *s = (subject){.network = graph_chain(precision, layers, sizes)};
    together_place(s->network, together_size(), s->rank_of);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, batch, false, options));
    graph_feed(s->x, batch, 5);
    together_assert_ok(vic_communication_measure(&s->cost, s->x, batch, repeats));
}

static void close_subject(subject *s) {
    vic_communication_release(&s->cost);
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

static vic_inference_options options_of(const algorithm_case *a, int steps) {
    return (vic_inference_options){.algorithm = vic_algorithm_find(a->name),
                                   .eta = a->eta,
                                   .steps = steps,
                                   .microbatches = a->microbatches,
                                   .always = a->always};
}

static bool right_counts(const subject *s, const algorithm_case *a, int L, int n, size_t batch) {
    size_t number = vic_precision_bytes(s->network->precision);
    uint64_t microbatches = microbatches_of(a, batch);
    for (int l = 1; l <= L; l++) {
        uint64_t bytes = widths[l] * batch * number;
        vic_ledger_entry up = vic_communication_of(&s->cost, l - 1, VIC_PREDICTION);
        vic_ledger_entry down = vic_communication_of(&s->cost, l - 1, VIC_ERROR);
        uint64_t predictions = (uint64_t)predictions_to(a, l, L, n),
                 errors = (uint64_t)errors_from(a, l, L, n);
        if (up.messages != predictions * microbatches || up.bytes != predictions * bytes ||
            down.messages != errors * microbatches || down.bytes != errors * bytes)
            return false;
    }
    vic_ledger_entry up = vic_communication_total(&s->cost, VIC_PREDICTION);
    vic_ledger_entry down = vic_communication_total(&s->cost, VIC_ERROR);
    totals t = closed_forms(a, L, n);
    bool closed = (double)up.messages == t.predictions * (double)microbatches &&
                  (double)down.messages == t.errors * (double)microbatches &&
                  (double)(up.bytes + down.bytes) == t.bytes * (double)(batch * number);
    return up.messages == (uint64_t)all_predictions(a, L, n) * microbatches &&
           down.messages == (uint64_t)all_errors(a, L, n) * microbatches && (n < L || L == 1 || closed);
}

/* On one rank every combination, on more a third of them, with each depth and each number of steps. */
START_TEST(counts_follow_the_formulas_on_any_number_of_ranks) {
    static const int steps[] = {1, 2, 3, 5, 9};
    const algorithm_case *a = &algorithms[_i];
    for (int L = 1; L <= MOST_LAYERS; L++)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            if (together_size() > 1 && ((size_t)L + i) % 3 != 0)
                continue;
            subject s;
            int n = steps[i];
            size_t batch = i % 2 ? 4 : 3;
            vic_precision precision = (L + (int)i) % 2 ? VIC_FLOAT32 : VIC_FLOAT64;
            measure(&s, precision, L, widths, batch, options_of(a, n), 1);
            together_assert_msg(together_rank() != 0 || right_counts(&s, a, L, n, batch),
                                "%s, eta %g, always %d, %d layers, %d steps, batch %zu", a->name, a->eta,
                                a->always, L, n, batch);
            close_subject(&s);
        }
}
END_TEST

START_TEST(every_repeat_counts_one_inference) {
    static const int repeats[] = {1, 2, 5};
    const algorithm_case strict = {"strict", 0.2, false, 1};
    for (size_t i = 0; i < sizeof repeats / sizeof *repeats; i++) {
        subject s;
        measure(&s, VIC_FLOAT32, 4, widths, 3, options_of(&strict, 6), repeats[i]);
        together_assert(together_rank() != 0 || right_counts(&s, &strict, 4, 6, 3));
        close_subject(&s);
    }
}
END_TEST

/* Rounding of clocks and sums. */
static const double slack = 1e-8;

static bool consistent(const subject *s) {
    const vic_communication *c = &s->cost;
    double share = vic_communication_share(c), least = c->free_path * (1 - slack);
    bool ok = c->seconds > 0 && c->path >= least && c->path <= c->seconds + slack && share >= 0 && share <= 1;
    for (int rank = 0; rank < c->n_ranks; rank++) {
        const vic_rank_time *t = &c->ranks[rank];
        double sum = t->computing + t->posting + t->late + t->wire;
        bool busy = rank < s->network->n_populations;
        ok = ok && t->computing >= 0 && t->posting >= 0 && t->late >= 0 && t->wire >= 0 &&
             sum <= c->seconds + slack && (t->computing > 0) == busy;
    }
    return ok;
}

START_TEST(times_are_consistent) {
    subject s;
    measure(&s, VIC_FLOAT32, 4, widths, 64, options_of(&algorithms[_i], 6), 3);
    together_assert_msg(together_rank() != 0 || consistent(&s), "%s: %g s, path %g, free path %g",
                        algorithms[_i].name, s.cost.seconds, s.cost.path, s.cost.free_path);
    close_subject(&s);
}
END_TEST

/* On one rank nothing is sent and nothing is waited for. */
START_TEST(one_rank_computes_all_the_time) {
    subject s;
    measure(&s, VIC_FLOAT32, 4, widths, 64, options_of(&algorithms[_i], 6), 1);
    if (together_size() == 1) {
        const vic_rank_time *t = &s.cost.ranks[0];
        ck_assert(t->posting == 0 && t->wire == 0 && t->late < 1e-9);
        ck_assert_double_eq_tol(t->computing, s.cost.seconds, slack);
        ck_assert_double_eq(vic_communication_share(&s.cost), 0);
    }
    close_subject(&s);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("observe/communication");
    TCase *test = tcase_create("communication");
    tcase_add_loop_test(test, counts_follow_the_formulas_on_any_number_of_ranks, 0, ALGORITHMS);
    tcase_add_test(test, every_repeat_counts_one_inference);
    tcase_add_loop_test(test, times_are_consistent, 0, ALGORITHMS);
    tcase_add_loop_test(test, one_rank_computes_all_the_time, 0, ALGORITHMS);
    tcase_set_timeout(test, 60);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
