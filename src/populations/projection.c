/* The rules of a projection: prediction, change, transposed Jacobian, gradient, block by block. */
#include "projection.h"

#include <string.h>

static size_t bytes_of(const vic_projection *p) {
    return vic_precision_bytes(p->network->precision);
}

static const void *const *theta_of(const vic_projection *p, size_t function) {
    size_t first = 0;
    for (size_t i = 0; i < function; i++)
        first += p->edge->functions[i].n_parameters;
    return (const void *const *)p->theta + first;
}

/* Where a block begins in an array of `count` numbers a sample that lies block by block. */
static void *at(const vic_projection *p, const void *array, size_t count, vic_slice block) {
    return vic_slice_at(p->network->precision, count, array, block);
}

/* A boundary that keeps one block only is found at its start, whichever block it is. */
static void *seen(const vic_projection *p, const vic_activity *activity, size_t k, vic_slice block) {
    const void *array = activity->value[k];
    if (p->forgets && array != activity->value[0] && array != activity->value[p->edge->n_functions])
        block.first = 0;
    return at(p, array, vic_boundary_count(p->edge, k), block);
}

static size_t source_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, 0);
}

static size_t target_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, p->edge->n_functions);
}

static void count(const vic_projection *p, vic_task task, vic_slice part) {
    if (p->done)
        vic_work_add(p->done, vic_edge_work(p->network, p->edge_index, task, part.samples));
}

/* Functions that work in place share the array of the boundary above them. */
static void share_arrays(const vic_projection *p, const vic_activity *activity) {
    for (size_t k = p->edge->n_functions; k-- > 0;)
        if (activity->room[k] == NULL && k > 0)
            activity->value[k] = activity->value[k + 1];
}

static void predict_block(const vic_projection *p, vic_slice block) {
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->functions[k];
        f->kind->forward(f, block.samples, theta_of(p, k), seen(p, &p->home, k, block),
                         seen(p, &p->home, k + 1, block), p->work);
    }
}

void vic_projection_predict(vic_projection *p, vic_slice part, const void *belief, void *prediction) {
    size_t n = p->edge->n_functions;
    if (vic_is_whole(p))
        p->home.value[0] = belief;
    else
        vic_to_blocks(p, source_count(p), part, belief, p->home.room[0]);
    if (p->home.room[n] == NULL)
        p->home.value[n] = prediction;
    share_arrays(p, &p->home);
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
        predict_block(p, b);
    if (!vic_is_whole(p))
        vic_from_blocks(p, target_count(p), part, p->home.room[n], prediction);
    else if (p->home.room[n])
        memcpy(at(p, prediction, target_count(p), part), at(p, p->home.room[n], target_count(p), part),
               target_count(p) * part.samples * bytes_of(p));
    p->present = &p->home;
    count(p, VIC_TASK_PREDICT, part);
}

/* moved = home + change at boundary k. */
static void move(const vic_projection *p, size_t k, vic_slice block, const void *change) {
    if (p->moved.room[k] == NULL)
        return;
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    size_t n = vic_boundary_count(p->edge, k) * block.samples;
    void *to = seen(p, &p->moved, k, block);
    memcpy(to, seen(p, &p->home, k, block), n * bytes_of(p));
    arithmetic->add(n, change, to);
}

static void change_block(vic_projection *p, vic_slice block, const void *displacement, void *change) {
    size_t n = p->edge->n_functions;
    const void *from = displacement;
    move(p, 0, block, from);
    for (size_t k = 0; k < n; k++) {
        const vic_function *f = &p->edge->functions[k];
        void *to = k + 1 == n ? change : p->scratch[k % 2];
        f->kind->change(f, block.samples, theta_of(p, k), seen(p, &p->home, k, block),
                        seen(p, &p->home, k + 1, block), from, to, p->work);
        move(p, k + 1, block, to);
        from = to;
    }
}

