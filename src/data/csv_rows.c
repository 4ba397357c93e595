#include "csv_rows.h"

#include "base/bytes.h"

#include <string.h>
#include <strings.h>

/* ---- cells, as libcsv finds them ---- */

static vic_status keep(csv_rows *rows, const char *text, size_t length) {
    while (rows->used + length + 1 > rows->capacity)
        VIC_TRY(vic_bytes_grow(&rows->cells, &rows->capacity, SIZE_MAX / 2));
    memcpy(rows->cells + rows->used, text, length);
    rows->cells[rows->used + length] = '\0';
    rows->used += length + 1;
    rows->row.n++;
    return VIC_OK;
}

/* Quotes keep the blanks within them; a number does not need them. */
static void end_cell(void *text, size_t length, void *context) {
    csv_rows *rows = context;
    const char *first = text;
    for (; length > 0 && strchr(" \t\r\n", first[length - 1]); length--)
        ;
    for (; length > 0 && strchr(" \t\r\n", *first); first++, length--)
        ;
    if (rows->status == VIC_OK)
        rows->status = keep(rows, first, length);
}

static void end_row(int ending, void *context) {
    csv_rows *rows = context;
    (void)ending;
    rows->whole = true;
}

/* ---- lines ---- */

/* The first character behind the line, its end included: \n, \r\n or a single \r. */
static char *end_of(char *line) {
    char *end = line + strcspn(line, "\r\n");
    if (end[0] == '\r' && end[1] == '\n')
        return end + 2;
    return *end ? end + 1 : end;
}

/* What stands between quotes separates nothing, and ends no row. */
static bool has_separator(const char *row, char separator) {
    bool quoted = false;
    for (const char *c = row; *c && (quoted || (*c != '\n' && *c != '\r')); c++) {
        quoted = quoted != (*c == '"');
        if (*c == separator && !quoted)
            return true;
    }
    return false;
}

static char find_separator(const char *row) {
    static const char known[] = ";\t,";
    for (const char *one = known; *one; one++)
        if (has_separator(row, *one))
            return *one;
    return ' ';
}

static size_t count_words(const char *line) {
    size_t words = 0;
    for (line += strspn(line, " \t"); *line && !strchr("\r\n", *line); line += strspn(line, " \t")) {
        line += strcspn(line, " \t\r\n");
        words++;
    }
    return words;
}

static size_t count_cells(const char *line, char separator) {
    size_t cells = 1;
    bool quoted = false;
    if (separator == ' ')
        return count_words(line);
    for (const char *c = line; *c && (quoted || (*c != '\n' && *c != '\r')); c++) {
        quoted = quoted != (*c == '"');
        cells += *c == separator && !quoted;
    }
    return cells;
}

static const char *find_row(char *line) {
    for (char *next = end_of(line); *next; next = end_of(next))
        if (*next != '#' && !strchr("\r\n", next[strspn(next, " \t")]))
            return next;
    return NULL;
}

/* The next line that is neither empty nor begins with #; NULL: there is none. Many comments before it look
 * for it, and it is long perhaps: once is enough. */
static const csv_following *next_row(csv_rows *rows, char *line) {
    csv_following *f = &rows->following;
    if (f->known && (f->row == NULL || f->row > line))
        return f;
    *f = (csv_following){.known = true, .row = find_row(line)};
    f->separator = f->row ? find_separator(f->row) : '\0';
    f->cells = f->row ? count_cells(f->row, f->separator) : 0;
    return f;
}

/* Of all rows. A line that begins with # may be a comment, which decides nothing where another line can. */
static char separator_of(csv_rows *rows, char *line) {
    if (rows->separator)
        return rows->separator;
    const csv_following *after = *line == '#' ? next_row(rows, line) : NULL;
    return after && after->row ? after->separator : find_separator(line);
}

/* Has a line that begins with # as many cells as the rows? "# x y" has two. */
static bool fits_rows(csv_rows *rows, char *line, char separator) {
    size_t cells = count_cells(line + 1, separator);
    return cells > 1 && cells == (rows->columns ? rows->columns : next_row(rows, line)->cells);
}

static bool has_class_name(const char *line) {
    static const char blanks[] = " \t";
    for (line += strspn(line, blanks); *line && !strchr("\r\n", *line); line += strspn(line, blanks)) {
        size_t length = strcspn(line, " \t\r\n");
        if (csv_is_class_name(line, length))
            return true;
        line += length;
    }
    return false;
}

/* Where blanks part the cells, a sentence may have as many words as a row has cells. */
static bool are_names(const csv_rows *rows, const char *line, char separator) {
    return separator != ' ' || (rows->columns == 0 && has_class_name(line + 1));
}

/* A line that begins with # is a comment, unless it is parted into cells as rows are: "#N/A,0.5,1" is a row,
 * and
 * "# x,y,label" are names. */
