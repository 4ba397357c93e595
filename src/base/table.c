/* A CSV table of one row an epoch, which a resumed run goes on with. */
#include "table.h"
#include "file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vic_table {
    char *path;
    FILE *file;
};

/* Copies the rows up to epoch `last` that a table on disk has below its header. */
static size_t keep_rows(const char *old, uint64_t last, char *kept) {
    size_t length = 0;
    const char *line = strchr(old, '\n');
    for (line = line ? line + 1 : NULL; line && *line; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n');
        char *after;
        unsigned long long epoch = strtoull(line, &after, 10);
        if (end == NULL || after == line || epoch > last)
            break;
        memcpy(kept + length, line, (size_t)(end + 1 - line));
        length += (size_t)(end + 1 - line);
    }
    return length;
}

static vic_status rewrite(const char *path, const char *header, uint64_t last) {
    char *old = NULL, *text = NULL;
    size_t size = 0, head = strlen(header);
    if (last > 0 && vic_read_file(path, VIC_BAD_FILE, &old, &size) != VIC_OK)
        old = NULL;
    vic_status status = vic_allocate(head + size + 2, 1, &text);
    if (status == VIC_OK) {
        memcpy(text, header, head);
        text[head] = '\n';
        size_t kept = old ? keep_rows(old, last, text + head + 1) : 0;
        status = vic_write_file(path, text, head + 1 + kept);
    }
    vic_release(&old);
    vic_release(&text);
    return status;
}

vic_status vic_table_open(vic_table **table, const char *path, const char *header, uint64_t last) {
    VIC_TRY(rewrite(path, header, last));
    VIC_TRY(vic_allocate(1, sizeof **table, table));
    vic_status status = vic_format(&(*table)->path, "%s", path);
    if (status == VIC_OK) {
        (*table)->file = fopen(path, "a");
        if ((*table)->file == NULL)
            status = vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (status != VIC_OK) {
        vic_release(&(*table)->path);
        vic_release(table);
    }
    return status;
}

vic_status vic_table_add(vic_table *table, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(table->file, format, arguments);
    va_end(arguments);
    if (written < 0 || fputc('\n', table->file) == EOF || fflush(table->file) != 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", table->path, strerror(errno));
    return VIC_OK;
}

vic_status vic_table_close(vic_table **table) {
    if (*table == NULL)
        return VIC_OK;
    vic_status status = VIC_OK;
    if (fclose((*table)->file) != 0)
        status = vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", (*table)->path, strerror(errno));
    vic_release(&(*table)->path);
    vic_release(table);
    return status;
}
