/* The cost of each rule: the operations of its products, and the bytes that the rest moves. */
#include "boundaries.h"

/* Arrays of one boundary that are read or written, by how many times each. */
typedef struct traffic {
    const vic_edge *edge;
    double numbers; /* a sample */
} traffic;

static void touch(traffic *t, size_t boundary, int times) {
    t->numbers += times * (double)vic_boundary_count(t->edge, boundary);
}

static bool multiplies(const vic_function *f) {
    return f->n_parameters > 0;
}

/* Of the functions first .. last - 1. */
static double products_of(const vic_edge *edge, size_t first, size_t last) {
    double operations = 0;
    for (size_t k = first; k < last; k++)
        if (multiplies(&edge->computed[k]))
            operations += edge->computed[k].kind->operations(&edge->computed[k]);
    return operations;
}

static double predict(traffic *t) {
    const vic_edge *edge = t->edge;
    for (size_t k = 0; k < edge->n_functions; k++) {
        const vic_function *f = &edge->computed[k];
        bool stays = f->kind->is_identity && k > 0 && vic_shares_array(edge, k);
        if (!multiplies(f) && !stays) {
            touch(t, k, 1);
            touch(t, k + 1, 1);
        }
    }
    return products_of(edge, 0, edge->n_functions);
}

/* Does each change add up where boundary k is now? */
static bool moves(const vic_edge *edge, size_t k) {
    size_t n = edge->n_functions;
    bool is_kept = k == 0 || k == n || !vic_shares_array(edge, k);
    return is_kept && (vic_is_read_by_vjp(edge, k) || (k > 0 && vic_is_read_by_gradient(edge, k)));
}

/* A function reads where it was and by how much that moves; where it is now is a sum. */
static double change(traffic *t) {
    const vic_edge *edge = t->edge;
    size_t n = edge->n_functions;
    for (size_t k = 0; k <= n; k++) {
        if (moves(edge, k))
            touch(t, k, 3);
        if (k == n || multiplies(&edge->computed[k]))
            continue;
        touch(t, k, edge->computed[k].kind->is_identity ? 1 : 2);
        touch(t, k + 1, 1);
    }
    return products_of(edge, 0, n);
}

/* Through the functions n - 1 .. last: each reads the error above it and, unless it is a product or a copy or
 * has saved context, which is short, its input or output. */
static double vjp(traffic *t, size_t last) {
    const vic_edge *edge = t->edge;
    for (size_t k = edge->n_functions; k-- > last;) {
        const vic_function *f = &edge->computed[k];
        if (multiplies(f))
            continue;
        touch(t, k + 1, 1);
        touch(t, k, 1);
        if (!f->kind->is_identity && !vic_saves_context(f))
            touch(t, k, 1); /* or k + 1, which is as large where a function works in place */
    }
    return products_of(edge, last, edge->n_functions);
}

/* Errors are taken back to just above the lowest function that has parameters. */
static double gradient(traffic *t) {
    const vic_edge *edge = t->edge;
    size_t lowest = 0;
    while (lowest < edge->n_functions && !multiplies(&edge->computed[lowest]))
        lowest++;
    if (lowest == edge->n_functions)
        return 0;
    return vjp(t, lowest + 1) + products_of(edge, 0, edge->n_functions);
}

/* Blocks are copied out of messages and into them. */
static void cross(traffic *t, vic_task task) {
    if (task != VIC_TASK_GRADIENT)
        touch(t, 0, 2);
    touch(t, t->edge->n_functions, 2);
}

vic_cost vic_edge_cost(const vic_network *network, int edge, vic_task task, size_t batch) {
    traffic t = {.edge = &network->edges[edge]};
    bool whole = vic_block_size(t.edge, network->precision, batch) == batch;
    double products = 0;
    if (!whole)
        cross(&t, task);
    if (task == VIC_TASK_PREDICT)
        products = predict(&t);
    else if (task == VIC_TASK_CHANGE)
        products = change(&t);
    else if (task == VIC_TASK_VJP)
        products = vjp(&t, 0);
    else if (task == VIC_TASK_GRADIENT)
        products = gradient(&t);
    double samples = (double)batch;
    return (vic_cost){.products = samples * products,
                      .bytes = samples * t.numbers * (double)vic_precision_bytes(network->precision),
                      .tasks = 1};
}

vic_cost vic_microbatch_cost(const vic_network *network, int edge, vic_task task,
                             vic_sample_range microbatch) {
    vic_cost cost = vic_edge_cost(network, edge, task, microbatch.samples);
    double synapses = 0;
    for (size_t i = 0; i < vic_edge_parameters(&network->edges[edge]); i++)
        synapses += (double)vic_parameter_slot_at(network, edge, i).parameter->count;
    if (microbatch.first > 0 && cost.products > 0)
        cost.bytes +=
            (task == VIC_TASK_GRADIENT ? 2 : 1) * synapses * (double)vic_precision_bytes(network->precision);
    return cost;
}

vic_cost vic_population_cost(const vic_network *network, int population, vic_task task, size_t batch) {
    static const int arrays[] = {
        [VIC_TASK_CLEAR] = 1,    [VIC_TASK_COPY] = 2, [VIC_TASK_SUM] = 1,   [VIC_TASK_ADD] = 3,
        [VIC_TASK_SUBTRACT] = 3, [VIC_TASK_MIX] = 3,  [VIC_TASK_RELAX] = 4, [VIC_TASK_LOSS] = 3,
    };
    size_t numbers = vic_shape_count(network->shapes[population]) * batch;
    return (vic_cost){.bytes = arrays[task] * (double)(numbers * vic_precision_bytes(network->precision)),
                      .tasks = 1};
}

void vic_cost_add(vic_cost *total, vic_cost more) {
    total->products += more.products;
    total->bytes += more.bytes;
    total->tasks += more.tasks;
}
