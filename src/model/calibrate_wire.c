/* How long messages take on the very channels of an inference. Between them both sides go through other
 * arrays, as populations do, so that of large messages little is left in the cache. The measurements are
 * those of Kielmann, Bal and Verstoep, "Fast measurement of LogP parameters for message passing platforms"
 * (IPDPS workshops 2000): a round trip; a message received some time after it was sent, which costs the
 * receiver's overhead alone; a burst, which is limited by the gap. But a sender does not idle while its
 * message is received: it computes, as in an inference, in the memory from which the receiver copies. */
#include "calibration.h"

#include <math.h>
#include <stdlib.h>

enum {
    ABREAST = 8,
    SIGNALS = 1,              /* their edge */
    POPULATIONS = 2,          /* of a rank */
    ARRAYS_OF_POPULATION = 9, /* with those of the projection that leaves it: forecasts have as many */
    ARRAYS = POPULATIONS * ARRAYS_OF_POPULATION,
    MOST_COMPUTED = 1 << 24,
    FEWEST_TRIALS = 11,
    MOST_TRIALS = 301,
    LARGEST_BURST = 1 << 20
};

static const double time_for_each = 0.04; /* seconds for a measurement of a size, if that is enough */

typedef struct wire {
    vic_group *group;
    int other, *rank_of;
    vic_network *network; /* input and output, joined by as many edges as there are messages at once */
    vic_wiring *wiring;
    float sum;        /* of what was read, so that it is */
    float *workspace; /* MOST_COMPUTED other numbers */
    double *times;
} wire;

static bool is_sender(const wire *w) {
    return vic_group_rank(w->group) == 0;
}

static bool takes_part(const wire *w) {
    return is_sender(w) || vic_group_rank(w->group) == w->other;
}

/* ---- a network that only sends messages ---- */

static vic_status make_network(wire *w, int edges) {
    const vic_shape neuron = {.rank = 1, .dim = {1}};
    const vic_function_kind *relu = vic_function_find(VIC_FLOAT32, "relu");
    vic_function f;
    VIC_TRY(vic_function_place(&f, relu, neuron, NULL));
    VIC_TRY(vic_network_create(&w->network, VIC_FLOAT32, neuron));
    VIC_TRY(vic_network_grow(w->network, 0, 1, &f));
    for (int e = 1; e < edges; e++)
        VIC_TRY(vic_network_connect(w->network, 0, 1, 1, &f));
    w->network->loss = vic_loss_find(VIC_FLOAT32, "squared-error");
    VIC_TRY(vic_allocate(2, sizeof *w->rank_of, &w->rank_of));
    w->rank_of[1] = w->other;
    return vic_allocate(MOST_TRIALS, sizeof *w->times, &w->times);
}

static vic_status open_wire(wire *w, int edges, size_t largest) {
    VIC_TRY(vic_group_agree_on_status(w->group, make_network(w, edges)));
    return vic_wiring_create(&w->wiring, w->group, w->network, w->rank_of, largest / sizeof(float), 0);
}

static void close_wire(wire *w) {
    vic_wiring_destroy(&w->wiring);
    vic_network_destroy(&w->network);
    vic_release(&w->rank_of);
    vic_release(&w->times);
}

static vic_channel *to_other(const wire *w, int edge) {
    return vic_wiring_sender(w->wiring, edge, is_sender(w) ? VIC_PREDICTION : VIC_ERROR);
}

static vic_channel *from_other(const wire *w, int edge) {
    return vic_wiring_receiver(w->wiring, edge, is_sender(w) ? VIC_ERROR : VIC_PREDICTION);
}

static vic_status write_message(const wire *w, int edge, size_t numbers) {
    void *message;
    VIC_TRY(vic_channel_compose(to_other(w, edge), &message));
    for (size_t i = 0; i < numbers; i++)
        ((float *)message)[i] = (float)i;
    return VIC_OK;
}

static vic_status read_message(wire *w, int edge) {
    const void *message;
    VIC_TRY(vic_channel_receive(from_other(w, edge), &message));
    w->sum += *(const float *)message;
    return VIC_OK;
}

static void read_through(wire *w, const void *message, size_t numbers) {
    for (size_t i = 0; i < numbers; i++)
        w->sum += ((const float *)message)[i];
}

/* An empty message from one to the other, to synchronize the two; on an edge of its own, so that what has
 * been written on the first one is sent next. */
static vic_status signal_once(wire *w, bool to_sender) {
    if (is_sender(w) != to_sender) {
        VIC_TRY(write_message(w, SIGNALS, 1));
        return vic_channel_send(to_other(w, SIGNALS), 0, 1);
    }
    VIC_TRY(vic_channel_post_receive(from_other(w, SIGNALS), 0, 1));
    return read_message(w, SIGNALS);
}

