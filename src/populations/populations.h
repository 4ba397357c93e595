/* One population's state and local rules, and its projections. Nothing here is collective, and nothing here
 * depends on messages. */
#ifndef VIC_POPULATIONS_POPULATIONS_H
#define VIC_POPULATIONS_POPULATIONS_H

#include "network/network.h"

/* ---- populations ---- */

/* The arguments of the functions of an edge: value[k] is the input of function k, value[n_functions] the
 * prediction. */
typedef struct vic_activity {
    const void **value;
    void **own; /* the arrays behind `value` that the projection owns; NULL where `value` points to the array
                   of another boundary, which functions in place share, or to an array of the caller */
} vic_activity;

/* The synapses of a function in the order in which products read them; `array` is NULL where they are not
 * packed. */
typedef struct vic_packing {
    void *array;
    size_t uses; /* since the synapses changed */
} vic_packing;

/* What first made a number that is not finite out of finite ones, as the beginning of a sentence. */
typedef struct vic_anomaly {
    bool found;
    char text[160];
} vic_anomaly;

/* The synapses that leave a population along one edge, and what is kept of the last prediction. A batch is
 * taken in blocks of samples where that helps the cache; the arrays inside then lie block by block. */
typedef struct vic_projection {
    const vic_network *network;
    vic_memory_counter *memory_counter;
    int edge_index;
    const vic_edge *edge;
    size_t capacity, block; /* samples; equal: one block, and the functions see the arrays of the messages */
    size_t n_parameters;
    void **theta;             /* per parameter */
    void **gradient;          /* per parameter */
    vic_packing *packings;    /* of function k: 2 k for forward and change, 2 k + 1 for vjp */
    vic_activity home;        /* at the beliefs of the last vic_projection_predict */
    vic_activity moved;       /* at those of the last vic_projection_change; empty until it is needed */
    vic_activity *present;    /* where Jacobians and gradients are taken: home or moved */
    const void *displacement; /* of the last vic_projection_change */
    uint8_t **saved;          /* per function: its saved context at home, block by block; NULL: none */
    const void *error;        /* the last one received; NULL: none yet */
    void *composed;           /* where the prediction at work is written, a message */
    void *block_scratch[2];   /* of one block: values between two functions */
    void *function_scratch;   /* scratch of the functions */
    vic_cost *done;           /* the cost of what it computes is added; NULL: not counted */
    bool dry;                 /* only costs are counted, nothing is computed */
    vic_anomaly *anomaly;     /* of the population */
} vic_projection;

/* One population: what it owns, and nothing else. Arrays are (shape, capacity) at most. */
typedef struct vic_population {
    const vic_network *network;
    vic_memory_counter *memory_counter;
    int id;
    size_t count;           /* neurons */
    size_t capacity;        /* samples */
    const void *vhat;       /* the prediction of the sweep: the one received, or the data at population 0 */
    const void *prediction; /* the prediction received last */
    void *belief;           /* v; NULL where the algorithm needs none */
    void *displacement;     /* v - vhat; NULL likewise. At the output: the prediction, vhat and its change */
    void *dual;             /* Lambda, the multiplier of eps = 0; NULL where the algorithm has none */
    void *own_vhat;         /* a copy that later messages do not overwrite; NULL where none is needed */
    void *error;            /* eps; NULL at population 0 */
    void *feedback;         /* J^T eps of the populations above; NULL at both ends */
    bool has_feedback;      /* false: no error has come yet in this inference, feedback counts as 0 */
    void *sum;              /* the sum of converging predictions; NULL where fewer than two edges arrive */
    void *scratch;          /* scratch to add converging errors; NULL where fewer than two edges leave */
    vic_cost *done;         /* the cost of its rules is added; NULL: not counted */
    bool dry;               /* only costs are counted, nothing is computed */
    int n_out;
    vic_projection *out;
    vic_anomaly *anomaly; /* of the functions of its projections; NULL: they are not watched */
} vic_population;

/* What to allocate. Inference alone needs no gradients. */
typedef struct vic_population_needs {
    size_t capacity;
    bool belief;
    bool gradient;
    vic_memory_counter *memory_counter; /* counts its arrays, and must outlive it; may be NULL */
    vic_cost *done;                     /* the cost of its rules is added, likewise */
    bool dry; /* rules count their cost and compute nothing; arrays are not backed by memory */
} vic_population_needs;

/* *population becomes population `id` of the network, which must outlive it; parameters are zero.
 * Free with vic_population_destroy. */
vic_status vic_population_create(vic_population **population, const vic_network *network, int id,
                                 vic_population_needs needs);
void vic_population_destroy(vic_population **population);

/* Local. From now on populations that are created watch each call of a function, which takes time. Results
 * are the same bits. */
void vic_detect_anomalies(bool detects);
bool vic_detects_anomalies(void);

/* Counts the cost of a task on the population's own arrays that the caller is about to do. Returns true in a
 * dry run: then nothing may be computed, since the arrays are not backed by memory. */
bool vic_population_count_cost(const vic_population *population, vic_task task, size_t batch);

