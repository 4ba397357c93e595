/* The messages that populations send and receive, and why they send none. */
#include "explain_messages.h"

#include <string.h>

static int edge_above(const vic_explanation *t, int p) {
    return p < vic_network_output(t->network) ? p : -1;
}

static int edge_below(int p) {
    return p - 1;
}

static const double *received_by(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    int edge = kind == VIC_PREDICTION ? edge_below(p) : edge_above(t, p);
    return edge < 0 ? NULL : vic_explanation_message(t, edge, kind, step);
}

static const double *sent_by(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    int edge = kind == VIC_PREDICTION ? edge_above(t, p) : edge_below(p);
    return edge < 0 ? NULL : vic_explanation_message(t, edge, kind, step);
}

bool vic_explanation_receives(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    return received_by(t, p, kind, step) != NULL;
}

bool vic_explanation_sends(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    return sent_by(t, p, kind, step) != NULL;
}

bool vic_explanation_is_silent(const vic_explanation *t, int p, int step) {
    for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
        if (vic_explanation_receives(t, p, (vic_message_kind)kind, step) ||
            vic_explanation_sends(t, p, (vic_message_kind)kind, step))
            return false;
    return true;
}

bool vic_explanation_has_received_error(const vic_explanation *t, int p, int step) {
    for (int i = 0; i <= step; i++)
        if (vic_explanation_receives(t, p, VIC_ERROR, i))
            return true;
    return false;
}

/* ---- printing ---- */

static void print_message(const vic_explanation *t, const char *how, int other, vic_message_kind kind,
                          int subject, int step, const double *message) {
    bool change = kind == VIC_PREDICTION && step > 0 && !vic_explanation_in_beliefs(t);
    printf("  %s population %d: ", how, other);
    if (kind == VIC_ERROR)
        printf("error %s_%d = ", vic_explanation_error(t), subject);
    else
        printf("%s mu_%d = ", change ? "prediction, the change of" : "prediction", subject);
    vic_print_vector(t, message, vic_explanation_neurons(t, subject));
    printf("\n");
}

void vic_print_received(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    const double *message = received_by(t, p, kind, step);
    bool prediction = kind == VIC_PREDICTION;
    if (message)
        print_message(t, vic_point_of_view(t, "hears from", "I hear from"), prediction ? p - 1 : p + 1, kind,
                      prediction ? p : p + 1, step, message);
}

/* Is the error the one sent last, bit for bit? *when becomes the step of that message; 0: none was sent. */
static bool has_nothing_new(const vic_explanation *t, int p, int step, int *when) {
    size_t bytes = vic_explanation_neurons(t, p) * sizeof(double);
    const double *error = vic_explanation_state(t, p, VIC_QUANTITY_ERROR, step);
    for (*when = step - 1; *when > 0; (*when)--)
        if (vic_explanation_sends(t, p, VIC_ERROR, *when))
            return memcmp(error, vic_explanation_message(t, edge_below(p), VIC_ERROR, *when), bytes) == 0;
    for (size_t i = 0; i < vic_explanation_neurons(t, p); i++)
        if (error[i] != 0)
            return false;
    return true;
}

static void print_silence(const vic_explanation *t, int p, int step) {
    int when;
    printf("  %s towards population %d: ", vic_point_of_view(t, "stays silent", "I stay silent"), p - 1);
    if (has_nothing_new(t, p, step, &when) && when > 0)
        printf("nothing has changed since step %d\n", when);
    else if (has_nothing_new(t, p, step, &when))
        printf("%s_%d is still 0\n", vic_explanation_error(t), p);
    else if (p == 1 && step < t->steps)
        printf("the input needs %s_1 only to learn, in the last step\n", vic_explanation_error(t));
    else
        printf("nothing new\n");
}

void vic_print_sent(const vic_explanation *t, int p, vic_message_kind kind, int step) {
    const double *message = sent_by(t, p, kind, step);
    bool prediction = kind == VIC_PREDICTION;
    if (message)
        print_message(t, vic_point_of_view(t, "says to", "I say to"), prediction ? p + 1 : p - 1, kind,
                      prediction ? p + 1 : p, step, message);
    else if (!prediction && p > 0 && !t->quiet)
        print_silence(t, p, step);
}
