/* Designs as handles: making, changing, copying. */
#include "design.h"

#include <stdio.h>
#include <string.h>

static vic_status append(vic_text_list *list, const char *text) {
    VIC_TRY(vic_grow(&list->all, list->n, sizeof *list->all));
    VIC_TRY(vic_format(&list->all[list->n], "%s", text));
    list->n++;
    return VIC_OK;
}

static vic_status append_all(vic_text_list *list, const vic_text_list *from) {
    for (size_t i = 0; i < from->n; i++)
        VIC_TRY(append(list, from->all[i]));
    return VIC_OK;
}

static void release_list(vic_text_list *list) {
    for (size_t i = 0; i < list->n; i++)
        vic_release(&list->all[i]);
    vic_release(&list->all);
}

static vic_status add_edge(vic_design *design, int from, int to, const char *functions) {
    VIC_TRY(vic_grow(&design->edges, design->n_edges, sizeof *design->edges));
    vic_design_edge *edge = &design->edges[design->n_edges];
    *edge = (vic_design_edge){.from = from, .to = to};
    VIC_TRY(vic_format(&edge->functions, "%s", functions));
    design->n_edges++;
    return VIC_OK;
}

static vic_status set_places(vic_design *design, const int *rank_of, size_t n) {
    int *copy;
    VIC_TRY(vic_allocate(n, sizeof *copy, &copy));
    memcpy(copy, rank_of, n * sizeof *copy);
    vic_release(&design->rank_of);
    design->rank_of = copy;
    design->n_places = n;
    return VIC_OK;
}

/* *design becomes one with this text. */
static vic_status make(vic_design **design, const char *path, const char *text) {
    VIC_TRY(vic_allocate(1, sizeof **design, design));
    vic_status status = vic_format(&(*design)->path, "%s", path);
    if (status == VIC_OK)
        status = vic_format(&(*design)->text, "%s", text);
    if (status != VIC_OK)
        vic_design_release(design);
    return status;
}

static vic_status copy_into(vic_design *copy, const vic_design *design) {
    copy->is_created = design->is_created;
    VIC_TRY(append_all(&copy->layers, &design->layers));
    VIC_TRY(append_all(&copy->settings, &design->settings));
    for (size_t i = 0; i < design->n_edges; i++)
        VIC_TRY(add_edge(copy, design->edges[i].from, design->edges[i].to, design->edges[i].functions));
    return design->n_places ? set_places(copy, design->rank_of, design->n_places) : VIC_OK;
}

vic_status vic_design_copy(vic_design **copy, const vic_design *design) {
    VIC_TRY(make(copy, design->path, design->text));
    vic_status status = copy_into(*copy, design);
    if (status != VIC_OK)
        vic_design_release(copy);
    return status;
}

void vic_design_release(vic_design **design) {
    vic_design *d = *design;
    if (d == NULL)
        return;
    release_list(&d->layers);
    release_list(&d->settings);
    for (size_t i = 0; i < d->n_edges; i++)
        vic_release(&d->edges[i].functions);
    vic_release(&d->edges);
    vic_release(&d->rank_of);
    vic_release(&d->path);
    vic_release(&d->text);
    vic_release(design);
}

vic_status vic_design_push(vic_design *design, const char *key, const char *value) {
    char *setting;
    if (key[0] == '\0' || strchr(key, '='))
        return vic_fail(VIC_BAD_CONFIG, "'%s' is no key; one is inference.eta", key);
    VIC_TRY(vic_format(&setting, "%s=%s", key, value));
    vic_status status = append(&design->settings, setting);
    vic_release(&setting);
    return status;
}

void vic_design_pop(vic_design *design) {
    vic_release(&design->settings.all[--design->settings.n]);
}

uint64_t vic_text_hash(uint64_t hash, const char *text) {
    const uint64_t prime = UINT64_C(1099511628211), mask = (UINT64_C(1) << 62) - 1; /* FNV-1a */
    for (const char *c = text;; c++) {
        hash = ((hash ^ (unsigned char)*c) * prime) & mask;
        if (*c == '\0')
            return hash;
    }
}

static uint64_t number_hash(uint64_t hash, int number) {
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    return vic_text_hash(hash, text);
}

uint64_t vic_design_hash(const vic_design *d) {
    uint64_t hash = vic_text_hash(0, d->text);
    for (size_t i = 0; i < d->layers.n; i++)
        hash = vic_text_hash(hash, d->layers.all[i]);
    for (size_t i = 0; i < d->settings.n; i++)
        hash = vic_text_hash(hash, d->settings.all[i]);
    for (size_t i = 0; i < d->n_edges; i++)
        hash = vic_text_hash(number_hash(number_hash(hash, d->edges[i].from), d->edges[i].to),
                             d->edges[i].functions);
    for (size_t i = 0; i < d->n_places; i++)
        hash = number_hash(hash, d->rank_of[i]);
    return hash;
}

/* ---- what a program calls ---- */

static vic_status check(const vic_design *design) {
    return vic_handle_is(design, VIC_HANDLE_DESIGN) ? VIC_OK : VIC_FAIL_WRONG_USE("there is no such design");
}

