/* One population's state and local rules, and its projections. Nothing here is collective, and nothing here
 * knows about messages. */
#ifndef VIC_POPULATIONS_POPULATIONS_H
#define VIC_POPULATIONS_POPULATIONS_H

#include "network/network.h"

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
