/* One cell of a text of separated values, and what is wrong with it. */
#include "csv_head.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_not_finite(const char *cell) {
    static const char *const spellings[] = {"nan",   "inf",    "infinity", "na",    "n/a",
                                            "#n/a",  "<na>",   "#div/0!",  "#ref!", "#value!",
                                            "#num!", "#name?", "#null!",   "null"};
    cell += *cell == '+' || *cell == '-';
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (strcasecmp(cell, spellings[i]) == 0)
            return true;
    return false;
}

/* Digits and commas, with a digit after the last comma, and at most a sign, a point and an exponent beside
 * them. */
static bool has_commas(const char *cell) {
    const char *comma = strrchr(cell, ',');
    return comma && comma[1] >= '0' && comma[1] <= '9' && cell[strspn(cell, "+-0123456789.,eE")] == '\0';
}

vic_status csv_cell_read(const char *cell, csv_kind *kind, double *value) {
    bool is_number;
    VIC_TRY(vic_number_read(cell, &is_number, value));
    if (is_number)
        *kind = isfinite(*value) ? CSV_NUMBER : CSV_NOT_FINITE;
    else
        *kind = *cell == '\0'         ? CSV_EMPTY
                : is_not_finite(cell) ? CSV_NOT_FINITE
                : has_commas(cell)    ? CSV_COMMAS
                                      : CSV_TEXT;
    return VIC_OK;
}

/* The separator that the first row does not have, or 0. */
static char other_separator(const csv_rows *rows, const char *cell) {
    const char *others = rows->separator == ';' ? ",\t" : rows->separator == ',' ? ";\t" : ",;\t";
    const char *other = strpbrk(cell, others);
    return other ? *other : strchr(cell, ' ') ? ' ' : '\0';
}

static vic_status other_separators(const csv_rows *rows, const csv_row *row, const char *cell, char other) {
    return vic_fail(
        VIC_BAD_FILE,
        "%s:%zu: \"%.60s\" is no number: the first row has %s between its columns, this one %s; write "
        "the same in all",
        rows->path, row->line, cell, csv_separator_name(rows->separator), csv_separator_name(other));
}

const char *csv_why_empty(const csv_row *row, size_t column) {
    return column == 0            ? "; is it an index, as data frames write it? (pandas: index=False)"
           : column + 1 == row->n ? "; does the line end in a separator?"
                                  : "";
}

vic_status csv_marked(const csv_rows *rows, size_t line) {
    return vic_fail(
        VIC_BAD_FILE,
        "%s:%zu: begins with #: a comment or a row? Take out the #, or the line; the %s in it part "
        "columns",
        rows->path, line, csv_separator_name(rows->separator));
}

vic_status csv_no_number(const csv_rows *rows, const csv_row *row, size_t column, const char *cell,
                         bool first) {
    csv_kind kind;
    double value;
    VIC_TRY(csv_cell_read(cell, &kind, &value));
    char other = other_separator(rows, cell);
    if (kind == CSV_EMPTY)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: column %zu is empty, expected a number%s", rows->path,
                        row->line, column + 1, first ? csv_why_empty(row, column) : "");
    if (kind == CSV_NOT_FINITE)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: column %zu is %.60s, expected a finite number", rows->path,
                        row->line, column + 1, cell);
    if (kind == CSV_COMMAS && rows->separator != ' ' && row->n > 1)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: column %zu is \"%.60s\": decimal commas: write points",
                        rows->path, row->line, column + 1, cell);
    if (column == 0 && *cell == '#')
        return csv_marked(rows, row->line);
    if (other && !first)
        return other_separators(rows, row, cell, other);
    return vic_fail(VIC_BAD_FILE, "%s:%zu: column %zu is \"%.60s\", expected a number%s", rows->path,
                    row->line, column + 1, cell,
                    first ? ": the first row names the columns where none of its cells is a "
                            "number, or with "
                            "data.header: true; classes are numbers too"
                          : "");
}
