#include "csv_head.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *name_at(const csv_row *row, size_t column) {
    char *cell = row->cells;
    while (column-- > 0)
        cell = csv_next_cell(cell);
    return cell;
}

/* ---- is it a header? ---- */

/* 0, 1, 2 ... or 5, 6, 7 ..., as programs number columns that have no names; 2 of them count from 0 or 1. */
static bool are_consecutive(const csv_row *row) {
    char expected[24];
    const char *cell = row->cells;
    size_t length = strlen(cell);
    if (row->n < 2 || length == 0 || length > 9 || cell[strspn(cell, "0123456789")] != '\0')
        return false;
    size_t first = strtoul(cell, NULL, 10);
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell((char *)cell)) {
        snprintf(expected, sizeof expected, "%zu", first + i);
        if (strcmp(cell, expected) != 0)
            return false;
    }
    return row->n > 2 || first <= 1;
}

/* Marks in seen[0..n] which of these numbers there are; *all: every cell is one, and no two are the same. */
static vic_status mark_numbers(const csv_row *row, bool *seen, bool *all) {
    char *cell = row->cells;
    *all = true;
    for (size_t i = 0; *all && i < row->n; i++, cell = csv_next_cell(cell)) {
        csv_kind kind;
        double value;
        VIC_TRY(csv_cell_read(cell, &kind, &value));
        *all = kind == CSV_NUMBER && value >= 0 && value <= (double)row->n && value == floor(value) &&
               !seen[(size_t)value];
        if (*all)
            seen[(size_t)value] = true;
    }
    return VIC_OK;
}

/* 0 to n - 1, or 1 to n, however they are written and in any order, where that is more than 2. */
static vic_status are_column_numbers(const csv_row *row, bool *are) {
    bool *seen, all;
    *are = are_consecutive(row);
    if (*are || row->n < 3)
        return VIC_OK;
    VIC_TRY(vic_allocate(row->n + 1, sizeof *seen, &seen));
    vic_status status = mark_numbers(row, seen, &all);
    *are = status == VIC_OK && all && !(seen[0] && seen[row->n]);
    vic_release(&seen);
    return status;
}

/* What the cells of a row are. */
typedef struct content {
    size_t numbers, texts, empty;
    size_t first_text; /* the first cell that holds no number, and no spelling of one that is missing */
} content;

/* "1e999" and "#1" are numbers here. */
static vic_status look_at(const csv_rows *rows, const csv_row *row, content *found) {
    char *cell = row->cells;
    *found = (content){.first_text = row->n};
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell(cell)) {
        csv_kind kind, marked;
        double value;
        VIC_TRY(csv_cell_read(cell, &kind, &value));
        if (kind == CSV_COMMAS)
            return csv_no_number(rows, row, i, cell, true);
        found->numbers += kind == CSV_NUMBER || (kind == CSV_NOT_FINITE && strpbrk(cell, "0123456789"));
        found->texts += kind == CSV_TEXT;
        found->empty += kind == CSV_EMPTY;
        if ((kind == CSV_TEXT || kind == CSV_EMPTY) && found->first_text == row->n)
            found->first_text = i;
        if (i > 0 || *cell != '#')
            continue;
        VIC_TRY(csv_cell_read(cell + 1 + strspn(cell + 1, " \t"), &marked, &value));
        if (marked == CSV_NUMBER)
            return csv_marked(rows, row->line);
    }
    return VIC_OK;
}

/* Na, Inf and Null may be names among others; alone they are missing numbers. */
static vic_status guess(const csv_rows *rows, const csv_row *row, bool *is_names) {
    content found;
    bool are_numbers;
    VIC_TRY(look_at(rows, row, &found));
    *is_names = found.numbers == 0 && (found.texts > 0 || found.empty == row->n);
    if (found.first_text < row->n && !*is_names)
        return csv_no_number(rows, row, found.first_text, name_at(row, found.first_text), true);
    VIC_TRY(are_column_numbers(row, &are_numbers));
    if (are_numbers)
        return vic_fail(
            VIC_BAD_FILE,
            "%s:%zu: %s, %s%s%s%s may be numbers of columns or a sample: say data.header: true or "
            "data.header: false",
            rows->path, row->line, name_at(row, 0), name_at(row, 1), row->n > 2 ? ", " : "",
            row->n > 2 ? name_at(row, 2) : "", row->n > 2 ? " ..." : "");
    return VIC_OK;
}