/* ---- the measurements; each gives one time on rank 0 or on the other ---- */

/* Reads and writes as much as the populations of a rank hold, arrays as large as their messages. */
static void compute(const wire *w, size_t numbers) {
    size_t n = numbers < MOST_COMPUTED / ARRAYS ? ARRAYS * numbers : MOST_COMPUTED;
    for (size_t i = 0; i < n; i++)
        w->workspace[i] = 0.5F * w->workspace[i] + 1;
}

/* Computes as a population does that has sent its message and forms its errors: one array becomes the
 * difference of two others, of as many populations as a rank has. */
static void compute_for(const wire *w, size_t numbers, double seconds) {
    size_t n = numbers < MOST_COMPUTED / ARRAYS ? numbers : MOST_COMPUTED / ARRAYS;
    double start = vic_now();
    for (size_t k = 0; vic_now() - start < seconds; k = (k + 1) % POPULATIONS) {
        float *difference = w->workspace + k * ARRAYS_OF_POPULATION * n;
        for (size_t i = 0; i < n; i++)
            difference[i] = difference[n + i] - difference[2 * n + i];
    }
}

/* Synchronizes the two after the receive was posted. */
static vic_status get_ready(wire *w, size_t numbers) {
    VIC_TRY(signal_once(w, false));
    if (!is_sender(w))
        VIC_TRY(vic_channel_post_receive(from_other(w, 0), 0, numbers));
    VIC_TRY(signal_once(w, true));
    return vic_channel_compose(to_other(w, SIGNALS), &(void *){NULL});
}

/* Half of there and back, both messages written before and read after. */
static vic_status time_round_trip(wire *w, size_t numbers, double *seconds) {
    const void *message;
    compute(w, numbers);
    VIC_TRY(write_message(w, 0, numbers));
    VIC_TRY(get_ready(w, numbers));
    if (is_sender(w))
        VIC_TRY(vic_channel_post_receive(from_other(w, 0), 0, numbers));
    double start = vic_now();
    if (is_sender(w))
        VIC_TRY(vic_channel_send(to_other(w, 0), 0, numbers));
    VIC_TRY(vic_channel_receive(from_other(w, 0), &message));
    *seconds = (vic_now() - start) / 2;
    if (!is_sender(w))
        VIC_TRY(vic_channel_send(to_other(w, 0), 0, numbers));
    read_through(w, message, numbers);
    return VIC_OK;
}

/* rank 0: the time of the send, after which it computes; the other: the time of the receive, `patience` after
 * posting it. */
static vic_status time_overheads(wire *w, size_t numbers, double patience, double *seconds) {
    const void *message;
    compute(w, numbers);
    VIC_TRY(write_message(w, 0, is_sender(w) ? numbers : 1));
    VIC_TRY(get_ready(w, numbers));
    double start = vic_now();
    if (is_sender(w)) {
        VIC_TRY(vic_channel_send(to_other(w, 0), 0, numbers));
        *seconds = vic_now() - start;
        compute_for(w, numbers, 2 * patience);
        return VIC_OK;
    }
    while (vic_now() - start < patience)
        continue;
    start = vic_now();
    VIC_TRY(vic_channel_receive(from_other(w, 0), &message));
    *seconds = vic_now() - start;
    read_through(w, message, numbers);
    return VIC_OK;
}

/* The other: the time of posting the receive. */
static vic_status time_post_receive(wire *w, size_t numbers, double *seconds) {
    if (is_sender(w)) {
        VIC_TRY(write_message(w, 0, numbers));
        return vic_channel_send(to_other(w, 0), 0, numbers);
    }
    double start = vic_now();
    VIC_TRY(vic_channel_post_receive(from_other(w, 0), 0, numbers));
    *seconds = vic_now() - start;
    return read_message(w, 0);
}

/* The other: from the first to the last of so many that are sent at once, for each. */
static vic_status time_burst(wire *w, size_t numbers, double *seconds) {
    const void *message;
    for (int e = 0; e < ABREAST; e++)
        VIC_TRY(is_sender(w) ? write_message(w, e, numbers)
                             : vic_channel_post_receive(from_other(w, e), 0, numbers));
    double first = 0;
    for (int e = 0; e < ABREAST && is_sender(w); e++)
        VIC_TRY(vic_channel_send(to_other(w, e), 0, numbers));
    for (int e = 0; e < ABREAST && !is_sender(w); e++) {
        VIC_TRY(vic_channel_receive(from_other(w, e), &message));
        first = e == 0 ? vic_now() : first;
        w->sum += *(const float *)message;
    }
    *seconds = (vic_now() - first) / (ABREAST - 1);
    return signal_once(w, true);
}

