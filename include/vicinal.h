/* Vicinal as a library: predictive coding in which each population of neurons lives on one rank of an MPI
 * communicator and exchanges nothing but predictions and errors with its neighbours.
 *
 *   design   describes a network and how it infers and learns; needs no MPI
 *   model    the network on the ranks of a communicator, with its synapses
 *
 * Words that the comments below use:
 *
 *   Local        involves the calling rank alone.
 *   Collective   every rank of the model's communicator makes the same call with the same arguments, in the
 *                same order. The ranks first agree that they do; where a rank passes something wrong, or
 *                makes another collective call, the call fails on every rank with the same result and does
 *                nothing.
 *   population   0 is the input, the highest number the output. The rank that holds a population has its
 *                arrays and the synapses that leave it.
 *   samples      number of samples in a batch, 1 to the capacity that the model was created with.
 *   rows         an array of shape (samples, features): features are the numbers of one sample in row-major
 *                order, and those of a sample are contiguous.
 *
 * Every function returns a vic_result unless its comment says otherwise. All of them return
 * VIC_RESULT_WRONG_USE where a handle is NULL, destroyed or not one of this library, or where a pointer is
 * NULL that is not said to be optional. Comments name the other results, without VIC_RESULT_. A call that
 * fails writes nothing to the caller's arrays, and changes no model or design unless its comment says so. No
 * function ends the process. A rank that cannot name its model (NULL, destroyed) fails alone, and the other
 * ranks wait for it, at most for the time that `channels.timeout` of the design allows.
 *
 * MPI is initialised by the caller before, and finalised after, everything that takes a model. One thread at
 * a time may call the library, which starts threads of its own only after vic_library_set_threads. Until that
 * is called, the number of threads of matrix products is OpenBLAS's (OPENBLAS_NUM_THREADS); one for each rank
 * gives the bits of the program. */
#ifndef VICINAL_H
#define VICINAL_H

#include <mpi.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VIC_PUBLIC __attribute__((visibility("default")))
#else
#define VIC_PUBLIC
#endif

/* ---- results ---- */

typedef enum vic_result {
    VIC_RESULT_OK = 0,
    VIC_RESULT_WRONG_USE = 1,  /* NULL, out of range, in the wrong order, different on different ranks */
    VIC_RESULT_BAD_DESIGN = 2, /* a key or value that designs do not have, functions that do not fit */
    VIC_RESULT_BAD_FILE = 3,   /* missing, corrupt, unwritable, or unfit for the network */
    VIC_RESULT_NOT_FINITE = 4, /* NaN or infinity arose */
    VIC_RESULT_NOT_HERE = 5,   /* another rank holds the population */
    VIC_RESULT_NO_MEMORY = 6,
    VIC_RESULT_NO_PEER = 7 /* another rank did not answer or has destroyed the model: only destroying it is
                            * possible from now on */
} vic_result;

/* Local. The version of the library, for example "0.2.0". */
VIC_PUBLIC const char *vic_library_version(void);

/* Local. A short name of a result, for example "bad file"; never NULL. */
VIC_PUBLIC const char *vic_result_name(vic_result result);

/* Local. What was wrong, where, and what to do, in the last call of this thread that failed; "" before the
 * first. It belongs to the library and changes with the next failure. After a collective call it is the text
 * of the lowest rank that failed. */
VIC_PUBLIC const char *vic_last_message(void);

/* Local. The name of algorithm number `index`, as the key `inference.algorithm` takes it; NULL past the last.
 */
VIC_PUBLIC const char *vic_library_algorithm(size_t index);

/* ---- bits: results are the same for one instruction level and one kernel of OpenBLAS ---- */

/* Local, before the first model of the process. Models compute at this instruction level: "v1" to "v4" on
 * x86-64 (x86-64-v3, for example, is "v3"), those of the build that this processor can run. By default it is
 * the highest that all ranks of the first model can run; it stays for the process. Later calls change
 * nothing, or make vic_model_create fail. */
VIC_PUBLIC vic_result vic_library_set_level(const char *level);

/* Local. The level, once a model exists; until then, the highest that this processor can run. Never NULL. */
VIC_PUBLIC const char *vic_library_level(void);

