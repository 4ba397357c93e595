/* The memory of a wiring that is not made. */
#include "coding.h"
#include "ledger.h"

size_t vic_wiring_forecast(const vic_network *network, const bool *here, size_t capacity, int steps) {
    size_t bytes = 0, number = vic_precision_bytes(network->precision);
    for (int e = 0; e < network->n_edges; e++)
        if (here[network->edges[e].from] || here[network->edges[e].to])
            bytes =
                vic_size_sum(bytes, vic_size_sum(vic_size_product(vic_message_numbers(network, e, capacity),
                                                                  VIC_MESSAGE_KINDS * number),
                                                 vic_ledger_row_bytes(steps)));
    return bytes;
}

static vic_status list_wire(const vic_network *network, const bool *here, size_t capacity, int edge,
                            vic_message_kind kind, const vic_wire *wire, vic_inventory_visitor visitor) {
    const vic_edge *e = &network->edges[edge];
    int sender = vic_message_sender(e, kind), receiver = vic_message_receiver(e, kind);
    vic_channel channel = {
        .capacity = vic_message_numbers(network, edge, capacity),
        .precision = network->precision,
        .edge = edge,
        .kind = kind,
        .is_sender = here[sender],
        .is_receiver = here[receiver],
    };
    vic_allocation message = {.population = here[sender] ? sender : receiver,
                              .kind = VIC_ALLOCATION_MESSAGE,
                              .name = vic_message_kind_name(kind),
                              .item = vic_precision_bytes(network->precision)};
    if ((!here[sender] && !here[receiver]) || vic_wire_is_perfect(wire, network->precision))
        return VIC_OK;
    vic_coding *coding;
    vic_status status =
        vic_coding_create(&coding, &channel, wire, NULL, vic_message_numbers(network, edge, 1), true);
    if (status == VIC_OK)
        vic_coding_list(coding, visitor, message);
    vic_coding_destroy(&coding);
    return status;
}

vic_status vic_wiring_forecast_wires(const vic_network *network, const bool *here, size_t capacity,
                                     const vic_wires *wires, vic_inventory_visitor visitor) {
    for (int i = 0; wires && i < network->n_edges * VIC_MESSAGE_KINDS; i++)
        VIC_TRY(list_wire(network, here, capacity, i / VIC_MESSAGE_KINDS, i % VIC_MESSAGE_KINDS,
                          &wires->of[i], visitor));
    return VIC_OK;
}
