#include "digest.h"
#include "numbers.h"
#include "together.h"

#include <string.h>

/* A change of any bit of x changes half of the hash. */
static void mix(uint64_t *hash, double x) {
    uint64_t bits = 0;
    if (x != 0)
        memcpy(&bits, &x, sizeof bits);
    *hash = (*hash ^ bits) * 0x9E3779B97F4A7C15u;
    *hash ^= *hash >> 32;
}

static void mix_all(uint64_t *hash, vic_precision precision, size_t n, const void *x) {
    for (size_t i = 0; i < n; i++)
        mix(hash, real_at(precision, x, i));
}

digest digest_new(const vic_network *network) {
    digest d = {scrap((size_t)network->n_populations, sizeof *d.hash)};
    for (int id = 0; id < network->n_populations; id++)
        d.hash[id] = 0xCBF29CE484222325u;
    return d;
}

static void add_population(uint64_t *hash, vic_inference *x, const vic_population *p, size_t batch) {
    const vic_network *network = p->network;
    vic_precision precision = network->precision;
    if (p->id > 0) {
        mix_all(hash, precision, p->count * batch, vic_inference_recorded_prediction(x, p->id));
        mix_all(hash, precision, p->count * batch, vic_inference_recorded_belief(x, p->id));
        mix_all(hash, precision, p->count * batch, vic_inference_recorded_error(x, p->id));
    }
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++)
            mix_all(hash, precision, vic_parameter_slot_at(network, p->out[k].edge_index, i).parameter->count,
                    p->out[k].gradient[i]);
    for (int step = 0; step <= vic_inference_steps(x); step++)
        mix(hash, vic_inference_energy(x, p->id, step));
}

void digest_add(digest d, vic_inference *x, size_t batch) {
    for (int id = 0; id < vic_inference_network(x)->n_populations; id++)
        if (vic_inference_population(x, id))
            add_population(&d.hash[id], x, vic_inference_population(x, id), batch);
}

/* Doubles hold 32 bits of a hash each. */
void digest_collect(digest d, vic_inference *x) {
    size_t populations = (size_t)vic_inference_network(x)->n_populations, local = 0;
    double(*mine)[2] = scrap(populations, sizeof *mine), (*all)[2] = scrap(populations, sizeof *all);
    for (size_t id = 0; id < populations; id++)
        if (vic_inference_population(x, (int)id)) {
            mine[local][0] = (double)(d.hash[id] >> 32);
            mine[local++][1] = (double)(d.hash[id] & UINT32_MAX);
        }
    together_assert_ok(vic_group_gather_rows(together_group(), vic_inference_rank_of(x), (int)populations, 2,
                                             mine[0], all[0]));
    for (size_t id = 0; together_rank() == 0 && id < populations; id++)
        d.hash[id] = (uint64_t)all[id][0] << 32 | (uint64_t)all[id][1];
}

int digest_difference(const vic_network *network, digest a, digest b) {
    int64_t mine = -1, first;
    for (int id = network->n_populations; together_rank() == 0 && id-- > 0;)
        if (a.hash[id] != b.hash[id])
            mine = id;
    together_assert_ok(vic_group_allreduce_max(together_group(), 1, &mine, &first));
    return (int)first;
}
