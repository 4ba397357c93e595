/* Whether a batch of a network can be held at all: the one place where sizes are multiplied before anything
 * relies on them. */
#include "network.h"

#include <limits.h>

static vic_status too_many(const vic_network *network, int population, size_t batch, size_t most) {
    char text[VIC_SHAPE_TEXT];
    return vic_fail(
        VIC_BAD_CONFIG,
        "population %d of %s: a batch of %zu samples has too many numbers, %zu are possible: use a "
        "smaller batch (learning.batch)",
        population, vic_shape_text(network->shapes[population], text), batch, most);
}

/* Messages are counted by MPI with an int. The input sends none of its numbers. */
static vic_status check_population(const vic_network *network, int population, size_t batch) {
    size_t most = population == 0 ? VIC_MOST_NUMBERS : INT_MAX;
    if (vic_size_product(vic_shape_count(network->shapes[population]), batch) <= most)
        return VIC_OK;
    return too_many(network, population, batch, most);
}

static bool fits(const vic_function *f, size_t batch) {
    size_t scratch = f->kind->scratch_count ? f->kind->scratch_count(f, batch) : 0;
    return vic_size_product(vic_shape_count(f->in), batch) <= VIC_MOST_NUMBERS &&
           vic_size_product(vic_shape_count(f->out), batch) <= VIC_MOST_NUMBERS &&
           scratch <= VIC_MOST_NUMBERS;
}

vic_status vic_network_check_batch(const vic_network *network, size_t batch) {
    if (batch == 0 || batch > INT_MAX)
        return vic_fail(VIC_BAD_CONFIG, "a batch of %zu samples: 1 to %d are possible (learning.batch)",
                        batch, INT_MAX);
    for (int p = 0; p < network->n_populations; p++)
        VIC_TRY(check_population(network, p, batch));
    for (int e = 0; e < network->n_edges; e++)
        for (size_t f = 0; f < network->edges[e].n_functions; f++)
            if (!fits(&network->edges[e].functions[f], batch) || !fits(&network->edges[e].computed[f], batch))
                return too_many(network, network->edges[e].from, batch, VIC_MOST_NUMBERS);
    return VIC_OK;
}
