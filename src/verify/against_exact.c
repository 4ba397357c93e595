#include "verification.h"

static vic_status compare(const vic_verification *v, size_t batch, vic_layer_check *layers) {
    VIC_TRY(vic_run_checked(v->x, batch));
    vic_verification_compare(v, vic_inference_get_options(v->x), layers);
    return vic_checks_collect(v->x, 1, layers);
}

typedef vic_status begin(vic_verification *v, vic_inference *x, size_t batch, vic_scope scope);

static vic_status verify(begin *begin_verification, vic_inference *x, size_t batch, vic_scope scope,
                         vic_layer_check *layers) {
    vic_verification v;
    vic_status status = begin_verification(&v, x, batch, scope);
    if (status == VIC_OK)
        status = compare(&v, batch, layers);
    vic_verification_end(&v);
    return status;
}

vic_status vic_verify(vic_inference *x, size_t batch, vic_scope scope, vic_layer_check *layers) {
    return verify(vic_verification_begin_judging, x, batch, scope, layers);
}

vic_status vic_verify_unjudged(vic_inference *x, size_t batch, vic_scope scope, vic_layer_check *layers) {
    return verify(vic_verification_begin, x, batch, scope, layers);
}
