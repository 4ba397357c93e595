/* Machines described in YAML or JSON, for `vicinal plan`: launch/guide/machines.md. */

#include "machine_file.h"
#include "config_reader.h"
#include "config_yaml.h"

#include "base/file.h"

#include <stdio.h>

enum { MOST_NODES = 10000000, MOST_CORES = 100000 };

/* What lies outside is a slip: no wire takes as long, no processor is as slow or as fast. */
static const config_range seconds = {.lowest = 0, .below = 3600},
                          seconds_per_byte = {.lowest = 0, .below = 1}, rate = {.lowest = 1e3, .below = 1e18},
                          call = {.lowest = 0, .below = 1}, memory = {.lowest = 1 << 20, .below = 1e18};

/* A number of a mapping: where it must be, what it may be, where it goes. */
typedef struct field {
    const char *key;
    bool required;
    config_range range;
    double *to;
} field;

static vic_status read_fields(const config_node *mapping, size_t n, const field *fields) {
    const config_node *node;
    for (size_t i = 0; i < n; i++) {
        node = config_node_find(mapping, fields[i].key);
        if (fields[i].required)
            VIC_TRY(config_require(mapping, fields[i].key, "it is a number", &node));
        if (node != NULL)
            VIC_TRY(config_number(node, fields[i].range, fields[i].to));
    }
    return VIC_OK;
}

/* ---- wires ---- */

static vic_status read_piece(const config_node *node, const vic_link_piece *before, vic_link_piece *piece) {
    static const char *const keys[] = {"from",    "latency",         "gap",    "gap_per_byte",
                                       "send",    "send_per_byte",   "listen", "rendezvous",
                                       "receive", "receive_per_byte"};
    const field fields[] = {
        {"latency", true, seconds, &piece->latency},
        {"gap", false, seconds, &piece->gap},
        {"gap_per_byte", true, seconds_per_byte, &piece->gap_per_byte},
        {"send", true, seconds, &piece->send},
        {"send_per_byte", false, seconds_per_byte, &piece->send_per_byte},
        {"listen", false, seconds, &piece->post_receive},
        {"receive", true, seconds, &piece->receive},
        {"receive_per_byte", false, seconds_per_byte, &piece->receive_per_byte},
    };
    const config_node *from;
    uint64_t bytes;
    VIC_TRY(config_mapping(node, keys, sizeof keys / sizeof *keys));
    VIC_TRY(config_require(node, "from", "the smallest message of this piece in bytes", &from));
    VIC_TRY(config_integer(from, 0, SIZE_MAX / 2, &bytes));
    if (before == NULL && bytes != 0)
        return config_expected(from, "0 in the first piece, so that every message has one");
    if (before != NULL && bytes <= before->from)
        return config_expected(from, "larger than in the piece before");
    piece->from = (size_t)bytes;
    const config_node *rendezvous = config_node_find(node, "rendezvous");
    if (rendezvous != NULL)
        VIC_TRY(config_switch(rendezvous, &piece->rendezvous));
    return read_fields(node, sizeof fields / sizeof *fields, fields);
}

static vic_status read_link(const config_node *links, const char *key, vic_link *link) {
    const config_node *node = config_node_find(links, key);
    if (node == NULL || config_node_is_null(node))
        return VIC_OK;
    VIC_TRY(config_sequence(node, "a list of pieces, by the size of messages"));
    VIC_TRY(vic_allocate(node->count, sizeof *link->pieces, &link->pieces));
    for (const config_node *entry = node->first; entry != NULL; entry = entry->next) {
        vic_link_piece *piece = &link->pieces[link->n];
        VIC_TRY(read_piece(entry, link->n > 0 ? piece - 1 : NULL, piece));
        link->n++;
    }
    return VIC_OK;
}

static vic_status read_links(const config_node *root, vic_machine *machine) {
    static const char *const keys[] = {"node", "network"};
    const config_node *links;
    VIC_TRY(config_require(root, "links", "describe its wires: links.node, links.network", &links));
    VIC_TRY(config_mapping(links, keys, 2));
    VIC_TRY(read_link(links, "node", &machine->node));
    VIC_TRY(read_link(links, "network", &machine->network));
    if (machine->node.n == 0 && vic_machine_ranks_of_node(machine) > 1)
        return config_fail(links->place, "links.node is missing: a node has %zu cores", machine->cores);
    if (machine->network.n == 0 && machine->nodes > 1)
        return config_fail(links->place, "links.network is missing: there are %zu nodes", machine->nodes);
    return VIC_OK;
}

/* ---- processors ---- */

static vic_status read_speed(const config_node *node, vic_speed *speed) {
    static const char *const keys[] = {"products", "bandwidth", "call"};
    const field fields[] = {
        {"products", true, rate, &speed->products},
        {"bandwidth", true, rate, &speed->bandwidth},
        {"call", false, call, &speed->call},
    };
    VIC_TRY(config_mapping(node, keys, sizeof keys / sizeof *keys));
    return read_fields(node, sizeof fields / sizeof *fields, fields);
}

static vic_status read_compute(const config_node *root, vic_machine *machine) {
    const char *const names[] = {vic_precision_name(VIC_FLOAT32), vic_precision_name(VIC_FLOAT64)};
    const config_node *compute;
    VIC_TRY(config_require(root, "compute", "say how fast a rank is: compute.float32, compute.float64",
                           &compute));
    VIC_TRY(config_mapping(compute, names, VIC_PRECISIONS));
    if (compute->count == 0)
        return config_expected(compute, "the speed of a rank in float32, float64 or both");
    for (int p = 0; p < VIC_PRECISIONS; p++) {
        const config_node *node = config_node_find(compute, names[p]);
        if (node != NULL)
            VIC_TRY(read_speed(node, &machine->speed[p]));
    }
    return VIC_OK;
}

