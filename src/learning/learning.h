/* Learning: optimisers that run on the rank of the synapses, the training loop, evaluation. */
#ifndef VIC_LEARNING_LEARNING_H
#define VIC_LEARNING_LEARNING_H

#include "data/source.h"
#include "inference/infer.h"

enum { VIC_MAX_SETTINGS = 4, VIC_MAX_MOMENTS = 2, VIC_MAX_FACTORS = 7 };

/* A setting of an optimiser as configs write it, and the values allowed: lowest <= x < below
 * (lowest itself excluded where `open` is set, also after rounding to float32, where that is the precision).
 */
typedef struct vic_setting {
    const char *name;
    double fallback; /* NaN: required */
    double lowest;
    double below;
    bool open;
    bool may_change; /* when a run is resumed */
} vic_setting;

/* One optimiser, as PyTorch defines it. */
typedef struct vic_optimizer_kind {
    const char *name;
    const vic_setting *settings;
    size_t n_settings;
    const char *help;
    /* Where this setting is not 0, earlier gradients go on moving theta when there is none. */
    size_t inertia;
    size_t n_moments;                                /* arrays of state per parameter array */
    const char *const moment_names[VIC_MAX_MOMENTS]; /* as checkpoints call them */
    /* What the numbers of update number `step` (1, 2, ...) have in common: factors[0..VIC_MAX_FACTORS-1]. */
    void (*prepare)(const double *settings, uint64_t step, double *factors);
    /* theta becomes the parameters after the update of these factors with this gradient. All arrays have n
     * numbers, and no two overlap. Returns false if any number of the gradient was not finite, or any of the
     * moments or of theta is not then. */
    bool (*update)(const double *factors, size_t n, const void *gradient, void *const *moments, void *theta);
} vic_optimizer_kind;

const vic_optimizer_kind *const *vic_optimizer_kinds(vic_precision precision, size_t *count);
const vic_optimizer_kind *vic_optimizer_find(vic_precision precision, const char *name);

typedef struct vic_learning_options {
    const vic_optimizer_kind *optimizer;
    double settings[VIC_MAX_SETTINGS]; /* in the order of optimizer->settings */
    size_t batch;
    size_t epochs;
    bool drop_last;
    /* Of algorithms that learn in their steps: the gradients at hand after a step are sums over the steps up
     * to it; and, besides, each inference begins with an optimiser without state, and what its steps learn is
     * undone at its end. */
    bool sums_gradients, undoes;
} vic_learning_options;

/* When a run writes checkpoints, besides the end of each epoch. */
typedef struct vic_checkpoint_options {
    uint64_t steps; /* after so many batches; 0: no */
    double minutes; /* after so many minutes; 0: no */
    size_t keep;    /* so many of them stay */
} vic_checkpoint_options;

/* What an inference whose steps learn has to know of them. */
vic_step_learning vic_step_learning_of(const vic_learning_options *options);

/* Loss and accuracy of a pass over a set; complete on rank 0 only. */
typedef struct vic_metrics {
    size_t samples;
    double loss;     /* of the whole set, as the network's reduction defines it */
    double accuracy; /* share of samples whose largest output is at their class */
} vic_metrics;

/* ---- learning ---- */

/* What a training run has done so far; the same on every rank. */
typedef struct vic_position {
    uint64_t epoch;   /* finished epochs */
    uint64_t step;    /* finished steps of the present epoch */
    uint64_t updates; /* finished steps in all, one a batch */
} vic_position;

typedef struct vic_trainer vic_trainer;

/* Collective. `inference` was created with `learns` and a capacity of at least options.batch samples, and
 * outlives it. The trainer becomes its learner until it is destroyed. Errors: VIC_BAD_CONFIG where it was
 * not, VIC_NO_MEMORY. */
vic_status vic_trainer_create(vic_trainer **trainer, vic_inference *inference, vic_learning_options options,
                              uint64_t seed);
void vic_trainer_destroy(vic_trainer **trainer);
/* Local. With options.sums_gradients: whether sums are at hand from now on, or each step's own gradients. */
void vic_trainer_sum(vic_trainer *trainer, bool sums);
/* Local, a pure function of its arguments: the room that the optimiser's state, and what the options ask to
 * keep besides, take on a rank where the populations of here[0..n_populations-1] are, in bytes. */
size_t vic_trainer_forecast(const vic_network *network, const bool *here, vic_learning_options options);

/* How many arrays of its size are kept for each parameter: the optimiser's, and what the options ask for. */
size_t vic_trainer_arrays(const vic_learning_options *options);

/* Local. Visits every array of the optimiser's state. */
void vic_trainer_list(const vic_trainer *trainer, vic_inventory_visitor visitor);

const vic_learning_options *vic_trainer_options(const vic_trainer *trainer);
/* Local, on every rank alike. Settings of the trainer's optimiser, in the order of optimizer->settings, for
 * the updates from now on. */
void vic_trainer_set_settings(vic_trainer *trainer, const double settings[VIC_MAX_SETTINGS]);
vic_position vic_trainer_position(const vic_trainer *trainer);
/* Steps of the optimiser in all: one a batch, or one in each inference step where those learn. */
uint64_t vic_trainer_optimizer_steps(const vic_trainer *trainer);
/* Local. After the options of the inference have changed between epochs; the running sums begin anew where
 * the number of steps did. Errors: VIC_NO_MEMORY. */
