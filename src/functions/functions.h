/* Layer functions, losses and array arithmetic: numbers only. Nothing here is collective.
 *
 * Arrays lie (feature..., batch) with the sample index contiguous; `batch` is the number of samples present.
 * Every kind exists in both precisions and at each instruction level (level.h), compiled from one source;
 * `void *` arrays hold the precision of the table that they are given to. Arrays do not overlap unless a
 * comment says so. */
#ifndef VIC_FUNCTIONS_FUNCTIONS_H
#define VIC_FUNCTIONS_FUNCTIONS_H

#include "base/base.h"

#include <stdbool.h>

typedef enum vic_precision { VIC_FLOAT32, VIC_FLOAT64 } vic_precision;

/* Bytes of one number: 4 or 8. */
size_t vic_precision_bytes(vic_precision precision);
const char *vic_precision_name(vic_precision precision);
/* Number i of an array. */
double vic_number_at(vic_precision precision, const void *array, size_t i);

/* to[0..n-1] = from[0..n-1], rounded where `to_precision` is the lower one. */
void vic_convert(size_t n, vic_precision from_precision, const void *from, vic_precision to_precision,
                 void *to);

enum { VIC_MAX_RANK = 4, VIC_MAX_OPTIONS = 8, VIC_MAX_PARAMETERS = 2, VIC_SHAPE_TEXT = 96 };

/* The shape of one sample (channels first), without the batch. */
typedef struct vic_shape {
    int rank;
    size_t dim[VIC_MAX_RANK];
} vic_shape;

/* Number of elements of one sample; SIZE_MAX where that is more. */
size_t vic_shape_count(vic_shape shape);
bool vic_shape_equal(vic_shape a, vic_shape b);
/* "[1, 28, 28]" into `text`, which has VIC_SHAPE_TEXT bytes. Returns `text`. */
const char *vic_shape_text(vic_shape shape, char *text);

/* How an array of one shape may be read as another. Axes of length 1 do not count. */
typedef enum vic_shape_match {
    VIC_SHAPE_FITS, /* the same axes, or one of the two is flat (a single axis) and has as many elements */
    VIC_SHAPE_PERMUTED, /* the same axes in another order: another array */
    VIC_SHAPE_DIFFERS,
} vic_shape_match;

/* `dim` has `rank` lengths, as many as there may be; their product does not overflow. */
vic_shape_match vic_shape_compare(int rank, const size_t *dim, vic_shape expected);
/* What to add to a message that names both shapes: why they do not fit, or "" where that is not known. */
const char *vic_shape_advice(int rank, const size_t *dim, vic_shape expected);

/* One option of a function as configs write it. Switches are 0 or 1. */
typedef struct vic_option {
    const char *name;
    bool is_switch;
    bool required;
    size_t fallback; /* the value when the option is left out */
    size_t least;    /* the smallest value allowed */
} vic_option;

/* One parameter array of a placed function, shaped as PyTorch shapes it, row-major. */
typedef struct vic_parameter {
    const char *name; /* "weight", "bias" */
    int rank;
    size_t dim[VIC_MAX_RANK];
    size_t count;
    size_t fan_in; /* initial values are uniform within 1/sqrt(fan_in), as PyTorch draws them */
} vic_parameter;

typedef struct vic_function vic_function;

/* One kind of layer function f with parameters theta. `theta` and `gradient` point to one array per
 * parameter of the placed function, in its order. */
