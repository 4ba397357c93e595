/* The rows of a text of separated values, as libcsv takes them apart. Private to the room. */
#ifndef VIC_DATA_CSV_ROWS_H
#define VIC_DATA_CSV_ROWS_H

#include "base/base.h"

#include <csv.h>

/* One row. The cells lie one after the other, each ended by a zero, without the blanks around them. */
typedef struct csv_row {
    size_t line; /* where it begins, counted from 1 */
    size_t n;
    char *cells;
} csv_row;

/* The first row behind a line, as it stands. */
typedef struct csv_following {
    bool known;
    const char *row; /* NULL: there is none */
    char separator;
    size_t cells;
} csv_following;

typedef struct csv_rows {
    const char *path;
    char separator; /* , or ; or a tab; a blank where runs of blanks part the cells; 0 before the first row */
    char *next;     /* the line to be read */
    size_t line;    /* lines read so far */
    size_t columns; /* cells of the first row; 0 before it */
    csv_row row;
    csv_following following; /* of the last comment */
    unsigned char *cells;
    size_t capacity, used;
    bool begun, whole; /* a row: it goes on in the next line; it is complete */
    vic_status status; /* of a callback */
    struct csv_parser parser;
} csv_rows;

/* `text` ends with a zero, is changed, and must stay; so must `path`. Close with csv_rows_close, also after
 * an error. Errors: VIC_NO_MEMORY. */
vic_status csv_rows_open(csv_rows *rows, const char *path, char *text);
void csv_rows_close(csv_rows *rows);

/* *row becomes the next row, which is there until the next call, or NULL at the end. Empty lines are no
 * rows, nor are those that begin with # and are not parted into cells. The first row decides what separates
 * the cells of all. Errors: VIC_BAD_FILE with path and line where quotes are not closed or stand within a
 * cell. */
vic_status csv_next(csv_rows *rows, const csv_row **row);

/* Takes a # off that stands before the first name of the row; a column may be named "#" alone. */
void csv_unmark(csv_rows *rows);

/* The cell behind `cell`; there must be one. */
char *csv_next_cell(char *cell);

/* Whether the class is usually named so: "label", "class" or "target", in any case. */
bool csv_is_class_name(const char *name, size_t length);

/* "commas", "semicolons", "tabs" or "blanks". */
const char *csv_separator_name(char separator);

#endif
