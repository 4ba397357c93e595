/* What every rank does in an inference, in order, as its program goes: who computes what, who speaks when.
 * For this room alone. */
#ifndef VIC_STUDY_SCORE_H
#define VIC_STUDY_SCORE_H

#include "vicinal/inference.h"

/* One thing that a rank does. */
typedef struct vic_note {
    int population; /* that it works for */
    vic_doing doing;
    int edge; /* of the message; -1 while computing */
    vic_message_kind kind;
    int step;      /* of the inference; of VIC_CLEARING, of the message that has to have left */
    int slice;     /* of the batch, that the message carries */
    vic_work work; /* that is computed */
} vic_note;

typedef struct vic_part {
    size_t count, room;
    vic_note *notes;
    size_t *ends; /* per step 0 (the sweep) to n: how many notes belong to it and the steps before */
} vic_part;

typedef struct vic_score {
    const vic_network *network;
    const vic_wires *wires; /* that the messages cross; NULL: perfect ones */
    size_t batch;
    int n_ranks, steps, n_slices; /* that the batch comes in */
    vic_part *parts;              /* per rank */
} vic_score;

/* Of one message. */
size_t vic_score_bytes(const vic_score *score, int edge, vic_message_kind kind, int slice);

/* Local, a pure function of its arguments: one inference of `batch` samples that learns nothing. Messages
 * within a rank are posted and waited for, and nothing more. Free with vic_score_destroy.
 * Errors: VIC_BAD_CONFIG when the algorithm is not known here, VIC_NO_MEMORY. */
vic_status vic_score_create(vic_score **score, const vic_network *network, const int *rank_of, size_t batch,
                            vic_inference_options options);
void vic_score_destroy(vic_score **score);

#endif
