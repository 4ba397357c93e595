#include "machine.h"

#include <math.h>

/* The last piece that begins at or below `bytes`. */
static const vic_link_piece *piece_of(const vic_link *link, size_t bytes) {
    size_t i = link->n - 1;
    while (i > 0 && link->pieces[i].from > bytes)
        i--;
    return &link->pieces[i];
}

double vic_link_send(const vic_link *link, size_t bytes) {
    const vic_link_piece *p = piece_of(link, bytes);
    return p->send + p->send_per_byte * (double)bytes;
}

double vic_link_post_receive(const vic_link *link, size_t bytes) {
    return piece_of(link, bytes)->post_receive;
}

double vic_link_receive(const vic_link *link, size_t bytes) {
    const vic_link_piece *p = piece_of(link, bytes);
    return p->receive + p->receive_per_byte * (double)bytes;
}

double vic_link_transmission(const vic_link *link, size_t bytes) {
    return piece_of(link, bytes)->gap_per_byte * (double)bytes;
}

double vic_link_flight(const vic_link *link, size_t bytes) {
    return piece_of(link, bytes)->latency + vic_link_transmission(link, bytes);
}

double vic_link_gap(const vic_link *link, size_t bytes) {
    return fmax(piece_of(link, bytes)->gap, vic_link_transmission(link, bytes));
}

bool vic_link_needs_rendezvous(const vic_link *link, size_t bytes) {
    return piece_of(link, bytes)->rendezvous;
}

double vic_link_message(const vic_link *link, size_t bytes) {
    return vic_link_send(link, bytes) + vic_link_flight(link, bytes) + vic_link_receive(link, bytes);
}

size_t vic_machine_ranks_of_node(const vic_machine *machine) {
    size_t threads = machine->threads > 0 ? machine->threads : 1;
    return machine->cores > threads ? machine->cores / threads : 1;
}

double vic_speed_seconds(const vic_speed *speed, vic_cost cost) {
    return cost.products / speed->products + cost.bytes / speed->bandwidth + speed->call * (double)cost.tasks;
}

void vic_machine_destroy(vic_machine **machine) {
    if (*machine == NULL)
        return;
    vic_release(&(*machine)->name);
    vic_release(&(*machine)->node.pieces);
    vic_release(&(*machine)->network.pieces);
    vic_release(machine);
}
