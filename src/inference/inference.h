/* The inside of an inference, for this room alone. */
#ifndef VIC_INFERENCE_INFERENCE_H
#define VIC_INFERENCE_INFERENCE_H

#include "infer.h"
#include "rules.h"

typedef struct vic_local_population vic_local_population;

/* Events of the step at work. */
typedef struct vic_event_queue vic_event_queue;

/* vic_projection_predict or vic_projection_change. */
typedef void vic_projection_rule(vic_projection *projection, vic_sample_range microbatch, const void *from,
                                 void *message);

/* What a population's predictions are made of: a rule, and the array that it is applied to. */
typedef struct vic_prediction_source {
    vic_projection_rule *rule;
    const void *from;
} vic_prediction_source;

enum { VIC_NO_MESSAGE = -1 };

/* What every local population does at one point of a step: it receives, acts, and sends. It can begin as soon
 * as the messages that the schedule has for it in this step are there. */
typedef struct vic_phase {
    const char *name;
    int receives, sends; /* a vic_message_kind, or VIC_NO_MESSAGE */
    bool downward;       /* populations in the order from the output to the input, else from the input on */
    bool by_microbatch;  /* all populations for one micro-batch, then for the next */
    /* The local rule; `arrived`: a message was received in this phase. NULL: nothing is computed. */
    void (*act)(vic_inference *x, vic_local_population *r, int step, bool arrived);
    /* Where predictions are sent. */
    vic_prediction_source (*source)(const vic_inference *x, const vic_population *p);
    /* Once the messages have left; NULL: nothing. */
    void (*after)(vic_inference *x, vic_local_population *r, int step);
    /* `act` as text. */
    int n_rules;
    const vic_local_rule *rules;
} vic_phase;

typedef struct vic_phases {
    int n;
    const vic_phase *of;
} vic_phases;

#define VIC_RULES(list) .n_rules = (int)(sizeof(list) / sizeof *(list)), .rules = (list)

#define VIC_PHASES(list)                                                                                     \
    { (int)(sizeof(list) / sizeof *(list)), (list) }

/* One algorithm. A new one is one file that fills this table, one registry line and one build line. */
struct vic_algorithm {
    const char *name, *help;
    vic_algorithm_traits traits;
    bool forms_every_error; /* in its first step; otherwise errors start from 0 */
    /* Are beliefs, not vhat, what predictions are taken at? NULL: never. */
    bool (*predicts_from_beliefs)(vic_inference_options options);
    /* Allocates what a population needs. NULL: nothing more than errors. */
    vic_status (*allocate)(vic_inference_options options, vic_population *p);
    bool (*is_sent)(const vic_schedule *schedule, const vic_edge *edge, vic_message_kind kind, int step);
    /* Before the first step, of a local population. NULL: nothing. */
    void (*begin)(vic_inference *x, vic_local_population *r);
    /* The phases of a step, in their order. */
    vic_phases phases;
    /* After the last step, before gradients: brings what a local population has seen up to date. NULL: it is.
     */
    vic_status (*finish)(vic_inference *x, vic_population *p);
    /* The belief of a population above the input after `step`, the last one done, into `belief`. */
    void (*belief_after)(const vic_inference *x, const vic_local_population *r, int step, void *belief);
};

struct vic_schedule {
    const vic_network *network;
    vic_inference_options options;
    int steps;
    int *shortest, *longest; /* heights */
    bool unsteady;           /* some wires are late, lose or add noise */
    bool keeps_nothing;      /* eta P = 1 in every hidden population: an error keeps nothing of its past */
    /* Where predictions follow beliefs, or synapses that learn: */
    int *first_error; /* the first step in which eps_p can differ from 0 */
    int *first_move;  /* the first step that can move v_p */
};

/* A population of this rank and what an inference keeps for it. */
struct vic_local_population {
    vic_population *population;
    int n_in;
    int *in;               /* the edges that arrive */
    const void **received; /* the last prediction along each */
    bool arrived;          /* a message, in the phase at work */
    void *initial;         /* beliefs to start from */
    void *recorded_prediction, *recorded_belief;
    void *recorded_error; /* where p->error is stored micro-batch by micro-batch */
    double *energy;       /* per step 0..steps */
    size_t n_energy;
    bool is_faulty; /* it has noted a number of this inference that is not finite */
};

/* The populations of a rank, and how far they have come. */
typedef struct vic_worker {
    int n_local_populations;
    vic_local_population **local_populations; /* in the order of the populations */
    vic_cost done;                            /* the cost of their arithmetic; counted for a virtual clock */
    int step;
    bool begun; /* its receives are posted */
    int phase, microbatch_index,
        population; /* the next: an index of phases, and of local populations from either end */
} vic_worker;

