/* What lies between the functions of a layer is not recorded: it is worked out again, by the same functions
 * on the same numbers. */
#include "explanation.h"

#include <string.h>

static size_t count_at(const vic_edge *edge, size_t boundary) {
    return vic_shape_count(boundary == 0 ? edge->functions[0].in : edge->functions[boundary - 1].out);
}

/* One call of a function: its arrays in the precision of the run, samples innermost. */
typedef struct call {
    const vic_view *view;
    const vic_function *f;
    vic_precision precision;
    size_t batch;
    void *theta[VIC_MAX_PARAMETERS], *in, *out, *change, *error, *result, *scratch;
} call;

static vic_status to_reals(const call *c, size_t features, size_t batch, const double *rows, void **columns) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(c->precision);
    size_t n = features * batch, bytes = vic_precision_bytes(c->precision);
    void *reals;
    VIC_TRY(vic_allocate(n, bytes, columns));
    VIC_TRY(vic_allocate(n, bytes, &reals));
    arithmetic->from_float64(n, rows, reals);
    arithmetic->samples_inward(features, batch, reals, batch, *columns);
    vic_release(&reals);
    return VIC_OK;
}

static void from_reals(const call *c, size_t features, const void *columns, double *rows) {
    for (size_t b = 0; b < c->batch; b++)
        for (size_t i = 0; i < features; i++, rows++)
            *rows = c->precision == VIC_FLOAT32 ? (double)((const float *)columns)[i * c->batch + b]
                                                : ((const double *)columns)[i * c->batch + b];
}

static size_t parameters_below(const vic_edge *edge, size_t k) {
    size_t n = 0;
    for (size_t i = 0; i < k; i++)
        n += edge->functions[i].n_parameters;
    return n;
}

/* Arrays that are NULL are left out. */
static vic_status begin(call *c, const vic_view *view, size_t k, const double *in, const double *out,
                        const double *change, const double *error) {
    const vic_function *f = &view->edge->functions[k];
    size_t first = parameters_below(view->edge, k), n_in = vic_shape_count(f->in),
           n_out = vic_shape_count(f->out);
    *c = (call){view, f, view->explanation->network->precision, view->explanation->batch, {0}, 0, 0, 0, 0,
                0,    0};
    size_t scratch = f->kind->scratch_count ? f->kind->scratch_count(f, c->batch) : 0;
    for (size_t i = 0; i < f->n_parameters; i++)
        VIC_TRY(to_reals(c, f->parameter[i].count, 1, view->theta[first + i], &c->theta[i]));
    if (in)
        VIC_TRY(to_reals(c, n_in, c->batch, in, &c->in));
    if (out)
        VIC_TRY(to_reals(c, n_out, c->batch, out, &c->out));
    if (change)
        VIC_TRY(to_reals(c, n_in, c->batch, change, &c->change));
    if (error)
        VIC_TRY(to_reals(c, n_out, c->batch, error, &c->error));
    VIC_TRY(vic_allocate((n_in > n_out ? n_in : n_out) * c->batch, vic_precision_bytes(c->precision),
                         &c->result));
    return vic_allocate(scratch, vic_precision_bytes(c->precision), &c->scratch);
}

static void end(call *c) {
    for (size_t i = 0; i < VIC_MAX_PARAMETERS; i++)
        vic_release(&c->theta[i]);
    vic_release(&c->in);
    vic_release(&c->out);
    vic_release(&c->change);
    vic_release(&c->error);
    vic_release(&c->result);
    vic_release(&c->scratch);
}

/* ---- the three ways through a layer ---- */

static vic_status forward(vic_view *v, size_t k) {
    call c;
    vic_status status = begin(&c, v, k, v->home[k], NULL, NULL, NULL);
    if (status == VIC_OK) {
        c.f->kind->forward(c.f, c.batch, (const void *const *)c.theta, c.in, c.result, c.scratch);
        from_reals(&c, vic_shape_count(c.f->out), c.result, v->home[k + 1]);
    }
    end(&c);
    return status;
}

static vic_status change(vic_view *v, size_t k) {
    call c;
    vic_status status = begin(&c, v, k, v->home[k], v->home[k + 1], v->change[k], NULL);
    if (status == VIC_OK) {
        c.f->kind->change(c.f, c.batch, (const void *const *)c.theta, c.in, c.out, c.change, c.result,
                          c.scratch);
        from_reals(&c, vic_shape_count(c.f->out), c.result, v->change[k + 1]);
    }
    end(&c);
    return status;
}

