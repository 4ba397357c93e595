/* Which shared memory for messages a rank has mapped: by the kernel's list of its mappings, beside what the
 * edges of an inference declare. */
#include "audit_local.h"

#include <stdlib.h>
#include <string.h>

static const char mappings[] = "/proc/self/maps", folder[] = "/dev/shm", prefix[] = "/dev/shm/vicinal-";

static vic_audit_segment *segments_of(const vic_list *list) {
    return (vic_audit_segment *)(void *)list->items;
}

static vic_audit_segment *find(const vic_list *list, const char *name) {
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(segments_of(list)[i].name, name) == 0)
            return &segments_of(list)[i];
    return NULL;
}

static vic_status find_or_add(vic_list *list, int rank, const char *name, vic_audit_segment **segment) {
    *segment = find(list, name);
    if (*segment)
        return VIC_OK;
    vic_audit_segment fresh = {.rank = rank, .edge = -1};
    snprintf(fresh.name, sizeof fresh.name, "%s", name);
    VIC_TRY(vic_list_add(list, &fresh));
    *segment = find(list, name);
    return VIC_OK;
}

/* A line is "begin-end rights offset device inode path"; one segment may have several. */
static vic_status read_line(vic_list *list, int rank, char *line) {
    char *path = strstr(line, prefix), *end;
    unsigned long long first = strtoull(line, &end, 16);
    if (path == NULL || *end != '-')
        return VIC_OK;
    unsigned long long behind = strtoull(end + 1, &end, 16);
    char *name = path + strlen(folder);
    name[strcspn(name, " \n")] = '\0';
    vic_audit_segment *segment;
    VIC_TRY(find_or_add(list, rank, name, &segment));
    *(end[2] == 'w' ? &segment->writable : &segment->readable) += (size_t)(behind - first);
    return VIC_OK;
}

static vic_status read_mappings(vic_list *list, int rank, FILE *file) {
    char line[512];
    while (fgets(line, sizeof line, file))
        VIC_TRY(read_line(list, rank, line));
    return VIC_OK;
}

/* What is mapped now replaces what was when another inference ended. */
static vic_status merge(vic_audit *a, const vic_list *mapped) {
    for (size_t i = 0; i < mapped->n; i++) {
        const vic_audit_segment *now = &segments_of(mapped)[i];
        vic_audit_segment *segment;
        VIC_TRY(find_or_add(&a->segments, a->me, now->name, &segment));
        segment->writable = now->writable;
        segment->readable = now->readable;
    }
    return VIC_OK;
}

/* Where the kernel has no such list, what is declared is all there is. */
static vic_status declare(vic_audit *a, vic_inference *x, bool is_known) {
    for (int e = 0; e < vic_inference_network(x)->n_edges; e++) {
        const char *name;
        size_t bytes;
        vic_wiring_segment(vic_inference_wiring(x), e, &name, &bytes);
        if (*name == '\0')
            continue;
        if (is_known && find(&a->segments, name) == NULL)
            vic_audit_blame(a, "edge %d declares the shared memory %s, which is not mapped", e, name);
        vic_audit_segment *segment;
        VIC_TRY(find_or_add(&a->segments, a->me, name, &segment));
        segment->edge = e;
        segment->declared = bytes;
        if (!is_known)
            segment->writable = segment->readable = bytes / 2;
    }
    return VIC_OK;
}

vic_status vic_audit_list_segments(vic_audit *a, vic_inference *x) {
    vic_list mapped = {.item = sizeof(vic_audit_segment)};
    FILE *file = fopen(mappings, "r");
    vic_status status = file ? read_mappings(&mapped, a->me, file) : VIC_OK;
    if (status == VIC_OK)
        status = merge(a, &mapped);
    if (status == VIC_OK)
        status = declare(a, x, file != NULL);
    if (file)
        fclose(file);
    vic_list_release(&mapped);
    return status;
}

static int by_name(const void *a, const void *b) {
    const vic_audit_segment *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->rank - y->rank;
}

void vic_audit_sort_segments(vic_audit_report *report) {
    if (report->n_segments > 0)
        qsort(report->segments, report->n_segments, sizeof *report->segments, by_name);
}