struct vic_inference {
    vic_group *group; /* NULL where messages are not sent */
    const vic_network *network;
    const int *rank_of;
    const vic_arithmetic *arithmetic;
    vic_memory_counter memory_counter; /* of the arrays of local populations */
    vic_memory_counter unbacked;       /* of arrays that are not backed by memory */
    size_t capacity, batch;
    int n_microbatches, microbatch_index; /* number of micro-batches, and the current one */
    vic_sample_range microbatch;          /* its samples */
    bool learns;
    bool side_by_side; /* its populations are the tasks of threads, in phases where they have no order */
    bool is_dry;       /* all ranks are here, nothing is computed and no message sent */
    vic_inference_options options;
    vic_schedule *schedule;
    vic_wiring *wiring;
    int n_local_populations;
    vic_local_population *local_populations; /* in the order of the populations */
    int n_workers; /* this rank; or, where messages are not sent, each that there would be */
    vic_worker *workers;
    vic_learner learner;
    vic_event_queue *events;
    void *input, *target; /* NULL unless the input, or the output, population is local */
    double loss;
    vic_fault fault;    /* the first number of this inference that was not finite */
    bool has_gradients; /* of this inference, and not yet looked at */
};

static inline bool vic_is_input(const vic_population *p) {
    return p->id == 0;
}

static inline bool vic_is_output(const vic_population *p) {
    return p->id == vic_network_output(p->network);
}

static inline bool vic_is_hidden(const vic_population *p) {
    return !vic_is_input(p) && !vic_is_output(p);
}

/* ---- the engine ---- */

/* The phases of the sweep, which is step 0. */
extern const vic_phases vic_sweep_phases;

/* Puts every worker before the sweep of `batch` samples. */
void vic_engine_begin(vic_inference *x, size_t batch);
/* Takes a worker's populations through its present step: posts the step's receives, then one phase after the
 * other. *done: the worker is before the next step. Otherwise it needs a message that is not there yet, and
 * the next call continues from there; not where a transport waits by itself. */
vic_status vic_engine_step(vic_inference *x, vic_worker *worker, bool *done);
/* Receives what a population receives in this phase; r->arrived: whether there was anything. */
vic_status vic_receive_for(vic_inference *x, const vic_phase *phase, vic_local_population *r, int step);

/* ---- populations as the tasks of threads ---- */

/* Is that how this inference, whose batch is known, goes? */
bool vic_goes_side_by_side(const vic_inference *x);
/* Is no message of a phase received in the same phase? Then its populations have no order. */
bool vic_has_no_order(const vic_phase *phase);
/* The whole phase of such populations, for the micro-batch at work. */
vic_status vic_perform_side_by_side(vic_inference *x, vic_worker *worker, const vic_phase *phase);
/* The gradients of all local populations, for the micro-batch at work. */
void vic_form_gradients_side_by_side(vic_inference *x);

/* ---- events ---- */

void vic_emit_begin(vic_inference *x);
/* Those of messages and errors since the last call, population by population. */
void vic_emit_step(vic_inference *x);
/* Forgets those of a step that failed; NULL: nothing. */
void vic_event_queue_clear(vic_event_queue *queue);
void vic_event_queue_destroy(vic_event_queue **queue);
void vic_emit_step_end(vic_inference *x, int step);
void vic_emit_end(vic_inference *x);
void vic_emit_leave(vic_inference *x);
void vic_emit_error(vic_inference *x, const vic_population *p, int step);
/* VIC_EVENT_SEND or VIC_EVENT_RECEIVED, of the current micro-batch. */
void vic_emit_message(vic_inference *x, vic_event_kind kind, int edge, vic_message_kind message, int step,
                      const void *values);

/* ---- exchange: the messages of a step ---- */

/* Sets the current population in the timeline; for arithmetic that follows no message of `p`. */
void vic_set_current_population(vic_inference *x, const vic_population *p);

/* Sets the micro-batch that following messages and arithmetic are of. */
void vic_set_current_microbatch(vic_inference *x, int microbatch_index);

/* Posts the receives of all messages of this kind, of all micro-batches, that a worker receives in `step`. */
vic_status vic_post_receives(vic_inference *x, const vic_worker *worker, vic_message_kind kind, int step);
/* Have the messages arrived that the population receives in `step`, and are the buffers free of those that it
 * sends? `kind` may be VIC_NO_MESSAGE. Of the current micro-batch. */
bool vic_has_received(vic_inference *x, const vic_local_population *r, int kind, int step);
bool vic_can_send(vic_inference *x, const vic_local_population *r, int kind, int step);
/* Sends the result of the source's rule along the edges that the schedule names for `step`: what
 * vic_compose_predictions, which makes room, vic_apply_source, which computes, and
 * vic_send_composed_predictions do one after the other. */
vic_status vic_send_predictions(vic_inference *x, vic_population *p, vic_prediction_source source, int step);
vic_status vic_compose_predictions(vic_inference *x, vic_population *p, int step);
void vic_apply_source(vic_inference *x, vic_population *p, vic_prediction_source source);
vic_status vic_send_composed_predictions(vic_inference *x, vic_population *p, int step);
/* Waits for the predictions of `step`; p->prediction is the sum of the last one along each edge, NULL when
 * none has arrived since vic_clear_predictions. */