static vic_status read_count(const config_node *root, const char *key, uint64_t most, size_t *count) {
    const config_node *node;
    uint64_t value;
    VIC_TRY(config_require(root, key, "it is a whole number from 1 on", &node));
    VIC_TRY(config_integer(node, 1, most, &value));
    *count = (size_t)value;
    return VIC_OK;
}

static vic_status read_machine(const config_node *root, const char *path, vic_machine *machine) {
    static const char *const keys[] = {"name", "nodes", "cores", "threads", "memory", "compute", "links"};
    const field fields[] = {{"memory", true, memory, &machine->memory}};
    const config_node *name;
    const char *text = path;
    VIC_TRY(config_mapping(root, keys, sizeof keys / sizeof *keys));
    name = config_node_find(root, "name");
    if (name != NULL)
        VIC_TRY(config_string(name, &text));
    VIC_TRY(vic_format(&machine->name, "%s", text));
    VIC_TRY(read_count(root, "nodes", MOST_NODES, &machine->nodes));
    VIC_TRY(read_count(root, "cores", MOST_CORES, &machine->cores));
    machine->threads = 1;
    if (config_node_find(root, "threads") != NULL)
        VIC_TRY(read_count(root, "threads", machine->cores, &machine->threads));
    VIC_TRY(read_fields(root, 1, fields));
    VIC_TRY(read_compute(root, machine));
    return read_links(root, machine);
}

vic_status vic_machine_parse(vic_machine **machine, const char *path, const char *text, size_t size) {
    const config_place start = {.source = path, .line = 1, .column = 1};
    config_node *root = NULL;
    VIC_TRY(vic_allocate(1, sizeof **machine, machine));
    vic_status status = config_yaml_read(&root, text, size, start);
    if (status == VIC_OK && (root == NULL || config_node_is_null(root)))
        status = config_fail(start, "the machine file is empty; launch/guide/machines.md says what it holds");
    if (status == VIC_OK && root->kind != CONFIG_MAPPING)
        status = config_fail(
            start, "a machine file is a mapping with the keys name, nodes, cores, threads, memory, compute, "
                   "links; launch/guide/machines.md explains them");
    if (status == VIC_OK)
        status = read_machine(root, path, *machine);
    config_node_destroy(&root);
    if (status != VIC_OK)
        vic_machine_destroy(machine);
    return status;
}

/* ---- writing ---- */

static void write_number(FILE *to, const char *before, double value) {
    char number[VIC_NUMBER_TEXT];
    if (vic_number_write(value, number) == VIC_OK)
        fprintf(to, "%s: %s", before, number);
}

static void write_link(FILE *to, const char *key, const vic_link *link) {
    if (link->n == 0)
        return;
    fprintf(to, "  %s:\n", key);
    for (size_t i = 0; i < link->n; i++) {
        const vic_link_piece *p = &link->pieces[i];
        fprintf(to, "    - {from: %zu", p->from);
        write_number(to, ", latency", p->latency);
        write_number(to, ", gap", p->gap);
        write_number(to, ", gap_per_byte", p->gap_per_byte);
        write_number(to, ",\n       send", p->send);
        write_number(to, ", send_per_byte", p->send_per_byte);
        write_number(to, ", listen", p->post_receive);
        if (p->rendezvous)
            fputs(", rendezvous: true", to);
        write_number(to, ", receive", p->receive);
        write_number(to, ", receive_per_byte", p->receive_per_byte);
        fputs("}\n", to);
    }
}

static void write_machine(FILE *to, const vic_machine *m) {
    fputs("name: '", to);
    for (const char *c = m->name; *c != '\0'; c++)
        fprintf(to, *c == '\'' ? "''" : "%c", *c);
    fprintf(to, "'\nnodes: %zu\ncores: %zu # of a node\nthreads: %zu # of a rank, a core each\n", m->nodes,
            m->cores, m->threads);
    write_number(to, "memory", m->memory);
    fputs(" # bytes of a node\ncompute: # of a rank: operations, and bytes read and written, a second; "
          "seconds a "
          "call\n",
          to);
    for (int p = 0; p < VIC_PRECISIONS; p++) {
        const vic_speed *speed = &m->speed[p];
        if (speed->products == 0)
            continue;
        fprintf(to, "  %s: {", vic_precision_name((vic_precision)p));
        write_number(to, "products", speed->products);
        write_number(to, ", bandwidth", speed->bandwidth);
        write_number(to, ", call", speed->call);
        fputs("}\n", to);
    }
    fputs("links: # seconds, and seconds a byte, for messages of `from` bytes or more\n", to);
    write_link(to, "node", &m->node);
    write_link(to, "network", &m->network);
}

vic_status vic_machine_write(const vic_machine *machine, const char *path, const char *comment) {
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    fprintf(to, "# %s\n", comment);
    write_machine(to, machine);
    bool whole = fclose(to) == 0;
    vic_status status = whole ? vic_write_file(path, text, size) : vic_fail(VIC_NO_MEMORY, "out of memory");
    vic_release(&text);
    return status;
}
