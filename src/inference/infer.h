/* Inference: backpropagation and predictive coding over the populations of this rank. */
#ifndef VIC_INFERENCE_INFER_H
#define VIC_INFERENCE_INFER_H

#include "events.h"

#include "messages/messages.h"
#include "populations/populations.h"

typedef enum vic_coordinates { VIC_COORDINATES_ERROR, VIC_COORDINATES_BELIEF } vic_coordinates;

typedef struct vic_algorithm vic_algorithm;

/* The algorithms, in the order of the registry. */
const vic_algorithm *const *vic_algorithms(size_t *count);
const vic_algorithm *vic_algorithm_find(const char *name);
const char *vic_algorithm_name(const vic_algorithm *algorithm);
/* What it does, in one line. */
const char *vic_algorithm_help(const vic_algorithm *algorithm);

/* What other code may depend on, instead of the name of an algorithm. */
typedef struct vic_algorithm_traits {
    bool is_backpropagation;    /* its updates are the exact ones, which others are compared with */
    bool single_step;           /* one pass, whatever `steps` is; eta and coordinates have no effect */
    bool takes_microbatches;    /* of a batch, one behind the other */
    bool takes_initial_beliefs; /* starts from beliefs that are given */
    bool takes_error_weights;   /* error_weights; the updates of backpropagation are the same with any */
    bool follows_law;           /* its updates are the exact ones times vic_law */
    int closing_steps;          /* that follow the `steps` of the options: nothing moves in them */
    bool has_dual;              /* populations keep multipliers: vic_population.dual */
    bool predicts_in_steps;     /* predictions follow the beliefs, and are sent after the sweep too */
    bool learns_in_steps;       /* each step updates the synapses; see vic_inference_set_learner */
    bool takes_euler_steps;     /* beliefs move by -eta times the gradient of the free energy as it is: an eta
                                   that is too large diverges */
    bool in_beliefs_alone;      /* its coordinates are beliefs, whatever the options say */
    bool in_errors_alone;       /* likewise errors */
    const char *error_symbol;   /* of what its error messages carry; NULL: eps */
    int n_baselines;            /* step sizes at which other algorithms are shown beside it, at most two */
    double baseline_eta[2];
} vic_algorithm_traits;

/* They belong to the algorithm. */
const vic_algorithm_traits *vic_algorithm_traits_of(const vic_algorithm *algorithm);
/* The one that is backpropagation. */
const vic_algorithm *vic_algorithm_exact(void);
/* Do populations act one after the other within a step, from the output to the input, so that an error
 * crosses several edges in it? Otherwise all act at once. */
bool vic_algorithm_passes_down(const vic_algorithm *algorithm);

/* How much the errors of a population weigh (Rosenbaum 2022, the section on covariance): its inverse variance
 * P, one number for all neurons or one for each. Its messages and its synaptic updates carry w = P eps. */
typedef struct vic_error_weight {
    size_t count;   /* 0: 1 everywhere; 1; or the number of neurons */
    double *values; /* each > 0 */
} vic_error_weight;

/* What an algorithm that learns in its steps has to know of the optimiser beforehand. */
typedef struct vic_step_learning {
    bool moves_on;    /* synapses may change without a gradient: the optimiser carries earlier ones on */
    size_t n_moments; /* its arrays of state per parameter array */
} vic_step_learning;

typedef struct vic_inference_options {
    const vic_algorithm *algorithm;
    double eta; /* step size, > 0 */
    int steps;  /* n >= 1 */
    vic_coordinates coordinates;
    double penalty, dual_rate;  /* rho and alpha, where populations keep multipliers; > 0 */
    vic_step_learning learning; /* where steps learn */
    /* Number of micro-batches, one after the other (0 and 1: the whole batch), where the algorithm
     * takes_microbatches. */
    int microbatches;
    bool always;          /* every message in every step, for comparison; the default is structural silence */
    bool record;          /* keep what `infer` writes: sweep predictions and the n-times updated beliefs */
    bool initial_beliefs; /* it starts from beliefs that are given, where the algorithm takes them */
    /* Per population, of which the hidden ones count; NULL: 1 everywhere. Not owned. */
    const vic_error_weight *error_weights;
    /* What the wires do to messages; NULL: nothing. Not owned. Where some are late, lose or add noise, every
     * message is sent in every step, whatever `always` is. */
    const vic_wires *wires;
    /* Every step sends what the last one would, and ends with the gradients of an inference that ends there,
     * which a subscriber reads at VIC_EVENT_STEP_END. Results are the same bits; only the input population
     * receives more. */
    bool gradients_every_step;
} vic_inference_options;