/* Allocates the belief if there is none yet. */
vic_status vic_population_make_belief(vic_population *population);
/* Allocates a vhat of its own, if there is none yet. */
vic_status vic_population_make_vhat(vic_population *population);
/* Allocates the multiplier of a hidden population, if there is none yet. */
vic_status vic_population_make_dual(vic_population *population);
/* Allocates displacements, if there are none yet: above the input, and in all its projections. */
vic_status vic_population_make_displacement(vic_population *population);

/* Allocates room to pack its synapses, if there is none yet: where predictions (`ahead`), or errors that are
 * taken back, are computed again and again with the same synapses. */
vic_status vic_population_make_packings(vic_population *population, bool ahead, bool back);

/* In what follows arrays are those of a whole batch, of which the calls read and write one micro-batch.
 *
 * into = J^T eps, added over the populations above whose errors have arrived; into is (shape, batch), the
 * population's feedback or its error. has_feedback: whether any has. */
void vic_population_feedback(vic_population *population, vic_sample_range microbatch, void *into);

/* The parameters have changed, or may have: products take them as they are now. */
void vic_population_renew(vic_population *population);

/* Draws the parameters as PyTorch does (uniform, bound 1/sqrt(fan_in)), keyed by (seed, edge, parameter). */
void vic_population_initialise(vic_population *population, uint64_t seed);
/* Rounds the parameters to multiples of `grain`, halves away from 0: for networks to be followed by hand. */
void vic_population_round(vic_population *population, double grain);

/* prediction = f(belief; theta): (target shape, batch). Keeps the inner activations, and where a batch is one
 * block, the addresses of `belief` and `prediction`, which must then stay as they are until the next call for
 * this micro-batch. */
void vic_projection_predict(vic_projection *projection, vic_sample_range microbatch, const void *belief,
                            void *prediction);

/* Allocates what vic_projection_change needs. */
vic_status vic_projection_make_moved(vic_projection *projection);

/* change = f(home + displacement) - f(home), where home is the belief of the last prediction, computed
 * without subtracting nearly equal numbers: (target shape, batch). Jacobians and gradients are taken at the
 * displaced belief from now on; `displacement` must stay as it is until the gradient is. */
void vic_projection_change(vic_projection *projection, vic_sample_range microbatch, const void *displacement,
                           void *change);

/* Sets the error at the edge's target, (target shape, batch). It is not copied: the array must stay until the
 * last use of it. */
void vic_projection_set_error(vic_projection *projection, const void *error);
/* No error has come yet: what a new inference starts with. */
void vic_projection_clear_error(vic_projection *projection);
bool vic_projection_has_error(const vic_projection *projection);

/* into = J^T error at the last belief: (source shape, batch). */
void vic_projection_vjp(vic_projection *projection, vic_sample_range microbatch, void *into);

/* gradient = error . df/dtheta at the last belief, for the micro-batch that begins with sample 0; later ones
 * are added. Zero when no error has arrived. */
void vic_projection_gradient(vic_projection *projection, vic_sample_range microbatch);

/* *norm becomes the spectral norm of the Jacobians of a hidden population's projections at the beliefs `at`,
 * (shape, samples), one above the other, each times its weight: the largest over the samples, from below, by
 * power iteration; infinity where numbers are not finite. The population stays as it is. Errors:
 * VIC_NO_MEMORY. */
vic_status vic_population_spectral_norm(const vic_population *population, size_t samples, const void *at,
                                        const double *weights, double *norm);

/* ---- memory inventory: the allocated arrays ---- */

typedef enum vic_allocation_kind {
    VIC_ALLOCATION_BELIEF,
    VIC_ALLOCATION_ERROR,
    VIC_ALLOCATION_SYNAPSES,
    VIC_ALLOCATION_GRADIENT,
    VIC_ALLOCATION_OPTIMISER, /* its state */
    VIC_ALLOCATION_ACTIVITY,  /* inside the functions of a layer, and their scratch */
    VIC_ALLOCATION_MESSAGE,
    VIC_ALLOCATION_DATA,
    VIC_ALLOCATION_RECORD, /* what is recorded to be read later */
} vic_allocation_kind;
enum { VIC_ALLOCATION_KINDS = 9 };

/* "beliefs", "errors", ... */
const char *vic_allocation_kind_name(vic_allocation_kind kind);

/* One array that belongs to a population. */
typedef struct vic_allocation {
    int population;
    vic_allocation_kind kind;
    const char *name; /* of a parameter, that of weight files; valid during the call */
    int rank;
    size_t dim[VIC_MAX_RANK + 1];
    size_t count, item; /* numbers, and bytes of one */
} vic_allocation;

/* Called for each array. */
typedef struct vic_inventory_visitor {
    void *context;
    void (*visit)(void *context, const vic_allocation *allocation);
} vic_inventory_visitor;

/* Local. Every array of the population and of its projections. */
void vic_population_list(const vic_population *population, vic_inventory_visitor visitor);

/* Call the visitor for an array of `count` numbers without further shape, and for one of (shape, samples);
 * not where `array` is NULL. */
void vic_list_plain(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                    size_t count);
void vic_list_shaped(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                     vic_shape shape, size_t samples);
/* One of a parameter's shape. */
void vic_list_parameter(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                        const vic_parameter *parameter);

#endif
