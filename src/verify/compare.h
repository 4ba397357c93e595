/* Two updates of one layer side by side. For this room alone. */
#ifndef VIC_VERIFY_COMPARE_H
#define VIC_VERIFY_COMPARE_H

#include "updates.h"
#include "verify.h"

/* Arrays per parameter of an edge, both in `precision`. */
typedef struct vic_pair {
    const vic_network *network;
    int edge;
    vic_precision precision;
    vic_scope scope;
    void *const *update, *const *reference;
    void *const *float64; /* the reference in float64, where that was computed too; or NULL */
} vic_pair;

/* Numbers that are compared. */
size_t vic_pair_count(const vic_pair *pair);

/* |update_scale * update - reference_scale * reference| */
double vic_pair_distance(const vic_pair *pair, double update_scale, double reference_scale);

/* Is all of some parameter's update 0 where `scale` times the reference, in float64, is not? */
bool vic_pair_underflows(const vic_pair *pair, double scale);

/* Is all of some parameter's reference 0? */
bool vic_pair_vanishes(const vic_pair *pair);

/* All of a check but the comparison with the law: law and law_error become NaN, kept true. */
void vic_compare(const vic_pair *pair, vic_layer_check *check);

/* Collective. `checks` holds n_sets times one check per edge. Each rank has filled in those of its own
 * projections; rank 0 has them all afterwards. */
vic_status vic_checks_collect(vic_inference *x, size_t n_sets, vic_layer_check *checks);

#endif
