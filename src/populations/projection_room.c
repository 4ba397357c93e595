/* The arrays of a projection. */
#include "projection.h"

static vic_status make_parameters(vic_projection *p, bool learns) {
    size_t bytes = vic_precision_bytes(p->network->precision);
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->theta, &p->theta));
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->gradient, &p->gradient));
    for (size_t i = 0; i < p->n_parameters; i++) {
        size_t count = vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count;
        VIC_TRY(vic_allocate_counted(p->tally, count, bytes, &p->theta[i]));
        if (learns)
            VIC_TRY(vic_allocate_counted(p->tally, count, bytes, &p->gradient[i]));
    }
    return VIC_OK;
}

static size_t bytes_of(const vic_projection *p) {
    return vic_precision_bytes(p->network->precision);
}

static vic_status make_boundary(const vic_projection *p, vic_activity *a, size_t k) {
    if (a->room[k])
        return VIC_OK;
    VIC_TRY(vic_allocate_counted(p->tally, vic_boundary_count(p->edge, k) * vic_boundary_samples(p, k),
                                 bytes_of(p), &a->room[k]));
    a->value[k] = a->room[k];
    return VIC_OK;
}

/* Not where the function below still has to read what it put there. */
bool vic_shares_array(const vic_edge *edge, size_t k) {
    const vic_function_kind *above = edge->functions[k].kind, *below = edge->functions[k - 1].kind;
    return above->in_place && (above->copies || !below->in_place);
}

/* Boundaries first..last get arrays of their own, where they do not share. */
static vic_status make_activity(const vic_projection *p, vic_activity *a, size_t first, size_t last) {
    size_t n = p->edge->n_functions;
    VIC_TRY(vic_allocate(n + 1, sizeof *a->value, &a->value));
    VIC_TRY(vic_allocate(n + 1, sizeof *a->room, &a->room));
    for (size_t k = first; k <= last; k++)
        if (k == 0 || k == n || !vic_shares_array(p->edge, k))
            VIC_TRY(make_boundary(p, a, k));
    return VIC_OK;
}

enum { WORTH_KEEPING = 2 * 1024 * 1024 };

/* The clamped input's projection is predicted once and never pulled back through, so that large arrays
 * between its functions are sooner computed again, in the cache, than fetched. */
bool vic_should_forget(const vic_edge *edge, vic_precision precision, size_t capacity) {
    bool whole = vic_block_size(edge, precision, capacity) == capacity;
    size_t inner = 0;
    for (size_t k = 1; k < edge->n_functions; k++)
        if (!vic_shares_array(edge, k))
            inner += vic_boundary_count(edge, k) * capacity * vic_precision_bytes(precision);
    return edge->from == 0 && !whole && inner > WORTH_KEEPING;
}

static vic_status make_home(vic_projection *p) {
    size_t n = p->edge->n_functions, source = vic_boundary_count(p->edge, 0),
           target = vic_boundary_count(p->edge, n);
    p->present = &p->home;
    p->forgets = vic_should_forget(p->edge, p->network->precision, p->capacity);
    if (vic_is_whole(p))
        return make_activity(p, &p->home, 1, n - 1);
    VIC_TRY(vic_allocate_counted(p->tally, source * p->capacity, bytes_of(p), &p->blocked_source));
    VIC_TRY(vic_allocate_counted(p->tally, target * p->capacity, bytes_of(p), &p->blocked_error));
    return make_activity(p, &p->home, 0, n);
}

/* Changes are told from home: functions may no longer work in place there, and what they predicted there has
 * to outlive the message. */
vic_status vic_projection_make_moved(vic_projection *p) {
    size_t n = p->edge->n_functions;
    if (p->moved.value)
        return VIC_OK;
    for (size_t k = 1; k <= n; k++)
        VIC_TRY(make_boundary(p, &p->home, k));
    if (!vic_is_whole(p))
        VIC_TRY(vic_allocate_counted(p->tally, vic_boundary_count(p->edge, n) * p->capacity, bytes_of(p),
                                     &p->blocked_change));
    return make_activity(p, &p->moved, 0, n);
}

size_t vic_scratch_count(const vic_projection *p) {
    size_t most = 0;
    for (size_t k = 0; k <= p->edge->n_functions; k++) {
        size_t count = vic_boundary_count(p->edge, k) * p->block;
        most = count > most ? count : most;
    }
    return most;
}

size_t vic_work_count(const vic_projection *p) {
    size_t work = 0;
    for (size_t k = 0; k < p->edge->n_functions; k++) {
        const vic_function *f = &p->edge->functions[k];
        size_t count = f->kind->work ? f->kind->work(f, p->block) : 0;
        work = count > work ? count : work;
    }
    return work;
}

static vic_status make_scratch(vic_projection *p) {
    size_t most = vic_scratch_count(p), work = vic_work_count(p);
    VIC_TRY(vic_allocate_counted(p->tally, most, bytes_of(p), &p->scratch[0]));
    VIC_TRY(vic_allocate_counted(p->tally, most, bytes_of(p), &p->scratch[1]));
    return work ? vic_allocate_counted(p->tally, work, bytes_of(p), &p->work) : VIC_OK;
}

vic_status vic_projection_init(vic_projection *p, const vic_network *network, int edge,
                               vic_population_needs needs) {
    p->network = network;
    p->tally = needs.tally;
    p->done = needs.done;
    p->edge_index = edge;
    p->edge = &network->edges[edge];
    p->n_parameters = vic_edge_parameters(p->edge);
    p->capacity = needs.capacity;
    p->block = vic_block_size(p->edge, network->precision, needs.capacity);
    VIC_TRY(make_parameters(p, needs.gradient));
    VIC_TRY(make_home(p));
    return make_scratch(p);
}

static void clear_activity(vic_activity *a, size_t boundaries) {
    for (size_t k = 0; a->room && k < boundaries; k++)
        vic_release(&a->room[k]);
    vic_release(&a->room);
    vic_release(&a->value);
}

void vic_projection_clear(vic_projection *p) {
    for (size_t i = 0; p->theta && i < p->n_parameters; i++)
        vic_release(&p->theta[i]);
    for (size_t i = 0; p->gradient && i < p->n_parameters; i++)
        vic_release(&p->gradient[i]);
    vic_release(&p->theta);
    vic_release(&p->gradient);
    clear_activity(&p->home, p->edge->n_functions + 1);
    clear_activity(&p->moved, p->edge->n_functions + 1);
    vic_release(&p->blocked_error);
    vic_release(&p->blocked_source);
    vic_release(&p->blocked_change);
    vic_release(&p->scratch[0]);
    vic_release(&p->scratch[1]);
    vic_release(&p->work);
}
