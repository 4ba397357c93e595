/* The rules of a projection: prediction, change, transposed Jacobian, gradient, block by block. */
#include "projection.h"
#include "anomaly.h"

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
static void *at(const vic_projection *p, const void *array, size_t count, vic_sample_range block) {
    return vic_microbatch_at(p->network->precision, count, array, block);
}

static bool is_scratch(const vic_projection *p, const void *array) {
    return array == p->block_scratch[0] || array == p->block_scratch[1];
}

/* What passes by in scratch is found at its start, whichever block it is. */
static void *seen(const vic_projection *p, const vic_activity *activity, size_t k, vic_sample_range block) {
    const void *array = activity->value[k];
    if (is_scratch(p, array))
        block.first = 0;
    return at(p, array, vic_boundary_count(p->edge, k), block);
}

static uint8_t *saved_of(const vic_projection *p, size_t k, vic_sample_range block) {
    const vic_function *f = &p->edge->computed[k];
    return p->saved[k] ? p->saved[k] + block.first * f->kind->saved_bytes(f) : NULL;
}

static size_t source_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, 0);
}

static size_t target_count(const vic_projection *p) {
    return vic_boundary_count(p->edge, p->edge->n_functions);
}

/* Counts the cost of a task, and returns whether that is all there is to do. */
static bool count_cost(const vic_projection *p, vic_task task, vic_sample_range microbatch) {
    if (p->done) {
        vic_cost cost = vic_microbatch_cost(p->network, p->edge_index, task, microbatch);
        if (cost.products > 0 || cost.bytes > 0)
            vic_cost_add(p->done, cost);
    }
    return p->dry;
}

/* Inner boundaries without an array of their own share that of the boundary above, or pass by in scratch. */
static void find_arrays(const vic_projection *p, const vic_activity *activity) {
    for (size_t k = p->edge->n_functions; k-- > 1;)
        if (activity->own[k] == NULL)
            activity->value[k] =
                vic_shares_array(p->edge, k) ? activity->value[k + 1] : p->block_scratch[k % 2];
}

/* Is the call of function k to be looked after: does it read finite numbers alone? */
static bool is_watched(const vic_projection *p, size_t k, vic_call call) {
    return p->anomaly && vic_is_call_finite(p, k, &call);
}

static void predict_block(const vic_projection *p, vic_sample_range block) {
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->computed[k];
        const void *in = seen(p, &p->home, k, block);
        void *out = seen(p, &p->home, k + 1, block);
        uint8_t *saved = saved_of(p, k, block);
        const void *packed = vic_packed_synapses(p, k, false, theta_of(p, k));
        bool watched = is_watched(p, k, (vic_call){.samples = block.samples, .in = in});
        if (saved)
            f->kind->forward_saving(f, block.samples, in, out, saved);
        else if (packed)
            f->kind->forward_packed(f, block.samples, theta_of(p, k), packed, in, out, p->function_scratch);
        else
            vic_function_forward(f, block.samples, theta_of(p, k), in, out, p->function_scratch);
        if (watched)
            vic_watch_result(p, k, "forward", vic_shape_count(f->out) * block.samples, out);
    }
}

void vic_projection_predict(vic_projection *p, vic_sample_range microbatch, const void *belief,
                            void *prediction) {
    size_t n = p->edge->n_functions;
    bool whole = vic_is_whole(p);
    if (count_cost(p, VIC_TASK_PREDICT, microbatch))
        return;
    if (whole)
        p->home.value[0] = belief;
    if (p->home.own[n] == NULL)
        p->home.value[n] = prediction;
    find_arrays(p, &p->home);
    for (vic_sample_range b = {microbatch.first, 0}; vic_next_block(p, microbatch, &b);) {
        if (!whole)
            vic_to_block(p, source_count(p), microbatch, b, belief, seen(p, &p->home, 0, b));
        predict_block(p, b);
        if (!whole)
            vic_from_block(p, target_count(p), microbatch, b, seen(p, &p->home, n, b), prediction);
    }
    if (whole && p->home.own[n])
        vic_arithmetic_of(p->network->precision)
            ->mix(target_count(p) * microbatch.samples, 0, 1,
                  at(p, p->home.own[n], target_count(p), microbatch),
                  at(p, prediction, target_count(p), microbatch));
    p->present = &p->home;
}

