/* The network as a graph of populations, placement, parts of a batch, and the work of a task. Nothing here is
 * collective, and nothing here depends on messages. */
#ifndef VIC_NETWORK_NETWORK_H
#define VIC_NETWORK_NETWORK_H

#include "functions/functions.h"

/* The wire between two populations, with the layer (a list of functions) that predicts the upper one.
 * Its synapses belong to `from`. */
typedef struct vic_edge {
    int from, to;
    size_t n_functions;
    vic_function *functions; /* as configs list them */
    int next_out, next_in;   /* the next edge from `from`, and to `to`; -1: none */
    vic_function *computed;  /* in the order of computing, which gives the same bits: an activation that rises
                              * comes after the pooling that follows it, and has fewer numbers to do */
} vic_edge;

/* Populations 0 (input) .. n-1 (output), numbered so that every edge goes upward. */
typedef struct vic_network {
    vic_precision precision;
    int n_populations;
    vic_shape *shapes; /* of one sample, per population */
    int n_edges;
    vic_edge *edges;
    int *first_out, *first_in; /* per population: the first edge that leaves it, and that arrives; -1: none */
    const vic_loss_kind *loss;
    vic_reduction reduction;
} vic_network;

/* *network becomes a network with the input population alone. Free with vic_network_destroy.
 * Errors: VIC_BAD_CONFIG when the input has no numbers or more than VIC_MOST_NUMBERS. */
vic_status vic_network_create(vic_network **network, vic_precision precision, vic_shape input);
void vic_network_destroy(vic_network **network);

/* Adds a population above `from`, joined to it by the placed functions (copied; functions[0].in is the shape
 * of `from`). Its number is n_populations - 1 afterwards. Errors: VIC_BAD_CONFIG when there is no `from`, or
 * the functions do not follow each other from its shape on; VIC_NO_MEMORY. */
vic_status vic_network_grow(vic_network *network, int from, size_t n_functions,
                            const vic_function *functions);

/* Adds an edge between two populations that exist; predictions that converge are added.
 * Errors: VIC_BAD_CONFIG when from >= to or the shapes do not fit. */
vic_status vic_network_connect(vic_network *network, int from, int to, size_t n_functions,
                               const vic_function *functions);

/* *converted becomes the same network in `precision`. Free with vic_network_destroy. Errors: VIC_BAD_CONFIG
 * when a function or the loss does not exist in that precision; VIC_NO_MEMORY. */
vic_status vic_network_convert(vic_network **converted, const vic_network *network, vic_precision precision);

int vic_network_output(const vic_network *network);
/* Number of learned numbers, over all edges. */
size_t vic_network_parameters(const vic_network *network);
/* Of those, the synapses that leave the populations of here[0..n_populations-1]. */
size_t vic_network_parameters_of(const vic_network *network, const bool *here);

/* Can every array of a batch of so many samples be addressed, multiplied and sent? What comes after it need
 * not look at sizes again. Errors: VIC_BAD_CONFIG, naming the population. */
vic_status vic_network_check_batch(const vic_network *network, size_t batch);

/* *distance gets per population the length of its shortest, *longest of its longest way up to the output
 * (L - l in a chain). Both arrays have n_populations entries and belong to the caller; either may be NULL.
 * Errors: VIC_BAD_CONFIG when some population does not lead to the output or is not led to from the input. */
vic_status vic_network_heights(const vic_network *network, int *shortest, int *longest);

/* The parameters of one edge in their order, f = function index, k = index among its parameters. The name is
 * that of a nn.Sequential of nn.Sequentials: "EDGE.FUNCTION.weight". */
typedef struct vic_parameter_slot {
    size_t f, k;
    const vic_parameter *parameter;
    char name[48];
} vic_parameter_slot;

size_t vic_edge_parameters(const vic_edge *edge);
/* The `index`-th parameter of edge number `edge`. */
vic_parameter_slot vic_parameter_slot_at(const vic_network *network, int edge, size_t index);

/* Which rank holds which population: contiguous blocks, min(ranks, populations) of them and none empty, whose
 * largest sum of costs is the smallest possible. `costs`, all above 0, and rank_of have an entry for each
 * population and belong to the caller. A pure function of its arguments. */
void vic_place(int populations, const double *costs, int ranks, int *rank_of);

/* ---- micro-batches ---- */

/* Samples `first` to `first` + `samples` - 1 of a batch: a micro-batch, or a block of one. Arrays of a batch
 * in micro-batches hold one after the other, (shape, samples) each, so that a micro-batch begins at number
 * `first` times the neurons. {0, batch} is the whole batch, whose layout is (shape, batch). */
typedef struct vic_sample_range {
    size_t first, samples;
} vic_sample_range;

/* Micro-batch number k, 0 <= k < n, of a batch of at least n samples; the sizes differ by at most 1. */
vic_sample_range vic_nth_microbatch(size_t batch, int n, int k);

/* The begin of a micro-batch in an array of `count` numbers a sample. */
void *vic_microbatch_at(vic_precision precision, size_t count, const void *array,
                        vic_sample_range microbatch);

/* Copies a part between `whole`, (count, batch), and its place in `parts`, where the batch lies part by part.
 */
void vic_extract_microbatch(vic_precision precision, size_t count, size_t batch, const void *whole,
                            vic_sample_range microbatch, void *parts);
void vic_insert_microbatch(vic_precision precision, size_t count, size_t batch, const void *parts,
                           vic_sample_range microbatch, void *whole);

/* ---- the cost of the arithmetic of one batch ---- */

typedef struct vic_cost {
    double products; /* floating-point operations of multiplying by synapses: 2 for each multiply-add */
    double bytes; /* read and written by all the rest, which is bound by memory: activations, mixing, copying.
                     What products read and write is part of their rate. */
    size_t tasks; /* number of tasks: each has a fixed cost, too */
} vic_cost;

/* What a projection does, and a population with its own arrays. */
typedef enum vic_task {
    VIC_TASK_PREDICT,
    VIC_TASK_CHANGE,
    VIC_TASK_VJP,
    VIC_TASK_GRADIENT,
    VIC_TASK_CLEAR,    /* y = 0 */
    VIC_TASK_COPY,     /* y = x */
    VIC_TASK_SUM,      /* sum of x^2 */
    VIC_TASK_ADD,      /* y += x */
    VIC_TASK_SUBTRACT, /* y = a - b */
    VIC_TASK_MIX,      /* y = keep y + take x */
    VIC_TASK_RELAX,    /* belief += eta (error - feedback) */
    VIC_TASK_LOSS,     /* loss and dLoss/dprediction */
} vic_task;

/* The cost of VIC_TASK_PREDICT .. VIC_TASK_GRADIENT along an edge, for `batch` samples in arrays of that
 * capacity. A pure function of its arguments, as is the next. */
vic_cost vic_edge_cost(const vic_network *network, int edge, vic_task task, size_t batch);
/* The same for a micro-batch. The synapses that a product reads once for the batch are part of its rate in
 * the first one; every later one reads them again, and a gradient writes them too. */
vic_cost vic_microbatch_cost(const vic_network *network, int edge, vic_task task,
                             vic_sample_range microbatch);
/* The cost of VIC_TASK_CLEAR .. VIC_TASK_LOSS on arrays of a population, (shape, batch). */
vic_cost vic_population_cost(const vic_network *network, int population, vic_task task, size_t batch);
/* *total += more */
void vic_cost_add(vic_cost *total, vic_cost more);

#endif