/* Local. OpenBLAS's kernel, for example "Haswell", which OPENBLAS_CORETYPE in the environment chooses. Never
 * NULL. */
VIC_PUBLIC const char *vic_library_kernel(void);

/* ---- messages and threads: they change no bit of a result ---- */

/* Local. How messages go from rank to rank in models that are created from now on: "auto", as at first,
 * through shared memory between two ranks of one machine where that can be had, else by MPI; "mpi", all of
 * them by MPI; "shared", as auto, but vic_model_create is BAD_FILE where shared memory cannot be had. It is
 * the same on all ranks of a model, or vic_model_create is WRONG_USE. */
VIC_PUBLIC vic_result vic_library_set_transport(const char *transport);

/* Local, while this process has no model. Models share this many threads of the process, the calling one
 * among them, 1 to 1024, or 0 for as many as the rank has cores for itself; ranks may differ. They start with
 * the first model and end with the last. More than one need MPI_THREAD_FUNNELED of MPI_Init_thread: without
 * it, vic_model_create is WRONG_USE, and 0 is 1. Threads call no MPI and no callback. While there are models,
 * and afterwards, OpenBLAS itself runs on one thread in this process. Without this call there is one thread.
 */
VIC_PUBLIC vic_result vic_library_set_threads(int threads);

/* ---- designs: local, without MPI ---- */

typedef struct vic_design vic_design;

/* Local. *design becomes a design without layers whose input has the shape (dim[0], ..., dim[rank-1]),
 * channels first, 1 <= rank <= 4. Free with vic_design_destroy. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_create(vic_design **design, int rank, const size_t *dim);

/* Local. *design becomes that of a config file (YAML or JSON); `vicinal help config` lists its keys.
 * Mistakes in it are found by vic_design_check. Free with vic_design_destroy. Other results: BAD_FILE where
 * it cannot be read, NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_read(vic_design **design, const char *path);

/* Local. The same from `text`, a zero-terminated config. */
VIC_PUBLIC vic_result vic_design_parse(vic_design **design, const char *text);

/* Local. Frees the design, on which no model depends, and sets *design to NULL. *design may be NULL. */
VIC_PUBLIC vic_result vic_design_destroy(vic_design **design);

/* Local. Adds a layer, and the population that it predicts, on top of a design from vic_design_create. It
 * has the `functions` of a config's layer: "{linear: 300}, tanh". Whether they fit is seen by
 * vic_design_check. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_add_layer(vic_design *design, const char *functions);

/* Local. Adds an edge with such functions that skips populations: 0 <= from < to. Predictions that arrive at
 * one population are added. Whether it fits is seen by vic_design_check. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_connect(vic_design *design, int from, int to, const char *functions);

/* Local. Sets a key of the config to a value as the config would have it: ("inference.eta", "0.1"),
 * ("learning.optimizer", "{adam: {rate: 0.001}}"), ("precision", "float64"). The last value of a key counts.
 * Whether it is one is seen by vic_design_check. Other results: BAD_DESIGN for a malformed key, NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_set(vic_design *design, const char *key, const char *value);

/* Local. Places population p on rank rank_of[p] of the communicator; the array is copied. Without it,
 * populations are spread over the ranks in blocks of about equal cost. `populations` is their number. Other
 * results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_place(vic_design *design, const int *rank_of, size_t populations);

/* Local. Is the design whole and without contradiction? *populations, which may be NULL, becomes the number
 * of its populations. Other results: BAD_DESIGN with the place (file:line:column, or key=value), what
 * is wrong and what is allowed; NO_MEMORY. */
VIC_PUBLIC vic_result vic_design_check(const vic_design *design, size_t *populations);

/* ---- models ---- */

typedef struct vic_model vic_model;

/* What a model keeps; any of them together. */
typedef enum vic_model_flags {
    VIC_MODEL_PLAIN = 0,
    VIC_MODEL_LEARNS = 1,       /* gradients, and the state of the design's optimizer: for vic_model_learn */
    VIC_MODEL_KEEPS_TENSORS = 2 /* predictions, beliefs and errors of the last batch, to be read */
} vic_model_flags;