/* ---- medians ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static int trials_for(double seconds) {
    double n = time_for_each / fmax(seconds, 1e-7);
    return n < FEWEST_TRIALS ? FEWEST_TRIALS : n > MOST_TRIALS ? MOST_TRIALS : (int)n | 1;
}

/* Broadcasts rank 0's number of trials. */
static vic_status broadcast_number(const wire *w, int *number) {
    const int64_t mine = is_sender(w) ? *number : 0;
    int64_t all;
    VIC_TRY(vic_group_allreduce_max(w->group, 1, &mine, &all));
    *number = (int)all;
    return VIC_OK;
}

static vic_status measure_round_trip(wire *w, size_t bytes, vic_wire_sample *s) {
    int trials = FEWEST_TRIALS;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; takes_part(w) && i < trials; i++)
            VIC_TRY(time_round_trip(w, bytes / sizeof(float), &w->times[i]));
        s->message = median(w->times, trials);
        trials = trials_for(2 * s->message);
        VIC_TRY(broadcast_number(w, &trials));
    }
    return VIC_OK;
}

static vic_status measure_overheads(wire *w, size_t bytes, vic_wire_sample *s) {
    double patience = s->message + 20e-6;
    int trials = trials_for(2 * patience);
    VIC_TRY(broadcast_number(w, &trials));
    for (int i = 0; takes_part(w) && i < trials; i++)
        VIC_TRY(time_overheads(w, bytes / sizeof(float), patience, &w->times[i]));
    *(is_sender(w) ? &s->send : &s->receive) = median(w->times, trials);
    return VIC_OK;
}

static vic_status measure_post_receive(wire *w, size_t bytes, vic_wire_sample *s) {
    for (int i = 0; takes_part(w) && i < FEWEST_TRIALS; i++)
        VIC_TRY(time_post_receive(w, bytes / sizeof(float), &w->times[i]));
    s->post_receive = median(w->times, FEWEST_TRIALS);
    return VIC_OK;
}

static vic_status measure_burst(wire *w, size_t bytes, vic_wire_sample *s) {
    int trials = trials_for(ABREAST * s->message);
    VIC_TRY(broadcast_number(w, &trials));
    for (int i = 0; takes_part(w) && i < trials; i++)
        VIC_TRY(time_burst(w, bytes / sizeof(float), &w->times[i]));
    s->burst = takes_part(w) && !is_sender(w) ? median(w->times, trials) : 0;
    return VIC_OK;
}

/* Sends the times of the other rank to rank 0. */
static vic_status report(const wire *w, vic_wire_sample *s) {
    double values[] = {s->post_receive, s->receive, s->burst};
    VIC_TRY(vic_group_fetch(w->group, w->rank_of, 1, 3, values));
    s->post_receive = values[0];
    s->receive = values[1];
    s->burst = values[2];
    /* A sender that waits for its answer leaves the memory bandwidth to the receiver's copying; populations
     * do not. */
    s->message = fmax(s->message, s->send + s->receive);
    return VIC_OK;
}

static vic_status measure_all(wire *single, wire *abreast, size_t n, vic_wire_sample *samples,
                              void (*progress)(const vic_wire_sample *sample)) {
    vic_status status =
        takes_part(single) ? vic_allocate(MOST_COMPUTED, sizeof(float), &single->workspace) : VIC_OK;
    VIC_TRY(vic_group_agree_on_status(single->group, status));
    VIC_TRY(open_wire(abreast, ABREAST, LARGEST_BURST));
    for (size_t i = 0; i < n; i++) {
        close_wire(single); /* buffers are no larger than messages, as ever: large ones lie on larger pages */
        VIC_TRY(open_wire(single, SIGNALS + 1, samples[i].bytes));
        VIC_TRY(measure_round_trip(single, samples[i].bytes, &samples[i]));
        VIC_TRY(measure_overheads(single, samples[i].bytes, &samples[i]));
        VIC_TRY(measure_post_receive(single, samples[i].bytes, &samples[i]));
        if (samples[i].bytes <= LARGEST_BURST)
            VIC_TRY(measure_burst(abreast, samples[i].bytes, &samples[i]));
        VIC_TRY(report(single, &samples[i]));
        if (is_sender(single))
            progress(&samples[i]);
    }
    return VIC_OK;
}

vic_status vic_calibrate_wire(vic_group *group, int other, size_t n, vic_wire_sample *samples,
                              void (*progress)(const vic_wire_sample *sample)) {
    wire single = {.group = group, .other = other}, abreast = single;
    vic_status status = measure_all(&single, &abreast, n, samples, progress);
    close_wire(&single);
    close_wire(&abreast);
    vic_release(&single.workspace);
    return status;
}