static bool is_comment(csv_rows *rows, char *line) {
    if (*line != '#')
        return false;
    char separator = separator_of(rows, line);
    bool is_close = line[1] != ' ' && line[1] != '\t';
    if (is_close && separator != ' ')
        return !has_separator(line, separator);
    return !fits_rows(rows, line, separator) || !(is_close || are_names(rows, line, separator));
}

/* Where tabs separate, a line of tabs is a row of empty cells. */
static bool is_no_row(csv_rows *rows, char *line) {
    const char *first = line + strspn(line, rows->separator == '\t' ? " " : " \t");
    return strchr("\r\n", *first) != NULL /* the closing zero is found too */ || is_comment(rows, line);
}

/* Makes one blank of each run of blanks outside quotes, and none of those at the ends. Returns the new end.
 */
static char *join_blanks(char *line, char *end, bool quoted) {
    char *to = line;
    for (const char *c = line; c < end; c++) {
        quoted = quoted != (*c == '"');
        bool blank = !quoted && (*c == ' ' || *c == '\t');
        const char *after = c + 1;
        if (!blank)
            *to++ = *c;
        else if (to > line && after < end && !strchr(" \t\r\n", *after))
            *to++ = ' ';
    }
    return to;
}

static int no_blank(unsigned char c) {
    (void)c;
    return 0;
}

static void choose_separator(csv_rows *rows, char *row) {
    rows->separator = separator_of(rows, row);
    csv_set_delim(&rows->parser, (unsigned char)rows->separator);
    if (rows->separator == ' ')
        csv_set_space_func(&rows->parser, no_blank);
}

static vic_status broken(const csv_rows *rows) {
    if (rows->status != VIC_OK)
        return rows->status;
    if (csv_error((struct csv_parser *)&rows->parser) != CSV_EPARSE)
        return vic_fail(VIC_NO_MEMORY, "out of memory while reading %s", rows->path);
    return vic_fail(
        VIC_BAD_FILE,
        "%s:%zu: a quote within a cell: a cell is quoted as a whole, and quotes within it are doubled",
        rows->path, rows->line);
}

static vic_status read_line(csv_rows *rows) {
    char *line = rows->next, *end = end_of(line);
    rows->next = end;
    rows->line++;
    if (!rows->begun && is_no_row(rows, line))
        return VIC_OK;
    if (rows->separator == '\0')
        choose_separator(rows, line);
    if (!rows->begun) {
        rows->row = (csv_row){.line = rows->line};
        rows->used = 0;
    }
    bool ended = end[-1] == '\n' || end[-1] == '\r';
    if (rows->separator == ' ')
        end = join_blanks(line, end, rows->begun);
    size_t n = (size_t)(end - line);
    rows->begun = true;
    if (csv_parse(&rows->parser, line, n, end_cell, end_row, rows) < n)
        return broken(rows);
    if (!ended && csv_fini(&rows->parser, end_cell, end_row, rows) != 0)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: the quote of a cell is not closed", rows->path,
                        rows->row.line);
    return rows->status;
}

/* ---- rows ---- */

vic_status csv_rows_open(csv_rows *rows, const char *path, char *text) {
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    *rows = (csv_rows){.path = path};
    rows->next = strncmp(text, byte_order_mark, 3) == 0 ? text + 3 : text;
    if (csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return vic_fail(VIC_NO_MEMORY, "out of memory while reading %s", path);
    return VIC_OK;
}

void csv_rows_close(csv_rows *rows) {
    csv_free(&rows->parser);
    vic_release(&rows->cells);
}

vic_status csv_next(csv_rows *rows, const csv_row **row) {
    *row = NULL;
    rows->whole = false;
    while (*rows->next && !rows->whole)
        VIC_TRY(read_line(rows));
    if (!rows->whole && rows->begun)
        return vic_fail(VIC_BAD_FILE, "%s:%zu: the quote of a cell is not closed", rows->path,
                        rows->row.line);
    if (!rows->whole)
        return VIC_OK;
    rows->begun = false;
    rows->columns = rows->columns ? rows->columns : rows->row.n;
    rows->row.cells = (char *)rows->cells;
    *row = &rows->row;
    return VIC_OK;
}

void csv_unmark(csv_rows *rows) {
    char *cell = rows->row.cells;
    if (*cell != '#')
        return;
    cell += 1 + strspn(cell + 1, " \t");
    if (*cell)
        rows->row.cells = cell;
    else if (rows->separator == ' ' && rows->row.n > 1) { /* "# x y" */
        rows->row.cells = cell + 1;
        rows->row.n--;
    }
}

char *csv_next_cell(char *cell) {
    return cell + strlen(cell) + 1;
}

bool csv_is_class_name(const char *name, size_t length) {
    static const char *const usual[] = {"label", "class", "target"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strlen(usual[i]) == length && strncasecmp(name, usual[i], length) == 0)
            return true;
    return false;
}

const char *csv_separator_name(char separator) {
    return separator == ','    ? "commas"
           : separator == ';'  ? "semicolons"
           : separator == '\t' ? "tabs"
                               : "blanks";
}