static vic_status check_names(const csv_rows *rows, const csv_row *row) {
    const char *cell = row->cells;
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell((char *)cell))
        if (*cell == '\0')
            return vic_fail(VIC_BAD_FILE, "%s:%zu: column %zu has no name%s", rows->path, row->line, i + 1,
                            csv_why_empty(row, i));
    return VIC_OK;
}

/* A spreadsheet program's own line, which is no row. */
static vic_status check_no_separator_line(const csv_rows *rows, const csv_row *row) {
    if (row->n > 2 || strncasecmp(row->cells, "sep=", 4) != 0)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s:%zu: the line \"sep=\" is for spreadsheet programs: take it out, the separator is "
                    "recognised without it",
                    rows->path, row->line);
}

/* ---- which column is the class? ---- */

/* "x" (1), "y" (2) ...: the first few names. */
static const char *list_names(const csv_row *row, size_t size, char *text) {
    enum { MOST = 8 };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < row->n && i < MOST && used + 1 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\"%.24s\"", i ? ", " : "", name_at(row, i));
    if (row->n > MOST && used + 1 < size)
        snprintf(text + used, size - used, " and %zu more", row->n - MOST);
    return text;
}

static vic_status unknown_name(const csv_rows *rows, const csv_row *row, const char *label) {
    char list[400];
    const char **names, *near = NULL;
    VIC_TRY(vic_allocate(row->n, sizeof *names, &names));
    const char *cell = row->cells;
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell((char *)cell))
        names[i] = cell;
    near = vic_nearest(label, names, row->n);
    vic_status status =
        vic_fail(VIC_BAD_FILE, "%s:%zu: no column is named \"%.60s\" (data.label)%s%s%s: they are %s",
                 rows->path, row->line, label, near ? ": did you mean \"" : "", near ? near : "",
                 near ? "\"?" : "", list_names(row, sizeof list, list));
    vic_release(&names);
    return status;
}

/* 1 is the first column, -1 the last one. */
static bool is_column_number(const char *label, long long *number) {
    char *end;
    errno = 0;
    *number = strtoll(label, &end, 10);
    return end != label && *end == '\0' && errno == 0;
}

static vic_status at_number(const csv_rows *rows, const csv_row *row, long long number, size_t *column) {
    long long n = (long long)row->n;
    if (number == 0 || number > n || number < -n)
        return vic_fail(VIC_BAD_FILE,
                        "%s:%zu: no column %lld (data.label): there are 1 to %lld, and -1 is the last",
                        rows->path, row->line, number, n);
    *column = (size_t)(number > 0 ? number - 1 : n + number);
    return VIC_OK;
}

/* How many columns are named so; *column becomes the last of them. */
static size_t find_name(const csv_row *row, const char *name, size_t *column) {
    size_t found = 0;
    const char *cell = row->cells;
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell((char *)cell))
        if (strcmp(cell, name) == 0) {
            *column = i;
            found++;
        }
    return found;
}

/* A name that is also a number, which may stand for another column. */
static vic_status named_and_numbered(const csv_rows *rows, const csv_row *row, long long number,
                                     size_t named) {
    long long n = (long long)row->n, column = (long long)named + 1;
    if (number == 0 || number > n || number < -n || number == column || number == column - n - 1)
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "%s:%zu: data.label: %lld is the name of column %lld, and the number of another: write %lld",
        rows->path, row->line, number, column, column - n - 1);
}