enum { VIC_SETTINGS = 128 };
/* "eta 0.1, 8 steps", of an inference with so many of its own, into `text`, which is returned. */
const char *vic_settings_text(const vic_inference_options *options, int steps, char text[VIC_SETTINGS]);

/* P of a hidden population as one number: 1 by default, NaN where its neurons differ. */
double vic_scalar_error_weight(const vic_inference_options *options, int population);

/* Which messages are sent in which step. Both ends evaluate it, so that no message announces another. */
typedef struct vic_schedule vic_schedule;

/* Local. A pure function of (network, options). Free with vic_schedule_destroy.
 * Errors: VIC_BAD_CONFIG when a population is cut off from the input or the output, or the algorithm takes no
 * micro-batches, or no precision weights. */
vic_status vic_schedule_create(vic_schedule **schedule, const vic_network *network,
                               vic_inference_options options);
void vic_schedule_destroy(vic_schedule **schedule);

/* Is a message of this kind sent along the edge in `step`? Steps count from 1; the sweep's predictions are
 * step 0. */
bool vic_schedule_sends(const vic_schedule *schedule, int edge, vic_message_kind kind, int step);

/* In how many steps after the sweep a message of this kind is sent along the edge. */
int vic_schedule_count(const vic_schedule *schedule, int edge, vic_message_kind kind);

/* Number of steps: `steps`, or 1 in a single pass, and the closing steps. */
int vic_schedule_steps(const vic_schedule *schedule);

/* Number of messages, one for each micro-batch, of an (edge, kind) in a step; see vic_nth_microbatch. A batch
 * of fewer samples than micro-batches is split into single samples. */
int vic_schedule_microbatches(const vic_schedule *schedule, size_t batch);

/* Local. Which rank holds which population: contiguous blocks, whose work in an inference and in learning
 * from it is balanced, structural silence included. rank_of, as long as there are populations, belongs to the
 * caller. A pure function of its arguments. Errors: those of vic_schedule_create. */
vic_status vic_inference_place(const vic_network *network, vic_inference_options options, int ranks,
                               int *rank_of);

typedef struct vic_inference vic_inference;

/* Collective. The populations of this rank, connected to their neighbours, with arrays for `capacity`
 * samples; `learns` allocates gradients. network and rank_of must outlive it. */
vic_status vic_inference_create(vic_inference **inference, vic_group *group, const vic_network *network,
                                const int *rank_of, size_t capacity, bool learns,
                                vic_inference_options options);
/* Local, a pure function of its arguments: *bytes becomes what vic_inference_create allocates for arrays on a
 * rank where the populations of here[0..n_populations-1] are. Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY. */
vic_status vic_inference_forecast(size_t *bytes, const vic_network *network, const bool *here,
                                  size_t capacity, bool learns, vic_inference_options options);
/* Collective. */
void vic_inference_destroy(vic_inference **inference);

/* The local population with this number, or NULL when it is on another rank. */
vic_population *vic_inference_population(vic_inference *inference, int id);
vic_wiring *vic_inference_wiring(vic_inference *inference);
const vic_network *vic_inference_network(const vic_inference *inference);
vic_group *vic_inference_group(vic_inference *inference);
const int *vic_inference_rank_of(const vic_inference *inference);
size_t vic_inference_capacity(const vic_inference *inference);
/* Local. Errors: VIC_BAD_CONFIG unless a batch of so many samples can be run. */
vic_status vic_inference_check_batch(const vic_inference *inference, size_t batch);
/* Does it have gradients? */
bool vic_inference_learns(const vic_inference *inference);
/* The layout of the arrays of a local population after the last inference: the micro-batch that a sample is
 * in. With micro-batches, arrays of hidden populations are stored micro-batch by micro-batch; otherwise the
 * range is the whole batch. */