static vic_status vjp(vic_view *v, size_t k) {
    call c;
    vic_status status = begin(&c, v, k, v->present[k], v->present[k + 1], NULL, v->error[k + 1]);
    if (status == VIC_OK) {
        c.f->kind->vjp(c.f, c.batch, (const void *const *)c.theta, c.in, c.out, c.error, c.result, c.scratch);
        from_reals(&c, vic_shape_count(c.f->in), c.result, v->error[k]);
    }
    end(&c);
    return status;
}

/* home + change, rounded as the population rounds it. */
static void move(vic_view *v, size_t k) {
    for (size_t i = 0; i < count_at(v->edge, k) * v->explanation->batch; i++) {
        double sum = v->home[k][i] + v->change[k][i];
        v->moved[k][i] = v->explanation->network->precision == VIC_FLOAT32 ? (double)(float)sum : sum;
    }
}

/* ---- a view ---- */

static vic_status make_boundaries(const vic_view *v, double ***boundaries) {
    size_t n = v->edge->n_functions + 1;
    VIC_TRY(vic_allocate(n, sizeof **boundaries, boundaries));
    for (size_t k = 0; k < n; k++)
        VIC_TRY(
            vic_allocate(count_at(v->edge, k) * v->explanation->batch, sizeof(double), &(*boundaries)[k]));
    return VIC_OK;
}

static void drop_boundaries(const vic_view *v, double ***boundaries) {
    for (size_t k = 0; *boundaries && k <= v->edge->n_functions; k++)
        vic_release(&(*boundaries)[k]);
    vic_release(boundaries);
}

/* All samples follow each other in a recording. */
static void take(const vic_view *v, int population, vic_quantity quantity, int step, double *rows) {
    size_t n = vic_explanation_neurons(v->explanation, population) * v->explanation->batch;
    memcpy(rows, vic_recording_state(v->explanation->recording, population, quantity, step, 0),
           n * sizeof *rows);
}

static vic_status move_all(vic_view *v, int from, int step) {
    VIC_TRY(make_boundaries(v, &v->change));
    VIC_TRY(make_boundaries(v, &v->moved));
    take(v, from, VIC_QUANTITY_DISPLACEMENT, step, v->change[0]);
    move(v, 0);
    for (size_t k = 0; k < v->edge->n_functions; k++) {
        VIC_TRY(change(v, k));
        move(v, k + 1);
    }
    v->present = v->moved;
    return VIC_OK;
}

/* Where predictions follow beliefs, with displacements or as they are; otherwise at vhat. */
vic_status vic_view_open(vic_view *v, const vic_explanation *t, int edge, int step) {
    int from = t->network->edges[edge].from;
    bool moves = vic_explanation_traits(t)->predicts_in_steps && from > 0,
         beliefs = moves && vic_explanation_in_beliefs(t);
    bool learns = vic_explanation_learns_in_steps(t);
    *v = (vic_view){.explanation = t,
                    .edge = &t->network->edges[edge],
                    .theta = learns ? t->learned[step][edge] : t->theta[edge],
                    .update = learns && step < t->steps ? t->gradient[step + 1][edge] : t->update[edge]};
    VIC_TRY(make_boundaries(v, &v->home));
    if (from == 0 || beliefs)
        take(v, from, VIC_QUANTITY_BELIEF, step, v->home[0]);
    else
        take(v, from, VIC_QUANTITY_PREDICTION, 0, v->home[0]);
    for (size_t k = 0; k < v->edge->n_functions; k++)
        VIC_TRY(forward(v, k));
    v->present = v->home;
    return moves && !beliefs ? move_all(v, from, step) : VIC_OK;
}

vic_status vic_view_vjp(vic_view *v, int step) {
    VIC_TRY(make_boundaries(v, &v->error));
    take(v, v->edge->to, VIC_QUANTITY_ERROR, step, v->error[v->edge->n_functions]);
    for (size_t k = v->edge->n_functions; k-- > 0;)
        VIC_TRY(vjp(v, k));
    return VIC_OK;
}

void vic_view_close(vic_view *v) {
    drop_boundaries(v, &v->home);
    drop_boundaries(v, &v->change);
    drop_boundaries(v, &v->moved);
    drop_boundaries(v, &v->error);
}

const double *vic_view_of(const vic_view *v, double *const *boundaries, size_t k) {
    return boundaries[k] + v->explanation->sample * count_at(v->edge, k);
}
