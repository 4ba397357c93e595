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

/* ---- sums ---- */

enum { TERMS = 64 }; /* at a time */

typedef struct sums {
    size_t first, n, part;
    vic_range_term *term;
    const void *context;
    double of_part[TERMS];
} sums;

static void find_term(void *context, size_t i) {
    sums *s = context;
    size_t first = s->first + i * s->part, left = s->n - first;
    s->of_part[i] = s->term(s->context, first, left < s->part ? left : s->part);
}

double vic_sum_parts(size_t n, size_t part, vic_range_term *term, const void *context) {
    sums s = {.n = n, .part = part, .term = term, .context = context};
    double total = 0;
    for (; s.first < n; s.first += TERMS * part) {
        size_t left = (n - s.first + part - 1) / part, terms = left < TERMS ? left : TERMS;
        vic_pool_run(terms, find_term, &s);
        for (size_t i = 0; i < terms; i++)
            total += s.of_part[i];
    }
    return total;
}

double vic_sum_ranges(size_t n, vic_range_term *term, const void *context) {
    return vic_sum_parts(n, RANGE, term, context);
}