vic_sample_range vic_inference_microbatch_of(const vic_inference *inference, int id, size_t sample);
vic_inference_options vic_inference_get_options(const vic_inference *inference);
/* Steps of one inference, the algorithm's closing ones among them; and without those: options.steps, or 1
 * where there is a single step. */
int vic_inference_steps(const vic_inference *inference);
int vic_inference_own_steps(const vic_inference *inference);

/* In how many micro-batches a batch is taken. */
int vic_inference_microbatches(const vic_inference *inference, size_t batch);

/* Local. Visits every array of the populations of this rank, their messages included. */
void vic_inference_list(const vic_inference *inference, vic_inventory_visitor visitor);
/* Bytes of those arrays, messages not included, as counted when they were allocated: the sum of
 * vic_allocated_bytes. */
size_t vic_inference_array_bytes(const vic_inference *inference);

/* Changes the algorithm and its settings between inferences, on every rank alike.
 * Errors: VIC_NO_MEMORY when the new settings need arrays that are not there. */
vic_status vic_inference_set_options(vic_inference *inference, vic_inference_options options);

/* Updates the parameters of the synapses that leave a local population, from the gradients at hand, in an
 * inference step. Returns NULL, or the name of what is not finite then: "updated parameter 0.0.weight", valid
 * until the next call. */
typedef struct vic_learner {
    void *context;
    const char *(*learn)(void *context, vic_population *population, int step);
} vic_learner;

/* Local. Who is called in each step of algorithms that learn in steps, for every local population; {0}: no
 * one. Such an algorithm fails to run without a learner, or without gradients. */
void vic_inference_set_learner(vic_inference *inference, vic_learner learner);

/* The number of the next batch, below 2^40, on which the random numbers of wires depend; 0 at first. */
void vic_inference_set_batch_index(vic_inference *inference, uint64_t batch_index);

/* Where the data of the next inference are written, (features, batch) and (outputs, batch) or classes:
 * NULL unless the input, or the output, population is local. */
void *vic_inference_input(vic_inference *inference);
void *vic_inference_target(vic_inference *inference);
/* Local, where the input population is. *input, from vic_allocate, with a place for as many samples as the
 * inference has capacity for, becomes what vic_inference_input returns; *input is what that was. */
void vic_inference_swap_input(vic_inference *inference, void **input);
/* Local, where the output population is. Writes n class indices as the target: as they are, or as one-hot
 * values under squared error. Errors: VIC_NO_MEMORY. */
vic_status vic_feed_classes(vic_inference *inference, const int64_t *classes, size_t n);

/* Where the initial beliefs of a local hidden population are written, (shape, batch); with
 * options.initial_beliefs. */
void *vic_inference_initial(vic_inference *inference, int id);

/* The feedforward sweep alone: predictions up to the output, as in evaluation. Every rank calls it;
 * neighbours exchange messages, but no collective is called. */
vic_status vic_inference_sweep(vic_inference *inference, size_t batch);

/* One whole inference on `batch` samples, gradients included when it learns. Every rank calls it; no
 * collective is called. Errors: VIC_BAD_CONFIG, on every rank alike, unless batch is 1 to the capacity, as
 * for the sweep. */
vic_status vic_inference_run(vic_inference *inference, size_t batch);

/* With options.record, from a subscriber at VIC_EVENT_STEP_END: `belief` becomes that of a local population
 * above the input after the updates of `step`, (shape, batch). */
void vic_inference_belief_after(const vic_inference *inference, int id, int step, void *belief);

/* ---- inference without arithmetic: all ranks in one process, on a clock that the caller keeps ---- */

/* Local. All populations, placed as rank_of says, with arrays that are not backed by memory: their rules
 * count their cost, and `messages` receives what they would send. network, rank_of and messages must outlive
 * it. Free with vic_inference_destroy; of the other functions only those of this section may be called.
 * Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY. */
vic_status vic_inference_create_dry(vic_inference **inference, const vic_network *network, const int *rank_of,
                                    size_t batch, vic_inference_options options,
                                    const vic_dry_messages *messages);
/* Ranks are counted up to the highest that rank_of names. */
int vic_inference_dry_ranks(const vic_inference *inference);

/* What a rank has done. */
typedef struct vic_dry_progress {
    bool moved;   /* anything at all */
    bool stepped; /* the rest of `step` */
    int step;
} vic_dry_progress;

