/* What a rank computes, says and hears, written down note by note; src/inference/speech.c and sweep.c without
 * numbers. */
#include "score_writer.h"

#include <string.h>

enum { FIRST_ROOM = 64 };

static vic_status make_room(vic_part *part) {
    size_t room = part->room ? 2 * part->room : FIRST_ROOM;
    vic_note *notes;
    VIC_TRY(vic_allocate(room, sizeof *notes, &notes));
    if (part->count > 0)
        memcpy(notes, part->notes, part->count * sizeof *notes);
    vic_release(&part->notes);
    part->notes = notes;
    part->room = room;
    return VIC_OK;
}

static void add(vic_writer *w, vic_note note) {
    if (w->status == VIC_OK && w->part->count == w->part->room)
        w->status = make_room(w->part);
    if (w->status == VIC_OK)
        w->part->notes[w->part->count++] = note;
}

void vic_write_turn_to(vic_writer *w, int slice) {
    w->slice_number = slice;
    w->slice = vic_nth_slice(w->batch, w->n_slices, slice);
}

/* ---- computing ---- */

static void compute(vic_writer *w, int p, vic_work work) {
    vic_note *last = w->part->count > w->done ? &w->part->notes[w->part->count - 1] : NULL;
    if (last == NULL || last->doing != VIC_COMPUTING || last->population != p) {
        add(w, (vic_note){.population = p, .doing = VIC_COMPUTING, .edge = -1, .step = -1});
        if (w->status != VIC_OK)
            return;
        last = &w->part->notes[w->part->count - 1];
    }
    vic_work_add(&last->work, work);
}

void vic_write_task(vic_writer *w, int p, vic_task task) {
    compute(w, p, vic_population_work(w->network, p, task, w->slice.samples));
}

static void edge_task(vic_writer *w, int p, int edge, vic_task task) {
    vic_work work = vic_slice_work(w->network, edge, task, w->slice);
    if (work.products > 0 || work.bytes > 0)
        compute(w, p, work);
}

void vic_write_edge_task(vic_writer *w, int edge, vic_task task) {
    edge_task(w, w->network->edges[edge].from, edge, task);
}

bool vic_has_feedback(const vic_writer *w, int p) {
    for (int k = 0; k < w->out[p].n; k++)
        if (w->heard_error[w->out[p].edges[k]])
            return true;
    return false;
}

void vic_write_feed_back(vic_writer *w, int p) {
    bool first = true;
    for (int k = 0; k < w->out[p].n; k++) {
        if (!w->heard_error[w->out[p].edges[k]])
            continue;
        vic_write_edge_task(w, w->out[p].edges[k], VIC_TASK_PULL_BACK);
        if (!first)
            vic_write_task(w, p, VIC_TASK_ADD);
        first = false;
    }
}

/* ---- messages ---- */

static bool stays_here(const vic_writer *w, int edge) {
    const vic_edge *e = &w->network->edges[edge];
    return w->rank_of[e->from] == w->rank_of[e->to];
}

static void message(vic_writer *w, vic_doing doing, int p, int edge, vic_message_kind kind, int step) {
    add(w, (vic_note){.population = p,
                      .doing = doing,
                      .edge = edge,
                      .kind = kind,
                      .step = step,
                      .slice = w->slice_number});
}

/* The first message finds the way clear, and so do slices, each in a place of its own. */
static void compose(vic_writer *w, int p, int edge, vic_message_kind kind) {
    int last = w->said[edge * VIC_MESSAGE_KINDS + (int)kind];
    if (last >= 0 && w->n_slices == 1 && !stays_here(w, edge))
        message(w, VIC_CLEARING, p, edge, kind, last);
}

static void say(vic_writer *w, int p, int edge, vic_message_kind kind, int step) {
    message(w, VIC_POSTING, p, edge, kind, step);
    w->said[edge * VIC_MESSAGE_KINDS + (int)kind] = step;
}

static void listen_on(vic_writer *w, int p, int edge, vic_message_kind kind, int step) {
    if (stays_here(w, edge) || !vic_schedule_speaks(w->schedule, edge, kind, step))
        return;
    for (int slice = 0; slice < w->n_slices; slice++) {
        vic_write_turn_to(w, slice);
        message(w, VIC_LISTENING, p, edge, kind, step);
    }
}

void vic_write_listen(vic_writer *w, vic_message_kind kind, int step) {
    for (int i = 0; i < w->n_residents; i++) {
        int p = w->residents[i];
        const vic_edge_list *list = kind == VIC_PREDICTION ? &w->in[p] : &w->out[p];
        for (int k = 0; k < list->n; k++)
            listen_on(w, p, list->edges[k], kind, step);
    }
}

void vic_write_predictions(vic_writer *w, int p, vic_task task, int step) {
    for (int k = 0; k < w->out[p].n; k++) {
        int edge = w->out[p].edges[k];
        if (!vic_schedule_speaks(w->schedule, edge, VIC_PREDICTION, step))
            continue;
        compose(w, p, edge, VIC_PREDICTION);
        vic_write_edge_task(w, edge, task);
        say(w, p, edge, VIC_PREDICTION, step);
    }
}

void vic_write_hear_predictions(vic_writer *w, int p, int step) {
    bool news = false;
    int known = 0;
    for (int k = 0; k < w->in[p].n; k++) {
        int edge = w->in[p].edges[k];
        if (vic_schedule_speaks(w->schedule, edge, VIC_PREDICTION, step)) {
            message(w, VIC_WAITING, p, edge, VIC_PREDICTION, step);
            w->heard_prediction[edge] = news = true;
        }
        known += w->heard_prediction[edge];
    }
    if (news && known > 1)
        vic_write_task(w, p, VIC_TASK_COPY);
    for (int k = 1; news && k < known; k++)
        vic_write_task(w, p, VIC_TASK_ADD);
}

void vic_write_error(vic_writer *w, int p, int step) {
    for (int k = 0; k < w->in[p].n; k++) {
        int edge = w->in[p].edges[k];
        if (!vic_schedule_speaks(w->schedule, edge, VIC_ERROR, step))
            continue;
        compose(w, p, edge, VIC_ERROR);
        vic_write_task(w, p, VIC_TASK_COPY);
        say(w, p, edge, VIC_ERROR, step);
    }
}

bool vic_write_hear_errors(vic_writer *w, int p, int step) {
    bool news = false;
    for (int k = 0; k < w->out[p].n; k++) {
        int edge = w->out[p].edges[k];
        if (!vic_schedule_speaks(w->schedule, edge, VIC_ERROR, step))
            continue;
        message(w, VIC_WAITING, p, edge, VIC_ERROR, step);
        w->heard_error[edge] = news = true;
    }
    return news;
}
