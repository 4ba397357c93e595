/* Writing the part of one rank, for score.c and the algorithms beside it. */
#ifndef VIC_STUDY_SCORE_WRITER_H
#define VIC_STUDY_SCORE_WRITER_H

#include "score.h"

/* Edges that leave or arrive at a population, in their order. */
typedef struct vic_edge_list {
    int n;
    const int *edges;
} vic_edge_list;

/* The rank whose part is written, and what its populations have heard so far. */
typedef struct vic_writer {
    const vic_network *network;
    const vic_schedule *schedule;
    vic_inference_options options;
    const int *rank_of, *longest; /* per population; heights */
    const vic_edge_list *in, *out;
    size_t batch;
    int n_slices, slice_number; /* that the batch comes in, and the one at work */
    vic_slice slice;
    int rank, n_residents;
    const int *residents;
    bool *heard_prediction, *heard_error; /* per edge */
    int *said;                            /* per edge and kind: in which step last */
    vic_part *part;
    size_t done;       /* notes of the steps before */
    vic_status status; /* the first failure */
} vic_writer;

/* What follows is about slice number `slice` of the batch. */
void vic_write_turn_to(vic_writer *w, int slice);

/* What the rank computes for population p. */
void vic_write_task(vic_writer *w, int p, vic_task task);
void vic_write_edge_task(vic_writer *w, int edge, vic_task task);

/* The ways of src/inference/speech.c. */
void vic_write_listen(vic_writer *w, vic_message_kind kind, int step);
void vic_write_predictions(vic_writer *w, int p, vic_task task, int step);
void vic_write_hear_predictions(vic_writer *w, int p, int step);
void vic_write_error(vic_writer *w, int p, int step);
/* Returns whether any came. */
bool vic_write_hear_errors(vic_writer *w, int p, int step);
/* J^T eps, added over the populations above that have spoken. */
void vic_write_feed_back(vic_writer *w, int p);
bool vic_has_feedback(const vic_writer *w, int p);

static inline bool vic_writes_output(const vic_writer *w, int p) {
    return p == vic_network_output(w->network);
}

static inline bool vic_writes_hidden(const vic_writer *w, int p) {
    return p > 0 && !vic_writes_output(w, p);
}

static inline bool vic_writes_beliefs(const vic_writer *w) {
    return w->options.coordinates == VIC_COORDINATES_BELIEF;
}

/* One algorithm, told as src/inference/ has it. */
typedef struct vic_scored_algorithm {
    const char *name;
    bool forms_every_error; /* in its first step; otherwise errors start from 0 */
    bool follows_beliefs;   /* predictions are made of them, not of vhat */
    void (*step)(vic_writer *w, int step);
} vic_scored_algorithm;

/* NULL when it is not known. */
const vic_scored_algorithm *vic_scored_algorithm_find(const char *name);

#endif
