/* Several kernels are transformed at a time, one in each lane of a vector. */
#include "winograd_weights.h"

#include "vector.h"

#include "base/pool.h"

enum {
    KERNEL = VIC_WINOGRAD_KERNEL,
    TAPS = KERNEL * KERNEL,
    TILE = VIC_WINOGRAD_TILE,
    PLACES = VIC_WINOGRAD_PLACES,
    LANES = VIC_VECTOR_LANES
};

/* What the tasks read and write, one for the kernels of each output channel. */
typedef struct weight_arrays {
    size_t outs, ins;
    const vic_real *from;
    bool add;
    vic_real *to;
} weight_arrays;

/* G w of three numbers that lie `apart`, into four. */
VIC_INLINE void transform_weight(vic_vector *w, size_t apart) {
    vic_vector ends = w[0] + w[2 * apart], middle = w[apart];
    w[3 * apart] = w[2 * apart];
    w[apart] = (ends + middle) / 2, w[2 * apart] = (ends - middle) / 2;
}

/* G^T u of four numbers, into three. */
VIC_INLINE void transform_gradient(vic_vector *u, size_t apart) {
    vic_vector sum = (u[apart] + u[2 * apart]) / 2, difference = (u[apart] - u[2 * apart]) / 2;
    u[0] += sum, u[apart] = difference, u[2 * apart] = sum + u[3 * apart];
}

/* `lanes` kernels; `count` of all. */
VIC_INLINE void transform_kernels(size_t lanes, const vic_real *weight, size_t count, vic_real *to) {
    vic_vector u[PLACES];
    for (size_t k = 0; k < TAPS; k++) {
        vic_real taps[LANES] = {0};
        for (size_t lane = 0; lane < lanes; lane++)
            taps[lane] = weight[lane * TAPS + k];
        u[k / KERNEL * TILE + k % KERNEL] = vic_vector_load(taps);
    }
    for (size_t x = 0; x < KERNEL; x++)
        transform_weight(u + x, TILE);
    for (size_t y = 0; y < TILE; y++)
        transform_weight(u + y * TILE, 1);
    for (size_t p = 0; p < PLACES; p++)
        vic_vector_store_some(u[p], to + p * count, lanes);
}

static void transform_channel(void *context, size_t o) {
    const weight_arrays *a = context;
    size_t first = o * a->ins, end = first + a->ins, count = a->outs * a->ins, i = first;
    for (; i + LANES <= end; i += LANES)
        transform_kernels(LANES, a->from + i * TAPS, count, a->to + i);
    if (i < end)
        transform_kernels(end - i, a->from + i * TAPS, count, a->to + i);
}

VIC_INLINE void gather_kernels(size_t lanes, const vic_real *from, size_t count, bool add, vic_real *weight) {
    vic_vector u[PLACES];
    for (size_t p = 0; p < PLACES; p++)
        u[p] = vic_vector_load_some(from + p * count, lanes);
    for (size_t x = 0; x < TILE; x++)
        transform_gradient(u + x, TILE);
    for (size_t y = 0; y < KERNEL; y++)
        transform_gradient(u + y * TILE, 1);
    for (size_t k = 0; k < TAPS; k++) {
        vic_real taps[LANES];
        vic_vector_store(u[k / KERNEL * TILE + k % KERNEL], taps);
        for (size_t lane = 0; lane < lanes; lane++) {
            vic_real *w = weight + lane * TAPS + k;
            *w = (add ? *w : 0) + taps[lane];
        }
    }
}

static void gather_channel(void *context, size_t o) {
    const weight_arrays *a = context;
    size_t first = o * a->ins, end = first + a->ins, count = a->outs * a->ins, i = first;
    for (; i + LANES <= end; i += LANES)
        gather_kernels(LANES, a->from + i, count, a->add, a->to + i * TAPS);
    if (i < end)
        gather_kernels(end - i, a->from + i, count, a->add, a->to + i * TAPS);
}

/* Channel by channel, shared by threads where there are enough kernels. */
static void share(weight_arrays *a, vic_pool_task *channel) {
    const size_t least = 4096;
    if (a->outs * a->ins >= least)
        vic_pool_run(a->outs, channel, a);
    else
        for (size_t o = 0; o < a->outs; o++)
            channel(a, o);
}

void VIC_NAME(vic_winograd_transform_weights)(size_t outs, size_t ins, const vic_real *weight, vic_real *to) {
    weight_arrays a = {.outs = outs, .ins = ins, .from = weight, .to = to};
    share(&a, transform_channel);
}

void VIC_NAME(vic_winograd_gather_gradient)(size_t outs, size_t ins, const vic_real *from, bool add,
                                            vic_real *weight) {
    weight_arrays a = {outs, ins, from, add, weight};
    share(&a, gather_channel);
}