/* Collective over `communicator`, which is duplicated and may be a part of the program's ranks. *model
 * becomes the network of the design with room for `capacity` samples; `flags` are vic_model_flags. Synapses
 * are drawn from the design's `seed`, the same on any number of ranks. The design may be destroyed or changed
 * afterwards. It is WRONG_USE, too, where the ranks have different kernels of OpenBLAS, no level that all can
 * run, or different transports. Free with vic_model_destroy; *model is NULL after a failure. Other results:
 * BAD_DESIGN, NO_MEMORY, NO_PEER. A rank whose communicator is MPI_COMM_NULL fails alone; one that is no
 * communicator at all is a matter of MPI's error handler. */
VIC_PUBLIC vic_result vic_model_create(vic_model **model, const vic_design *design, MPI_Comm communicator,
                                       size_t capacity, unsigned flags);

/* Collective. Frees the model with its subscriptions and sets *model to NULL, whatever it returns, unless
 * that is WRONG_USE. *model may be NULL, and then the call is local. Ranks that make another call meanwhile
 * get NO_PEER, and so does this one. */
VIC_PUBLIC vic_result vic_model_destroy(vic_model **model);

/* Collective, between inferences. Changes a key under `inference` or `channels`, as vic_design_set does, or
 * the settings of the optimizer that the model has: ("learning.optimizer", "{adam: {rate: 0.0001}}").
 * Synapses and the optimizer's state stay. Other results: BAD_DESIGN, nothing has changed then; NO_MEMORY,
 * NO_PEER. */
VIC_PUBLIC vic_result vic_model_set(vic_model *model, const char *key, const char *value);

/* Local. *capacity becomes the largest batch in samples. */
VIC_PUBLIC vic_result vic_model_capacity(const vic_model *model, size_t *capacity);
/* Local. *populations becomes their number. */
VIC_PUBLIC vic_result vic_model_populations(const vic_model *model, int *populations);
/* Local. *steps becomes the number of steps of one inference. */
VIC_PUBLIC vic_result vic_model_steps(const vic_model *model, int *steps);
/* Local. *population becomes the number of the one called `name`: "input", "output", or its number. */
VIC_PUBLIC vic_result vic_model_find_population(const vic_model *model, const char *name, int *population);
/* Local. *rank becomes the rank of the model's communicator that holds the population. */
VIC_PUBLIC vic_result vic_model_rank_of(const vic_model *model, int population, int *rank);
/* Local. *features becomes the number of neurons of a population. */
VIC_PUBLIC vic_result vic_model_features(const vic_model *model, int population, size_t *features);

/* ---- a batch: what the input and the output population are given ---- */

/* Local. Copies the next batch into the input population: `values` are rows of `count` = samples * features
 * numbers, used as they are and rounded to the model's precision. Does nothing on ranks that do not hold the
 * input population, where `values` may be NULL and `count` 0. They stay for further inferences of as many
 * samples; after a failure there are none. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_model_set_inputs_f32(vic_model *model, size_t samples, const float *values,
                                               size_t count);
/* The same from float64. */
VIC_PUBLIC vic_result vic_model_set_inputs_f64(vic_model *model, size_t samples, const double *values,
                                               size_t count);

/* Local. Copies what the output population is compared with: rows of `count` numbers, where the loss compares
 * with values (squared-error). Otherwise as vic_model_set_inputs_f32, for the output population. */
VIC_PUBLIC vic_result vic_model_set_targets_f32(vic_model *model, size_t samples, const float *values,
                                                size_t count);
/* The same from float64. */
VIC_PUBLIC vic_result vic_model_set_targets_f64(vic_model *model, size_t samples, const double *values,
                                                size_t count);
/* Local. The class of each sample as the target, 0 to features - 1 of the output population; one-hot values
 * under a loss that compares with values. `count` = samples. Otherwise as vic_model_set_targets_f32. */
VIC_PUBLIC vic_result vic_model_set_classes(vic_model *model, size_t samples, const int64_t *classes,
                                            size_t count);

/* ---- what a model does with it ---- */

