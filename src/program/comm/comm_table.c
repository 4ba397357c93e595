/* What people read. */
#include "comm.h"

#include "base/pool.h"

#include <string.h>

enum { TEXT = VIC_DURATION };

const char *vic_duration_text(double seconds, char text[VIC_DURATION]) {
    double us = seconds * 1e6;
    if (us < 999.95)
        snprintf(text, VIC_DURATION, "%.1f us", us);
    else if (us < 999.95e3)
        snprintf(text, TEXT, "%.2f ms", us / 1e3);
    else
        snprintf(text, TEXT, "%.3f s ", seconds);
    return text;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

/* ---- edge by edge ---- */

/* "0", "2-4", "1, 3-5 ...": the steps in which messages were sent. */
static void print_steps(const vic_communication *c, int edge, vic_message_kind kind) {
    enum { LISTED = 4 };
    int listed = 0;
    for (int step = 0; step <= c->steps; step++) {
        int first = step;
        while (step <= c->steps && vic_communication_at(c, edge, kind, step).messages > 0)
            step++;
        if (step == first)
            continue;
        if (listed++ == LISTED) {
            printf(" ...");
            return;
        }
        printf("%s%d", listed > 1 ? ", " : "", first);
        if (step - 1 > first)
            printf("-%d", step - 1);
    }
    if (listed == 0)
        printf("-");
}

static void print_line(const vic_communication *c, const vic_edge *edge, int e, vic_message_kind kind) {
    char posting[TEXT], waiting[TEXT], ends[TEXT];
    vic_ledger_entry sum = vic_communication_of(c, e, kind);
    snprintf(ends, sizeof ends, "%d %s %d", edge->from, kind == VIC_PREDICTION ? "->" : "<-", edge->to);
    printf("  %-11s %-10s %9llu %13llu %11s %11s   ", ends, vic_message_kind_name(kind),
           (unsigned long long)sum.messages, (unsigned long long)sum.bytes,
           vic_duration_text(sum.seconds_posting, posting), vic_duration_text(sum.seconds_waiting, waiting));
    print_steps(c, e, kind);
    printf("\n");
}

static void print_edges(const vic_comm_setting *s, const vic_communication *c) {
    const vic_network *network = s->session.config->network;
    printf("  edge        message     messages         bytes     posting     waiting   in steps (0: the "
           "sweep)\n");
    for (int e = 0; e < network->n_edges; e++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
            print_line(c, &network->edges[e], e, kind);
}

/* ---- rank by rank ---- */

static void print_populations(const vic_comm_setting *s, int rank) {
    const int *rank_of = s->session.rank_of;
    int populations = s->session.config->network->n_populations, first = 0, last = 0;
    char text[TEXT] = "none";
    while (first < populations && rank_of[first] != rank)
        first++;
    for (int p = first; p < populations; p++)
        last = rank_of[p] == rank ? p : last;
    if (first < populations)
        snprintf(text, sizeof text, last > first ? "%d to %d" : "%d", first, last);
    printf("  %4d   %-11s", rank, text);
}

static void print_ranks(const vic_comm_setting *s, const vic_communication *c) {
    char a[TEXT], b[TEXT], d[TEXT], e[TEXT];
    printf("  rank   populations   computing     posting  waiting: late     on wire\n");
    for (int rank = 0; rank < c->n_ranks; rank++) {
        const vic_rank_time *t = &c->ranks[rank];
        print_populations(s, rank);
        printf("%12s %11s %14s %11s\n", vic_duration_text(t->computing, a), vic_duration_text(t->posting, b),
               vic_duration_text(t->late, d), vic_duration_text(t->wire, e));
    }
}

/* ---- algorithm by algorithm ---- */

static void print_run(const vic_comm_run *run) {
    const vic_communication *c = &run->communication;
    vic_rank_time mean = vic_communication_mean(c);
    vic_ledger_entry up = vic_communication_total(c, VIC_PREDICTION),
                     down = vic_communication_total(c, VIC_ERROR);
    char a[TEXT], b[TEXT], d[TEXT], e[TEXT], name[VIC_RUN_NAME];
    printf("%-17s %-13s %11llu %8llu %13llu %11s %11s %11s %11s %7.2f %%\n", vic_comm_name(run, name),
           vic_comm_message_policy(run), (unsigned long long)up.messages, (unsigned long long)down.messages,
           (unsigned long long)(up.bytes + down.bytes), vic_duration_text(c->seconds, a),
           vic_duration_text(mean.computing, b), vic_duration_text(mean.posting + mean.late + mean.wire, d),
           vic_duration_text(c->path, e), 100 * vic_communication_share(c));
}

static void print_head(void) {
    printf("algorithm         messages      predictions   errors         bytes   inference   computing     "
           "waiting   crit.path   to save\n");
}

static double largest_overhead(const vic_comm *comm) {
    double largest = 0;
    for (size_t i = 0; i < comm->n_settings; i++)
        for (size_t k = 0; k < comm->settings[i].n_runs; k++) {
            double overhead = vic_communication_overhead(&comm->settings[i].runs[k].communication);
            largest = overhead > largest ? overhead : largest;
        }
    return largest;
}

static void print_remarks(const vic_comm *comm) {
    const vic_communication *c = &comm->settings[0].runs[0].communication;
    const double overhead = largest_overhead(comm), most = 0.02;
    printf(
        "\n"
        "inference: from the first to the last thing done%s. computing, waiting: mean of the ranks; posting\n"
        "counts as waiting. crit.path: the longest chain of computing and messages, each population on a\n"
        "processor of its own. to save: its share that goes if messages take no time.\n"
        "launch/guide/communication.md explains every column.\n",
        comm->learns ? ", gradients included" : "");
    printf("noting a moment costs %.0f ns: at most %.2g %% of an inference%s.\n", 1e9 * c->reading_cost,
           100 * overhead, overhead > most ? "; give it more to compute, or take its times as rough" : "");
}

static void print_setting(const vic_comm *comm) {
    const vic_comm_setting *s = &comm->settings[0];
    const vic_config *config = s->session.config;
    const vic_comm_run *own = &s->runs[0];
    char threads[32] = "";
    if (vic_pool_threads() > 1)
        snprintf(threads, sizeof threads, " of %d threads", vic_pool_threads());
    printf("%s: %d layers, %s, batch %zu, %d rank%s%s, eta %g; times are those of the median of %d "
           "inference%s\n\n",
           config->name, config->network->n_edges, vic_precision_name(config->network->precision), s->batch,
           s->ranks, plural((size_t)s->ranks), threads, config->inference.eta, comm->repeats,
           plural((size_t)comm->repeats));
    char name[VIC_RUN_NAME];
    printf("%s, %s, %d step%s\n", vic_comm_name(own, name), vic_comm_message_policy(own),
           own->communication.steps, plural((size_t)own->communication.steps));
    print_edges(s, &own->communication);
    printf("\n");
    print_ranks(s, &own->communication);
    printf("\n");
    print_head();
    for (size_t i = 0; i < s->n_runs; i++)
        print_run(&s->runs[i]);
}

/* ---- a sweep ---- */

static int width_of(const vic_axis *axis) {
    size_t width = strlen(axis->key);
    for (size_t i = 0; i < axis->n; i++)
        width = strlen(axis->values[i]) > width ? strlen(axis->values[i]) : width;
    return (int)width;
}

static void print_sweep(const vic_comm *comm) {
    const vic_sweep_grid *grid = &comm->grid;
    for (size_t a = 0; a < grid->n_axes; a++)
        printf("%-*s  ", width_of(&grid->axes[a]), grid->axes[a].key);
    print_head();
    for (size_t i = 0; i < comm->n_settings; i++)
        for (size_t k = 0; k < comm->settings[i].n_runs; k++) {
            for (size_t a = 0; a < grid->n_axes; a++)
                printf("%-*s  ", width_of(&grid->axes[a]), vic_sweep_grid_value(grid, i, a));
            print_run(&comm->settings[i].runs[k]);
        }
}

void vic_comm_print_table(const vic_comm *comm) {
    if (comm->grid.n_axes > 0)
        print_sweep(comm);
    else
        print_setting(comm);
    print_remarks(comm);
}
