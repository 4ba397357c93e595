#include "verification.h"

static vic_status compare(const vic_verification *v, size_t batch, vic_layer_check *layers) {
    VIC_TRY(vic_run_checked(v->x, batch));
    vic_verification_compare(v, vic_inference_get_options(v->x), layers);
    return vic_checks_collect(v->x, 1, layers);
}

vic_status vic_verify(vic_inference *x, size_t batch, vic_scope scope, vic_layer_check *layers) {
    vic_verification v;
    vic_status status = vic_verification_begin_judging(&v, x, batch, scope);
    if (status == VIC_OK)
        status = compare(&v, batch, layers);
    vic_verification_end(&v);
    return status;
}

vic_status vic_verify_unjudged(vic_inference *x, size_t batch, vic_scope scope, vic_layer_check *layers) {
    vic_verification v;
    vic_status status = vic_verification_begin(&v, x, batch, scope);
    if (status == VIC_OK)
        status = compare(&v, batch, layers);
    vic_verification_end(&v);
    return status;
}
