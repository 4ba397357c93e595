/* Finds the function that first makes a number that is not finite out of finite ones. */
#include "anomaly.h"

#include <stdio.h>

static bool detects;

void vic_detect_anomalies(bool all) {
    detects = all;
}

bool vic_detects_anomalies(void) {
    return detects;
}

static const vic_arithmetic *arithmetic_of(const vic_projection *p) {
    return vic_arithmetic_of(p->network->precision);
}

static bool is_finite(const vic_projection *p, size_t numbers, const void *array) {
    return array == NULL || arithmetic_of(p)->all_finite(numbers, array);
}

static bool are_parameters_finite(const vic_projection *p, size_t k) {
    const vic_function *f = &p->edge->computed[k];
    size_t first = 0;
    for (size_t i = 0; i < k; i++)
        first += p->edge->computed[i].n_parameters;
    for (size_t i = 0; i < f->n_parameters; i++)
        if (!is_finite(p, f->parameter[i].count, p->theta[first + i]))
            return false;
    return true;
}

bool vic_is_call_finite(const vic_projection *p, size_t k, const vic_call *call) {
    const vic_function *f = &p->edge->computed[k];
    size_t in = vic_shape_count(f->in) * call->samples, out = vic_shape_count(f->out) * call->samples;
    return is_finite(p, in, call->in) && is_finite(p, out, call->out) && is_finite(p, in, call->change_in) &&
           is_finite(p, out, call->error_out) && are_parameters_finite(p, k);
}

/* Where the config lists it: functions of one kind keep their order when others change places. */
static size_t place_of(const vic_edge *edge, size_t k) {
    size_t before = 0, place = 0;
    for (size_t i = 0; i < k; i++)
        before += edge->computed[i].kind == edge->computed[k].kind;
    for (;; place++)
        if (edge->functions[place].kind == edge->computed[k].kind && before-- == 0)
            return place;
}

void vic_watch_result(const vic_projection *p, size_t k, const char *what, size_t numbers,
                      const void *result) {
    const vic_function *f = &p->edge->computed[k];
    if (p->anomaly->found || is_finite(p, numbers, result))
        return;
    p->anomaly->found = true;
    snprintf(p->anomaly->text, sizeof p->anomaly->text,
             "%s %d.%zu of the edge from population %d to %d makes a number that is not finite out of finite "
             "ones in "
             "its %s",
             f->kind->name, p->edge_index, place_of(p->edge, k), p->edge->from, p->edge->to, what);
}
