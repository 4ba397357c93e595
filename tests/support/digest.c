#include "digest.h"

#include "numbers.h"
#include "together.h"

#include <string.h>

/* FNV-1a, eight bytes at a time. */
static void stir(uint64_t *hash, double x) {
    uint64_t bits = 0;
    if (x != 0)
        memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; i++)
        *hash = (*hash ^ (bits >> 8 * i & 255)) * 0x100000001B3u;
}

static void stir_all(uint64_t *hash, vic_precision precision, size_t n, const void *x) {
    for (size_t i = 0; i < n; i++)
        stir(hash, real_at(precision, x, i));
}

static digest digest_of(vic_inference *x, int id, size_t batch) {
    const vic_network *network = vic_inference_network(x);
    const vic_population *p = vic_inference_population(x, id);
    vic_precision precision = network->precision;
    uint64_t hash = 0xCBF29CE484222325u;
    if (id > 0) {
        stir_all(&hash, precision, p->count * batch, vic_inference_recorded_prediction(x, id));
        stir_all(&hash, precision, p->count * batch, vic_inference_recorded_belief(x, id));
        stir_all(&hash, precision, p->count * batch, vic_inference_recorded_error(x, id));
    }
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++)
            stir_all(&hash, precision,
                     vic_parameter_slot_at(network, p->out[k].edge_index, i).parameter->count,
                     p->out[k].gradient[i]);
    for (int step = 0; step <= vic_inference_steps(x); step++)
        stir(&hash, vic_inference_energy(x, id, step));
    return (digest){{(double)(hash >> 32), (double)(hash & UINT32_MAX)}};
}

digest *digest_collect(vic_inference *x, size_t batch) {
    int populations = vic_inference_network(x)->n_populations, local = 0;
    digest *mine = scrap((size_t)populations, sizeof *mine), *all = scrap((size_t)populations, sizeof *all);
    for (int id = 0; id < populations; id++)
        if (vic_inference_population(x, id))
            mine[local++] = digest_of(x, id, batch);
    together_assert_ok(vic_group_collect(vic_inference_group(x), vic_inference_rank_of(x), populations, 2,
                                         mine->half, all->half));
    return all;
}

int digest_difference(const vic_network *network, const digest *a, const digest *b) {
    int64_t mine = -1, first;
    for (int p = network->n_populations; together_rank() == 0 && p-- > 0;)
        if (memcmp(&a[p], &b[p], sizeof *a) != 0)
            mine = p;
    together_assert_ok(vic_group_largest(together_group(), 1, &mine, &first));
    return (int)first;
}