/* Puts every rank before the sweep of an inference of `batch` samples. Errors: VIC_BAD_CONFIG. */
vic_status vic_inference_begin_dry(vic_inference *inference, size_t batch);
/* Takes a rank on to the end of its step, or to where it needs a message that is not there; a rank that has
 * done all steps does not move. Errors: those of `messages`. */
vic_status vic_inference_advance_dry(vic_inference *inference, int rank, vic_dry_progress *progress);
/* The cost of the arithmetic of a rank since the last call. */
vic_cost vic_inference_take_cost(vic_inference *inference, int rank);

/* The loss of the sweep's prediction; NaN on ranks without the output population. */
double vic_inference_loss(const vic_inference *inference);
/* Samples of the last batch whose class the sweep predicted; 0 where the output is not local. */
size_t vic_inference_correct(const vic_inference *inference, const int64_t *classes);

/* The sweep's predictions of the output population, (outputs, batch); NULL where it is not local. */
const void *vic_inference_output(const vic_inference *inference);

/* ---- numbers that are not finite ---- */

enum { VIC_FAULT_TEXT = 256 };

/* A number that was NaN or infinite in the run's precision, and where it arose. */
typedef struct vic_fault {
    bool found; /* there is one */
    vic_status
        status;     /* VIC_NOT_FINITE; VIC_BAD_CONFIG: a target is no class of the network; VIC_NO_MEMORY */
    uint64_t batch; /* as the caller counts them; 0 from an inference */
    int stage;      /* the inference step, 0: the sweep; past the last step: first gradients, then updates */
    int population;
    bool is_anomaly;           /* a number made out of finite ones, which comes before what follows from it */
    bool is_of_update;         /* a parameter, out of a gradient that was finite: eta is not the reason */
    char text[VIC_FAULT_TEXT]; /* what and where, as a sentence */
} vic_fault;

/* Local. *first becomes `other` if that arose earlier: in a lower batch, at a lower stage, in a higher
 * population. */
void vic_fault_keep(vic_fault *first, const vic_fault *other);

/* Local. As it, for a fault of an inference: `batch` is its number and `where` the same in words, for example
 * "batch 3 of epoch 1". */
void vic_fault_keep_of(vic_fault *first, const vic_fault *found, uint64_t batch, const char *where);

/* Local. The first fault of the last inference among the predictions, errors, beliefs and losses of this rank
 * and the messages that came here over imperfect wires. It belongs to the inference. */
const vic_fault *vic_inference_fault(const vic_inference *inference);

/* Local. Has a local population noted a fault in the last inference? */
bool vic_inference_is_faulty(const vic_inference *inference, int id);

/* Collective. Every rank fails with the first of the ranks' faults; VIC_OK where none was found. Where eta
 * may be the reason, the sweep of the last batch is repeated, to say which eta should converge. Errors:
 * VIC_NOT_FINITE, and those of vic_inference_sweep. */
vic_status vic_fault_report(vic_inference *inference, const vic_fault *mine);

/* Collective. vic_fault_report of the last inference, its gradients included.
 * Errors: VIC_NOT_FINITE, the same text on every rank: what is not finite, population and step;
 * VIC_BAD_CONFIG when a target is no class of the network. */
vic_status vic_inference_check(vic_inference *inference);

/* The share of a local population in the free energy at `step` (1..steps) of the last inference:
 * 1/2 |eps_l|^2 of a hidden population, the loss of the output population, 0 of the input population
 * (Rosenbaum 2022, the free energy F). Step 0: the loss of the sweep at the output, 0 elsewhere. */
double vic_inference_energy(const vic_inference *inference, int id, int step);

/* Collective. totals[0..steps] on rank 0: the free energy of each step, added in the order of the
 * populations; ignored on other ranks. */
vic_status vic_inference_collect_energy(vic_inference *inference, double *totals);

/* With options.record, of a local population above the input, (shape, batch), after a run. */
const void *vic_inference_recorded_prediction(const vic_inference *inference, int id);
const void *vic_inference_recorded_belief(const vic_inference *inference, int id);
const void *vic_inference_recorded_error(const vic_inference *inference, int id);

#endif
