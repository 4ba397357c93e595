/* vicinal comm --calibrate: this machine, measured and written down for `vicinal plan`. */
#include "comm.h"

#include "base/pool.h"
#include "config/machine_file.h"
#include "model/calibration.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* 4, 8, 12, 16, 24 ... bytes, up to 16 MiB. */
enum { SIZES = 44, SMALLEST = 4, HOST = 64 };

typedef struct calibration {
    vic_group *group;
    vic_machine machine;
    char host[HOST];
    int *node_of;
    int neighbour, remote; /* the first rank on rank 0's node, and on another; -1: none */
    size_t batch;
    vic_wire_sample samples[2][SIZES]; /* of the node, of the network */
} calibration;

static size_t size_of(size_t i) {
    return i < 2 ? (size_t)SMALLEST << i : ((size_t)(i % 2 ? 4 : 3) << ((i - 2) / 2)) * SMALLEST;
}

/* ---- what is there ---- */

static vic_status look_around(calibration *c) {
    int size = vic_group_size(c->group);
    vic_status status = vic_allocate((size_t)size, sizeof *c->node_of, &c->node_of);
    VIC_TRY(vic_group_agree_on_status(c->group, status));
    VIC_TRY(vic_group_nodes(c->group, c->node_of));
    c->neighbour = c->remote = -1;
    for (int rank = size; rank-- > 0;) {
        c->machine.nodes += c->node_of[rank] == rank;
        if (c->node_of[rank] != 0)
            c->remote = rank;
        else if (rank > 0)
            c->neighbour = rank;
    }
    c->machine.cores = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    c->machine.threads = (size_t)vic_pool_threads();
    c->machine.memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (gethostname(c->host, sizeof c->host - 1) != 0)
        strcpy(c->host, "machine");
    c->machine.name = c->host;
    if (size < 2)
        return vic_fail(VIC_BAD_CONFIG, "--calibrate measures messages: it needs two ranks, mpirun -np 2");
    if (c->machine.threads > c->machine.cores)
        return vic_fail(
            VIC_BAD_CONFIG,
            "--calibrate: a rank of %zu threads has no place on %zu core%s, and no plan would have: "
            "calibrate with --threads %zu or fewer",
            c->machine.threads, c->machine.cores, c->machine.cores == 1 ? "" : "s", c->machine.cores);
    if (c->neighbour < 0 && c->machine.cores > c->machine.threads) {
        fprintf(stderr, "warning: no two ranks share a node, of which the cores of one are described\n");
        c->machine.cores = c->machine.threads;
    }
    return VIC_OK;
}

/* ---- speeds ---- */

static vic_status measure_speed(calibration *c, const vic_command_line *line, vic_precision precision) {
    char override[32];
    vic_session session;
    vic_command_line with = *line;
    snprintf(override, sizeof override, "precision=%s", vic_precision_name(precision));
    with.overrides = NULL;
    vic_status status = vic_allocate(line->n_overrides + 1, sizeof *with.overrides, &with.overrides);
    VIC_TRY(vic_group_agree_on_status(c->group, status));
    for (size_t i = 0; i < line->n_overrides; i++)
        with.overrides[i] = line->overrides[i];
    with.overrides[with.n_overrides++] = override;
    status = vic_session_open(&session, c->group, &with);
    if (status == VIC_OK) {
        vic_speed *speed = &c->machine.speed[precision];
        c->batch = vic_session_batch(&session);
        if (vic_session_prints(&session)) {
            status = vic_calibrate_speed(speed, session.config->network, c->batch);
            fprintf(stderr, "%s: %.3g operations/s in products, %.3g bytes/s, %.3g s a task\n",
                    vic_precision_name(precision), speed->products, speed->bandwidth, speed->call);
        }
        status = vic_group_agree_on_status(c->group, status);
    }
    vic_session_close(&session);
    vic_release(&with.overrides);
    return status;
}

/* ---- wires ---- */

static void print_progress(const vic_wire_sample *s) {
    fprintf(stderr, "%9zu bytes: %.1f us\n", s->bytes, 1e6 * s->message);
}

