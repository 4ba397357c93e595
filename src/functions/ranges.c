#include "ranges.h"

#include "base/pool.h"

/* As many numbers as take some microseconds, which is what sharing them costs. */
enum { RANGE = 16384 };

typedef struct ranges {
    size_t n;
    vic_range_task *task;
    const void *context;
} ranges;

static void run_range(void *context, size_t i) {
    const ranges *r = context;
    size_t first = i * RANGE, left = r->n - first;
    r->task(r->context, first, left < RANGE ? left : RANGE);
}

void vic_for_ranges(size_t n, vic_range_task *task, const void *context) {
    vic_pool_run((n + RANGE - 1) / RANGE, run_range, &(ranges){n, task, context});
}
