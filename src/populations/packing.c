/* Packed synapses: made for the second of their products, and anew after they have changed. */
#include "projection.h"

size_t vic_packing_count(const vic_projection *p, size_t k, bool back) {
    const vic_function *f = &p->edge->computed[k];
    return f->kind->packed_count ? f->kind->packed_count(f, back) : 0;
}

static vic_status make_packing(vic_projection *p, size_t k, bool back) {
    size_t count = vic_packing_count(p, k, back);
    void **array = &p->packings[2 * k + back].array;
    if (count == 0 || *array)
        return VIC_OK;
    return vic_allocate_counted(p->memory_counter, count, vic_precision_bytes(p->network->precision), array);
}

vic_status vic_population_make_packings(vic_population *population, bool ahead, bool back) {
    for (int j = 0; j < population->n_out; j++)
        for (size_t k = 0; k < population->out[j].edge->n_functions; k++) {
            if (ahead)
                VIC_TRY(make_packing(&population->out[j], k, false));
            if (back)
                VIC_TRY(make_packing(&population->out[j], k, true));
        }
    return VIC_OK;
}

void vic_projection_clear_packings(vic_projection *p) {
    for (size_t i = 0; p->packings && i < 2 * p->edge->n_functions; i++)
        vic_release(&p->packings[i].array);
    vic_release(&p->packings);
}

const void *vic_packed_synapses(const vic_projection *p, size_t k, bool back, const void *const *theta) {
    vic_packing *packing = &p->packings[2 * k + back];
    const vic_function *f = &p->edge->computed[k];
    if (packing->array == NULL || packing->uses++ == 0)
        return NULL;
    if (packing->uses == 2)
        f->kind->pack(f, theta, back, packing->array);
    return packing->array;
}

void vic_population_renew(vic_population *population) {
    for (int j = 0; j < population->n_out; j++)
        for (size_t i = 0; i < 2 * population->out[j].edge->n_functions; i++)
            population->out[j].packings[i].uses = 0;
}