vic_status vic_trainer_follow(vic_trainer *trainer);
void vic_trainer_set_position(vic_trainer *trainer, vic_position position);
/* Steps of one epoch over `samples` samples. */
uint64_t vic_trainer_steps(const vic_trainer *trainer, size_t samples);
/* Can a run with so many steps an epoch have come to this position? */
bool vic_position_fits(vic_position position, uint64_t steps);

/* Optimiser state of a parameter of a local projection (population->out[k].theta[i]): NULL elsewhere, and
 * past the optimiser's moments. The array has the parameter's shape. */
void *vic_trainer_moment(vic_trainer *trainer, int population, int k, size_t i, size_t moment);
/* The running sums of the present epoch of a local population: energy of steps 0..steps, then loss, then
 * correct predictions: vic_trainer_sums_length numbers. NULL elsewhere. */
double *vic_trainer_sums(vic_trainer *trainer, int population);
size_t vic_trainer_sums_length(const vic_trainer *trainer);

/* What a rank spends the time of a training step on: waiting for the batch to be there, the inference with
 * its gradients, the update of the synapses, statistics; the last includes, after some batches, that ranks
 * synchronize and show progress. */
typedef enum vic_step_part {
    VIC_FEEDING,
    VIC_INFERRING,
    VIC_UPDATING,
    VIC_METERING,
    VIC_STEP_PARTS
} vic_step_part;

/* In seconds; nothing of a step is in no part. */
typedef struct vic_step_times {
    double part[VIC_STEP_PARTS];
} vic_step_times;

/* Callbacks of an epoch. `progress` is called on rank 0 only, `should_stop` on every rank; one that returns
 * true stops all. `infer` is called on every rank in place of vic_inference_run, and must leave behind what
 * that does, bit for bit: `position` is the one before the batch, `classes` are its labels on the rank of the
 * output population. `timed` is called on every rank after each batch, with its own times. `finish` is called
 * on every rank when all batches are learned from, before the epoch counts as finished: where it returns
 * VIC_INTERRUPTED the position stays behind the last batch, and learning from there calls it again.
 * `followed` is called on every rank after each batch but the last; `synchronized`: all ranks have just
 * agreed on their status. `swept`
 * is called on every rank in an evaluation, after the sweep over samples first..first+n-1, with their labels
 * on the rank of the output population; its error ends the evaluation once all ranks have reached that sweep.
 * Any of them may be NULL. */
typedef struct vic_learning_callbacks {
    void *context;
    void (*progress)(void *context, vic_position position, uint64_t steps, vic_metrics so_far);
    bool (*should_stop)(void *context);
    vic_status (*infer)(void *context, vic_position position, const int64_t *classes, size_t batch);
    void (*timed)(void *context, const vic_step_times *times);
    vic_status (*finish)(void *context, const vic_metrics *learned);
    vic_status (*followed)(void *context, bool synchronized);
    vic_status (*swept)(void *context, size_t first, size_t n, const int64_t *classes);
} vic_learning_callbacks;

/* Collective. Learns from one epoch of data, from the present position on; *metrics (and energy[0..steps],
 * the mean free energy of a batch at each inference step, if not NULL) are complete on rank 0. Errors:
 * VIC_NOT_FINITE; VIC_INTERRUPTED, with the position where learning can go on. */
vic_status vic_trainer_epoch(vic_trainer *trainer, const vic_source *data,
                             const vic_learning_callbacks *callbacks, vic_metrics *metrics, double *energy);

/* Local. One update of all local synapses from the gradients at hand, where the steps of the inference have
 * not made theirs: what an epoch does after each inference. */
void vic_trainer_update(vic_trainer *trainer);
/* Local. The first number that was not finite in the updates since the last call, or since an epoch began. */
vic_fault vic_trainer_take_fault(vic_trainer *trainer);
/* Collective. vic_fault_report of the epoch so far. */
vic_status vic_trainer_report_fault(vic_trainer *trainer);

/* Collective. Loss and accuracy over a set by feedforward sweeps; *metrics is complete on rank 0. Of the
 * callbacks, which may be NULL, `should_stop` and `swept` are called. Errors: VIC_NOT_FINITE,
 * VIC_INTERRUPTED. */
vic_status vic_evaluate(vic_inference *inference, const vic_source *data,
                        const vic_learning_callbacks *callbacks, vic_metrics *metrics);

/* Local. Writes samples order[0..n-1] where the inference reads its data, where the input and the output
 * population are local; classes (n of them) gets their labels at the output. Errors: VIC_BAD_CONFIG
 * where there is no such sample, VIC_BAD_FILE. */
vic_status vic_feed(vic_inference *inference, const vic_source *data, const size_t *order, size_t n,
                    int64_t *classes);
/* The bytes that feeding batches ahead takes in an epoch or an evaluation, with a capacity of n samples, on a
 * rank where the populations of `here` are. */
size_t vic_feed_forecast(const vic_network *network, const bool *here, size_t n);

/* order[0..count-1] becomes a random order of 0..count-1, a pure function of (seed, epoch). */
void vic_shuffle(size_t count, uint64_t seed, uint64_t epoch, size_t *order);

#endif
