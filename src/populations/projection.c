/* The rules of a projection: prediction, change, transposed Jacobian, gradient, block by block. */
#include "projection.h"

#include <string.h>

static size_t bytes_of(const vic_projection *p) {
    return vic_precision_bytes(p->network->precision);
}

static const void *const *theta_of(const vic_projection *p, size_t function) {
    size_t first = 0;
    for (size_t i = 0; i < function; i++)
        first += p->edge->computed[i].n_parameters;
    return (const void *const *)p->theta + first;
}

/* Where a block begins in an array of `count` numbers a sample that lies block by block. */
static void *at(const vic_projection *p, const void *array, size_t count, vic_slice block) {
    return vic_slice_at(p->network->precision, count, array, block);
}

static bool is_scratch(const vic_projection *p, const void *array) {
    return array == p->scratch[0] || array == p->scratch[1];
}

/* What passes by in scratch is found at its start, whichever block it is. */
static void *seen(const vic_projection *p, const vic_activity *activity, size_t k, vic_slice block) {
    const void *array = activity->value[k];
    if (is_scratch(p, array))
        block.first = 0;
    return at(p, array, vic_boundary_count(p->edge, k), block);
}

static uint8_t *notes_of(const vic_projection *p, size_t k, vic_slice block) {
    const vic_function *f = &p->edge->computed[k];
    return p->notes[k] ? p->notes[k] + block.first * f->kind->notes(f) : NULL;
}

static size_t source_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, 0);
}

static size_t target_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, p->edge->n_functions);
}

/* Tells the work of a task, and returns whether that is all there is to do. */
static bool tell(const vic_projection *p, vic_task task, vic_slice part) {
    if (p->done) {
        vic_work work = vic_slice_work(p->network, p->edge_index, task, part);
        if (work.products > 0 || work.bytes > 0)
            vic_work_add(p->done, work);
    }
    return p->imagined;
}

/* Inner boundaries without an array of their own share that of the boundary above, or pass by in scratch. */
static void find_arrays(const vic_projection *p, const vic_activity *activity) {
    for (size_t k = p->edge->n_functions; k-- > 1;)
        if (activity->room[k] == NULL)
            activity->value[k] = vic_shares_array(p->edge, k) ? activity->value[k + 1] : p->scratch[k % 2];
}

static void predict_block(const vic_projection *p, vic_slice block) {
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->computed[k];
        const void *in = seen(p, &p->home, k, block);
        void *out = seen(p, &p->home, k + 1, block);
        uint8_t *notes = notes_of(p, k, block);
        if (notes)
            f->kind->forward_noting(f, block.samples, in, out, notes);
        else
            f->kind->forward(f, block.samples, theta_of(p, k), in, out, p->work);
    }
}

void vic_projection_predict(vic_projection *p, vic_slice part, const void *belief, void *prediction) {
    size_t n = p->edge->n_functions;
    bool whole = vic_is_whole(p);
    if (tell(p, VIC_TASK_PREDICT, part))
        return;
    if (whole)
        p->home.value[0] = belief;
    if (p->home.room[n] == NULL)
        p->home.value[n] = prediction;
    find_arrays(p, &p->home);
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);) {
        if (!whole)
            vic_to_block(p, source_count(p), part, b, belief, seen(p, &p->home, 0, b));
        predict_block(p, b);
        if (!whole)
            vic_from_block(p, target_count(p), part, b, seen(p, &p->home, n, b), prediction);
    }
    if (whole && p->home.room[n])
        memcpy(at(p, prediction, target_count(p), part), at(p, p->home.room[n], target_count(p), part),
               target_count(p) * part.samples * bytes_of(p));
    p->present = &p->home;
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

/* From `displacement`, which may be scratch[1], to `change`. */
static void change_block(vic_projection *p, vic_slice block, const void *displacement, void *change) {
    size_t n = p->edge->n_functions;
    const void *from = displacement;
    move(p, 0, block, from);
    for (size_t k = 0; k < n; k++) {
        const vic_function *f = &p->edge->computed[k];
        void *to = k + 1 == n ? change : p->scratch[k % 2];
        f->kind->change(f, block.samples, theta_of(p, k), seen(p, &p->home, k, block),
                        seen(p, &p->home, k + 1, block), from, to, p->work);
        move(p, k + 1, block, to);
        from = to;
    }
}

void vic_projection_change(vic_projection *p, vic_slice part, const void *displacement, void *change) {
    void *to = p->scratch[(p->edge->n_functions - 1) % 2];
    if (tell(p, VIC_TASK_CHANGE, part))
        return;
    find_arrays(p, &p->moved);
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);) {
        if (vic_is_whole(p)) {
            change_block(p, b, at(p, displacement, source_count(p), b), at(p, change, target_count(p), b));
            continue;
        }
        vic_to_block(p, source_count(p), part, b, displacement, p->scratch[1]);
        change_block(p, b, p->scratch[1], to);
        vic_from_block(p, target_count(p), part, b, to, change);
    }
    p->present = &p->moved;
}

void vic_projection_hear(vic_projection *p, const void *error) {
    p->error = error;
}

void vic_projection_forget(vic_projection *p) {
    p->error = NULL;
}

bool vic_projection_has_heard(const vic_projection *p) {
    return p->error != NULL;
}

/* The error that was heard, as the functions take it. */
static const void *heard(const vic_projection *p, vic_slice part, vic_slice block) {
    if (vic_is_whole(p))
        return at(p, p->error, target_count(p), block);
    vic_to_block(p, target_count(p), part, block, p->error, p->scratch[0]);
    return p->scratch[0];
}

static void pull_into(const vic_projection *p, size_t k, vic_slice block, const void *error, void *into) {
    const vic_function *f = &p->edge->computed[k];
    const uint8_t *notes = p->present == &p->home ? notes_of(p, k, block) : NULL;
    if (notes)
        f->kind->pull_back_noted(f, block.samples, notes, error, into);
    else
        f->kind->pull_back(f, block.samples, theta_of(p, k), seen(p, p->present, k, block),
                           seen(p, p->present, k + 1, block), error, into, p->work);
}

/* The error at the input of function k from the one at its output, which is overwritten where it may be: a
 * message may not. */
static const void *pull_through(const vic_projection *p, size_t k, vic_slice block, const void *error) {
    bool in_place = is_scratch(p, error) && p->edge->computed[k].kind->in_place;
    void *into = (error == p->scratch[0]) == in_place ? p->scratch[0] : p->scratch[1];
    pull_into(p, k, block, error, into);
    return into;
}

void vic_projection_pull_back(vic_projection *p, vic_slice part, void *into) {
    if (tell(p, VIC_TASK_PULL_BACK, part))
        return;
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);) {
        const void *error = heard(p, part, b);
        for (size_t k = p->edge->n_functions; k-- > 1;)
            error = pull_through(p, k, b, error);
        if (vic_is_whole(p))
            pull_into(p, 0, b, error, at(p, into, source_count(p), b));
        else
            vic_from_block(p, source_count(p), part, b, pull_through(p, 0, b, error), into);
    }
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
        n += p->edge->computed[i].n_parameters;
    return n;
}

static void gradient_of_block(vic_projection *p, vic_slice part, vic_slice block) {
    const void *error = heard(p, part, block);
    size_t left = p->n_parameters;
    for (size_t k = p->edge->n_functions; left > 0;) {
        const vic_function *f = &p->edge->computed[--k];
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
        if (!p->imagined)
            clear_gradient(p);
        return;
    }
    if (tell(p, VIC_TASK_GRADIENT, part))
        return;
    for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
        gradient_of_block(p, part, b);
}
