/* The first row of a text of separated values: the names of the columns, or the first sample. Private to the
 * room. */
#ifndef VIC_DATA_CSV_HEAD_H
#define VIC_DATA_CSV_HEAD_H

#include "csv_rows.h"
#include "data.h"

/* What a cell looks like. */
typedef enum csv_kind {
    CSV_NUMBER,
    CSV_NOT_FINITE, /* a spelling of NaN or infinity, or of a missing value */
    CSV_COMMAS,     /* a number with commas in it: decimal, or between thousands */
    CSV_EMPTY,
    CSV_TEXT,
} csv_kind;

/* *value becomes the number, where it is one. Errors: VIC_NO_MEMORY. */
vic_status csv_cell_read(const char *cell, csv_kind *kind, double *value);

/* Fails with what is wrong with cell number `column` (from 0 on) of a row, which is no number. `first`: it is
 * the first row, which might have been a header. */
vic_status csv_no_number(const csv_rows *rows, const csv_row *row, size_t column, const char *cell,
                         bool first);

/* Fails: a line that begins with # is ambiguous. */
vic_status csv_marked(const csv_rows *rows, size_t line);

/* What an empty cell of the first row may come from, to be put behind a message. */
const char *csv_why_empty(const csv_row *row, size_t column);

typedef struct csv_head {
    size_t columns;
    size_t label;     /* the column of the class, from 0 on */
    size_t marked;    /* the line of names that begins with #, or 0 */
    bool is_names;    /* the first row is no sample */
    bool is_sentence; /* the names stand behind a # and a blank */
    bool by_place;    /* the class is the last column by default */
    bool notable;     /* which column the class is was chosen, and not plainly */
} csv_head;

/* `first` is the row of `rows`; a # before names is taken off. Errors: VIC_BAD_FILE with path and line where
 * it is ambiguous what the row is, or which column is the class. */
vic_status csv_head_read(csv_rows *rows, const csv_row *first, vic_data_reading reading, csv_head *head);

#endif
