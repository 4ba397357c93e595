/* Learning: optimisers that run where the synapses live, the training loop, evaluation. */
#ifndef VICINAL_LEARNING_H
#define VICINAL_LEARNING_H

#include "vicinal/inference.h"

enum { VIC_MAX_SETTINGS = 4, VIC_MAX_MOMENTS = 2 };

/* A setting of an optimiser as configs write it, and the values allowed: lowest <= x < below
 * (lowest itself excluded where `open` is set). */
typedef struct vic_setting {
    const char *name;
    double fallback; /* NaN: required */
    double lowest;
    double below;
    bool open;
} vic_setting;

/* One optimiser, as PyTorch defines it. */
typedef struct vic_optimizer_kind {
    const char *name;
    const vic_setting *settings;
    size_t n_settings;
    const char *help;
    size_t n_moments;                                /* arrays of state per parameter array */
    const char *const moment_names[VIC_MAX_MOMENTS]; /* as checkpoints call them */
    /* theta becomes the parameters after update number `step` (1, 2, ...) with this gradient. All arrays have
     * n numbers. */
    void (*update)(const double *settings, uint64_t step, size_t n, const void *gradient,
                   void *const *moments, void *theta);
} vic_optimizer_kind;

const vic_optimizer_kind *const *vic_optimizer_kinds(vic_precision precision, size_t *count);
const vic_optimizer_kind *vic_optimizer_find(vic_precision precision, const char *name);

typedef struct vic_learning_options {
    const vic_optimizer_kind *optimizer;
    double settings[VIC_MAX_SETTINGS]; /* in the order of optimizer->settings */
    size_t batch;
    size_t epochs;
    bool drop_last;
} vic_learning_options;

#endif
