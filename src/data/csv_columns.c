/* Do the headers of text files agree? */
#include "csv_head.h"
#include "dataset.h"

#include "base/stream.h"

#include <string.h>
#include <sys/stat.h>

typedef struct columns {
    const char *path;
    bool named;            /* there is a header; without one there are no names */
    size_t line, n, label; /* n is 0 where the file cannot be understood */
    char **names;
} columns;

static void release(columns *c) {
    for (size_t i = 0; c->names && i < c->n; i++)
        vic_release(&c->names[i]);
    vic_release(&c->names);
    memset(c, 0, sizeof *c);
}

static vic_status keep_names(columns *c, const csv_row *row) {
    char *cell = row->cells;
    VIC_TRY(vic_allocate(row->n, sizeof *c->names, &c->names));
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell(cell))
        VIC_TRY(vic_format(&c->names[i], "%s", cell));
    c->named = true;
    return VIC_OK;
}

/* *whole: the first row ends within the text. */
static vic_status parse(columns *c, vic_data_reading reading, char *text, bool *whole) {
    csv_rows rows;
    csv_head head = {0};
    const csv_row *row = NULL;
    vic_status status = csv_rows_open(&rows, c->path, text);
    if (status == VIC_OK)
        status = csv_next(&rows, &row);
    *whole = status == VIC_OK && row && *rows.next;
    if (row)
        status = csv_head_read(&rows, row, reading, &head);
    if (status == VIC_OK && row) {
        c->n = row->n;
        c->line = row->line;
        c->label = head.label;
        status = head.is_names ? keep_names(c, row) : VIC_OK;
    }
    csv_rows_close(&rows);
    return status;
}

/* Nobody writes a header that is longer. */
enum { PIECE = 1 << 16, LARGEST_ROW = 1 << 28 };

static vic_status read_piece(columns *c, vic_data_reading reading, size_t size, bool *done) {
    vic_stream source;
    char *text;
    size_t got = 0;
    bool whole = false;
    VIC_TRY(vic_allocate(size + 1, 1, &text));
    vic_status status = vic_stream_open(&source, c->path);
    if (status == VIC_OK) {
        status = vic_stream_read(source, (unsigned char *)text, size, &got);
        vic_stream_close(&source);
    }
    bool is_text = memchr(text, '\0', got) == NULL;
    if (status == VIC_OK && is_text)
        status = parse(c, reading, text, &whole);
    *done = whole || got < size || !is_text || size >= LARGEST_ROW;
    vic_release(&text);
    return status;
}

/* A file that cannot be understood has no header here: the reader reports what is wrong. */
static vic_status read_columns(columns *c, const char *path, vic_data_reading reading) {
    struct stat about;
    bool done = stat(path, &about) != 0 || !S_ISREG(about.st_mode);
    vic_status status = VIC_OK;
    *c = (columns){.path = path};
    for (size_t size = PIECE; !done; size *= 2) {
        release(c);
        c->path = path;
        status = read_piece(c, reading, size, &done);
    }
    if (status != VIC_OK)
        release(c);
    return status == VIC_NO_MEMORY ? status : VIC_OK;
}

/* Input number i, passing over the class. */
static const char *input_at(const columns *c, size_t i, size_t *column) {
    *column = i + (i >= c->label);
    return c->names[*column];
}

/* A file without a column of the class: another has been taken for it. */
static vic_status check_class(const columns *a, const columns *b) {
    size_t column;
    for (size_t i = 0; i + 1 < a->n; i++)
        if (strcmp(input_at(a, i, &column), b->names[b->label]) == 0)
            return vic_fail(
                VIC_BAD_FILE,
                "%s:%zu: \"%.60s\" would be the class, which is an input in %s, where the class is "
                "\"%.60s\": is there no such column?",
                b->path, b->line, b->names[b->label], a->path, a->names[a->label]);
    return VIC_OK;
}

/* How many columns there are is compared with the network. */
static vic_status compare(const columns *a, const columns *b) {
    if (a->n != b->n)
        return check_class(a, b);
    for (size_t i = 0; i + 1 < a->n; i++) {
        size_t here, there;
        const char *name = input_at(b, i, &here), *other = input_at(a, i, &there);
        if (strcmp(name, other) != 0)
            return vic_fail(
                VIC_BAD_FILE,
                "%s:%zu: column %zu is \"%.60s\", but input %zu is \"%.60s\" in %s: the columns of all "
                "files stand in one order, under the same names",
                b->path, b->line, here + 1, name, i + 1, other, a->path);
    }
    return VIC_OK;
}

/* A file whose header names the class, and one without a header, where it is the last column. */
static vic_status compare_class(const columns *named, const columns *plain) {
    if (named->n != plain->n || named->label == plain->label)
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "%s: has no header, and the class would be column %zu, the last, but in %s it is column %zu, "
        "\"%.60s\": say which it is in all files: data.label",
        plain->path, plain->label + 1, named->path, named->label + 1, named->names[named->label]);
}

/* The first file with a header, and the first without one. */
typedef struct firsts {
    columns named, plain;
} firsts;

static vic_status check_file(firsts *first, columns *c, bool by_default) {
    columns *kept = c->named ? &first->named : &first->plain;
    if (c->n == 0)
        return VIC_OK;
    if (first->named.n > 0 && c->named)
        VIC_TRY(compare(&first->named, c));
    if (by_default && first->plain.n > 0 && c->named)
        VIC_TRY(compare_class(c, &first->plain));
    if (by_default && first->named.n > 0 && !c->named)
        VIC_TRY(compare_class(&first->named, c));
    if (kept->n == 0) {
        *kept = *c;
        *c = (columns){0};
    }
    return VIC_OK;
}

static vic_status check_list(vic_file_list files, vic_data_reading reading, firsts *first) {
    for (size_t i = 0; i < files.n; i++) {
        columns c;
        VIC_TRY(read_columns(&c, files.paths[i], reading));
        vic_status status = check_file(first, &c, reading.label == NULL);
        release(&c);
        VIC_TRY(status);
    }
    return VIC_OK;
}

vic_status vic_columns_check(const vic_data_format *format, vic_data_reading reading, vic_file_list train,
                             vic_file_list test) {
    firsts first = {0};
    if (!format->has_columns)
        return VIC_OK;
    vic_status status = check_list(train, reading, &first);
    if (status == VIC_OK)
        status = check_list(test, reading, &first);
    release(&first.named);
    release(&first.plain);
    return status;
}