/* Registers a new handle where `status` is VIC_OK. */
static vic_result publish(vic_design **design, vic_status status) {
    if (status == VIC_OK)
        vic_handle_register(&(*design)->handle, VIC_HANDLE_DESIGN);
    return vic_result_of(status);
}

static vic_status write_shape(char *text, size_t size, int rank, const size_t *dim) {
    size_t used = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < rank; i++) {
        if (dim[i] == 0)
            return VIC_FAIL_WRONG_USE("axis %d of the input has no numbers", i);
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", dim[i]);
    }
    snprintf(text + used, size - used, "]");
    return VIC_OK;
}

static vic_status create(vic_design **design, int rank, const size_t *dim) {
    char text[VIC_SHAPE_TEXT];
    VIC_TRY(vic_check_pointer(design, "design"));
    *design = NULL;
    VIC_TRY(vic_check_pointer(dim, "dim"));
    if (rank < 1 || rank > VIC_MAX_RANK)
        return VIC_FAIL_WRONG_USE("an input of %d axes, expected 1 to %d", rank, VIC_MAX_RANK);
    VIC_TRY(write_shape(text, sizeof text, rank, dim));
    VIC_TRY(make(design, "design", text));
    (*design)->is_created = true;
    return VIC_OK;
}

vic_result vic_design_create(vic_design **design, int rank, const size_t *dim) {
    return publish(design, create(design, rank, dim));
}

/* The text is kept as it is: settings may complete it, so that it is parsed by vic_design_check. */
static vic_status read_design(vic_design **design, const char *path) {
    char *text;
    size_t size;
    VIC_TRY(vic_check_pointer(design, "design"));
    *design = NULL;
    VIC_TRY(vic_check_pointer(path, "path"));
    VIC_TRY(vic_read_file(path, VIC_BAD_FILE, &text, &size));
    vic_status status = make(design, path, text);
    vic_release(&text);
    return status;
}

vic_result vic_design_read(vic_design **design, const char *path) {
    return publish(design, read_design(design, path));
}

static vic_status parse(vic_design **design, const char *text) {
    VIC_TRY(vic_check_pointer(design, "design"));
    *design = NULL;
    VIC_TRY(vic_check_pointer(text, "text"));
    return make(design, "design", text);
}

vic_result vic_design_parse(vic_design **design, const char *text) {
    return publish(design, parse(design, text));
}

vic_result vic_design_destroy(vic_design **design) {
    if (design == NULL)
        return vic_result_of(vic_check_pointer(design, "design"));
    if (*design == NULL)
        return VIC_RESULT_OK;
    vic_status status = check(*design);
    if (status != VIC_OK)
        return vic_result_of(status);
    vic_handle_unregister(&(*design)->handle);
    vic_design_release(design);
    return VIC_RESULT_OK;
}

static vic_status add_layer(vic_design *design, const char *functions) {
    VIC_TRY(check(design));
    VIC_TRY(vic_check_pointer(functions, "functions"));
    if (!design->is_created)
        return VIC_FAIL_WRONG_USE("%s: the design has its layers from its text", design->path);
    return append(&design->layers, functions);
}

vic_result vic_design_add_layer(vic_design *design, const char *functions) {
    return vic_result_of(add_layer(design, functions));
}

static vic_status connect_edge(vic_design *design, int from, int to, const char *functions) {
    VIC_TRY(check(design));
    VIC_TRY(vic_check_pointer(functions, "functions"));
    if (from < 0 || from >= to)
        return VIC_FAIL_WRONG_USE("an edge from population %d to %d: edges go upward", from, to);
    return add_edge(design, from, to, functions);
}

vic_result vic_design_connect(vic_design *design, int from, int to, const char *functions) {
    return vic_result_of(connect_edge(design, from, to, functions));
}

static vic_status set(vic_design *design, const char *key, const char *value) {
    VIC_TRY(check(design));
    VIC_TRY(vic_check_pointer(key, "key"));
    VIC_TRY(vic_check_pointer(value, "value"));
    return vic_design_push(design, key, value);
}

vic_result vic_design_set(vic_design *design, const char *key, const char *value) {
    return vic_result_of(set(design, key, value));
}

static vic_status place(vic_design *design, const int *rank_of, size_t populations) {
    VIC_TRY(check(design));
    VIC_TRY(vic_check_pointer(rank_of, "rank_of"));
    if (populations == 0 || populations > VIC_MOST_NUMBERS)
        return VIC_FAIL_WRONG_USE("places of %zu populations", populations);
    for (size_t p = 0; p < populations; p++)
        if (rank_of[p] < 0)
            return VIC_FAIL_WRONG_USE("population %zu is placed on rank %d", p, rank_of[p]);
    return set_places(design, rank_of, populations);
}

vic_result vic_design_place(vic_design *design, const int *rank_of, size_t populations) {
    return vic_result_of(place(design, rank_of, populations));
}

static vic_status check_whole(const vic_design *design, size_t *populations) {
    vic_config *config;
    VIC_TRY(check(design));
    VIC_TRY(vic_design_config(design, &config));
    if (populations)
        *populations = (size_t)config->network->n_populations;
    vic_config_destroy(&config);
    return VIC_OK;
}

vic_result vic_design_check(const vic_design *design, size_t *populations) {
    return vic_result_of(check_whole(design, populations));
}
