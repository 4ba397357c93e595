/* The network as a graph of populations, one population's state and local rules, and placement.
 * Nothing here is collective, and nothing here knows about messages. */
#ifndef VICINAL_POPULATIONS_H
#define VICINAL_POPULATIONS_H

#include "vicinal/functions.h"

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

/* *twin becomes the same network in another precision. Free with vic_network_destroy.
 * Errors: VIC_BAD_CONFIG when a function or the loss does not exist in that precision; VIC_NO_MEMORY. */
vic_status vic_network_twin(vic_network **twin, const vic_network *network, vic_precision precision);

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
 * largest cost is the smallest possible. rank_of has n_populations entries and belongs to the caller.
 * A pure function of (network, ranks). */
void vic_place(const vic_network *network, int ranks, int *rank_of);

/* ---- parts: a batch as a pipeline takes it ---- */

/* The samples of a batch from number `first` on. The arrays of a batch in parts lie part by part, (shape,
 * samples) each, one behind the other, so that a part begins `first` times the neurons in. {0, batch} is the
 * whole batch as one part, and then nothing differs from (shape, batch). */
typedef struct vic_slice {
    size_t first, samples;
} vic_slice;

/* Part number k, 0 <= k < n, of a batch of at least n samples that is cut as equally as possible. */
vic_slice vic_nth_slice(size_t batch, int n, int k);

/* Where a part begins in an array of `count` numbers a sample. */
void *vic_slice_at(vic_precision precision, size_t count, const void *array, vic_slice part);

/* Copies a part between `whole`, (count, batch), and its place in `parts`, where the batch lies part by part.
 */
void vic_take_slice(vic_precision precision, size_t count, size_t batch, const void *whole, vic_slice part,
                    void *parts);
void vic_put_slice(vic_precision precision, size_t count, size_t batch, const void *parts, vic_slice part,
                   void *whole);

/* ---- work: what the arithmetic of one batch asks of a processor, as numbers ---- */

typedef struct vic_work {
    double products; /* floating-point operations of multiplying by synapses: 2 for each multiply-add */
    double bytes; /* read and written by all the rest, which waits for memory: activations, mixing, copying.
                   * What products read and write is part of their rate. */
    size_t tasks; /* how many tasks that is: beginning one takes a little, too */
} vic_work;

