/* Rows of numbers in a text file, one sample a row, plain or gzipped: one column is its class, the others are
 * its inputs. Inputs and labels name the same file. */
#include "csv_head.h"
#include "data_formats.h"
#include "samples.h"

#include "base/bytes.h"
#include "base/file_kind.h"
#include "base/open_file.h"
#include "base/stream.h"

#include <math.h>
#include <string.h>

/* Whether the numbers of a column are whole, and differ. */
typedef struct spread {
    double one;
    bool broken, varies;
} spread;

/* What is read of a file. */
typedef struct reading {
    bool labels;
    vic_data_reading options;
    csv_rows rows;
    csv_head head;
    size_t used, capacity, most;
    vic_samples *samples;
    spread first, label; /* of the first column, and of the classes */
} reading;

static vic_status keep(reading *r, uint64_t bits, size_t bytes) {
    if (r->used + bytes > r->capacity)
        VIC_TRY(vic_bytes_grow(&r->samples->data, &r->capacity, r->most));
    for (size_t i = 0; i < bytes; i++)
        r->samples->data[r->used++] = (unsigned char)(bits >> 8 * (bytes - 1 - i));
    return VIC_OK;
}

static vic_status keep_input(reading *r, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return keep(r, bits, sizeof bits);
}

static vic_status keep_label(reading *r, double value) {
    char text[VIC_NUMBER_TEXT];
    bool whole = value == floor(value);
    if (whole && fabs(value) <= INT32_MAX)
        return keep(r, (uint32_t)(int32_t)value, sizeof(int32_t));
    VIC_TRY(vic_number_write(value, text));
    return vic_fail(VIC_BAD_FILE, "%s:%zu: the class, column %zu, is %s, %s", r->rows.path, r->rows.row.line,
                    r->head.label + 1, text,
                    whole ? "which is too large for a class" : "expected a whole number");
}

static void note_spread(spread *s, double value, bool first) {
    s->one = first ? value : s->one;
    s->broken = s->broken || value != floor(value) || value < 0;
    s->varies = s->varies || value != s->one;
}

/* Images whose class stands first end in a pixel that is 0 in all of them. */
static vic_status check_class_varies(const reading *r) {
    if (!r->head.by_place || r->label.varies || r->first.broken || !r->first.varies)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: the class would be %g in all rows, in the last column, while the first has "
                    "different whole numbers: say which is the class: data.label: 1, or -1 for the last",
                    r->rows.path, r->label.one);
}

static vic_status no_class(const reading *r, const csv_row *row, const char *cell) {
    return vic_fail(VIC_BAD_FILE,
                    "%s:%zu: the class, column %zu, is \"%.60s\", expected its number: write 0 for the first "
                    "class, 1 for the second, ...",
                    r->rows.path, row->line, r->head.label + 1, cell);
}

/* Where a row has another separator, its cells give a better error than their number. */
static vic_status check_columns(const reading *r, const csv_row *row) {
    if (row->n == r->head.columns)
        return VIC_OK;
    if (r->head.marked)
        return csv_marked(&r->rows, r->head.marked);
    char *cell = row->cells;
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell(cell)) {
        csv_kind kind;
        double value;
        VIC_TRY(csv_cell_read(cell, &kind, &value));
        if (kind == CSV_TEXT || kind == CSV_COMMAS)
            return csv_no_number(&r->rows, row, i, cell, false);
    }
    return vic_fail(VIC_BAD_FILE, "%s:%zu: %zu columns, expected %zu as in the first row", r->rows.path,
                    row->line, row->n, r->head.columns);
}

static vic_status keep_row(reading *r, const csv_row *row, bool first) {
    char *cell = row->cells;
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell(cell)) {
        csv_kind kind;
        double value;
        VIC_TRY(csv_cell_read(cell, &kind, &value));
        bool is_label = i == r->head.label;
        if (kind == CSV_TEXT && is_label && *cell != '#')
            return no_class(r, row, cell);
        if (kind != CSV_NUMBER)
            return csv_no_number(&r->rows, row, i, cell, first);
        if (i == 0)
            note_spread(&r->first, value, r->samples->count == 0);
        if (is_label)
            note_spread(&r->label, value, r->samples->count == 0);
        if (is_label && r->labels)
            VIC_TRY(keep_label(r, value));
        else if (!is_label && !r->labels)
            VIC_TRY(keep_input(r, value));
    }
    r->samples->count++;
    return VIC_OK;
}

