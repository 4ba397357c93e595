/* The algorithms as who computes what and speaks when, each beside its file in src/inference/. */
#include "score_writer.h"

#include <string.h>

/* ---- exact.c ---- */

static void exact_slice(vic_writer *w, int i) {
    for (int k = w->n_residents; k-- > 0;) {
        int p = w->residents[k];
        vic_write_hear_errors(w, p, i);
        if (vic_writes_hidden(w, p))
            vic_write_feed_back(w, p);
        vic_write_error(w, p, i);
    }
}

static void exact_step(vic_writer *w, int i) {
    vic_write_listen(w, VIC_ERROR, i);
    for (int slice = 0; slice < w->n_slices; slice++) {
        vic_write_turn_to(w, slice);
        exact_slice(w, i);
    }
    for (int k = 0; k < w->n_residents; k++)
        for (int slice = 0; vic_writes_hidden(w, w->residents[k]) && slice < w->n_slices; slice++) {
            vic_write_turn_to(w, slice);
            vic_write_task(w, w->residents[k], VIC_TASK_SUM);
        }
}

/* ---- fixed_prediction.c ---- */

static bool keeps_nothing(const vic_writer *w) {
    if (vic_writes_beliefs(w))
        return false;
    for (int p = 1; p < vic_network_output(w->network); p++)
        if (w->options.eta * vic_scalar_precision(&w->options, p) != 1)
            return false;
    return w->options.eta == 1 || vic_network_output(w->network) > 1;
}

static void fixed_form_error(vic_writer *w, int p, int i) {
    bool unchanged = keeps_nothing(w) && i > w->longest[p] + 1;
    if (vic_writes_beliefs(w))
        vic_write_task(w, p, VIC_TASK_SUBTRACT);
    if (!unchanged && vic_has_feedback(w, p))
        vic_write_task(w, p, VIC_TASK_SUM);
}

static void fixed_relax(vic_writer *w, int p, bool news) {
    if (!vic_has_feedback(w, p))
        return;
    if (vic_writes_beliefs(w))
        vic_write_task(w, p, VIC_TASK_RELAX);
    else if (!keeps_nothing(w) || news)
        vic_write_task(w, p, VIC_TASK_MIX);
}

static void fixed_step(vic_writer *w, int i) {
    bool last = i == vic_schedule_steps(w->schedule);
    vic_write_listen(w, VIC_ERROR, i);
    for (int k = 0; k < w->n_residents; k++) {
        if (vic_writes_hidden(w, w->residents[k]))
            fixed_form_error(w, w->residents[k], i);
        vic_write_error(w, w->residents[k], i);
    }
    for (int k = 0; k < w->n_residents; k++) {
        int p = w->residents[k];
        bool news = vic_write_hear_errors(w, p, i);
        if (!vic_writes_hidden(w, p) || (last && !w->options.record))
            continue;
        if (news)
            vic_write_feed_back(w, p);
        if (!last || vic_writes_beliefs(w))
            fixed_relax(w, p, news);
    }
}

/* ---- strict.c ---- */

static void strict_start(vic_writer *w, int p) {
    bool given = w->options.initial_beliefs && vic_writes_hidden(w, p);
    if (p == 0)
        return;
    if (vic_writes_beliefs(w)) {
        if (given)
            vic_write_task(w, p, VIC_TASK_COPY);
        return;
    }
    for (int k = 0; k < w->in[p].n; k++)
        w->heard_prediction[w->in[p].edges[k]] = false;
    vic_write_task(w, p, given ? VIC_TASK_SUBTRACT : VIC_TASK_CLEAR);
}

static bool has_prediction(const vic_writer *w, int p) {
    for (int k = 0; k < w->in[p].n; k++)
        if (w->heard_prediction[w->in[p].edges[k]])
            return true;
    return false;
}

static void strict_form_error(vic_writer *w, int p) {
    if (vic_writes_hidden(w, p)) {
        vic_write_task(w, p,
                       vic_writes_beliefs(w) || has_prediction(w, p) ? VIC_TASK_SUBTRACT : VIC_TASK_MIX);
        vic_write_task(w, p, VIC_TASK_SUM);
        return;
    }
    if (!vic_writes_beliefs(w)) {
        vic_write_task(w, p, VIC_TASK_COPY);
        if (has_prediction(w, p))
            vic_write_task(w, p, VIC_TASK_ADD);
    }
    vic_write_task(w, p, VIC_TASK_LOSS);
}

static void strict_err(vic_writer *w, int i) {
    for (int k = 0; k < w->n_residents; k++) {
        int p = w->residents[k];
        vic_write_hear_predictions(w, p, i);
        if (p > 0)
            strict_form_error(w, p);
        vic_write_error(w, p, i);
    }
}

static void strict_step(vic_writer *w, int i) {
    for (int k = 0; i == 1 && k < w->n_residents; k++)
        strict_start(w, w->residents[k]);
    vic_write_listen(w, VIC_PREDICTION, i);
    vic_write_listen(w, VIC_ERROR, i);
    for (int k = 0; k < w->n_residents; k++)
        if (vic_writes_hidden(w, w->residents[k]))
            vic_write_predictions(w, w->residents[k],
                                  vic_writes_beliefs(w) ? VIC_TASK_PREDICT : VIC_TASK_CHANGE, i);
    strict_err(w, i);
    for (int k = 0; k < w->n_residents; k++) {
        int p = w->residents[k];
        bool news = vic_write_hear_errors(w, p, i);
        if (!vic_writes_hidden(w, p))
            continue;
        if (news)
            vic_write_feed_back(w, p);
        if (vic_has_feedback(w, p))
            vic_write_task(w, p, VIC_TASK_RELAX);
    }
}

static const vic_scored_algorithm algorithms[] = {
    {.name = "exact", .forms_every_error = true, .step = exact_step},
    {.name = "fixed-prediction", .step = fixed_step},
    {.name = "strict", .forms_every_error = true, .follows_beliefs = true, .step = strict_step},
};

const vic_scored_algorithm *vic_scored_algorithm_find(const char *name) {
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}
