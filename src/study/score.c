#include "score.h"

#include "score_writer.h"

#include <string.h>

/* Who is where, and which edges touch whom. */
typedef struct stage {
    const vic_network *network;
    vic_schedule *schedule;
    const vic_scored_algorithm *algorithm;
    int *longest, *edges, *residents; /* residents: rank by rank */
    int *first;                       /* of a rank among them */
    vic_edge_list *in, *out;
    bool *heard_prediction, *heard_error;
    int *said;
} stage;

/* edges[] becomes, population by population, those that arrive or leave. */
static void list_edges(const vic_network *network, bool arriving, int *edges, vic_edge_list *lists) {
    int *next = edges;
    for (int p = 0; p < network->n_populations; p++)
        lists[p].n = 0;
    for (int e = 0; e < network->n_edges; e++)
        lists[arriving ? network->edges[e].to : network->edges[e].from].n++;
    for (int p = 0; p < network->n_populations; p++) {
        lists[p].edges = next;
        next += lists[p].n;
        lists[p].n = 0;
    }
    for (int e = 0; e < network->n_edges; e++) {
        vic_edge_list *list = &lists[arriving ? network->edges[e].to : network->edges[e].from];
        edges[list->edges - edges + list->n++] = e;
    }
}

static void list_residents(stage *s, const int *rank_of, int n_ranks) {
    int populations = s->network->n_populations;
    for (int p = 0; p < populations; p++)
        s->first[rank_of[p] + 1]++;
    for (int r = 0; r < n_ranks; r++)
        s->first[r + 1] += s->first[r];
    for (int p = 0; p < populations; p++)
        s->residents[s->first[rank_of[p]]++] = p;
    for (int r = n_ranks; r > 0; r--)
        s->first[r] = s->first[r - 1];
    s->first[0] = 0;
}

static vic_status set(stage *s, const int *rank_of, int n_ranks, vic_inference_options options) {
    size_t populations = (size_t)s->network->n_populations, edges = (size_t)s->network->n_edges;
    const char *name = vic_algorithm_name(options.algorithm);
    s->algorithm = vic_scored_algorithm_find(name);
    if (s->algorithm == NULL)
        return vic_fail(VIC_BAD_CONFIG, "the algorithm %s cannot be planned", name);
    VIC_TRY(vic_schedule_create(&s->schedule, s->network, options));
    VIC_TRY(vic_allocate(populations, sizeof(int), &s->longest));
    VIC_TRY(vic_network_heights(s->network, NULL, s->longest));
    VIC_TRY(vic_allocate(2 * edges, sizeof(int), &s->edges));
    VIC_TRY(vic_allocate(populations, sizeof(int), &s->residents));
    VIC_TRY(vic_allocate((size_t)n_ranks + 1, sizeof(int), &s->first));
    VIC_TRY(vic_allocate(populations, sizeof *s->in, &s->in));
    VIC_TRY(vic_allocate(populations, sizeof *s->out, &s->out));
    VIC_TRY(vic_allocate(edges, sizeof(bool), &s->heard_prediction));
    VIC_TRY(vic_allocate(edges, sizeof(bool), &s->heard_error));
    VIC_TRY(vic_allocate(edges * VIC_MESSAGE_KINDS, sizeof(int), &s->said));
    memset(s->said, -1, edges * VIC_MESSAGE_KINDS * sizeof(int));
    list_edges(s->network, true, s->edges, s->in);
    list_edges(s->network, false, s->edges + edges, s->out);
    list_residents(s, rank_of, n_ranks);
    return VIC_OK;
}

static void clear(stage *s) {
    vic_schedule_destroy(&s->schedule);
    vic_release(&s->longest);
    vic_release(&s->edges);
    vic_release(&s->residents);
    vic_release(&s->first);
    vic_release(&s->in);
    vic_release(&s->out);
    vic_release(&s->heard_prediction);
    vic_release(&s->heard_error);
    vic_release(&s->said);
}

/* src/inference/sweep.c: vhat is kept aside where displacements count from it, or starts a belief. */
static void take_vhat(vic_writer *w, int p, const vic_scored_algorithm *algorithm) {
    bool has_belief = vic_writes_beliefs(w) && (algorithm->follows_beliefs || !algorithm->forms_every_error);
    if (has_belief || algorithm->follows_beliefs)
        vic_write_task(w, p, VIC_TASK_COPY);
    if (!algorithm->forms_every_error)
        vic_write_task(w, p, VIC_TASK_CLEAR);
}