void vic_projection_change(vic_projection *p, vic_slice part, const void *displacement, void *change) {
    const void *from = displacement;
    void *to = change;
    share_arrays(p, &p->moved);
    if (!vic_is_whole(p)) {
        vic_to_blocks(p, source_count(p), part, displacement, p->blocked_source);
        from = p->blocked_source;
        to = p->blocked_change;
    }
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
        change_block(p, b, at(p, from, source_count(p), b), at(p, to, target_count(p), b));
    if (!vic_is_whole(p))
        vic_from_blocks(p, target_count(p), part, to, change);
    p->present = &p->moved;
    count(p, VIC_TASK_CHANGE, part);
}

void vic_projection_hear(vic_projection *p, const void *error, vic_slice part) {
    p->error = error;
    if (vic_is_whole(p))
        return;
    vic_to_blocks(p, target_count(p), part, error, p->blocked_error);
    p->error = p->blocked_error;
    count(p, VIC_TASK_HEAR, part);
}

void vic_projection_forget(vic_projection *p) {
    p->error = NULL;
}

bool vic_projection_has_heard(const vic_projection *p) {
    return p->error != NULL;
}

/* The error at the input of function k from the one at its output, which is overwritten where it may be: an
 * error that was heard may not. */
static const void *pull_through(const vic_projection *p, size_t k, vic_slice block, const void *error) {
    const vic_function *f = &p->edge->functions[k];
    bool mine = error == p->scratch[0] || error == p->scratch[1];
    void *into = error == p->scratch[0] ? p->scratch[1] : p->scratch[0];
    if (mine && f->kind->in_place)
        into = error == p->scratch[0] ? p->scratch[0] : p->scratch[1];
    f->kind->pull_back(f, block.samples, theta_of(p, k), seen(p, p->present, k, block),
                       seen(p, p->present, k + 1, block), error, into, p->work);
    return into;
}

static void pull_back_block(const vic_projection *p, vic_slice block, void *into) {
    const vic_function *f = &p->edge->functions[0];
    const void *error = at(p, p->error, target_count(p), block);
    for (size_t k = p->edge->n_functions; k-- > 1;)
        error = pull_through(p, k, block, error);
    f->kind->pull_back(f, block.samples, theta_of(p, 0), seen(p, p->present, 0, block),
                       seen(p, p->present, 1, block), error, into, p->work);
}

void vic_projection_pull_back(vic_projection *p, vic_slice part, void *into) {
    void *to = vic_is_whole(p) ? into : p->blocked_source;
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
        pull_back_block(p, b, at(p, to, source_count(p), b));
    if (!vic_is_whole(p))
        vic_from_blocks(p, source_count(p), part, to, into);
    count(p, VIC_TASK_PULL_BACK, part);
}

static void clear_gradient(vic_projection *p) {
    for (size_t i = 0; i < p->n_parameters; i++)
        memset(p->gradient[i], 0,
               vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count * bytes_of(p));
}

/* Parameters of the functions before k. */
static size_t parameters_below(const vic_projection *p, size_t k) {
    size_t n = 0;
    for (size_t i = 0; i < k; i++)
        n += p->edge->functions[i].n_parameters;
    return n;
}

static void gradient_of_block(vic_projection *p, vic_slice block) {
    const void *error = at(p, p->error, target_count(p), block);
    size_t left = p->n_parameters;
    for (size_t k = p->edge->n_functions; left > 0;) {
        const vic_function *f = &p->edge->functions[--k];
        left = parameters_below(p, k);
        if (f->kind->gradient)
            f->kind->gradient(f, block.samples, seen(p, p->present, k, block), error, p->gradient + left,
                              block.first > 0, p->work);
        if (left > 0)
            error = pull_through(p, k, block, error);
    }
}

void vic_projection_gradient(vic_projection *p, vic_slice part) {
    if (!vic_projection_has_heard(p)) {
        clear_gradient(p);
        return;
    }
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);) {
        if (p->forgets)
            predict_block(p, b);
        gradient_of_block(p, b);
    }
    count(p, VIC_TASK_GRADIENT, part);
}
