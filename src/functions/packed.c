/* Both factors are packed in the order in which they are read: the matrix in panels of PANEL_ROWS rows, the
 * other in panels of PANEL_COLUMNS columns, each in blocks of BLOCK of the k numbers that are summed, so that
 * a panel of a block stays in the first cache. A tile of the result is kept in registers for a whole block
 * (Goto, van de Geijn: Anatomy of high-performance matrix multiplication, 2008). */
#include "packed.h"

#include "vector.h"

#include "base/pool.h"

/* The sums of a tile, a row of the panel of columns and one number of the matrix fit the registers. */
enum {
    MANY = VIC_VECTOR_REGISTERS >= 32,
    LANES = VIC_VECTOR_LANES,
    VECTORS = 2,
    PANEL_ROWS = MANY ? 12 : 6,
    PANEL_COLUMNS = VECTORS * LANES,
    CACHE = 24 * 1024, /* bytes of a panel of columns in a block */
    BLOCK = CACHE / (PANEL_COLUMNS * sizeof(vic_real)),
};

/* What a thread takes at a time, where there is more: products of some microseconds. */
enum { LEAST_PANELS = 8, LEAST_PRODUCTS = 1 << 18, LEAST_NUMBERS = 1 << 13 };

static size_t panels(size_t n, size_t of) {
    return (n + of - 1) / of;
}

size_t VIC_NAME(vic_packed_count)(size_t m, size_t k) {
    return panels(m, PANEL_ROWS) * PANEL_ROWS * k;
}

/* All columns, and a block of the rows. */
size_t VIC_NAME(vic_multiply_scratch)(size_t m, size_t n, size_t k) {
    return panels(n, PANEL_COLUMNS) * PANEL_COLUMNS * k +
           panels(m, PANEL_ROWS) * PANEL_ROWS * (k < BLOCK ? k : BLOCK);
}

/* The panels of a task: as many halves of `all` as are worth one, whatever the number of threads. */
static size_t panels_of_task(size_t all, size_t least, double products) {
    size_t tasks = 1;
    while (all / (2 * tasks) >= least && products / (double)(2 * tasks) >= LEAST_PRODUCTS)
        tasks *= 2;
    return (all + tasks - 1) / tasks;
}

/* One past the last panel of a task. */
static size_t end_of_task(size_t task, size_t of_task, size_t all) {
    size_t end = (task + 1) * of_task;
    return end < all ? end : all;
}

/* ---- packing ---- */

typedef struct packing {
    vic_matrix matrix;
    vic_real *to;
    size_t panels, of_task;
} packing;

/* `n` columns of `rows` rows; the panel's other rows are 0. */
VIC_INLINE void pack_rows(const vic_real *a, size_t row, size_t column, size_t rows, size_t n, vic_real *to) {
    for (size_t i = 0; i < n; i++, a += column, to += PANEL_ROWS)
        for (size_t r = 0; r < PANEL_ROWS; r++)
            to[r] = r < rows ? a[r * row] : 0;
}

static void pack_panel(const vic_matrix *x, size_t panel, size_t from, size_t n, vic_real *to) {
    size_t first = panel * PANEL_ROWS, rows = x->m - first;
    const vic_real *a = x->a + first * x->row + from * x->column;
    if (rows < PANEL_ROWS)
        pack_rows(a, x->row, x->column, rows, n, to);
    else if (x->row == 1) /* copies the compiler takes in vectors */
        pack_rows(a, 1, x->column, PANEL_ROWS, n, to);
    else
        pack_rows(a, x->row, 1, PANEL_ROWS, n, to);
}

static void pack_panels(void *context, size_t task) {
    const packing *p = context;
    size_t end = end_of_task(task, p->of_task, p->panels);
    for (size_t from = 0; from < p->matrix.k; from += BLOCK) {
        size_t left = p->matrix.k - from, n = left < BLOCK ? left : BLOCK;
        vic_real *block = p->to + from * p->panels * PANEL_ROWS;
        for (size_t i = task * p->of_task; i < end; i++)
            pack_panel(&p->matrix, i, from, n, block + i * PANEL_ROWS * n);
    }
}

