#include "timeline.h"
#include "ledger.h"
#include "simulation.h"
#include "transport.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

struct vic_timeline {
    bool recording, lost;
    int population;  /* at work */
    double last;     /* when the last span ended */
    size_t readings; /* readings of the clock */
    size_t count, capacity;
    vic_span *spans;
    vic_cost *done; /* the cost since the last message; NULL: not counted */
};

bool vic_time_is_simulated(void) {
    return VIC_TIME_IS_SIMULATED;
}

bool vic_arithmetic_is_dry(void) {
    return VIC_TIME_IS_SIMULATED && getenv("VICINAL_TIMES_ONLY") != NULL;
}

void vic_timeline_follow(vic_timeline *t, vic_cost *done) {
    t->done = done;
}

void vic_timeline_catch_up(vic_timeline *t) {
    vic_advance_time(t->done);
}

vic_status vic_timeline_create(vic_timeline **timeline) {
    return vic_allocate(1, sizeof **timeline, timeline);
}

void vic_timeline_destroy(vic_timeline **timeline) {
    if (*timeline == NULL)
        return;
    vic_release(&(*timeline)->spans);
    vic_release(timeline);
}

static bool grow(vic_timeline *t) {
    size_t capacity = t->capacity ? 2 * t->capacity : FIRST_CAPACITY;
    vic_span *spans;
    if (vic_allocate(capacity, sizeof *spans, &spans) != VIC_OK)
        return false;
    if (t->count > 0)
        memcpy(spans, t->spans, t->count * sizeof *spans);
    vic_release(&t->spans);
    t->spans = spans;
    t->capacity = capacity;
    return true;
}

static void add(vic_timeline *t, vic_span span) {
    t->last = span.end;
    if (t->count < t->capacity || grow(t))
        t->spans[t->count++] = span;
    else
        t->lost = true;
}

static void compute_until(vic_timeline *t, double now) {
    if (now > t->last)
        add(t, (vic_span){.begin = t->last,
                          .end = now,
                          .population = t->population,
                          .doing = VIC_COMPUTING,
                          .edge = -1,
                          .step = -1,
                          .microbatch_index = -1});
}

void vic_timeline_start(vic_timeline *t) {
    vic_timeline_catch_up(t);
    t->recording = true;
    t->lost = false;
    t->population = -1;
    t->count = 0;
    t->readings = 1;
    t->last = vic_now();
}

/* What came before the first population was at work is its time too. */
static void switch_population(vic_timeline *t, int population, double now) {
    if (t->population >= 0)
        compute_until(t, now);
    t->population = population;
}

void vic_timeline_set_current_population(vic_timeline *t, int population) {
    if (!t->recording || t->population == population)
        return;
    vic_timeline_catch_up(t);
    t->readings++;
    switch_population(t, population, vic_now());
}

vic_status vic_timeline_stop(vic_timeline *t) {
    vic_timeline_catch_up(t);
    if (t->recording)
        switch_population(t, -1, vic_now());
    t->recording = false;
    if (t->lost)
        return vic_fail(VIC_NO_MEMORY, "out of memory: the timeline has lost spans after %zu", t->count);
    return VIC_OK;
}

bool vic_timeline_is_recording(const vic_timeline *t) {
    return t->recording;
}

const vic_span *vic_timeline_spans(const vic_timeline *t, size_t *count) {
    *count = t->count;
    return t->spans;
}

static int population_of(const vic_channel *channel, vic_doing doing) {
    return doing == VIC_POSTING || doing == VIC_CLEARING ? channel->sender : channel->receiver;
}

static void note(vic_timeline *t, vic_doing doing, const vic_channel *channel, double begin, double end) {
    int population = population_of(channel, doing);
    if (t->population < 0)
        t->population = population;
    switch_population(t, population, begin);
    add(t, (vic_span){.begin = begin,
                      .end = end,
                      .population = population,
                      .doing = doing,
                      .edge = channel->edge,
                      .step = channel->step,
                      .microbatch_index = channel->microbatch_index,
                      .kind = channel->kind});
}

void vic_timeline_add_span(vic_timeline *t, vic_doing doing, const vic_channel *channel, double begin,
                           double end) {
    if (!t->recording)
        return;
    t->readings += 2;
    note(t, doing, channel, begin, end);
}

void vic_timeline_add_instant(vic_timeline *t, vic_doing doing, const vic_channel *channel) {
    if (!t->recording)
        return;
    double now = vic_now();
    t->readings++;
    note(t, doing, channel, now, now);
}

size_t vic_timeline_readings(const vic_timeline *t) {
    return t->readings;
}

/* ---- overhead ---- */

/* Of pairs of spans, work and a message. */
static double time_readings(vic_ledger *ledger, vic_timeline *timeline, int pairs) {
    const vic_channel channel = {.edge = 0, .kind = VIC_ERROR};
    vic_timeline_start(timeline);
    vic_timeline_set_current_population(timeline, 0);
    double start = vic_now();
    for (int i = 0; i < pairs; i++) {
        double begin = vic_now(), end = vic_now();
        vic_ledger_sent(ledger, 0, VIC_ERROR, 0, 1, end - begin);
        vic_timeline_add_span(timeline, VIC_POSTING, &channel, begin, end);
    }
    return (vic_now() - start) / (2 * pairs);
}

vic_status vic_timeline_overhead(double *seconds) {
    enum { TRIALS = 5, PAIRS = 2000 };
    vic_ledger *ledger = NULL;
    vic_timeline *timeline = NULL;
    vic_status status = vic_ledger_create(&ledger, 1, 0);
    if (status == VIC_OK)
        status = vic_ledger_open(ledger, 0);
    if (status == VIC_OK)
        status = vic_timeline_create(&timeline);
    *seconds = INFINITY;
    for (int i = 0; status == VIC_OK && i < TRIALS; i++)
        *seconds = fmin(*seconds, time_readings(ledger, timeline, PAIRS));
    vic_timeline_destroy(&timeline);
    vic_ledger_destroy(&ledger);
    return status;
}
