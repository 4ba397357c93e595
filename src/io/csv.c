/* Rows of numbers in a text file, one sample a line, plain or gzipped: all columns but the last are its
 * inputs, the last one is its class. Inputs and labels name the same file. A first line that is no row of
 * numbers names the columns; empty lines and those that begin with # are passed over. */
#include "bytes.h"

#include "data_formats.h"
#include "samples.h"
#include "stream.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 64 };

/* What is read of a file. */
typedef struct reading {
    const char *path;
    bool labels;
    size_t line, columns; /* of numbers in a row; 0 before the first */
    size_t used, room;
    vic_samples *samples;
} reading;

static vic_status keep(reading *r, uint64_t bits, size_t bytes) {
    if (r->used + bytes > r->room)
        VIC_TRY(vic_bytes_grow(&r->samples->data, &r->room, SIZE_MAX / 2));
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
    if (value != floor(value) || fabs(value) > INT32_MAX)
        return vic_fail(VIC_BAD_FILE,
                        "%s:%zu: the last column is %g, expected the number of a class, from 0 on", r->path,
                        r->line, value);
    return keep(r, (uint32_t)(int32_t)value, sizeof(int32_t));
}

static bool is_between(char c) {
    return c == ',' || c == ';' || isspace((unsigned char)c);
}

/* The next word of a line; false when there is none. *fits: it is short enough to be a number. */
static bool next_word(const char **line, char word[WORD], bool *fits) {
    while (**line && is_between(**line))
        (*line)++;
    size_t length = 0;
    for (; **line && !is_between(**line); (*line)++, length++)
        if (length < WORD - 1)
            word[length] = **line;
    *fits = length < WORD;
    word[*fits ? length : WORD - 1] = '\0';
    return length > 0;
}

/* *columns becomes the number of words, *numbers whether all are numbers. */
static vic_status inspect(const char *line, size_t *columns, bool *numbers) {
    char word[WORD];
    bool fits;
    double value;
    *columns = 0;
    *numbers = true;
    for (bool is_number; next_word(&line, word, &fits); (*columns)++) {
        VIC_TRY(vic_number_read(word, &is_number, &value));
        *numbers = *numbers && fits && is_number;
    }
    return VIC_OK;
}

static vic_status keep_row(reading *r, const char *line) {
    char word[WORD];
    bool fits;
    for (size_t i = 0; next_word(&line, word, &fits); i++) {
        double value;
        VIC_TRY(vic_number_read(word, &fits, &value));
        bool last = i + 1 == r->columns;
        if (last && r->labels)
            VIC_TRY(keep_label(r, value));
        else if (!last && !r->labels)
            VIC_TRY(keep_input(r, value));
    }
    r->samples->count++;
    return VIC_OK;
}

static vic_status read_line(reading *r, const char *line) {
    size_t columns;
    bool numbers;
    r->line++;
    VIC_TRY(inspect(line, &columns, &numbers));
    if (columns == 0 || *line == '#' || (!numbers && r->columns == 0 && r->line == 1))
        return VIC_OK;
    if (!numbers)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: expected numbers between commas or blanks", r->path, r->line);
    if (columns < 2 || (r->columns > 0 && columns != r->columns))
        return vic_fail(VIC_BAD_FILE, "%s:%zu: %zu columns, expected %zu%s: inputs, and a class as the last",
                        r->path, r->line, columns, r->columns ? r->columns : 2, r->columns ? "" : " or more");
    r->columns = columns;
    return keep_row(r, line);
}

static vic_status read_text(reading *r, char *text) {
    for (char *line = text, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        VIC_TRY(read_line(r, line));
    }
    if (r->samples->count == 0)
        return vic_fail(VIC_BAD_FILE, "%s: empty, expected rows of numbers", r->path);
    r->samples->element = r->labels ? &vic_element_int32 : &vic_element_float64;
    r->samples->shape = (vic_shape){.rank = !r->labels, .dim = {r->columns - 1}};
    return vic_format(&r->samples->path, "%s", r->path);
}

/* *text ends with a zero. */
static vic_status read_whole(const char *path, char **text) {
    vic_stream source;
    unsigned char *data = NULL;
    size_t room = 0, used = 0, got = 0;
    VIC_TRY(vic_stream_open(&source, path));
    vic_status status = VIC_OK;
    do {
        used += got;
        if (used + 1 >= room)
            status = vic_bytes_grow(&data, &room, SIZE_MAX / 2);
        if (status == VIC_OK)
            status = vic_stream_read(source, data + used, room - used - 1, &got);
    } while (status == VIC_OK && got > 0);
    vic_stream_close(&source);
    if (status == VIC_OK && memchr(data, '\0', used))
        status = vic_fail(VIC_BAD_FILE, "%s: a byte 0 at %zu, expected text", path,
                          (size_t)((unsigned char *)memchr(data, '\0', used) - data));
    if (status == VIC_OK)
        data[used] = '\0';
    else
        vic_release(&data);
    *text = (char *)data;
    return status;
}

static vic_status read_file(const char *path, bool labels, vic_samples *samples) {
    char *text;
    memset(samples, 0, sizeof *samples);
    VIC_TRY(read_whole(path, &text));
    reading r = {.path = path, .labels = labels, .samples = samples};
    vic_status status = read_text(&r, text);
    vic_release(&text);
    if (status != VIC_OK)
        vic_samples_release(samples);
    return status;
}

static vic_status read_inputs(const char *path, vic_samples *samples) {
    return read_file(path, false, samples);
}

static vic_status read_labels(const char *path, vic_samples *samples) {
    return read_file(path, true, samples);
}

/* A number of two characters and a comma takes 8 bytes, a class 4. */
const vic_data_format vic_data_format_csv = {
    .name = "csv",
    .help = "rows of numbers, the class in the last column; inputs and labels name the same file",
    .read_inputs = read_inputs,
    .read_labels = read_labels,
    .kept_of_inputs = 3,
    .kept_of_labels = 1,
};
