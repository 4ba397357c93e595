/* The inside of a model. */
#ifndef VIC_LIBRARY_MODEL_H
#define VIC_LIBRARY_MODEL_H

#include "agreement.h"
#include "design.h"

#include "learning/learning.h"

/* What the arrays of the populations hold. */
typedef enum vic_model_state { VIC_MODEL_FRESH, VIC_MODEL_PREDICTED, VIC_MODEL_INFERRED } vic_model_state;

struct vic_model {
    vic_handle handle;
    vic_agreement agreement;
    vic_group *group;
    vic_design *design;   /* a copy, which vic_model_set adds to */
    vic_config *config;   /* holds the network */
    vic_config *settings; /* holds what the inference is set to; `config` at first */
    int *rank_of;
    vic_inference *inference;
    vic_trainer *trainer; /* NULL: it does not learn */
    unsigned flags;
    size_t n_inputs, n_targets; /* samples that are set; 0: none */
    int64_t *classes;           /* of the targets, where the output is */
    bool has_classes;
    vic_model_state state;
    size_t samples; /* of the last batch */
    double loss;
    int64_t correct;   /* -1: not known */
    bool uses_threads; /* has begun them */
    bool is_running;   /* a callback may be called */
    vic_subscription *subscriptions, *ended;
};

/* Local. Errors: wrong use where there is no such model. */
vic_status vic_model_check(const vic_model *model);
/* Local. The same for calls that change it or are collective: wrong use from a callback, and after
 * MPI_Finalize. */
vic_status vic_model_check_free(const vic_model *model);

/* Errors: wrong use where the population is none of the network's. */
vic_status vic_model_check_population(const vic_model *model, int population);
/* Local. *population becomes the one that is called so. Errors: wrong use. */
vic_status vic_population_named(const vic_model *model, const char *name, int *population);

/* Frees subscriptions that have ended; or all of them. */
void vic_subscriptions_bury(vic_model *model);
void vic_subscriptions_release(vic_model *model);

#endif
