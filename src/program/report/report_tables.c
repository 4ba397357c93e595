/* What a report takes from the run folder as it is: tables, and the audit. */
#include "report.h"

#include "base/open_file.h"
#include "program/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- CSV ---- */

enum { MOST_COLUMNS = 10000 };

/* The end of a line, or of the text. */
static const char *line_end(const char *line) {
    return line + strcspn(line, "\n");
}

static size_t count_cells(const char *line) {
    size_t n = 1;
    for (; *line && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

static json_t *read_header(const char *line) {
    json_t *columns = json_array();
    for (const char *end = line_end(line); line <= end;) {
        size_t length = strcspn(line, ",\n");
        json_array_append_new(columns, vic_json_text(line, length));
        line += length + 1;
    }
    return columns;
}

/* strtod would look for the number behind any number of line breaks. */
static bool begins_number(const char *cell) {
    return *cell != '\0' && !isspace((unsigned char)*cell);
}

/* Numbers; null where there is none or it is not finite. */
static json_t *read_row(const char *line) {
    json_t *row = json_array();
    for (const char *end = line_end(line); line <= end;) {
        line += strspn(line, " \t");
        char *after = (char *)line;
        double value = begins_number(line) ? strtod(line, &after) : 0;
        json_array_append_new(row, after == line ? json_null() : vic_json_number(value));
        line += strcspn(line, ",\n") + 1;
    }
    return row;
}

/* Rows that belong together share the number in their first column. */
static long group_of(const char *line) {
    return begins_number(line) ? strtol(line, NULL, 10) : 0;
}

static const char *next_line(const char *line) {
    const char *end = line_end(line);
    return *end ? end + 1 : end;
}

static size_t count_groups(const char *lines) {
    size_t n = 0;
    for (const char *l = lines, *last = NULL; *l; last = l, l = next_line(l))
        n += last == NULL || group_of(l) != group_of(last);
    return n;
}

/* Of many groups every so many-th, and the last one. Longer rows than train writes would fill the memory of
 * who opens the page. */
static vic_status read_rows(const char *path, const char *lines, size_t most, json_t *rows,
                            size_t *left_out) {
    enum { MOST_CELLS = 1 << 22 };
    size_t groups = count_groups(lines), every = groups > most ? (groups + most - 1) / most : 1, group = 0;
    size_t cells = 0;
    for (const char *l = lines, *last = NULL; *l; last = l, l = next_line(l)) {
        bool begins = last == NULL || group_of(l) != group_of(last);
        group += begins;
        bool kept = (group - 1) % every == 0 || group == groups;
        cells += kept ? count_cells(l) : 0;
        if (cells > MOST_CELLS)
            return vic_fail(VIC_BAD_FILE,
                            "%s: more than %d numbers would be shown, expected a table as train leaves it",
                            path, MOST_CELLS);
        if (kept)
            json_array_append_new(rows, read_row(l));
        *left_out += begins && !kept;
    }
    return VIC_OK;
}

static vic_status read_table(const char *path, const char *text, size_t most, json_t **table) {
    size_t left_out = 0;
    json_t *rows = json_array();
    vic_status status =
        count_cells(text) <= MOST_COLUMNS
            ? read_rows(path, next_line(text), most, rows, &left_out)
            : vic_fail(VIC_BAD_FILE, "%s:1: more than %d columns, expected a table as train leaves it", path,
                       MOST_COLUMNS);
    if (status == VIC_OK)
        *table = json_pack("{s:o, s:O, s:I}", "columns", read_header(text), "rows", rows, "left_out",
                           (json_int_t)left_out);
    json_decref(rows);
    return status;
}

vic_status vic_report_table(const char *folder, const char *name, size_t most, json_t **table) {
    char *path, *text = NULL;
    size_t size;
    *table = NULL;
    VIC_TRY(vic_format(&path, "%s/%s", folder, name));
    bool there = access(path, F_OK) == 0;
    vic_status status = there ? vic_read_file(path, VIC_BAD_FILE, &text, &size) : VIC_OK;
    if (status == VIC_OK && there)
        status = read_table(path, text, most, table);
    if (status == VIC_OK && !there)
        *table = json_null();
    vic_release(&path);
    vic_release(&text);
    return status;
}

/* ---- the audit ---- */

static json_t *shorter_populations(const json_t *all) {
    static const char *const keys[] = {"population", "rank", "bytes"};
    json_t *list = json_array(), *population;
    size_t i;
    json_array_foreach(all, i, population) {
        json_t *shorter = json_object();
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            json_object_set(shorter, keys[k], json_object_get(population, keys[k]));
        json_array_append_new(list, shorter);
    }
    return list;
}

/* Without the segments; null in an audit that knows no shared memory. */
static json_t *shorter_shared(const json_t *shared) {
    const json_t *messages = json_object_get(shared, "messages"), *bytes = json_object_get(shared, "bytes");
    return messages && bytes ? json_pack("{s:O, s:O}", "messages", messages, "bytes", bytes) : json_null();
}

static json_t *shorter_audit(const json_t *audit) {
    static const char *const keys[] = {"passed",        "faults",       "ranks",        "inferences",
                                       "messages",      "bytes",        "wired",        "collectives_inside",
                                       "ledger_agrees", "within_ranks", "stock_agrees", "parameters"};
    json_t *shorter = json_object();
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        json_object_set(shorter, keys[k], json_object_get(audit, keys[k]));
    json_object_set_new(shorter, "shared", shorter_shared(json_object_get(audit, "shared")));
    json_object_set_new(shorter, "populations", shorter_populations(json_object_get(audit, "populations")));
    return shorter;
}

static vic_status read_audit(const char *path, json_t **audit) {
    json_error_t error;
    char *text;
    size_t size;
    VIC_TRY(vic_read_text(path, VIC_BAD_FILE, VIC_LARGEST_JSON, &text, &size));
    json_t *all = json_loadb(text, size, 0, &error);
    vic_release(&text);
    if (all == NULL)
        return vic_fail(VIC_BAD_FILE, "%s:%d: is no audit as --audit leaves it: %s", path, error.line,
                        error.text);
    if (!json_is_boolean(json_object_get(all, "passed"))) {
        json_decref(all);
        return vic_fail(VIC_BAD_FILE, "%s: is no audit as --audit leaves it: it has no verdict", path);
    }
    *audit = shorter_audit(all);
    json_decref(all);
    return VIC_OK;
}

vic_status vic_report_audit(const char *folder, json_t **audit) {
    char *path;
    VIC_TRY(vic_format(&path, "%s/audit.json", folder));
    *audit = NULL;
    vic_status status = access(path, F_OK) == 0 ? read_audit(path, audit) : VIC_OK;
    if (*audit == NULL)
        *audit = json_null();
    vic_release(&path);
    return status;
}