vic_status vic_receive_predictions(vic_inference *x, vic_local_population *r, int step, bool *arrived);
/* From now on predictions are changes, and none has arrived yet. */
void vic_clear_predictions(vic_inference *x, vic_local_population *r);
/* No error has come yet. */
void vic_clear_errors(const vic_inference *x, vic_population *p);
/* Sends p->error along the edges from below that the schedule names for `step`. */
vic_status vic_send_error(vic_inference *x, const vic_local_population *r, int step);
/* Waits for the errors of `step`; *arrived: whether there were any. */
vic_status vic_receive_errors(vic_inference *x, vic_population *p, int step, bool *arrived);

/* ---- learning ---- */

/* The gradients of the synapses that leave a population, for the micro-batch at work, from the errors that
 * have come. */
void vic_form_gradients_of(vic_inference *x, vic_population *p);
/* Has the learner update the synapses that leave a population. */
void vic_learn(vic_inference *x, vic_population *p, int step);
/* Errors: VIC_BAD_CONFIG where the algorithm learns in steps and that is not possible. */
vic_status vic_check_learning(const vic_inference *x);

/* ---- faults: numbers that are not finite ---- */

/* Keeps the fault unless an earlier one is known. `what` is for example "error". */
void vic_note_fault(vic_inference *x, int step, int population, const char *what);
/* The same where `what` made a number that is not finite out of finite ones: "relu 0.1 ... makes a number
 * ...". */
void vic_note_anomaly(vic_inference *x, int stage, int population, const char *what);
/* Notes what the population's functions have made since the last call. */
void vic_collect_anomaly(vic_inference *x, const vic_population *p, int stage);
/* Are all numbers of an array of the population, (shape, batch), finite? True where arithmetic is not done.
 */
bool vic_is_finite(const vic_inference *x, const vic_population *p, const void *array);
/* Notes a fault where they are not. */
void vic_inspect(vic_inference *x, const vic_population *p, int step, const char *what, const void *array);
/* Are the targets classes of the network, where that is what they are? Notes a fault otherwise. */
bool vic_check_classes(vic_inference *x, const vic_population *p, int step);
/* Looks at the local gradients, which an inference of `step` steps ends with. */
void vic_inspect_gradients(vic_inference *x, int step);

/* Collective, after an inference of an algorithm that takes_euler_steps: *bound becomes an eta below which it
 * converges on the batch at hand, linearised about the beliefs at hand, where these are finite, and those of
 * the sweep, which it repeats; 0 where that cannot be had. Arrays are those of a sweep then. Errors: those of
 * vic_inference_sweep. */
vic_status vic_find_eta_bound(vic_inference *x, double *bound);

/* ---- arithmetic on arrays of a population, (shape, batch), as in vic_arithmetic; their work is counted ----
 */

/* Returns `to`. */
void *vic_copy(const vic_inference *x, const vic_population *p, const void *from, void *to);
void vic_clear(const vic_inference *x, const vic_population *p, void *array);
void vic_add(const vic_inference *x, const vic_population *p, const void *a, const void *b, void *out);
void vic_subtract(const vic_inference *x, const vic_population *p, const void *a, const void *b, void *out);
void vic_mix(const vic_inference *x, const vic_population *p, double keep, double take, const void *from,
             void *to);
void vic_relax(const vic_inference *x, const vic_population *p, const void *error, const void *feedback,
               void *belief);

/* ---- errors weighted by precision; without error_weights P is 1 ---- */

/* to = (1 - eta P) to + eta P from */
void vic_mix_weighted(const vic_inference *x, const vic_population *p, double eta, const void *from,
                      void *to);
/* errors = P errors; and back. */
void vic_weigh(const vic_inference *x, const vic_population *p, void *errors);
void vic_unweigh(const vic_inference *x, const vic_population *p, void *errors);
/* 1/2 eps^T P eps, from p->error = P eps. */
double vic_weighted_energy(const vic_inference *x, const vic_population *p);

/* ---- shared by the algorithms ---- */

/* With micro-batches, arrays of hidden populations are stored micro-batch by micro-batch. The input and the
 * output have those of the whole batch, since data and loss are of the whole batch. */
static inline bool vic_is_split(const vic_inference *x, const vic_population *p) {
    return x->n_microbatches > 1 && vic_is_hidden(p);
}

/* whole = the array `microbatches` of such a population as (shape, batch). */
void vic_join_microbatches(const vic_inference *x, const vic_population *p, const void *microbatches,
                           void *whole);

/* eps_L = dLoss/dprediction at the output population's present prediction; its loss goes to the records. */
void vic_form_output_error(vic_inference *x, vic_local_population *r, int step);
/* Records 1/2 |eps|^2 of a hidden population at `step`, and looks whether its error is finite. `moved` is the
 * array that the step before left behind and the error was formed from: a number that is not finite there
 * arose in that step. NULL: there is none. */
void vic_record_error(vic_inference *x, vic_local_population *r, int step, const void *moved);
/* The record of `step` is that of the step before: nothing has changed. */
void vic_record_again(vic_local_population *r, int step);

#endif