void VIC_NAME(vic_pack)(vic_matrix matrix, vic_real *packed) {
    packing p = {.matrix = matrix, .to = packed, .panels = panels(matrix.m, PANEL_ROWS)};
    p.of_task = panels_of_task(p.panels, LEAST_PANELS, 16.0 * (double)matrix.m * (double)matrix.k);
    vic_pool_run(panels(p.panels, p.of_task), pack_panels, &p);
}

/* ---- products ---- */

typedef struct product {
    vic_matrix matrix;
    size_t n;
    const vic_real *packed, *bias, *b;
    vic_real *result, *columns, *rows; /* b in panels; a block of the matrix, where it is not packed */
    size_t row_panels, column_panels, of_task;
    bool by_columns; /* a task has some of the columns and all rows, not the other way round */
} product;

/* `n` rows of a panel of so many columns; the panel's other columns are 0. */
VIC_INLINE void pack_columns_of_panel(const vic_real *b, size_t apart, size_t columns, size_t n,
                                      vic_real *to) {
    for (size_t i = 0; i < n; i++, b += apart, to += PANEL_COLUMNS)
        for (size_t v = 0; v < VECTORS; v++) {
            size_t left = columns > v * LANES ? columns - v * LANES : 0;
            vic_vector_store(vic_vector_load_some(b + v * LANES, left < LANES ? left : LANES),
                             to + v * LANES);
        }
}

static void pack_columns(void *context, size_t task) {
    const product *p = context;
    size_t end = end_of_task(task, p->of_task, p->column_panels);
    for (size_t from = 0; from < p->matrix.k; from += BLOCK) {
        size_t left = p->matrix.k - from, n = left < BLOCK ? left : BLOCK;
        vic_real *block = p->columns + from * p->column_panels * PANEL_COLUMNS;
        for (size_t j = task * p->of_task; j < end; j++) {
            size_t first = j * PANEL_COLUMNS;
            const vic_real *b = p->b + from * p->n + first;
            if (p->n - first >= PANEL_COLUMNS)
                pack_columns_of_panel(b, p->n, PANEL_COLUMNS, n, block + first * n);
            else
                pack_columns_of_panel(b, p->n, p->n - first, n, block + first * n);
        }
    }
}

/* A tile of a block: `n` of the k numbers. It begins with the bias, or goes on from the blocks before. */
typedef struct tile {
    size_t n, rows, columns; /* rows and columns that are there */
    const vic_real *a, *b;
    vic_real *to;
    size_t apart; /* of the rows of `to` */
    const vic_real *bias;
    bool goes_on;
} tile;

VIC_INLINE void keep_tile(const tile *t, vic_vector sum[][VECTORS], size_t rows, size_t columns) {
    const vic_vector none = {0};
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0, v = 0; c < columns; c += LANES, v++) {
            vic_real *to = t->to + r * t->apart + c;
            size_t n = columns - c < LANES ? columns - c : LANES;
            vic_vector before = t->goes_on ? vic_vector_load_some(to, n) : t->bias ? none + t->bias[r] : none;
            vic_vector_store_some(sum[r][v] + before, to, n);
        }
}

VIC_INLINE void sum_tile(const tile *t, size_t vectors) {
    vic_vector sum[PANEL_ROWS][VECTORS];
    const vic_real *a = t->a, *b = t->b;
    for (size_t r = 0; r < PANEL_ROWS; r++)
        for (size_t v = 0; v < vectors; v++)
            sum[r][v] = (vic_vector){0};
    for (size_t i = 0; i < t->n; i++, a += PANEL_ROWS, b += PANEL_COLUMNS)
        for (size_t r = 0; r < PANEL_ROWS; r++)
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] += a[r] * vic_vector_load(b + v * LANES);
    if (t->rows >= PANEL_ROWS && t->columns == vectors * LANES)
        keep_tile(t, sum, PANEL_ROWS, vectors * LANES);
    else
        keep_tile(t, sum, t->rows < PANEL_ROWS ? t->rows : PANEL_ROWS, t->columns);
}

