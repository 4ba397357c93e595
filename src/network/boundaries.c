#include "boundaries.h"

/* Not where the function below still has to read what it put there. */
bool vic_shares_array(const vic_edge *edge, size_t k) {
    const vic_function_kind *above = edge->computed[k].kind, *below = edge->computed[k - 1].kind;
    return above->in_place && (above->is_identity || !below->in_place);
}

bool vic_saves_context(const vic_function *f) {
    return f->kind->saved_bytes && f->kind->saved_bytes(f) > 0;
}

bool vic_is_discarded(const vic_edge *edge, size_t k) {
    const vic_function *above = &edge->computed[k], *below = &edge->computed[k - 1];
    return vic_saves_context(above) && above->n_parameters == 0 && !below->kind->in_place;
}

/* The input of function k, or the output of the one below it, as the rules of functions.h say. */
static bool vjp_reads(const vic_edge *edge, size_t k) {
    const vic_function_kind *above = k < edge->n_functions ? edge->computed[k].kind : NULL;
    const vic_function_kind *below = k > 0 ? edge->computed[k - 1].kind : NULL;
    return (above && !above->is_affine && !above->in_place) ||
           (below && !below->is_affine && below->in_place);
}

static bool shares_below(const vic_edge *edge, size_t k) {
    return k > 1 && vic_shares_array(edge, k - 1);
}

bool vic_is_read_by_vjp(const vic_edge *edge, size_t k) {
    return vjp_reads(edge, k) || (shares_below(edge, k) && vic_is_read_by_vjp(edge, k - 1));
}

bool vic_is_read_by_gradient(const vic_edge *edge, size_t k) {
    bool reads = k < edge->n_functions && edge->computed[k].n_parameters > 0;
    return reads || (shares_below(edge, k) && vic_is_read_by_gradient(edge, k - 1));
}

enum { CACHE = 384 * 1024, SAMPLES = 16 };

size_t vic_boundary_count(const vic_edge *edge, size_t k) {
    return vic_shape_count(k == 0 ? edge->computed[0].in : edge->computed[k - 1].out);
}

/* Does a function of the edge read the same numbers again, so that it matters where they are? */
static bool goes_over(const vic_edge *edge) {
    for (size_t k = 0; k < edge->n_functions; k++)
        if (edge->computed[k].kind->working_set || vic_saves_context(&edge->computed[k]))
            return true;
    return false;
}

/* The most numbers of a sample that should be in the cache together: what a function reads again, or what one
 * function leaves to the next. */
static size_t most_at_once(const vic_edge *edge) {
    size_t most = 0;
    for (size_t k = 0; k < edge->n_functions; k++) {
        const vic_function *f = &edge->computed[k];
        size_t left = k > 0 ? vic_boundary_count(edge, k) : 0,
               working_set = f->kind->working_set ? f->kind->working_set(f) : 0;
        size_t more = left > working_set ? left : working_set;
        most = more > most ? more : most;
    }
    return most;
}

/* A batch is divided if it has to be. The largest array of a block then fits the cache beside its neighbour,
 * and blocks are whole vectors. */
size_t vic_block_size(const vic_edge *edge, vic_precision precision, size_t capacity) {
    size_t bytes = vic_precision_bytes(precision), largest = 0;
    if (!goes_over(edge) || most_at_once(edge) * capacity * bytes <= 2 * (size_t)CACHE)
        return capacity;
    for (size_t k = 0; k <= edge->n_functions; k++) {
        size_t count = vic_boundary_count(edge, k);
        largest = count > largest ? count : largest;
    }
    size_t fit = CACHE / (largest * bytes) / SAMPLES * SAMPLES;
    size_t block = fit > SAMPLES ? fit : SAMPLES;
    return block < capacity ? block : capacity;
}
