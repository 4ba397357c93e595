/* What this rank holds: only for the populations that are placed here, all of it accounted for. */
#include "audit_local.h"

#include <stdarg.h>
#include <string.h>

typedef struct inventory {
    vic_audit *a;
    const vic_network *network;
    const int *rank_of;
    size_t synapses, messages; /* bytes */
    size_t bytes;              /* of everything but messages, as tallies count */
} inventory;

void vic_audit_blame(vic_audit *a, const char *format, ...) {
    va_list arguments;
    if (a->self.inventory_faults++ > 0)
        return;
    va_start(arguments, format);
    vsnprintf(a->self.inventory_fault, sizeof a->self.inventory_fault, format, arguments);
    va_end(arguments);
}

static void list(vic_audit *a, const vic_allocation *h) {
    vic_audit_allocation held = {.rank = a->me,
                                 .population = h->population,
                                 .kind = h->kind,
                                 .n_dims = h->rank,
                                 .bytes = h->count * h->item};
    snprintf(held.name, sizeof held.name, "%s", h->name);
    memcpy(held.dim, h->dim, sizeof held.dim);
    vic_status status = vic_list_add(&a->allocations, &held);
    if (status != VIC_OK)
        a->trouble = status;
}

static void note(void *context, const vic_allocation *h) {
    inventory *s = context;
    size_t bytes = h->count * h->item;
    if (s->rank_of[h->population] != s->a->me)
        vic_audit_blame(s->a, "%s of population %d is held here, the population lives on rank %d", h->name,
                        h->population, s->rank_of[h->population]);
    if (h->kind == VIC_ALLOCATION_MESSAGE)
        s->messages += bytes;
    else
        s->bytes += vic_allocated_bytes(h->count, h->item);
    if (h->kind == VIC_ALLOCATION_SYNAPSES)
        s->synapses += bytes;
    if (!s->a->inventory_taken)
        list(s->a, h);
}

/* A buffer for each kind of message at each end of an edge, one where both ends are here. */
static size_t expected_messages(const inventory *s, size_t capacity) {
    size_t numbers = 0;
    for (int e = 0; e < s->network->n_edges; e++) {
        const vic_edge *edge = &s->network->edges[e];
        if (s->rank_of[edge->from] == s->a->me || s->rank_of[edge->to] == s->a->me)
            numbers += VIC_MESSAGE_KINDS * capacity * vic_shape_count(s->network->shapes[edge->to]);
    }
    return numbers * vic_precision_bytes(s->network->precision);
}

static void add_bytes(void *bytes, const vic_allocation *array) {
    *(size_t *)bytes += array->count * array->item;
}

/* And what it takes to encode and decode packets, where wires are not perfect. */
static size_t expected_packets(const inventory *s, const vic_inference *x) {
    bool *here;
    size_t bytes = 0;
    if (vic_allocate((size_t)s->network->n_populations, sizeof *here, &here) != VIC_OK) {
        s->a->trouble = VIC_NO_MEMORY;
        return 0;
    }
    for (int p = 0; p < s->network->n_populations; p++)
        here[p] = s->rank_of[p] == s->a->me;
    vic_status status = vic_wiring_forecast_wires(
        s->network, here, vic_inference_capacity(x), vic_inference_get_options(x).wires,
        (vic_inventory_visitor){.context = &bytes, .visit = add_bytes});
    s->a->trouble = status == VIC_OK ? s->a->trouble : status;
    vic_release(&here);
    return bytes;
}

/* The parameters of the network; those of populations placed here are expected here. */
static size_t expected_synapses(const inventory *s) {
    size_t bytes = 0, item = vic_precision_bytes(s->network->precision);
    for (int e = 0; e < s->network->n_edges; e++) {
        int owner = s->network->edges[e].from;
        for (size_t i = 0; i < vic_edge_parameters(&s->network->edges[e]); i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(s->network, e, i);
            vic_audit_parameter parameter = {.population = owner, .bytes = slot.parameter->count * item};
            snprintf(parameter.name, sizeof parameter.name, "%s", slot.name);
            if (s->rank_of[owner] == s->a->me)
                bytes += parameter.bytes;
            if (!s->a->inventory_taken && vic_list_add(&s->a->parameters, &parameter) != VIC_OK)
                s->a->trouble = VIC_NO_MEMORY;
        }
    }
    return bytes;
}

void vic_audit_take_inventory(vic_audit *a, vic_inference *x) {
    inventory s = {.a = a, .network = vic_inference_network(x), .rank_of = vic_inference_rank_of(x)};
    vic_inference_list(x, (vic_inventory_visitor){.context = &s, .visit = note});
    size_t synapses = expected_synapses(&s), messages = expected_messages(&s, vic_inference_capacity(x));
    messages += expected_packets(&s, x);
    for (int id = 0; id < s.network->n_populations; id++)
        if ((vic_inference_population(x, id) != NULL) != (s.rank_of[id] == a->me))
            vic_audit_blame(a, "population %d %s", id,
                            s.rank_of[id] == a->me ? "is missing" : "is here and elsewhere");
    if (s.synapses != synapses)
        vic_audit_blame(a, "%zu bytes of synapses are held, the populations placed here have %zu", s.synapses,
                        synapses);
    if (s.messages != messages)
        vic_audit_blame(a, "%zu bytes are held for messages, the edges that end here take %zu", s.messages,
                        messages);
    if (s.bytes != vic_inference_array_bytes(x))
        vic_audit_blame(a, "arrays of %zu bytes are accounted for, %zu bytes were allocated", s.bytes,
                        vic_inference_array_bytes(x));
    a->inventory_taken = true;
}

/* ---- arrays that belong to no inference ---- */

typedef struct more {
    vic_audit *a;
    size_t bytes;
} more;

static void note_more(void *context, const vic_allocation *h) {
    more *m = context;
    m->bytes += h->count * h->item;
    if (!m->a->inventory_taken)
        list(m->a, h);
}

void vic_audit_add_trainer(const vic_trainer *trainer, const vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    const int *rank_of = vic_inference_rank_of(inference);
    more m = {.a = vic_audit_now};
    size_t numbers = 0;
    if (vic_audit_now == NULL)
        return;
    vic_trainer_list(trainer, (vic_inventory_visitor){.context = &m, .visit = note_more});
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++)
            if (rank_of[network->edges[e].from] == m.a->me)
                numbers += vic_parameter_slot_at(network, e, i).parameter->count;
    size_t expected =
        numbers * vic_trainer_arrays(vic_trainer_options(trainer)) * vic_precision_bytes(network->precision);
    if (m.bytes != expected)
        vic_audit_blame(m.a, "the optimiser keeps %zu bytes, for the synapses held here it needs %zu",
                        m.bytes, expected);
}

void vic_audit_add_data(const vic_dataset *dataset, const vic_network *network) {
    more m = {.a = vic_audit_now};
    if (vic_audit_now)
        vic_dataset_list(dataset, network, (vic_inventory_visitor){.context = &m, .visit = note_more});
}
