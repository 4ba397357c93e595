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

static vic_status forecast_wire(const vic_network *network, const bool *here, size_t capacity, int edge,
                                vic_message_kind kind, const vic_wire *wire,
                                vic_memory_counter *memory_counter) {
    const vic_edge *e = &network->edges[edge];
    vic_channel channel = {
        .capacity = vic_message_numbers(network, edge, capacity),
        .precision = network->precision,
        .edge = edge,
        .kind = kind,
        .is_sender = here[vic_message_sender(e, kind)],
        .is_receiver = here[vic_message_receiver(e, kind)],
    };
    if ((!channel.is_sender && !channel.is_receiver) || vic_wire_is_perfect(wire, network->precision))
        return VIC_OK;
    vic_coding *coding;
    vic_status status = vic_coding_create(&coding, &channel, wire, NULL,
                                          vic_message_numbers(network, edge, 1), memory_counter);
    vic_coding_destroy(&coding);
    return status;
}

vic_status vic_wiring_forecast_wires(const vic_network *network, const bool *here, size_t capacity,
                                     const vic_wires *wires, size_t *bytes) {
    vic_memory_counter memory_counter = {.forecast = true};
    for (int i = 0; wires && i < network->n_edges * VIC_MESSAGE_KINDS; i++)
        VIC_TRY(forecast_wire(network, here, capacity, i / VIC_MESSAGE_KINDS, i % VIC_MESSAGE_KINDS,
                              &wires->of[i], &memory_counter));
    *bytes = memory_counter.bytes;
    return VIC_OK;
}