static vic_status by_label(const csv_rows *rows, const csv_row *row, const char *label, csv_head *head) {
    long long number;
    bool is_number = is_column_number(label, &number);
    size_t named = head->is_names ? find_name(row, label, &head->label) : 0;
    if (named > 1)
        return vic_fail(VIC_BAD_FILE,
                        "%s:%zu: %zu columns are named \"%.60s\" (data.label): give a column's number",
                        rows->path, row->line, named, label);
    if (named == 1)
        return is_number ? named_and_numbered(rows, row, number, head->label) : VIC_OK;
    if (is_number)
        return at_number(rows, row, number, &head->label);
    if (head->is_names)
        return unknown_name(rows, row, label);
    return vic_fail(VIC_BAD_FILE,
                    "%s:%zu: no header names a column \"%.60s\" (data.label): give a column's number, or "
                    "data.header: true",
                    rows->path, row->line, label);
}

/* "x12" is "x" and 12; false where no number ends the name. */
static bool split_name(const char *name, size_t *stem, long long *number) {
    *stem = strlen(name);
    while (*stem > 0 && name[*stem - 1] >= '0' && name[*stem - 1] <= '9')
        (*stem)--;
    return is_column_number(name + *stem, number);
}

/* x63 behind x62. */
static bool continues(const char *before, const char *name) {
    size_t stem, other;
    long long number, previous;
    return split_name(name, &stem, &number) && split_name(before, &other, &previous) && stem == other &&
           strncmp(name, before, stem) == 0 && number == previous + 1;
}

/* The last column goes on with the numbered names of those before it, while another stands apart from them.
 */
static vic_status check_last(const csv_rows *rows, const csv_row *row) {
    if (row->n < 3 || !continues(name_at(row, row->n - 2), name_at(row, row->n - 1)))
        return VIC_OK;
    const char *last = name_at(row, row->n - 1), *cell = row->cells;
    size_t stem, other;
    long long number;
    split_name(last, &stem, &number);
    for (size_t i = 0; i < row->n; i++, cell = csv_next_cell((char *)cell))
        if (!split_name(cell, &other, &number) || other != stem || strncmp(cell, last, stem) != 0)
            return vic_fail(
                VIC_BAD_FILE,
                "%s:%zu: is the class in column \"%.60s\", or in the last, \"%.60s\"? Say which: data.label",
                rows->path, row->line, cell, last);
    return VIC_OK;
}

static vic_status by_default(const csv_rows *rows, const csv_row *row, csv_head *head) {
    size_t found = 0;
    const char *cell = row->cells;
    head->label = row->n - 1;
    for (size_t i = 0; head->is_names && i < row->n; i++, cell = csv_next_cell((char *)cell))
        if (csv_is_class_name(cell, strlen(cell))) {
            head->label = i;
            found++;
        }
    if (found > 1)
        return vic_fail(VIC_BAD_FILE,
                        "%s:%zu: %zu columns could be the class by their names: say which: data.label",
                        rows->path, row->line, found);
    if (head->is_sentence && found == 1 && head->label > 0 && head->label + 1 < row->n)
        return csv_marked(rows, row->line); /* perhaps a sentence with that word in it */
    head->by_place = found == 0;
    head->notable = found == 0 || head->label + 1 < row->n;
    return head->is_names && found == 0 ? check_last(rows, row) : VIC_OK;
}

vic_status csv_head_read(csv_rows *rows, const csv_row *first, vic_data_reading reading, csv_head *head) {
    *head = (csv_head){.is_names = reading.header == VIC_HEADER_PRESENT};
    VIC_TRY(check_no_separator_line(rows, first));
    if (reading.header == VIC_HEADER_AUTO)
        VIC_TRY(guess(rows, first, &head->is_names));
    head->marked = head->is_names && *first->cells == '#' ? first->line : 0;
    head->is_sentence =
        head->marked && (first->cells[1] == ' ' || (first->cells[1] == '\0' && rows->separator == ' '));
    if (head->is_names)
        csv_unmark(rows);
    head->columns = first->n;
    if (first->n < 2)
        return vic_fail(
            VIC_BAD_FILE,
            "%s:%zu: 1 column, expected 2 or more: inputs and a class; inputs and labels name the same "
            "file",
            rows->path, first->line);
    if (head->is_names)
        VIC_TRY(check_names(rows, first));
    return reading.label ? by_label(rows, first, reading.label, head) : by_default(rows, first, head);
}