/* What a projection does, and a population with its own arrays. */
typedef enum vic_task {
    VIC_TASK_PREDICT,
    VIC_TASK_CHANGE,
    VIC_TASK_PULL_BACK,
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

/* The work of VIC_TASK_PREDICT .. VIC_TASK_GRADIENT along an edge, for `batch` samples where there is room
 * for as many. A pure function of its arguments, as is the next. */
vic_work vic_edge_work(const vic_network *network, int edge, vic_task task, size_t batch);
/* The same for part of a batch. The first one bears what a product reads once for the batch, its synapses, as
 * part of its rate; every later one reads them again, and a gradient writes them too. */
vic_work vic_slice_work(const vic_network *network, int edge, vic_task task, vic_slice part);
/* The work of VIC_TASK_CLEAR .. VIC_TASK_LOSS on arrays of a population, (shape, batch). */
vic_work vic_population_work(const vic_network *network, int population, vic_task task, size_t batch);
/* *total += more */
void vic_work_add(vic_work *total, vic_work more);

/* ---- populations ---- */

/* What the functions of an edge see: value[k] is the input of function k, value[n_functions] the prediction.
 */
typedef struct vic_activity {
    const void **value;
    void **room; /* the projection's own arrays behind `value`; NULL where it looks at another boundary's
                  * array, which functions that work in place share, or elsewhere */
} vic_activity;

/* The synapses that leave a population along one edge, and what they remember of the last prediction. A batch
 * is taken in blocks of samples where that helps the cache; the arrays inside then lie block by block. */
typedef struct vic_projection {
    const vic_network *network;
    vic_tally *tally;
    int edge_index;
    const vic_edge *edge;
    size_t capacity, block; /* samples; equal: one block, and the functions see the arrays of the messages */
    size_t n_parameters;
    void **theta;          /* per parameter */
    void **gradient;       /* per parameter */
    vic_activity home;     /* at the beliefs of the last vic_projection_predict */
    vic_activity moved;    /* at those of the last vic_projection_change; empty until it is needed */
    vic_activity *present; /* where Jacobians and gradients are taken: home or moved */
    uint8_t **notes;       /* per function: what it noted at home, block by block; NULL: nothing */
    const void *error;     /* the last one heard; NULL: none yet */
    void *scratch[2];      /* of one block: what is on its way through the functions */
    void *work;            /* the functions' working room */
    vic_work *done;        /* grows by what it does; NULL: not counted */
    bool imagined;         /* it does nothing besides */
} vic_projection;

/* One population: what it owns, and nothing else. Arrays are (shape, capacity) at most. */
typedef struct vic_population {
    const vic_network *network;
    vic_tally *tally;
    int id;
    size_t count;           /* neurons */
    size_t capacity;        /* samples there is room for */
    const void *vhat;       /* the prediction of the sweep: what was heard, or the data at population 0 */
    const void *prediction; /* the prediction that was heard last */
    void *belief;           /* v; NULL where the algorithm needs none */
    void *displacement;     /* v - vhat; NULL likewise. At the output: the prediction, vhat and its change */
    void *dual;             /* Lambda, the multiplier of eps = 0; NULL where the algorithm has none */
    void *own_vhat;         /* a copy that later messages leave alone; NULL where none is needed */
    void *error;            /* eps; NULL at population 0 */
    void *feedback;         /* J^T eps of the populations above; NULL at both ends */
    bool has_feedback;      /* false: no error has come yet in this inference, feedback counts as 0 */
    void *sum;              /* room to add converging predictions; NULL where fewer than two edges arrive */
    void *scratch;          /* room to add converging errors; NULL where fewer than two edges leave */
    vic_work *done;         /* grows by what its rules do; NULL: not counted */
    bool imagined;          /* they do nothing besides */
    int n_out;
    vic_projection *out;
} vic_population;

/* What to make room for. Inference alone needs no gradients. */
typedef struct vic_population_needs {
    size_t capacity;
    bool belief;
    bool gradient;
    vic_tally *tally; /* counts its arrays, as long as it lives; may be NULL */
    vic_work *done;   /* grows by the work of its rules, likewise */
    bool imagined;    /* rules tell their work and do nothing: arrays are there in name only */
} vic_population_needs;

/* *population becomes population `id` of the network, which must outlive it; parameters are zero.
 * Free with vic_population_destroy. */
vic_status vic_population_create(vic_population **population, const vic_network *network, int id,
                                 vic_population_needs needs);
void vic_population_destroy(vic_population **population);

/* Tells the work of a task on the population's own arrays that the caller is about to do. Returns whether
 * telling is all: then the arrays are there in name only. */
bool vic_population_tell(const vic_population *population, vic_task task, size_t batch);

/* Makes room for a belief if there is none yet. */
vic_status vic_population_make_belief(vic_population *population);
/* Makes room for a vhat of its own, if there is none yet. */
vic_status vic_population_make_vhat(vic_population *population);
/* Makes room for the multiplier of a hidden population, if there is none yet. */
vic_status vic_population_make_dual(vic_population *population);
/* Makes room to move by displacements, if there is none yet: above the input, and in all its projections. */
vic_status vic_population_make_displacement(vic_population *population);

/* In what follows arrays are those of a whole batch, of which the calls read and write one part.
 *
 * into = J^T eps, added over the populations above that have spoken; into is (shape, batch), the population's
 * feedback or its error. has_feedback tells whether any has. */
void vic_population_feed_back(vic_population *population, vic_slice part, void *into);

/* Draws the parameters as PyTorch does (uniform, bound 1/sqrt(fan_in)), keyed by (seed, edge, parameter). */
void vic_population_initialise(vic_population *population, uint64_t seed);
/* Rounds the parameters to multiples of `grain`, halves away from 0: for networks to be followed by hand. */
void vic_population_round(vic_population *population, double grain);

/* prediction = f(belief; theta): (target shape, batch). Remembers the inner activations, and where
 * a batch is one block, `belief` and `prediction` too, which must then stay as they are until the next call
 * for this part. */
void vic_projection_predict(vic_projection *projection, vic_slice part, const void *belief, void *prediction);

/* Makes room for vic_projection_change. */
vic_status vic_projection_make_moved(vic_projection *projection);

/* change = f(home + displacement) - f(home), where home is the belief of the last prediction, computed
 * without subtracting nearly equal numbers: (target shape, batch). Jacobians and gradients are taken at the
 * displaced belief from now on. */
void vic_projection_change(vic_projection *projection, vic_slice part, const void *displacement,
                           void *change);

/* Takes notice of the error at the edge's target, (target shape, batch); the array must stay until the last
 * use of it. */
void vic_projection_hear(vic_projection *projection, const void *error);
/* No error has come yet: what a new inference starts with. */
void vic_projection_forget(vic_projection *projection);
bool vic_projection_has_heard(const vic_projection *projection);

/* into = J^T error at what was last seen: (source shape, batch). */
void vic_projection_pull_back(vic_projection *projection, vic_slice part, void *into);

/* gradient = error . df/dtheta at what was last seen, for the part that begins with sample 0; a later part
 * adds its own. Zero when no error has come. */
void vic_projection_gradient(vic_projection *projection, vic_slice part);

/* ---- taking stock: what is held, array by array ---- */

typedef enum vic_holding_kind {
    VIC_HELD_BELIEF,
    VIC_HELD_ERROR,
    VIC_HELD_SYNAPSES,
    VIC_HELD_GRADIENT,
    VIC_HELD_OPTIMISER, /* its state */
    VIC_HELD_ACTIVITY,  /* inside the functions of a layer, and their working room */
    VIC_HELD_MESSAGE,
    VIC_HELD_DATA,
    VIC_HELD_RECORD, /* what is noted or kept to be read later */
} vic_holding_kind;
enum { VIC_HOLDING_KINDS = 9 };

/* "beliefs", "errors", ... */
const char *vic_holding_kind_name(vic_holding_kind kind);

/* One array that belongs to a population. */
typedef struct vic_holding {
    int population;
    vic_holding_kind kind;
    const char *name; /* of a parameter, that of weight files; valid during the call */
    int rank;
    size_t dim[VIC_MAX_RANK + 1];
    size_t count, item; /* numbers, and bytes of one */
} vic_holding;

/* Who takes stock is shown each array. */
typedef struct vic_stocktaker {
    void *context;
    void (*note)(void *context, const vic_holding *holding);
} vic_stocktaker;

/* Local. Every array of the population and of its projections. */
void vic_population_list(const vic_population *population, vic_stocktaker taker);

/* To describe arrays with: one of `count` numbers without further shape; and one of (shape, samples). They
 * are passed over where `array` is NULL. */
void vic_list_plain(vic_stocktaker taker, const void *array, vic_holding holding, size_t count);
void vic_list_shaped(vic_stocktaker taker, const void *array, vic_holding holding, vic_shape shape,
                     size_t samples);
/* One of a parameter's shape. */
void vic_list_parameter(vic_stocktaker taker, const void *array, vic_holding holding,
                        const vic_parameter *parameter);

#endif