/* What only gradients read at the lower end waits for them: in most steps there are none. */
static bool waits_for_gradient(const vic_projection *p) {
    return !vic_is_read_by_vjp(p->edge, 0) && vic_is_read_by_gradient(p->edge, 0);
}

static bool is_read(const vic_projection *p, size_t k) {
    return vic_is_read_by_vjp(p->edge, k) || vic_is_read_by_gradient(p->edge, k);
}

/* moved = home + change at boundary k. */
static void move(const vic_projection *p, size_t k, vic_sample_range block, const void *change) {
    if (p->moved.own[k] == NULL || !is_read(p, k))
        return;
    const vic_arithmetic *arithmetic = vic_arithmetic_of(p->network->precision);
    size_t n = vic_boundary_count(p->edge, k) * block.samples;
    arithmetic->add(n, seen(p, &p->home, k, block), change, seen(p, &p->moved, k, block));
}

static void change_through(const vic_projection *p, size_t k, vic_sample_range block, const void *from,
                           void *to) {
    const vic_function *f = &p->edge->computed[k];
    const void *packed = vic_packed_synapses(p, k, false, theta_of(p, k));
    const void *in = seen(p, &p->home, k, block), *out = seen(p, &p->home, k + 1, block);
    bool watched = is_watched(p, k, (vic_call){block.samples, in, out, .change_in = from});
    if (packed)
        f->kind->change_packed(f, block.samples, theta_of(p, k), packed, from, to, p->function_scratch);
    else
        vic_function_change(f, block.samples, theta_of(p, k), in, out, from, to, p->function_scratch);
    if (watched)
        vic_watch_result(p, k, "change", vic_shape_count(f->out) * block.samples, to);
}

/* From `displacement`, which may be scratch[1], to `change`. */
static void change_block(vic_projection *p, vic_sample_range block, const void *displacement, void *change) {
    size_t n = p->edge->n_functions;
    const void *from = displacement;
    if (!waits_for_gradient(p))
        move(p, 0, block, from);
    for (size_t k = 0; k < n; k++) {
        void *to = k + 1 == n ? change : p->block_scratch[k % 2];
        change_through(p, k, block, from, to);
        move(p, k + 1, block, to);
        from = to;
    }
}

void vic_projection_change(vic_projection *p, vic_sample_range microbatch, const void *displacement,
                           void *change) {
    void *to = p->block_scratch[(p->edge->n_functions - 1) % 2];
    if (count_cost(p, VIC_TASK_CHANGE, microbatch))
        return;
    find_arrays(p, &p->moved);
    for (vic_sample_range b = {microbatch.first, 0}; vic_next_block(p, microbatch, &b);) {
        if (vic_is_whole(p)) {
            change_block(p, b, at(p, displacement, source_count(p), b), at(p, change, target_count(p), b));
            continue;
        }
        vic_to_block(p, source_count(p), microbatch, b, displacement, p->block_scratch[1]);
        change_block(p, b, p->block_scratch[1], to);
        vic_from_block(p, target_count(p), microbatch, b, to, change);
    }
    p->present = &p->moved;
    p->displacement = displacement;
}

void vic_projection_set_error(vic_projection *p, const void *error) {
    p->error = error;
}

void vic_projection_clear_error(vic_projection *p) {
    p->error = NULL;
}

bool vic_projection_has_error(const vic_projection *p) {
    return p->error != NULL;
}

/* The received error in the layout of the functions. */
static const void *error_block(const vic_projection *p, vic_sample_range microbatch, vic_sample_range block) {
    if (vic_is_whole(p))
        return at(p, p->error, target_count(p), block);
    vic_to_block(p, target_count(p), microbatch, block, p->error, p->block_scratch[0]);
    return p->block_scratch[0];
}

