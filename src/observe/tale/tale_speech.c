/* What populations say and hear, and why they are silent. */
#include "tale_speech.h"

#include <string.h>

static int edge_above(const vic_tale *t, int p) {
    return p < vic_network_output(t->network) ? p : -1;
}

static int edge_below(int p) {
    return p - 1;
}

static const double *heard_by(const vic_tale *t, int p, vic_message_kind kind, int step) {
    int edge = kind == VIC_PREDICTION ? edge_below(p) : edge_above(t, p);
    return edge < 0 ? NULL : vic_tale_message(t, edge, kind, step);
}

static const double *said_by(const vic_tale *t, int p, vic_message_kind kind, int step) {
    int edge = kind == VIC_PREDICTION ? edge_above(t, p) : edge_below(p);
    return edge < 0 ? NULL : vic_tale_message(t, edge, kind, step);
}

bool vic_tale_hears(const vic_tale *t, int p, vic_message_kind kind, int step) {
    return heard_by(t, p, kind, step) != NULL;
}

bool vic_tale_says(const vic_tale *t, int p, vic_message_kind kind, int step) {
    return said_by(t, p, kind, step) != NULL;
}

bool vic_tale_is_quiet(const vic_tale *t, int p, int step) {
    for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
        if (vic_tale_hears(t, p, (vic_message_kind)kind, step) ||
            vic_tale_says(t, p, (vic_message_kind)kind, step))
            return false;
    return true;
}

bool vic_tale_has_heard_error(const vic_tale *t, int p, int step) {
    for (int i = 0; i <= step; i++)
        if (vic_tale_hears(t, p, VIC_ERROR, i))
            return true;
    return false;
}

/* ---- telling ---- */

static void tell_message(const vic_tale *t, const char *how, int other, vic_message_kind kind, int subject,
                         int step, const double *message) {
    bool change = kind == VIC_PREDICTION && step > 0 && !vic_tale_in_beliefs(t);
    printf("  %s population %d: ", how, other);
    if (kind == VIC_ERROR)
        printf("error %s_%d = ", vic_tale_error(t), subject);
    else
        printf("%s mu_%d = ", change ? "prediction, the change of" : "prediction", subject);
    vic_tell_vector(t, message, vic_tale_neurons(t, subject));
    printf("\n");
}

void vic_tell_hearing(const vic_tale *t, int p, vic_message_kind kind, int step) {
    const double *message = heard_by(t, p, kind, step);
    bool prediction = kind == VIC_PREDICTION;
    if (message)
        tell_message(t, vic_voice(t, "hears from", "I hear from"), prediction ? p - 1 : p + 1, kind,
                     prediction ? p : p + 1, step, message);
}

/* The error has changed in no digit since it was said, if it ever was: *when tells that step, or 0. */
static bool has_nothing_new(const vic_tale *t, int p, int step, int *when) {
    size_t bytes = vic_tale_neurons(t, p) * sizeof(double);
    const double *error = vic_tale_state(t, p, VIC_QUANTITY_ERROR, step);
    for (*when = step - 1; *when > 0; (*when)--)
        if (vic_tale_says(t, p, VIC_ERROR, *when))
            return memcmp(error, vic_tale_message(t, edge_below(p), VIC_ERROR, *when), bytes) == 0;
    for (size_t i = 0; i < vic_tale_neurons(t, p); i++)
        if (error[i] != 0)
            return false;
    return true;
}

static void tell_silence(const vic_tale *t, int p, int step) {
    int when;
    printf("  %s towards population %d: ", vic_voice(t, "stays silent", "I stay silent"), p - 1);
    if (has_nothing_new(t, p, step, &when) && when > 0)
        printf("nothing has changed since step %d\n", when);
    else if (has_nothing_new(t, p, step, &when))
        printf("%s_%d is still 0\n", vic_tale_error(t), p);
    else if (p == 1 && step < t->steps)
        printf("the input needs %s_1 only to learn, in the last step\n", vic_tale_error(t));
    else
        printf("nothing new\n");
}

void vic_tell_saying(const vic_tale *t, int p, vic_message_kind kind, int step) {
    const double *message = said_by(t, p, kind, step);
    bool prediction = kind == VIC_PREDICTION;
    if (message)
        tell_message(t, vic_voice(t, "says to", "I say to"), prediction ? p + 1 : p - 1, kind,
                     prediction ? p + 1 : p, step, message);
    else if (!prediction && p > 0 && !t->quiet)
        tell_silence(t, p, step);
}