static void sweep_slice(vic_writer *w, const vic_scored_algorithm *algorithm) {
    for (int k = 0; k < w->n_residents; k++) {
        int p = w->residents[k];
        vic_write_hear_predictions(w, p, 0);
        if (p > 0)
            take_vhat(w, p, algorithm);
        if (w->n_slices > 1 && !vic_writes_hidden(w, p))
            vic_write_task(w, p, VIC_TASK_COPY);
        vic_write_predictions(w, p, VIC_TASK_PREDICT, 0);
    }
}

static void sweep(vic_writer *w, const vic_scored_algorithm *algorithm) {
    vic_write_turn_to(w, 0);
    vic_write_listen(w, VIC_PREDICTION, 0);
    for (int slice = 0; slice < w->n_slices; slice++) {
        vic_write_turn_to(w, slice);
        sweep_slice(w, algorithm);
    }
    if (w->n_residents > 0 && vic_writes_output(w, w->residents[w->n_residents - 1]))
        vic_write_task(w, vic_network_output(w->network), VIC_TASK_LOSS);
}

static vic_status write_part(vic_score *score, const stage *s, const int *rank_of, size_t batch,
                             vic_inference_options options, int rank) {
    vic_writer w = {
        .network = s->network,
        .schedule = s->schedule,
        .options = options,
        .rank_of = rank_of,
        .longest = s->longest,
        .in = s->in,
        .out = s->out,
        .batch = batch,
        .n_slices = score->n_slices,
        .rank = rank,
        .n_residents = s->first[rank + 1] - s->first[rank],
        .residents = s->residents + s->first[rank],
        .heard_prediction = s->heard_prediction,
        .heard_error = s->heard_error,
        .said = s->said,
        .part = &score->parts[rank],
    };
    vic_part *part = w.part;
    VIC_TRY(vic_allocate((size_t)score->steps + 1, sizeof *part->ends, &part->ends));
    sweep(&w, s->algorithm);
    part->ends[0] = w.done = part->count;
    for (int i = 1; i <= score->steps; i++) {
        s->algorithm->step(&w, i);
        part->ends[i] = w.done = part->count;
    }
    return w.status;
}

/* Edges belong to the population that hears along them, so that ranks can be written one after the other. */
static vic_status write_all(vic_score *score, const stage *s, const int *rank_of, size_t batch,
                            vic_inference_options options) {
    score->network = s->network;
    score->wires = options.wires;
    score->batch = batch;
    score->steps = vic_schedule_steps(s->schedule);
    score->n_slices = vic_schedule_parts(s->schedule, batch);
    VIC_TRY(vic_allocate((size_t)score->n_ranks, sizeof *score->parts, &score->parts));
    for (int rank = 0; rank < score->n_ranks; rank++)
        VIC_TRY(write_part(score, s, rank_of, batch, options, rank));
    return VIC_OK;
}

size_t vic_score_bytes(const vic_score *score, int edge, vic_message_kind kind, int slice) {
    const vic_network *network = score->network;
    size_t features = vic_shape_count(network->shapes[network->edges[edge].to]);
    size_t samples = vic_nth_slice(score->batch, score->n_slices, slice).samples;
    if (score->wires == NULL)
        return features * samples * vic_precision_bytes(network->precision);
    return vic_wire_bytes(&score->wires->of[edge * VIC_MESSAGE_KINDS + (int)kind], network->precision,
                          features, samples);
}

vic_status vic_score_create(vic_score **score, const vic_network *network, const int *rank_of, size_t batch,
                            vic_inference_options options) {
    stage s = {.network = network};
    VIC_TRY(vic_allocate(1, sizeof **score, score));
    for (int p = 0; p < network->n_populations; p++)
        if (rank_of[p] >= (*score)->n_ranks)
            (*score)->n_ranks = rank_of[p] + 1;
    vic_status status = set(&s, rank_of, (*score)->n_ranks, options);
    if (status == VIC_OK)
        status = write_all(*score, &s, rank_of, batch, options);
    clear(&s);
    if (status != VIC_OK)
        vic_score_destroy(score);
    return status;
}

static void clear_part(vic_part *part) {
    vic_release(&part->notes);
    vic_release(&part->ends);
}

void vic_score_destroy(vic_score **score) {
    if (*score == NULL)
        return;
    for (int rank = 0; (*score)->parts && rank < (*score)->n_ranks; rank++)
        clear_part(&(*score)->parts[rank]);
    vic_release(&(*score)->parts);
    vic_release(score);
}
