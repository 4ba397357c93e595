/* An inference of all ranks in one process, without arithmetic and messages: what each would do, in its
 * order. */
#include "inference.h"

vic_status vic_inference_begin_dry(vic_inference *x, size_t batch) {
    if (batch < 1 || batch > x->capacity)
        return vic_fail(VIC_BAD_CONFIG, "a batch of %zu samples: the inference has a capacity of 1 to %zu",
                        batch, x->capacity);
    vic_engine_begin(x, batch);
    return VIC_OK;
}

static bool is_there(const vic_worker *w, const vic_worker *before) {
    return w->step == before->step && w->begun == before->begun && w->phase == before->phase &&
           w->microbatch_index == before->microbatch_index && w->population == before->population;
}

vic_status vic_inference_advance_dry(vic_inference *x, int rank, vic_dry_progress *progress) {
    vic_worker *w = &x->workers[rank];
    progress->moved = progress->stepped = false;
    if (w->step > x->schedule->steps)
        return VIC_OK;
    vic_worker before = *w;
    progress->step = w->step;
    VIC_TRY(vic_engine_step(x, w, &progress->stepped));
    progress->moved = progress->stepped || !is_there(w, &before);
    return VIC_OK;
}

int vic_inference_dry_ranks(const vic_inference *x) {
    return x->n_workers;
}

vic_cost vic_inference_take_cost(vic_inference *x, int rank) {
    vic_cost done = x->workers[rank].done;
    x->workers[rank].done = (vic_cost){0};
    return done;
}