/* Collective. One feedforward sweep over the inputs, which are all that has to be set. Other results:
 * NOT_FINITE, NO_PEER. */
VIC_PUBLIC vic_result vic_model_predict(vic_model *model, size_t samples);

/* Collective. One whole inference of inputs and targets; with VIC_MODEL_LEARNS it ends with the gradients.
 * Synapses stay as they are; so WRONG_USE where the algorithm updates them in every step:
 * vic_model_learn is its inference. Other results: NOT_FINITE, NO_PEER. */
VIC_PUBLIC vic_result vic_model_infer(vic_model *model, size_t samples);

/* Collective, with VIC_MODEL_LEARNS and a design that has a section `learning`. One inference, in which the
 * synapses learn as the algorithm and the optimizer have it. Messages between populations are those of an
 * inference; ranks agree before and after it. Other results: NOT_FINITE, with synapses that may hold such
 * numbers, NO_PEER. */
VIC_PUBLIC vic_result vic_model_learn(vic_model *model, size_t samples);

/* Local, the same on every rank. *loss becomes that of the network's prediction in the last inference, before
 * its first step. Wrong use before the first inference, and after vic_model_predict. */
VIC_PUBLIC vic_result vic_model_loss(const vic_model *model, double *loss);

/* Local, the same on every rank. *correct becomes how many samples of the last prediction or inference had
 * their largest output at their class. Wrong use where no classes were set for that batch. */
VIC_PUBLIC vic_result vic_model_correct(const vic_model *model, size_t *correct);

/* Collective. energy[0..steps] becomes the free energy of the last inference after each step on every rank:
 * half the squared errors of the hidden populations and the loss; energy[0] is the loss. `count` = steps + 1.
 * Wrong use before the first inference. Other results: NO_MEMORY, NO_PEER. */
VIC_PUBLIC vic_result vic_model_energy(vic_model *model, double *energy, size_t count);

/* ---- tensors: what populations hold ----
 *
 *   "0.1.weight"        a synapse array: edge 0, its function 1; shaped as PyTorch shapes it
 *   "grad.0.1.weight"   its gradient of the last inference, with VIC_MODEL_LEARNS
 *   "prediction.P"      of the last batch, rows, P >= 1: what the sweep predicted. That of the output
 *                       population can always be read, others with VIC_MODEL_KEEPS_TENSORS
 *   "belief.P"          after the last step, with VIC_MODEL_KEEPS_TENSORS
 *   "error.P"           of the last step, with VIC_MODEL_KEEPS_TENSORS
 *
 * P is a name of a population. */

typedef struct vic_tensor_info {
    char name[64];
    int population; /* that has it */
    bool is_here;   /* on this rank */
    int rank;       /* axes */
    size_t dim[5];  /* their lengths; dim[0] of rows is the number of samples in the last batch */
    size_t count;   /* numbers in all */
} vic_tensor_info;

/* Local. *count becomes the number of synapse arrays of the whole network. */
VIC_PUBLIC vic_result vic_model_parameters(const vic_model *model, size_t *count);
/* Local. *info becomes synapse array number `index`, in the order of edges, wherever it is. */
VIC_PUBLIC vic_result vic_model_parameter(const vic_model *model, size_t index, vic_tensor_info *info);
/* Local. *info becomes the tensor of that name, wherever it is. Wrong use where there is none of that name,
 * or none yet. */
VIC_PUBLIC vic_result vic_model_find_tensor(const vic_model *model, const char *name, vic_tensor_info *info);

/* Local. values[0..count-1] becomes the tensor, rounded where it is wider; `count` is that of its
 * vic_tensor_info. Other results: NOT_HERE, NO_MEMORY. */
VIC_PUBLIC vic_result vic_model_read_f32(const vic_model *model, const char *name, float *values,
                                         size_t count);
/* The same as float64. */
VIC_PUBLIC vic_result vic_model_read_f64(const vic_model *model, const char *name, double *values,
                                         size_t count);
/* Local. A synapse array becomes `values`, rounded to the model's precision. Other tensors cannot be written.
 * Other results: NOT_FINITE where a number is not, or becomes so; NOT_HERE. */
