#include "projection.h"

#include <string.h>

static vic_status make_arrays(vic_projection *p, vic_population_needs needs) {
    size_t bytes = vic_precision_bytes(p->network->precision), last = p->edge->n_functions - 1;
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->theta, &p->theta));
    VIC_TRY(vic_allocate(p->n_parameters, sizeof *p->gradient, &p->gradient));
    VIC_TRY(vic_allocate(last + 2, sizeof *p->seen, &p->seen));
    VIC_TRY(vic_allocate(last + 1, sizeof *p->inner, &p->inner));
    VIC_TRY(vic_allocate(last + 1, sizeof *p->blame, &p->blame));
    VIC_TRY(vic_allocate(last + 1, sizeof *p->pulled, &p->pulled));
    for (size_t i = 0; i < p->n_parameters; i++) {
        size_t count = vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count;
        VIC_TRY(vic_allocate(count, bytes, &p->theta[i]));
        if (needs.gradient)
            VIC_TRY(vic_allocate(count, bytes, &p->gradient[i]));
    }
    for (size_t f = 0; f < last; f++) {
        size_t count = vic_shape_count(p->edge->functions[f].out) * needs.capacity;
        VIC_TRY(vic_allocate(count, bytes, &p->inner[f]));
        VIC_TRY(vic_allocate(count, bytes, &p->pulled[f]));
        p->seen[f + 1] = p->inner[f];
        p->blame[f] = p->pulled[f];
    }
    return VIC_OK;
}

vic_status vic_projection_init(vic_projection *p, const vic_network *network, int edge,
                               vic_population_needs needs) {
    p->network = network;
    p->edge_index = edge;
    p->edge = &network->edges[edge];
    p->n_parameters = vic_edge_parameters(p->edge);
    return make_arrays(p, needs);
}

void vic_projection_clear(vic_projection *p) {
    for (size_t i = 0; p->theta && i < p->n_parameters; i++)
        vic_release(&p->theta[i]);
    for (size_t i = 0; p->gradient && i < p->n_parameters; i++)
        vic_release(&p->gradient[i]);
    for (size_t f = 0; p->inner && p->pulled && f + 1 < p->edge->n_functions; f++) {
        vic_release(&p->inner[f]);
        vic_release(&p->pulled[f]);
    }
    vic_release(&p->theta);
    vic_release(&p->gradient);
    vic_release(&p->seen);
    vic_release(&p->inner);
    vic_release(&p->blame);
    vic_release(&p->pulled);
}

void vic_projection_predict(vic_projection *p, size_t batch, const void *belief, void *prediction) {
    size_t n = p->edge->n_functions, first_parameter = 0;
    p->seen[0] = belief;
    p->seen[n] = prediction;
    for (size_t i = 0; i < n; i++) {
        const vic_function *f = &p->edge->functions[i];
        const void *const *theta = (const void *const *)p->theta + first_parameter;
        f->kind->forward(f, batch, theta, p->seen[i], i + 1 < n ? p->inner[i] : prediction);
        first_parameter += f->n_parameters;
    }
    p->blamed_to = n;
}

void vic_projection_hear(vic_projection *p, const void *error) {
    p->blame[p->edge->n_functions - 1] = error;
    p->blamed_to = p->edge->n_functions - 1;
}

void vic_projection_forget(vic_projection *p) {
    p->blame[p->edge->n_functions - 1] = NULL;
}

bool vic_projection_has_heard(const vic_projection *p) {
    return p->blame[p->edge->n_functions - 1] != NULL;
}

static size_t first_parameter_of(const vic_projection *p, size_t function) {
    size_t first = 0;
    for (size_t i = 0; i < function; i++)
        first += p->edge->functions[i].n_parameters;
    return first;
}

static void pull_through(vic_projection *p, size_t batch, size_t function, void *into) {
    const vic_function *f = &p->edge->functions[function];
    const void *const *theta = (const void *const *)p->theta + first_parameter_of(p, function);
    f->kind->pull_back(f, batch, theta, p->seen[function], p->seen[function + 1], p->blame[function], into);
}

/* Makes blame[k] valid for k >= function; what is known already is not computed again. */
static void blame_down_to(vic_projection *p, size_t batch, size_t function) {
    while (p->blamed_to > function) {
        pull_through(p, batch, p->blamed_to, p->pulled[p->blamed_to - 1]);
        p->blamed_to--;
    }
}

void vic_projection_pull_back(vic_projection *p, size_t batch, void *into) {
    blame_down_to(p, batch, 0);
    pull_through(p, batch, 0, into);
}

static void clear_gradient(vic_projection *p) {
    size_t bytes = vic_precision_bytes(p->network->precision);
    for (size_t i = 0; i < p->n_parameters; i++)
        memset(p->gradient[i], 0,
               vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count * bytes);
}

void vic_projection_gradient(vic_projection *p, size_t batch) {
    if (!vic_projection_has_heard(p)) {
        clear_gradient(p);
        return;
    }
    for (size_t i = p->edge->n_functions; i-- > 0;) {
        const vic_function *f = &p->edge->functions[i];
        if (f->kind->gradient == NULL)
            continue;
        blame_down_to(p, batch, i);
        f->kind->gradient(f, batch, p->seen[i], p->blame[i], p->gradient + first_parameter_of(p, i));
    }
}
