/* The rules of a projection: prediction, change, transposed Jacobian, gradient, block by block. */
#include "projection.h"

#include <string.h>

static size_t bytes_of(const vic_projection *p) {
    return vic_precision_bytes(p->network->precision);
}

/* A batch that is one block needs no copies: the functions work on the arrays that came. */
static bool whole(const vic_projection *p) {
    return p->block == p->capacity;
}

static const void *const *theta_of(const vic_projection *p, size_t function) {
    size_t first = 0;
    for (size_t i = 0; i < function; i++)
        first += p->edge->functions[i].n_parameters;
    return (const void *const *)p->theta + first;
}

/* Where a block of boundary k lies in an activity. */
static const void *seen(const vic_projection *p, const vic_activity *activity, size_t k, vic_block block) {
    return (const char *)activity->value[k] + block.first * vic_boundary_count(p->edge, k) * bytes_of(p);
}

static void *room(const vic_projection *p, const vic_activity *activity, size_t k, vic_block block) {
    return (char *)activity->room[k] + block.first * vic_boundary_count(p->edge, k) * bytes_of(p);
}

static void predict_block(vic_projection *p, size_t batch, vic_block block, const void *belief,
                          void *prediction) {
    size_t n = p->edge->n_functions;
    if (!whole(p))
        vic_pack(bytes_of(p), vic_boundary_count(p->edge, 0), batch, block, belief,
                 room(p, &p->home, 0, block));
    for (size_t k = 0; k < n; k++) {
        const vic_function *f = &p->edge->functions[k];
        void *out = p->home.room[k + 1] ? room(p, &p->home, k + 1, block) : prediction;
        f->kind->forward(f, block.samples, theta_of(p, k), seen(p, &p->home, k, block), out, p->work);
    }
    if (!whole(p))
        vic_unpack(bytes_of(p), vic_boundary_count(p->edge, n), batch, block, seen(p, &p->home, n, block),
                   prediction);
}

void vic_projection_predict(vic_projection *p, size_t batch, const void *belief, void *prediction) {
    if (whole(p)) {
        p->home.value[0] = belief;
        p->home.value[p->edge->n_functions] = prediction;
    }
    for (vic_block block = {0}; vic_next_block(p, batch, &block);)
        predict_block(p, batch, block, belief, prediction);
    p->present = &p->home;
}

/* moved = home + change at boundary k. */
static void move(const vic_projection *p, size_t k, vic_block block, const void *change) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    size_t n = vic_boundary_count(p->edge, k) * block.samples;
    void *to = room(p, &p->moved, k, block);
    memcpy(to, seen(p, &p->home, k, block), n * bytes_of(p));
    arithmetic->add(n, change, to);
}

static void change_block(vic_projection *p, size_t batch, vic_block block, const void *displacement,
                         void *change) {
    size_t n = p->edge->n_functions;
    const void *from = displacement;
    if (!whole(p)) {
        vic_pack(bytes_of(p), vic_boundary_count(p->edge, 0), batch, block, displacement, p->scratch[0]);
        from = p->scratch[0];
    }
    move(p, 0, block, from);
    for (size_t k = 0; k < n; k++) {
        const vic_function *f = &p->edge->functions[k];
        void *to = k + 1 == n && whole(p) ? change : p->scratch[(k + 1) % 2];
        f->kind->change(f, block.samples, theta_of(p, k), seen(p, &p->home, k, block),
                        seen(p, &p->home, k + 1, block), from, to, p->work);
        move(p, k + 1, block, to);
        from = to;
    }
    if (!whole(p))
        vic_unpack(bytes_of(p), vic_boundary_count(p->edge, n), batch, block, from, change);
}

void vic_projection_change(vic_projection *p, size_t batch, const void *displacement, void *change) {
    for (vic_block block = {0}; vic_next_block(p, batch, &block);)
        change_block(p, batch, block, displacement, change);
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

static const void *error_of_block(const vic_projection *p, size_t batch, vic_block block) {
    size_t n = p->edge->n_functions;
    if (whole(p))
        return p->error;
    vic_pack(bytes_of(p), vic_boundary_count(p->edge, n), batch, block, p->error, p->scratch[n % 2]);
    return p->scratch[n % 2];
}

/* The error at the input of function k from the one at its output. */
static void pull_through(const vic_projection *p, size_t k, vic_block block, const void *error, void *into) {
    const vic_function *f = &p->edge->functions[k];
    f->kind->pull_back(f, block.samples, theta_of(p, k), seen(p, p->present, k, block),
                       seen(p, p->present, k + 1, block), error, into, p->work);
}

void vic_projection_pull_back(vic_projection *p, size_t batch, void *into) {
    for (vic_block block = {0}; vic_next_block(p, batch, &block);) {
        const void *error = error_of_block(p, batch, block);
        for (size_t k = p->edge->n_functions; k-- > 0;) {
            void *below = k == 0 && whole(p) ? into : p->scratch[k % 2];
            pull_through(p, k, block, error, below);
            error = below;
        }
        if (!whole(p))
            vic_unpack(bytes_of(p), vic_boundary_count(p->edge, 0), batch, block, error, into);
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
        n += p->edge->functions[i].n_parameters;
    return n;
}

static void gradient_of_block(vic_projection *p, size_t batch, vic_block block) {
    const void *error = error_of_block(p, batch, block);
    size_t left = p->n_parameters;
    for (size_t k = p->edge->n_functions; left > 0;) {
        const vic_function *f = &p->edge->functions[--k];
        left = parameters_below(p, k);
        if (f->kind->gradient)
            f->kind->gradient(f, block.samples, seen(p, p->present, k, block), error, p->gradient + left,
                              block.first > 0, p->work);
        if (left > 0)
            pull_through(p, k, block, error, p->scratch[k % 2]);
        error = p->scratch[k % 2];
    }
}

void vic_projection_gradient(vic_projection *p, size_t batch) {
    if (!vic_projection_has_heard(p)) {
        clear_gradient(p);
        return;
    }
    for (vic_block block = {0}; vic_next_block(p, batch, &block);)
        gradient_of_block(p, batch, block);
}
