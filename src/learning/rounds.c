#include "rounds.h"

vic_rounds vic_rounds_begin(vic_group *group, uint64_t batch, uint64_t longest) {
    return (vic_rounds){
        .group = group,
        .longest = longest ? longest : 1,
        .last = batch,
        .next = batch + 1,
        .began = vic_now(),
    };
}

vic_status vic_rounds_schedule_next(vic_rounds *rounds, uint64_t batch) {
    double passed = vic_now() - rounds->began;
    uint64_t batches = batch > rounds->last ? batch - rounds->last : 1;
    int64_t mine = (int64_t)(1e9 * passed / (double)batches), nanoseconds;
    VIC_TRY(vic_group_allreduce_max(rounds->group, 1, &mine, &nanoseconds));
    uint64_t in_a_second = nanoseconds > 0 ? UINT64_C(1000000000) / (uint64_t)nanoseconds : rounds->longest;
    uint64_t interval = in_a_second < rounds->longest ? in_a_second : rounds->longest;
    rounds->last = batch;
    rounds->next = batch + (interval ? interval : 1);
    rounds->began = vic_now();
    return VIC_OK;
}

vic_status vic_rounds_check(const vic_rounds *rounds, const vic_learning_callbacks *callbacks,
                            vic_status mine) {
    if (mine == VIC_OK && callbacks && callbacks->should_stop && callbacks->should_stop(callbacks->context))
        mine = vic_fail(VIC_INTERRUPTED, "interrupted");
    return vic_group_agree_on_status(rounds->group, mine);
}