static void multiply_tile(const tile *t) {
    if (t->columns > LANES)
        sum_tile(t, VECTORS);
    else
        sum_tile(t, 1);
}

/* `n` of the k numbers, from number `from` on; of these, panels of rows first .. end - 1 and of columns
 * first_column .. end_column - 1. */
typedef struct block {
    size_t from, n, first, end, first_column, end_column;
    const vic_real *rows; /* the first panel */
} block;

/* A panel of columns with all panels of rows. */
static void multiply_panel(const product *p, const block *of, size_t j) {
    size_t column = j * PANEL_COLUMNS, left = p->n - column;
    const vic_real *columns = p->columns + of->from * p->column_panels * PANEL_COLUMNS + column * of->n;
    for (size_t i = of->first; i < of->end; i++) {
        size_t row = i * PANEL_ROWS;
        multiply_tile(&(tile){
            .n = of->n,
            .rows = p->matrix.m - row,
            .columns = left < PANEL_COLUMNS ? left : PANEL_COLUMNS,
            .a = of->rows + (i - of->first) * PANEL_ROWS * of->n,
            .b = columns,
            .to = p->result + row * p->n + column,
            .apart = p->n,
            .bias = p->bias ? p->bias + row : NULL,
            .goes_on = of->from > 0,
        });
    }
}

/* Each task has its place for a block, whichever it is at. */
static const vic_real *rows_of(const product *p, const block *of) {
    if (p->packed)
        return p->packed + (of->from * p->row_panels + of->first * of->n) * PANEL_ROWS;
    vic_real *rows = p->rows + of->first * PANEL_ROWS * (p->matrix.k < BLOCK ? p->matrix.k : BLOCK);
    for (size_t i = of->first; i < of->end; i++)
        pack_panel(&p->matrix, i, of->from, of->n, rows + (i - of->first) * PANEL_ROWS * of->n);
    return rows;
}

static block block_of_task(const product *p, size_t task) {
    size_t first = task * p->of_task;
    if (p->by_columns)
        return (block){.end = p->row_panels,
                       .first_column = first,
                       .end_column = end_of_task(task, p->of_task, p->column_panels)};
    return (block){
        .first = first, .end = end_of_task(task, p->of_task, p->row_panels), .end_column = p->column_panels};
}

static void multiply_block(void *context, size_t task) {
    const product *p = context;
    block of = block_of_task(p, task);
    for (; of.from < p->matrix.k; of.from += of.n) {
        size_t left = p->matrix.k - of.from;
        of.n = left < BLOCK ? left : BLOCK;
        of.rows = rows_of(p, &of);
        for (size_t j = of.first_column; j < of.end_column; j++)
            multiply_panel(p, &of, j);
    }
}

void VIC_NAME(vic_multiply)(vic_matrix matrix, const vic_real *packed, size_t n, const vic_real *bias,
                            const vic_real *b, vic_real *result, vic_real *scratch) {
    product p = {.matrix = matrix,
                 .n = n,
                 .packed = packed,
                 .bias = bias,
                 .b = b,
                 .result = result,
                 .columns = scratch,
                 .row_panels = panels(matrix.m, PANEL_ROWS),
                 .column_panels = panels(n, PANEL_COLUMNS)};
    double numbers = (double)n * (double)matrix.k;
    p.rows = scratch + p.column_panels * PANEL_COLUMNS * matrix.k;
    p.of_task = panels_of_task(p.column_panels, 1, (double)LEAST_PRODUCTS / LEAST_NUMBERS * numbers);
    vic_pool_run(panels(p.column_panels, p.of_task), pack_columns, &p);
    /* Few rows; each task would pack them for itself if they were not packed. */
    p.by_columns =
        packed != NULL && p.row_panels < 2 * (size_t)LEAST_PANELS && p.column_panels > p.row_panels;
    size_t all = p.by_columns ? p.column_panels : p.row_panels;
    p.of_task = panels_of_task(all, LEAST_PANELS, (double)matrix.m * numbers);
    vic_pool_run(panels(all, p.of_task), multiply_block, &p);
}