VIC_PUBLIC vic_result vic_model_write_f32(vic_model *model, const char *name, const float *values,
                                          size_t count);
/* The same from float64. */
VIC_PUBLIC vic_result vic_model_write_f64(vic_model *model, const char *name, const double *values,
                                          size_t count);

/* ---- files ---- */

/* Collective. Writes all synapses as one safetensors file with PyTorch's names; it appears when it is whole.
 * Every rank has to reach the path. Other results: BAD_FILE, NO_MEMORY, NO_PEER. */
VIC_PUBLIC vic_result vic_model_save(vic_model *model, const char *path);
/* Collective. Reads the synapses from such a file, or from one that PyTorch wrote. Other results: BAD_FILE:
 * where names or shapes do not fit nothing has changed, where numbers are damaged some synapses may have;
 * NO_MEMORY, NO_PEER. */
VIC_PUBLIC vic_result vic_model_load(vic_model *model, const char *path);
/* Collective, with VIC_MODEL_LEARNS and an optimizer. As vic_model_save, and the state of the optimizer with
 * it. */
VIC_PUBLIC vic_result vic_model_save_state(vic_model *model, const char *path);
/* Collective, likewise. Goes on where vic_model_save_state was called, with the same bits. Otherwise as
 * vic_model_load. */
VIC_PUBLIC vic_result vic_model_load_state(vic_model *model, const char *path);

/* ---- events: what happens on this rank during an inference ---- */

/* Kinds of events, one bit each. */
typedef enum vic_model_event_kind {
    VIC_ON_BEGIN = 1 << 0,    /* an inference or a prediction begins */
    VIC_ON_RECEIVED = 1 << 1, /* a message has come to a population of this rank */
    VIC_ON_ERROR = 1 << 2,    /* a population has the error of this step */
    VIC_ON_SENT = 1 << 3,     /* a population of this rank sends a message */
    VIC_ON_STEP = 1 << 4,     /* the populations of this rank have finished a step */
    VIC_ON_END = 1 << 5       /* the last event of an inference or a prediction */
} vic_model_event_kind;

typedef struct vic_model_event {
    vic_model_event_kind kind;
    int step;        /* 0: the sweep; -1 of events outside steps */
    int population;  /* that receives, sends or has its error; -1: all of this rank */
    int neighbour;   /* at the other end of a message; -1 of other events */
    bool is_error;   /* a message that carries errors downward, not predictions upward */
    size_t first;    /* the first sample of the values; 0 unless the batch is cut into micro-batches */
    size_t samples;  /* of the values: those of a message or an error; 0 where there are no values */
    size_t features; /* numbers of each sample */
} vic_model_event;

/* Called for each event with the `context` of its subscription, in the order of steps, in a step of
 * populations, of a population of what it does; the events of a step come once this rank has done it. `event`
 * is valid until it returns. It may call local functions of the library; of the model that is running, those
 * that are collective, set a batch or write tensors return WRONG_USE. */
typedef void vic_event_callback(void *context, const vic_model_event *event);

typedef struct vic_subscription vic_subscription;

/* Local. From now on `callback` is called for events of `kinds`, bits of vic_model_event_kind. `context` may
 * be NULL. Subscribing sends no message and changes no result. Ends with vic_model_unsubscribe, or with the
 * model. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_model_subscribe(vic_model *model, unsigned kinds, vic_event_callback *callback,
                                          void *context, vic_subscription **subscription);
/* Local, also from the callback itself. Sets *subscription to NULL, which it may be already. */
VIC_PUBLIC vic_result vic_model_unsubscribe(vic_subscription **subscription);

/* Local, from a callback, about the event that it was called for. values[0..count-1] becomes the values of a
 * message or an error as rows; `count` = event->samples * event->features. Other results: NO_MEMORY. */
VIC_PUBLIC vic_result vic_model_event_read_f32(const vic_model_event *event, float *values, size_t count);
/* The same as float64. */
VIC_PUBLIC vic_result vic_model_event_read_f64(const vic_model_event *event, double *values, size_t count);

#ifdef __cplusplus
}
#endif

#endif
