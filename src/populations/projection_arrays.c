/* The arrays of a projection. */
#include "projection.h"

static vic_status make_parameters(vic_projection *p, bool learns) {
    size_t bytes = vic_precision_bytes(p->network->precision);
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->theta, &p->theta));
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->gradient, &p->gradient));
    for (size_t i = 0; i < p->n_parameters; i++) {
        size_t count = vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count;
        VIC_TRY(vic_allocate_counted(p->memory_counter, count, bytes, &p->theta[i]));
        if (learns)
            VIC_TRY(vic_allocate_counted(p->memory_counter, count, bytes, &p->gradient[i]));
    }
    return VIC_OK;
}

static size_t bytes_of(const vic_projection *p) {
    return vic_precision_bytes(p->network->precision);
}

static vic_status make_boundary(const vic_projection *p, vic_activity *a, size_t k) {
    if (a->own[k])
        return VIC_OK;
    VIC_TRY(vic_allocate_counted(p->memory_counter, vic_boundary_count(p->edge, k) * p->capacity, bytes_of(p),
                                 &a->own[k]));
    a->value[k] = a->own[k];
    return VIC_OK;
}

static vic_status list_boundaries(const vic_projection *p, vic_activity *a) {
    VIC_TRY(vic_allocate(p->edge->n_functions + 1, sizeof *a->value, &a->value));
    return vic_allocate(p->edge->n_functions + 1, sizeof *a->own, &a->own);
}

static vic_status make_saved(vic_projection *p) {
    VIC_TRY(vic_allocate(p->edge->n_functions, sizeof *p->saved, &p->saved));
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->computed[k];
        if (vic_saves_context(f))
            VIC_TRY(vic_allocate_counted(p->memory_counter, f->kind->saved_bytes(f) * p->capacity, 1,
                                         &p->saved[k]));
    }
    return VIC_OK;
}

/* One block only: the functions see the messages at both ends. */
static vic_status make_home(vic_projection *p) {
    size_t n = p->edge->n_functions;
    bool whole = vic_is_whole(p);
    p->present = &p->home;
    VIC_TRY(list_boundaries(p, &p->home));
    for (size_t k = 0; k <= n; k++) {
        bool inner = k > 0 && k < n;
        if (inner ? !vic_shares_array(p->edge, k) && !vic_is_discarded(p->edge, k) : !whole)
            VIC_TRY(make_boundary(p, &p->home, k));
    }
    return make_saved(p);
}

/* Changes are relative to home: functions may no longer work in place there, and the prediction there has to
 * outlive the message. */
vic_status vic_projection_make_moved(vic_projection *p) {
    size_t n = p->edge->n_functions;
    if (p->moved.value)
        return VIC_OK;
    for (size_t k = 1; k <= n; k++)
        VIC_TRY(make_boundary(p, &p->home, k));
    VIC_TRY(list_boundaries(p, &p->moved));
    for (size_t k = 0; k <= n; k++)
        if (k == 0 || k == n || !vic_shares_array(p->edge, k))
            VIC_TRY(make_boundary(p, &p->moved, k));
    return VIC_OK;
}

size_t vic_block_scratch_count(const vic_projection *p) {
    size_t most = 0;
    for (size_t k = 0; k <= p->edge->n_functions; k++) {
        size_t count = vic_boundary_count(p->edge, k) * p->block;
        most = count > most ? count : most;
    }
    return most;
}

size_t vic_function_scratch_count(const vic_projection *p) {
    size_t scratch = 0;
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->computed[k];
        size_t count = f->kind->scratch_count ? f->kind->scratch_count(f, p->block) : 0;
        scratch = count > scratch ? count : scratch;
    }
    return scratch;
}

static vic_status make_scratch(vic_projection *p) {
    size_t most = vic_block_scratch_count(p), scratch = vic_function_scratch_count(p);
    VIC_TRY(vic_allocate_counted(p->memory_counter, most, bytes_of(p), &p->block_scratch[0]));
    VIC_TRY(vic_allocate_counted(p->memory_counter, most, bytes_of(p), &p->block_scratch[1]));
    return scratch ? vic_allocate_counted(p->memory_counter, scratch, bytes_of(p), &p->function_scratch)
                   : VIC_OK;
}

vic_status vic_projection_init(vic_projection *p, const vic_network *network, int edge,
                               vic_population_needs needs) {
    p->network = network;
    p->memory_counter = needs.memory_counter;
    p->done = needs.done;
    p->dry = needs.dry;
    p->edge_index = edge;
    p->edge = &network->edges[edge];
    p->n_parameters = vic_edge_parameters(p->edge);
    p->capacity = needs.capacity;
    p->block = vic_block_size(p->edge, network->precision, needs.capacity);
    VIC_TRY(make_parameters(p, needs.gradient));
    VIC_TRY(vic_allocate(2 * p->edge->n_functions, sizeof *p->packings, &p->packings));
    VIC_TRY(make_home(p));
    return make_scratch(p);
}

static void clear_activity(vic_activity *a, size_t boundaries) {
    for (size_t k = 0; a->own && k < boundaries; k++)
        vic_release(&a->own[k]);
    vic_release(&a->own);
    vic_release(&a->value);
}

void vic_projection_clear(vic_projection *p) {
    for (size_t i = 0; p->theta && i < p->n_parameters; i++)
        vic_release(&p->theta[i]);
    for (size_t i = 0; p->gradient && i < p->n_parameters; i++)
        vic_release(&p->gradient[i]);
    vic_release(&p->theta);
    vic_release(&p->gradient);
    vic_projection_clear_packings(p);
    clear_activity(&p->home, p->edge->n_functions + 1);
    clear_activity(&p->moved, p->edge->n_functions + 1);
    for (size_t k = 0; p->saved && k < p->edge->n_functions; k++)
        vic_release(&p->saved[k]);
    vic_release(&p->saved);
    vic_release(&p->block_scratch[0]);
    vic_release(&p->block_scratch[1]);
    vic_release(&p->function_scratch);
}
