/* The update of each population from the last error that it received, beside backpropagation's. */
#include "explain_messages.h"

#include <math.h>

/* The step whose error was the last one that population p received; 0: none. */
static int last_error_step(const vic_explanation *t, int p) {
    int step = t->steps;
    while (step > 0 && !vic_explanation_receives(t, p, VIC_ERROR, step))
        step--;
    return step;
}

static vic_status print_learning_of(const vic_explanation *t, int p) {
    vic_view view;
    int step = last_error_step(t, p);
    if (t->population < 0)
        printf("\npopulation %d\n", p);
    if (vic_edge_parameters(&t->network->edges[p]) == 0) {
        printf("  layer %d has nothing to learn\n", p + 1);
        return VIC_OK;
    }
    if (step == 0) {
        printf("  %s no error: d theta_%d = 0\n", vic_point_of_view(t, "has heard", "I have heard"), p + 1);
        return VIC_OK;
    }
    printf("  %s d theta_%d = %s_%d . df_%d/dtheta_%d at v_%d, with the last error that %s, of step %d%s:\n",
           vic_point_of_view(t, "applies", "I apply"), p + 1, vic_explanation_error(t), p + 1, p + 1, p + 1,
           p, vic_point_of_view(t, "it heard", "I heard"), step,
           t->batch > 1 ? ", summed over the batch" : "");
    vic_status status = vic_view_open(&view, t, p, t->steps);
    if (status == VIC_OK)
        status = vic_view_vjp(&view, step);
    if (status == VIC_OK)
        vic_print_update(&view);
    vic_view_close(&view);
    return status;
}

void vic_print_parameters(const vic_explanation *t, int edge, double *const *values) {
    for (size_t i = 0; i < vic_edge_parameters(&t->network->edges[edge]); i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(t->network, edge, i);
        size_t rows = slot.parameter->dim[0], row = slot.parameter->count / rows;
        bool vector = slot.parameter->rank == 1;
        for (size_t k = 0; k < (vector ? 1 : vic_shown(rows)); k++) {
            printf(vector ? "      %s = " : "      %s[%zu] = ", slot.parameter->name, k + 1);
            vic_print_vector(t, values[i] + k * row, vector ? rows : row);
            printf("\n");
        }
        if (!vector)
            vic_print_rest(rows);
    }
}

vic_status vic_print_learning(const vic_explanation *t) {
    int output = vic_network_output(t->network);
    if (vic_explanation_learns_in_steps(t)) {
        printf("\n=== learning: every step has updated the synapses; the sum of its gradients follows ===\n");
        if (t->population == output)
            printf("  I own the loss and no synapses: there is nothing to learn for me\n");
        return VIC_OK;
    }
    printf("\n=== learning: each owner of synapses by itself ===\n");
    for (int p = 0; p < output; p++)
        if (vic_is_explained(t, p))
            VIC_TRY(print_learning_of(t, p));
    if (t->population == output)
        printf("  I own the loss and no synapses: there is nothing to learn for me\n");
    return VIC_OK;
}

/* ---- beside backpropagation ---- */

static double binomial(int n, int k) {
    double product = 1;
    for (int i = 1; i <= k; i++)
        product *= (double)(n - k + i) / i;
    return product;
}

/* P[Binomial(n-1, eta) >= height], where it is not too long. */
static void print_law(const vic_explanation *t, int edge, double law) {
    int height = vic_network_output(t->network) - t->network->edges[edge].to;
    int trials = t->steps - vic_explanation_traits(t)->closing_steps - 1;
    vic_number_text eta = vic_number(t, t->options.eta);
    if (!vic_explanation_traits(t)->follows_law || t->options.error_weights) {
        printf("      the law predicts %.9g\n", law);
        return;
    }
    printf("      the law predicts P[Binomial(%d, %s) >= %d]", trials, eta.text, height);
    for (int k = height; k <= trials && trials - height < VIC_EXPLANATION_MOST; k++)
        printf("%s%.9g * %s^%d * (1 - %s)^%d", k > height ? " + " : " = ", binomial(trials, k), eta.text, k,
               eta.text, trials - k);
    printf(" = %.9g\n", law);
}

/* Entry by entry: update / exact. */
static void print_entries(const vic_explanation *t, int edge) {
    for (size_t i = 0; i < vic_edge_parameters(&t->network->edges[edge]); i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(t->network, edge, i);
        size_t row = slot.parameter->count / slot.parameter->dim[0], n = slot.parameter->count;
        for (size_t k = 0; k < vic_shown(n); k++) {
            double update = t->update[edge][i][k], exact = t->exact[edge][i][k];
            printf("      d %s[%zu]", slot.parameter->name, k / row + 1);
            if (slot.parameter->rank > 1)
                printf("[%zu]", k % row + 1);
            printf(": %s here, %s there", vic_number(t, update).text, vic_number(t, exact).text);
            if (exact != 0)
                printf(": %s / %s = %.9g", vic_number(t, update).text, vic_number(t, exact).text,
                       update / exact);
            printf("\n");
        }
        vic_print_rest(n);
    }
}

static void print_verdict(const vic_layer_check *c) {
    if (c->ulp == 0)
        printf("      the same bits as backpropagation's\n");
    else if (isnan(c->angle))
        printf("      no direction to compare\n");
    else if (!isnan(c->law) && c->kept)
        printf("      backpropagation's direction, a length of its own\n");
    else
        printf("      it points %.3g degrees away from backpropagation's, relative error %.3g\n", c->angle,
               c->relative_error);
}

void vic_print_comparison(const vic_explanation *t) {
    printf("\n=== beside backpropagation ===\n");
    for (int e = 0; e < t->network->n_edges; e++) {
        const vic_layer_check *c = &t->checks[e];
        if (!vic_is_explained(t, t->network->edges[e].from) || !c->has_parameters)
            continue;
        printf("\nlayer %d, owned by population %d: d theta_%d here, and backpropagation's\n", e + 1,
               t->network->edges[e].from, e + 1);
        print_entries(t, e);
        if (c->scale == 1)
            printf("      it is as long as backpropagation's\n");
        else if (!isnan(c->scale))
            printf("      it is %.9g times as long\n", c->scale);
        if (!isnan(c->law))
            print_law(t, e, c->law);
        print_verdict(c);
    }
}