typedef struct vic_function_kind {
    const char *name;
    const vic_option *options;
    size_t n_options;
    const char *shorthand; /* the option that `name: 5` sets, or NULL */
    const char *help;      /* one line for people */

    /* From f->in and f->option: sets f->out and the parameters. Errors: VIC_BAD_CONFIG with a text that names
     * the allowed input shapes. */
    vic_status (*place)(vic_function *f);

    /* Floating-point operations of `forward` for one sample. */
    double (*operations)(const vic_function *f);

    /* Numbers of scratch memory that the calls below need for `batch` samples; NULL: none. It is passed as
     * `scratch`, aligned to 64 bytes; its contents do not outlive the call. */
    size_t (*scratch_count)(const vic_function *f, size_t batch);

    /* Numbers of one sample that it reads more than once, and that should stay in the cache; NULL: it reads
     * each once, or is one matrix product, which blocks for the cache by itself. */
    size_t (*working_set)(const vic_function *f);

    /* May `out` be the same array as `in`, and `error_in` as `error_out`? Then vjp reads `out` alone,
     * otherwise `in` alone. */
    bool in_place;

    /* Is f monotone in each element by itself, with slope 0 wherever different inputs have the same output?
     * Then the maximum may be selected before f instead of after it. */
    bool is_monotone;

    /* Is each output the largest of some inputs, and does its error go to that input alone? */
    bool selects_maximum;

    /* Is the Jacobian the same everywhere? Then vjp reads neither `in` nor `out`. */
    bool is_affine;

    /* Does forward copy its input as it is? Then `out` may be read in the place of that input. */
    bool is_identity;

    /* Bytes of a number, where f treats each number of (f->in, batch) by itself and f->out is as large; else
     * 0.
     */
    size_t element_bytes;

    /* out = f(in; theta). in: (f->in, batch), out: (f->out, batch). */
    void (*forward)(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch);

    /* change_out = f(in + change_in; theta) - f(in; theta), computed without subtracting nearly equal
     * numbers; `out` is f(in). */
    void (*change)(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch);

    /* error_in = J^T error_out, J = df/din at `in`; `out` is f(in), up to rounding. */
    void (*vjp)(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch);

    /* The synapses may be packed, for products with them again and again: packed_count numbers for forward
     * and change, or for vjp (`back`); NULL: they are not. What follows then is forward, change and vjp, to
     * the same bits, with what `pack` made of theta. */
    size_t (*packed_count)(const vic_function *f, bool back);
    void (*pack)(const vic_function *f, const void *const *theta, bool back, void *packed);
    void (*forward_packed)(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                           const void *in, void *out, void *scratch);
    void (*change_packed)(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                          const void *change_in, void *change_out, void *scratch);
    void (*vjp_packed)(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                       const void *error_out, void *error_in, void *scratch);

    /* The saved context of a function replaces its input in vjp, so that the input need not be kept:
     * saved_bytes for one sample, 0 or NULL: there is none. forward_saving is forward and writes `saved`,
     * (saved_bytes, batch) bytes, from which vjp_from_saved computes what vjp does. */
    size_t (*saved_bytes)(const vic_function *f);
    void (*forward_saving)(const vic_function *f, size_t batch, const void *in, void *out, uint8_t *saved);
    void (*vjp_from_saved)(const vic_function *f, size_t batch, const uint8_t *saved, const void *error_out,
                           void *error_in);

    /* gradient = error_out . df/dtheta at `in`, summed over the samples, or gradient += that where `add`.
     * NULL when there are no parameters. */
    void (*gradient)(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch);
} vic_function_kind;

/* A function placed in a network: its kind, options and geometry. */
struct vic_function {
    const vic_function_kind *kind;
    size_t option[VIC_MAX_OPTIONS]; /* in the order of kind->options */
    vic_shape in, out;
    size_t n_parameters;
    vic_parameter parameter[VIC_MAX_PARAMETERS];
};

/* As the calls of its kind, and what treats each number by itself is shared by the threads of the pool. */
void vic_function_forward(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                          void *out, void *scratch);
void vic_function_change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                         const void *out, const void *change_in, void *change_out, void *scratch);
void vic_function_vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                      const void *out, const void *error_out, void *error_in, void *scratch);

/* The kinds of one precision, in the order of the registry. */
const vic_function_kind *const *vic_function_kinds(vic_precision precision, size_t *count);
/* NULL when there is no kind of that name. */
const vic_function_kind *vic_function_find(vic_precision precision, const char *name);
/* Places `kind` on an input: *f is filled, its options set to their fallbacks where `option` is NULL.
 * Errors: VIC_BAD_CONFIG, also where an array would have more than VIC_MOST_NUMBERS. */
vic_status vic_function_place(vic_function *f, const vic_function_kind *kind, vic_shape in,
                              const size_t *option);

typedef enum vic_reduction { VIC_MEAN, VIC_SUM } vic_reduction;

/* What the output population is given to compare with. */
typedef enum vic_target_type {
    VIC_TARGET_CLASSES, /* int64_t [batch], each in 0..outputs-1 */
    VIC_TARGET_VALUES,  /* (outputs, batch) in the run's precision */
} vic_target_type;

