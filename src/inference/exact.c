/* exact: backpropagation as messages, the reference for everything else. One sweep down:
 *     eps_l = J_{l+1}(vhat_l)^T eps_{l+1},    v_l = vhat_l - eps_l. */
#include "inference.h"

static bool speaks(const vic_schedule *schedule, const vic_edge *edge, vic_message_kind kind, int step) {
    (void)schedule, (void)edge;
    return kind == VIC_ERROR && step == 1;
}

static vic_status step(vic_inference *x, int i) {
    VIC_TRY(vic_listen(x, VIC_ERROR, i));
    for (int k = x->n_residents; k-- > 0;) {
        vic_resident *r = &x->residents[k];
        vic_population *p = r->population;
        bool news;
        VIC_TRY(vic_hear_errors(x, p, i, &news));
        if (vic_is_hidden(p)) {
            vic_population_feed_back(p, x->batch, p->error);
            vic_record_error(x, r, i);
        } else if (vic_is_output(p)) {
            vic_record_again(r, i);
        }
        VIC_TRY(vic_say_error(x, r, i));
    }
    return VIC_OK;
}

static void belief_after(const vic_inference *x, const vic_resident *r, int step, void *belief) {
    const vic_population *p = r->population;
    (void)step;
    x->arithmetic->subtract(p->count * x->batch, p->vhat, p->error, belief);
}

const vic_algorithm vic_exact = {
    .name = "exact",
    .single_step = true,
    .forms_every_error = true,
    .speaks = speaks,
    .step = step,
    .belief_after = belief_after,
};