static vic_status measure_wire(calibration *c, int other, vic_wire_sample *samples, vic_link *link) {
    if (other < 0)
        return VIC_OK;
    if (vic_group_rank(c->group) == 0)
        fprintf(stderr, "messages between rank 0 and rank %d, %s:\n", other,
                c->node_of[other] == 0 ? "on one node" : "on another node");
    for (size_t i = 0; i < SIZES; i++)
        samples[i] = (vic_wire_sample){.bytes = size_of(i)};
    VIC_TRY(vic_calibrate_wire(c->group, other, SIZES, samples, print_progress));
    return vic_group_agree_on_status(
        c->group, vic_group_rank(c->group) == 0 ? vic_link_fit(link, SIZES, samples) : VIC_OK);
}

/* ---- printing ---- */

static void print_wire(const char *title, const vic_link *link, const vic_wire_sample *samples) {
    if (link->n == 0)
        return;
    printf("%s, us      message: measured      fitted      off       send     listen    receive      burst\n",
           title);
    for (size_t i = 0, piece = 0; i < SIZES; i++) {
        const vic_wire_sample *s = &samples[i];
        double fitted = vic_link_message(link, s->bytes);
        bool begins = piece < link->n && s->bytes >= link->pieces[piece].from;
        piece += begins;
        printf("%c %9zu bytes %19.3f %11.3f %6.1f %% %10.3f %10.3f %10.3f %10.3f\n", begins ? '*' : ' ',
               s->bytes, 1e6 * s->message, 1e6 * fitted, 100 * (fitted / s->message - 1), 1e6 * s->send,
               1e6 * s->post_receive, 1e6 * s->receive, 1e6 * s->burst);
    }
    printf("*: a piece begins\n");
}

/* How many ranks a plan for this machine may have. */
static void print_places(const vic_machine *machine) {
    size_t places = vic_machine_ranks_of_node(machine) * machine->nodes;
    printf("a plan on it has up to %zu rank%s of %zu thread%s", places, places == 1 ? "" : "s",
           machine->threads, machine->threads == 1 ? "" : "s");
    puts(machine->threads > 1 ? "; calibrate with --threads 1 to plan more ranks" : "");
}

static vic_status write_down(const calibration *c, const char *path) {
    char day[16], comment[160];
    time_t now = time(NULL);
    struct tm date;
    strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&now, &date));
    snprintf(comment, sizeof comment, "measured by vicinal comm --calibrate on %s, %d ranks, batch %zu", day,
             vic_group_size(c->group), c->batch);
    VIC_TRY(vic_machine_write(&c->machine, path, comment));
    print_wire("on a node  ", &c->machine.node, c->samples[0]);
    print_wire("the network", &c->machine.network, c->samples[1]);
    printf("written to %s: vicinal plan CONFIG --machine %s\n", path, path);
    print_places(&c->machine);
    return VIC_OK;
}

static vic_status measure(calibration *c, const vic_command_line *line) {
    VIC_TRY(vic_group_agree_on_status(c->group, look_around(c)));
    VIC_TRY(measure_speed(c, line, VIC_FLOAT32));
    VIC_TRY(measure_speed(c, line, VIC_FLOAT64));
    VIC_TRY(measure_wire(c, c->neighbour, c->samples[0], &c->machine.node));
    VIC_TRY(measure_wire(c, c->remote, c->samples[1], &c->machine.network));
    return vic_group_agree_on_status(c->group,
                                     vic_group_rank(c->group) == 0 ? write_down(c, line->calibrate) : VIC_OK);
}

vic_status vic_comm_calibrate(vic_group *group, const vic_command_line *line) {
    if (line->n_sweeps > 0 || line->csv || line->svg || line->trace || line->json || line->weights)
        return vic_fail(VIC_BAD_CONFIG,
                        "--calibrate measures the machine, and takes nothing but --set beside it");
    calibration *c;
    vic_status status = vic_allocate(1, sizeof *c, &c);
    VIC_TRY(vic_group_agree_on_status(group, status));
    c->group = group;
    status = measure(c, line);
    vic_release(&c->node_of);
    vic_release(&c->machine.node.pieces);
    vic_release(&c->machine.network.pieces);
    vic_release(&c);
    return status;
}