typedef struct vic_loss_kind {
    const char *name;
    vic_target_type target_type;

    /* Returns the loss of prediction (outputs, batch), reduced as PyTorch reduces it; where `error` is not
     * NULL it becomes dLoss/dprediction, same shape. */
    double (*evaluate)(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error);

    /* The largest eigenvalue that the second derivative of that loss by the prediction can have. */
    double (*curvature)(size_t outputs, size_t batch, vic_reduction reduction);
} vic_loss_kind;

const vic_loss_kind *const *vic_loss_kinds(vic_precision precision, size_t *count);
const vic_loss_kind *vic_loss_find(vic_precision precision, const char *name);

/* Plain array operations of one precision. n: number of elements. */
typedef struct vic_arithmetic {
    /* y = keep * y + take * x; y is not read when keep is 0, and an exact copy of x when take is 1 then. */
    void (*mix)(size_t n, double keep, double take, const void *x, void *y);
    /* out = a - b; out may be a or b. */
    void (*subtract)(size_t n, const void *a, const void *b, void *out);
    /* out = a + b; out may be a or b. */
    void (*add)(size_t n, const void *a, const void *b, void *out);
    /* belief += eta * (error - feedback) */
    void (*relax)(size_t n, double eta, const void *error, const void *feedback, void *belief);
    /* Sum of x_i^2, accumulated in float64. */
    double (*sum_of_squares)(size_t n, const void *x);
    /* Sum of (a_scale * a_i - b_scale * b_i)^2, accumulated in float64. */
    double (*squared_distance)(size_t n, double a_scale, const void *a, double b_scale, const void *b);
    /* The largest distance between a_i and b_i in units in the last place; +0 and -0 are equal, NaN is
     * INT64_MAX away from everything. */
    int64_t (*ulp_distance)(size_t n, const void *a, const void *b);
    bool (*all_finite)(size_t n, const void *x);
    /* Transposes between files, (batch, features), and populations, (features, batch). Inward, these may be
     * some samples of a larger batch: features then lie `apart` numbers from each other. */
    void (*samples_inward)(size_t features, size_t samples, const void *rows, size_t apart, void *columns);
    void (*samples_outward)(size_t features, size_t batch, const void *columns, void *rows);
    /* Rounds to the precision of the table. */
    void (*from_float32)(size_t n, const float *x, void *y);
    void (*from_float64)(size_t n, const double *x, void *y);
    /* classes[0..batch-1] becomes the place of each sample's largest prediction, the first on ties. */
    void (*classify)(size_t outputs, size_t batch, const void *prediction, int64_t *classes);
    /* Number of samples that are of the class so predicted. */
    size_t (*count_correct)(size_t outputs, size_t batch, const void *prediction, const int64_t *classes);
    /* x_i uniform in [-bound, bound), a pure function of (seed, stream, i); drawn in float64, then rounded.
     */
    void (*fill_uniform)(size_t n, uint64_t seed, uint64_t stream, double bound, void *x);
    /* Each x_i becomes the nearest multiple of `grain`, halves away from 0. */
    void (*round_to)(size_t n, double grain, void *x);
} vic_arithmetic;

const vic_arithmetic *vic_arithmetic_of(vic_precision precision);

/* What a random number is for; part of its key, so that no two uses share numbers. */
typedef enum vic_random_use {
    VIC_RANDOM_PARAMETERS,
    VIC_RANDOM_SHUFFLE,
    VIC_RANDOM_WIRE, /* a key for each message */
    VIC_RANDOM_NOISE,
    VIC_RANDOM_LOSS,
} vic_random_use;

/* 64 random bits as a pure function of the arguments (Philox 4x32-10; Salmon et al., SC 2011). */
uint64_t vic_random_bits(uint64_t seed, vic_random_use use, uint64_t stream, uint64_t index);

/* ---- matrix products ---- */

/* Local. Matrix products run on the thread that calls them from now on, whatever the environment says:
 * threads of the pool share them, in pieces. */
void vic_blas_use_one_thread(void);

/* Local. Takes the memory that matrix products need besides their arrays, before the first of them, which
 * would wait for it for ever. Errors: VIC_NO_MEMORY. */
vic_status vic_blas_reserve(void);

/* The name of the kernel that OpenBLAS computes with, for example "Haswell"; OPENBLAS_CORETYPE chooses
 * another. */
const char *vic_blas_kernel(void);
/* Of two kernels the one for older processors, which newer ones can run, too; a where that is not known. */
const char *vic_blas_older_kernel(const char *a, const char *b);

#endif
