#include "vicinal/study.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { HAS, RELATIVE, ANGLE, ULP, SCALE, LAW, LAW_ERROR, KEPT, COLUMNS };

bool vic_verification_judges(vic_inference_options options) {
    if (strcmp(vic_algorithm_name(options.algorithm), "exact") == 0)
        return true;
    return strcmp(vic_algorithm_name(options.algorithm), "fixed-prediction") == 0 &&
           options.coordinates == VIC_COORDINATES_ERROR && options.eta <= 1;
}

/* NaN where the ways from this layer up to the output differ in length, or the algorithm follows no law. */
static double law_of(const vic_network *network, vic_inference_options options, int layer,
                     const int *shortest, const int *longest) {
    int to = network->edges[layer].to;
    if (strcmp(vic_algorithm_name(options.algorithm), "exact") == 0)
        return 1;
    if (strcmp(vic_algorithm_name(options.algorithm), "fixed-prediction") != 0 || options.eta > 1 ||
        shortest[to] != longest[to])
        return NAN;
    return vic_law(options.eta, options.steps, shortest[to]);
}

/* ---- sums over all parameters of a projection ---- */

typedef struct pair {
    const vic_projection *projection;
    void **exact; /* per parameter; the other one is projection->gradient */
    const vic_arithmetic *arithmetic;
} pair;

static size_t count_of(const pair *p, size_t i) {
    return vic_parameter_slot_at(p->projection->network, p->projection->edge_index, i).parameter->count;
}

/* |update_scale * update - exact_scale * exact| */
static double distance(const pair *p, double update_scale, double exact_scale) {
    double sum = 0;
    for (size_t i = 0; i < p->projection->n_parameters; i++)
        sum += p->arithmetic->squared_distance(count_of(p, i), update_scale, p->projection->gradient[i],
                                               exact_scale, p->exact[i]);
    return sqrt(sum);
}

static double ulp_distance(const pair *p) {
    double largest = 0;
    for (size_t i = 0; i < p->projection->n_parameters; i++)
        largest = fmax(largest, (double)p->arithmetic->ulp_distance(count_of(p, i),
                                                                    p->projection->gradient[i], p->exact[i]));
    return largest;
}

static double entries(const pair *p) {
    double n = 0;
    for (size_t i = 0; i < p->projection->n_parameters; i++)
        n += (double)count_of(p, i);
    return n;
}

/* W. Kahan's formula, which keeps its digits at small angles: 2 atan2(|a/|a| - b/|b||, |a/|a| + b/|b||). */
static double angle_between(const pair *p, double length, double exact_length) {
    double apart = distance(p, 1 / length, 1 / exact_length),
           along = distance(p, 1 / length, -1 / exact_length);
    return 2 * atan2(apart, along) * 180 / acos(-1);
}

static bool rule_holds(const pair *p, vic_inference_options options, const double *row, double exact_length,
                       bool complete) {
    bool single = p->projection->network->precision == VIC_FLOAT32;
    double tolerance = single ? 1e-4 : 1e-12, smallest = single ? FLT_MIN : DBL_MIN;
    if (complete && options.eta == 1)
        return row[ULP] == 0;
    if (row[LAW] == 0)
        return distance(p, 1, 0) == 0;
    double bound = tolerance * row[LAW] * exact_length + smallest * sqrt(entries(p));
    return distance(p, 1, row[LAW]) <= bound;
}

static void compare(const pair *p, vic_inference_options options, double law, bool complete, double *row) {
    double length = distance(p, 1, 0), exact_length = distance(p, 0, 1);
    double apart = distance(p, 1, 1);
    row[HAS] = p->projection->n_parameters > 0;
    row[RELATIVE] = apart == 0 ? 0 : exact_length > 0 ? apart / exact_length : NAN;
    row[ANGLE] = length > 0 && exact_length > 0 ? angle_between(p, length, exact_length) : NAN;
    row[ULP] = ulp_distance(p);
    row[SCALE] = exact_length > 0 ? length / exact_length : NAN;
    row[LAW] = law;
    double off = isnan(law) ? NAN : distance(p, 1, law);
    row[LAW_ERROR] = off == 0 ? 0 : off / (law * exact_length);
    row[KEPT] = isnan(law) || rule_holds(p, options, row, exact_length, complete);
}

/* ---- keeping the exact updates aside ---- */

typedef struct keep {
    int n;
    void ***exact; /* [local projection][parameter] */
} keep;

typedef vic_status visit_projection(void *context, int index, const vic_projection *projection);

static vic_status for_each_projection(vic_inference *x, visit_projection *visit, void *context) {
    int index = 0;
    for (int id = 0; id < vic_inference_network(x)->n_populations; id++) {
        vic_population *p = vic_inference_population(x, id);
        for (int k = 0; p && k < p->n_out; k++)
            VIC_TRY(visit(context, index++, &p->out[k]));
    }
    return VIC_OK;
}

static vic_status make_room(void *context, int index, const vic_projection *projection) {
    keep *kept = context;
    size_t bytes = vic_precision_bytes(projection->network->precision);
    VIC_TRY(vic_allocate(projection->n_parameters, sizeof(void *), &kept->exact[index]));
    for (size_t i = 0; i < projection->n_parameters; i++) {
        pair p = {.projection = projection};
        VIC_TRY(vic_allocate(count_of(&p, i), bytes, &kept->exact[index][i]));
    }
    return VIC_OK;
}

