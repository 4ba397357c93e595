/* Checks travel as rows of numbers: one row per population, with all checks of the edges that leave it. */
#include "compare.h"

enum { HAS, NORM, RELATIVE, ANGLE, ULP, SCALE, LAW, LAW_ERROR, KEPT, UNDERFLOWS, COLUMNS };

static void pack(vic_layer_check *check, double *row) {
    row[HAS] = check->has_parameters;
    row[NORM] = check->norm;
    row[RELATIVE] = check->relative_error;
    row[ANGLE] = check->angle;
    row[ULP] = check->ulp;
    row[SCALE] = check->scale;
    row[LAW] = check->law;
    row[LAW_ERROR] = check->law_error;
    row[KEPT] = check->kept;
    row[UNDERFLOWS] = check->underflows;
}

static void unpack(vic_layer_check *check, double *row) {
    *check = (vic_layer_check){
        .has_parameters = row[HAS] != 0,
        .norm = row[NORM],
        .relative_error = row[RELATIVE],
        .angle = row[ANGLE],
        .ulp = row[ULP],
        .scale = row[SCALE],
        .law = row[LAW],
        .law_error = row[LAW_ERROR],
        .kept = row[KEPT] != 0,
        .underflows = row[UNDERFLOWS] != 0,
    };
}

static size_t edges_from(const vic_network *network, int population) {
    size_t n = 0;
    for (int e = network->first_out[population]; e >= 0; e = network->edges[e].next_out)
        n++;
    return n;
}

/* Rows are equally long: as the population with most edges needs. */
static size_t row_length(const vic_network *network, size_t n_sets) {
    size_t most = 0;
    for (int p = 0; p < network->n_populations; p++) {
        size_t n = edges_from(network, p);
        most = n > most ? n : most;
    }
    return n_sets * most * COLUMNS;
}

typedef struct sheet {
    const vic_network *network;
    size_t n_sets, width;
    double *mine, *all;
} sheet;

typedef void move_check(vic_layer_check *check, double *row);

/* Moves a population's checks to or from its row. */
static void move_all(const sheet *s, int population, vic_layer_check *checks, double *row, move_check *move) {
    size_t n_edges = (size_t)s->network->n_edges;
    for (size_t set = 0; set < s->n_sets; set++)
        for (int e = s->network->first_out[population]; e >= 0; e = s->network->edges[e].next_out) {
            move(&checks[set * n_edges + (size_t)e], row);
            row += COLUMNS;
        }
}

static vic_status exchange(vic_inference *x, const sheet *s, vic_layer_check *checks) {
    vic_group *group = vic_inference_group(x);
    double *row = s->mine;
    for (int p = 0; p < s->network->n_populations; p++)
        if (vic_inference_population(x, p)) {
            move_all(s, p, checks, row, pack);
            row += s->width;
        }
    VIC_TRY(vic_group_gather_rows(group, vic_inference_rank_of(x), s->network->n_populations, s->width,
                                  s->mine, s->all));
    for (int p = 0; p < s->network->n_populations && vic_group_rank(group) == 0; p++)
        move_all(s, p, checks, s->all + (size_t)p * s->width, unpack);
    return VIC_OK;
}

vic_status vic_checks_collect(vic_inference *x, size_t n_sets, vic_layer_check *checks) {
    const vic_network *network = vic_inference_network(x);
    sheet s = {.network = network, .n_sets = n_sets, .width = row_length(network, n_sets)};
    size_t rows = (size_t)network->n_populations;
    vic_status status = vic_allocate(vic_size_product(rows, s.width), sizeof *s.mine, &s.mine);
    if (status == VIC_OK)
        status = vic_allocate(vic_size_product(rows, s.width), sizeof *s.all, &s.all);
    status = vic_group_agree_on_status(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = exchange(x, &s, checks);
    vic_release(&s.mine);
    vic_release(&s.all);
    return status;
}