static vic_status note_class(reading *r, const csv_row *names) {
    const char *name = names->cells;
    if (!r->head.is_names)
        return vic_format(&r->samples->note, "%s: the class is column %zu, the last (data.label)",
                          r->rows.path, r->head.label + 1);
    for (size_t i = 0; i < r->head.label; i++)
        name = csv_next_cell((char *)name);
    return vic_format(&r->samples->note, "%s: the class is column %zu, \"%s\" (data.label)", r->rows.path,
                      r->head.label + 1, name);
}

static vic_status read_rows(reading *r) {
    const csv_row *row;
    for (bool first = true;; first = false) {
        VIC_TRY(csv_next(&r->rows, &row));
        if (row == NULL)
            break;
        if (first)
            VIC_TRY(csv_head_read(&r->rows, row, r->options, &r->head));
        if (first && r->labels && r->head.notable)
            VIC_TRY(note_class(r, row));
        if (first && r->head.is_names)
            continue;
        VIC_TRY(check_columns(r, row));
        VIC_TRY(keep_row(r, row, first));
    }
    if (r->samples->count == 0)
        return vic_fail(VIC_BAD_FILE, "%s: %s, expected rows of numbers", r->rows.path,
                        r->head.is_names ? "a header, and no rows" : "empty");
    VIC_TRY(check_class_varies(r));
    r->samples->element = r->labels ? &vic_element_int32 : &vic_element_float64;
    r->samples->shape = (vic_shape){.rank = !r->labels, .dim = {r->head.columns - 1}};
    return vic_format(&r->samples->path, "%s", r->rows.path);
}

/* Of the `got` bytes behind the first `used`: what is no text is told before the rest is read. */
static vic_status check_text(const char *path, const unsigned char *data, size_t used, size_t got) {
    size_t head = used + got < VIC_FILE_HEAD ? used + got : VIC_FILE_HEAD;
    if (got == 0)
        return VIC_OK;
    if (used == 0)
        VIC_TRY(vic_refuse_other_kind(path, "a text file of numbers", true, data, head));
    const unsigned char *zero = memchr(data + used, '\0', got);
    if (zero == NULL)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: a byte 0 at %zu, expected text; if it is UTF-16, save it as UTF-8",
                    path, (size_t)(zero - data));
}

static vic_status read_pieces(vic_stream source, unsigned char **data, size_t *used) {
    size_t capacity = 0, got;
    do {
        if (*used + 1 >= capacity)
            VIC_TRY(vic_bytes_grow(data, &capacity, SIZE_MAX / 2));
        VIC_TRY(vic_stream_read(source, *data + *used, capacity - *used - 1, &got));
        VIC_TRY(check_text(source.path, *data, *used, got));
        *used += got;
    } while (got > 0);
    (*data)[*used] = '\0';
    return VIC_OK;
}

/* *text, of *size bytes, ends with a zero. */
static vic_status read_whole(const char *path, char **text, size_t *size) {
    vic_stream source;
    unsigned char *data = NULL;
    *size = 0;
    VIC_TRY(vic_stream_open(&source, path));
    vic_status status = read_pieces(source, &data, size);
    vic_stream_close(&source);
    if (status != VIC_OK)
        vic_release(&data);
    *text = (char *)data;
    return status;
}

/* What the samples may take beside the text. */
static size_t memory_beside(size_t text) {
    double memory = vic_machine_memory() - (double)text;
    return memory < (double)(SIZE_MAX / 2) ? (size_t)fmax(memory, 0) : SIZE_MAX / 2;
}

static vic_status read_file(const char *path, bool labels, vic_data_reading options, vic_samples *samples) {
    char *text;
    size_t size;
    memset(samples, 0, sizeof *samples);
    VIC_TRY(read_whole(path, &text, &size));
    reading r = {.labels = labels, .options = options, .samples = samples, .most = memory_beside(size)};
    vic_status status = csv_rows_open(&r.rows, path, text);
    if (status == VIC_OK)
        status = read_rows(&r);
    csv_rows_close(&r.rows);
    vic_release(&text);
    if (status != VIC_OK)
        vic_samples_release(samples);
    return status;
}

static vic_status read_inputs(const char *path, vic_data_reading options, vic_samples *samples) {
    return read_file(path, false, options, samples);
}

static vic_status read_labels(const char *path, vic_data_reading options, vic_samples *samples) {
    return read_file(path, true, options, samples);
}

/* A number of two characters and a comma takes 8 bytes, a class 4. */
const vic_data_format vic_data_format_csv = {
    .name = "csv",
    .help = "rows of numbers, one column is the class; inputs and labels name the same file",
    .read_inputs = read_inputs,
    .read_labels = read_labels,
    .has_columns = true,
    .one_file = true,
    .kept_of_inputs = 3,
    .kept_of_labels = 1,
};