static vic_status put_aside(void *context, int index, const vic_projection *projection) {
    keep *kept = context;
    size_t bytes = vic_precision_bytes(projection->network->precision);
    for (size_t i = 0; i < projection->n_parameters; i++) {
        pair p = {.projection = projection};
        memcpy(kept->exact[index][i], projection->gradient[i], count_of(&p, i) * bytes);
    }
    return VIC_OK;
}

static vic_status let_go(void *context, int index, const vic_projection *projection) {
    keep *kept = context;
    for (size_t i = 0; kept->exact[index] && i < projection->n_parameters; i++)
        vic_release(&kept->exact[index][i]);
    vic_release(&kept->exact[index]);
    return VIC_OK;
}

/* ---- the verification ---- */

static vic_status run_checked(vic_inference *x, size_t batch) {
    VIC_TRY(vic_inference_run(x, batch));
    return vic_group_agree(vic_inference_group(x), vic_inference_check(x));
}

static vic_status run_both(vic_inference *x, size_t batch, keep *kept) {
    vic_inference_options configured = vic_inference_get_options(x), exact = configured;
    exact.algorithm = vic_algorithm_find("exact");
    exact.initial_beliefs = false;
    VIC_TRY(vic_group_agree(vic_inference_group(x), vic_inference_set_options(x, exact)));
    VIC_TRY(run_checked(x, batch));
    VIC_TRY(for_each_projection(x, put_aside, kept));
    VIC_TRY(vic_group_agree(vic_inference_group(x), vic_inference_set_options(x, configured)));
    return run_checked(x, batch);
}

typedef struct comparison {
    vic_inference_options options;
    const keep *kept;
    const int *shortest, *longest;
    double *rows; /* of the local populations, `width` numbers each */
    size_t width;
    int row, projection, population;
} comparison;

/* Rows go population by population, as vic_group_collect wants them. */
static vic_status compare_one(void *context, int index, const vic_projection *projection) {
    comparison *c = context;
    const vic_network *network = projection->network;
    if (projection->edge->from != c->population) {
        c->row += c->population >= 0;
        c->population = projection->edge->from;
        c->projection = 0;
    }
    pair p = {
        .projection = projection,
        .exact = c->kept->exact[index],
        .arithmetic = vic_arithmetic_of(network->precision),
    };
    bool complete = c->options.steps >= c->longest[0];
    double law = law_of(network, c->options, projection->edge_index, c->shortest, c->longest);
    compare(&p, c->options, law, complete,
            c->rows + (size_t)c->row * c->width + (size_t)c->projection++ * COLUMNS);
    return VIC_OK;
}

static int widest(const vic_network *network) {
    int most = 0;
    for (int p = 0; p < network->n_populations; p++) {
        int n = 0;
        for (int e = 0; e < network->n_edges; e++)
            n += network->edges[e].from == p;
        most = n > most ? n : most;
    }
    return most;
}

static void read_rows(const vic_network *network, const double *all, size_t width, vic_layer_check *layers) {
    for (int p = 0; p < network->n_populations; p++) {
        const double *row = all + (size_t)p * width;
        for (int e = 0; e < network->n_edges; e++) {
            if (network->edges[e].from != p)
                continue;
            layers[e] = (vic_layer_check){
                .has_parameters = row[HAS] != 0,
                .relative_error = row[RELATIVE],
                .angle = row[ANGLE],
                .ulp = row[ULP],
                .scale = row[SCALE],
                .law = row[LAW],
                .law_error = row[LAW_ERROR],
                .kept = row[KEPT] != 0,
            };
            row += COLUMNS;
        }
    }
}

static vic_status collect(vic_inference *x, const keep *kept, vic_layer_check *layers) {
    const vic_network *network = vic_inference_network(x);
    size_t populations = (size_t)network->n_populations, width = (size_t)widest(network) * COLUMNS;
    comparison c = {.options = vic_inference_get_options(x), .kept = kept, .width = width, .population = -1};
    double *all = NULL;
    int *shortest = NULL, *longest = NULL;
    vic_status status = vic_allocate(populations * width, sizeof *all, &all);
    status = status ? status : vic_allocate(populations * width, sizeof *c.rows, &c.rows);
    status = status ? status : vic_allocate(populations, sizeof *shortest, &shortest);
    status = status ? status : vic_allocate(populations, sizeof *longest, &longest);
    status = vic_group_agree(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = vic_network_heights(network, shortest, longest);
    c.shortest = shortest;
    c.longest = longest;
    if (status == VIC_OK)
        status = for_each_projection(x, compare_one, &c);
    if (status == VIC_OK)
        status = vic_group_collect(vic_inference_group(x), vic_inference_rank_of(x), (int)populations, width,
                                   c.rows, all);
    if (status == VIC_OK)
        read_rows(network, all, width, layers);
    vic_release(&all);
    vic_release(&c.rows);
    vic_release(&shortest);
    vic_release(&longest);
    return status;
}

vic_status vic_verify(vic_inference *x, size_t batch, vic_layer_check *layers) {
    keep kept = {0};
    vic_status status =
        vic_allocate((size_t)vic_inference_network(x)->n_edges, sizeof *kept.exact, &kept.exact);
    if (status == VIC_OK)
        status = for_each_projection(x, make_room, &kept);
    status = vic_group_agree(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = run_both(x, batch, &kept);
    if (status == VIC_OK)
        status = collect(x, &kept, layers);
    if (kept.exact)
        for_each_projection(x, let_go, &kept);
    vic_release(&kept.exact);
    return status;
}