static void vjp_into(const vic_projection *p, size_t k, vic_sample_range block, const void *error,
                     void *into) {
    const vic_function *f = &p->edge->computed[k];
    const uint8_t *saved = p->present == &p->home ? saved_of(p, k, block) : NULL;
    const void *packed = vic_packed_synapses(p, k, true, theta_of(p, k));
    bool reads = !saved && !f->kind->is_affine;
    const void *value = reads ? seen(p, p->present, f->kind->in_place ? k + 1 : k, block) : NULL;
    bool watched = is_watched(p, k,
                              (vic_call){.samples = block.samples,
                                         .in = f->kind->in_place ? NULL : value,
                                         .out = f->kind->in_place ? value : NULL,
                                         .error_out = error});
    if (saved)
        f->kind->vjp_from_saved(f, block.samples, saved, error, into);
    else if (packed)
        f->kind->vjp_packed(f, block.samples, theta_of(p, k), packed, error, into, p->function_scratch);
    else
        vic_function_vjp(f, block.samples, theta_of(p, k), seen(p, p->present, k, block),
                         seen(p, p->present, k + 1, block), error, into, p->function_scratch);
    if (watched)
        vic_watch_result(p, k, "vjp", vic_shape_count(f->in) * block.samples, into);
}

/* The error at the input of function k from the one at its output, which is overwritten where it may be: a
 * message may not. */
static const void *vjp_through(const vic_projection *p, size_t k, vic_sample_range block, const void *error) {
    bool in_place = is_scratch(p, error) && p->edge->computed[k].kind->in_place;
    void *into = (error == p->block_scratch[0]) == in_place ? p->block_scratch[0] : p->block_scratch[1];
    vjp_into(p, k, block, error, into);
    return into;
}

void vic_projection_vjp(vic_projection *p, vic_sample_range microbatch, void *into) {
    if (count_cost(p, VIC_TASK_VJP, microbatch))
        return;
    for (vic_sample_range b = {microbatch.first, 0}; vic_next_block(p, microbatch, &b);) {
        const void *error = error_block(p, microbatch, b);
        for (size_t k = p->edge->n_functions; k-- > 1;)
            error = vjp_through(p, k, b, error);
        if (vic_is_whole(p))
            vjp_into(p, 0, b, error, at(p, into, source_count(p), b));
        else
            vic_from_block(p, source_count(p), microbatch, b, vjp_through(p, 0, b, error), into);
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

static void move_lower_end(vic_projection *p, vic_sample_range microbatch, vic_sample_range block) {
    if (vic_is_whole(p)) {
        move(p, 0, block, at(p, p->displacement, source_count(p), block));
        return;
    }
    vic_to_block(p, source_count(p), microbatch, block, p->displacement, p->block_scratch[1]);
    move(p, 0, block, p->block_scratch[1]);
}

static void gradient_of(const vic_projection *p, size_t k, size_t first, vic_sample_range block,
                        const void *error) {
    const vic_function *f = &p->edge->computed[k];
    const void *in = seen(p, p->present, k, block);
    bool watched = is_watched(p, k, (vic_call){.samples = block.samples, .in = in, .error_out = error});
    f->kind->gradient(f, block.samples, in, error, p->gradient + first, block.first > 0, p->function_scratch);
    for (size_t i = 0; watched && i < f->n_parameters; i++)
        vic_watch_result(p, k, "gradient", f->parameter[i].count, p->gradient[first + i]);
}

static void gradient_of_block(vic_projection *p, vic_sample_range microbatch, vic_sample_range block) {
    if (p->present == &p->moved && waits_for_gradient(p))
        move_lower_end(p, microbatch, block);
    const void *error = error_block(p, microbatch, block);
    size_t left = p->n_parameters;
    for (size_t k = p->edge->n_functions; left > 0;) {
        left = parameters_below(p, --k);
        if (p->edge->computed[k].kind->gradient)
            gradient_of(p, k, left, block, error);
        if (left > 0)
            error = vjp_through(p, k, block, error);
    }
}

void vic_projection_gradient(vic_projection *p, vic_sample_range microbatch) {
    if (!vic_projection_has_error(p)) {
        if (!p->dry)
            clear_gradient(p);
        return;
    }
    if (count_cost(p, VIC_TASK_GRADIENT, microbatch))
        return;
    for (vic_sample_range b = {microbatch.first, 0}; vic_next_block(p, microbatch, &b);)
        gradient_of_block(p, microbatch, b);
}
