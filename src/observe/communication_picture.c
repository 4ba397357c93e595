/* The picture of comm: messages by edge and step, and the time of ranks. */
#include "communication_picture.h"
#include "svg.h"

#include "base/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double page = 960, margin = 24, map_left = 96, map_width = 400, bar_left = 588, bar_width = 348;
enum { TEXT = 160, DURATION = 40 };

static const svg_colour silence = 0xf2f2f2, ink = 0x222222;
static const svg_colour light[VIC_MESSAGE_KINDS] = {[VIC_PREDICTION] = 0xc6dbef, [VIC_ERROR] = 0xfdd0a2};
static const svg_colour dark[VIC_MESSAGE_KINDS] = {[VIC_PREDICTION] = 0x08519c, [VIC_ERROR] = 0xa63603};

/* Where a rank's time goes, in the order of a bar. */
enum { COMPUTING, POSTING, WIRE, LATE, PARTS };
static const svg_colour part_colour[PARTS] = {0x4d9221, 0xe6ab02, 0xd7301f, 0xd0d0d0};
static const char *const part_name[PARTS] = {"computing", "posting messages", "waiting: message on the wire",
                                             "waiting: not said yet"};

typedef struct drawing {
    FILE *to;
    double y;            /* where the next thing goes */
    uint64_t most_bytes; /* in one step, of all maps */
    int most_steps;
    double longest; /* seconds, of all bars */
} drawing;

static void write_at(const drawing *d, double x, double dy, double size, svg_anchor anchor,
                     const char *text) {
    svg_text(d->to, (svg_point){x, d->y + dy}, size, anchor, text);
}

/* So many things apart that labels of this size do not touch. */
static int every(double spacing, double size) {
    int n = (int)ceil(size / spacing);
    return n > 1 ? n : 1;
}

static void duration_text(double seconds, char text[DURATION]) {
    if (seconds < 1e-3)
        snprintf(text, DURATION, "%.4g us", 1e6 * seconds);
    else if (seconds < 1)
        snprintf(text, DURATION, "%.4g ms", 1e3 * seconds);
    else
        snprintf(text, DURATION, "%.4g s", seconds);
}

/* ---- the map: edges by steps ---- */

static double row_height(int rows) {
    const double tallest = 15, space = 330;
    return rows * tallest < space ? tallest : space / rows;
}

static svg_colour shade(const drawing *d, vic_message_kind kind, uint64_t bytes) {
    return svg_between(light[kind], dark[kind], sqrt((double)bytes / (double)d->most_bytes));
}

/* Neighbouring steps with the same bytes are one box. */
static void draw_row(const drawing *d, const vic_communication *c, int edge, vic_message_kind kind, double y,
                     double height) {
    double cell = map_width / (d->most_steps + 1), gap = height > 4 ? 1 : 0;
    for (int step = 0, next; step <= c->steps; step = next) {
        vic_ledger_entry e = vic_communication_at(c, edge, kind, step);
        char about[TEXT];
        for (next = step + 1; next <= c->steps; next++)
            if (vic_communication_at(c, edge, kind, next).bytes != e.bytes)
                break;
        if (e.messages == 0)
            continue;
        snprintf(about, sizeof about, "edge %d, %s, step %d to %d: %llu bytes each", edge,
                 vic_message_kind_name(kind), step, next - 1, (unsigned long long)e.bytes);
        svg_box(d->to, (svg_point){map_left + step * cell, y}, (next - step) * cell - gap, height - gap,
                shade(d, kind, e.bytes), about);
    }
}

static void draw_map(const drawing *d, const vic_communication_view *view) {
    const vic_communication *c = view->communication;
    int rows = VIC_MESSAGE_KINDS * c->n_edges;
    double height = row_height(rows), cell = map_width / (d->most_steps + 1);
    int labelled = every(height, 11), ticked = every(cell, 26);
    char text[TEXT];
    svg_box(d->to, (svg_point){map_left, d->y}, (c->steps + 1) * cell, rows * height, silence, NULL);
    for (int row = 0; row < rows; row++) {
        /* The output's edge on top, as in the network; of an edge, the prediction below its error. */
        int edge = c->n_edges - 1 - row / VIC_MESSAGE_KINDS;
        vic_message_kind kind = row % VIC_MESSAGE_KINDS == 0 ? VIC_ERROR : VIC_PREDICTION;
        double y = d->y + row * height;
        draw_row(d, c, edge, kind, y, height);
        snprintf(text, sizeof text, kind == VIC_ERROR ? "%d \xe2\x86\x90 %d" : "%d \xe2\x86\x92 %d",
                 view->network->edges[edge].from, view->network->edges[edge].to);
        if (row % labelled == 0)
            write_at(d, map_left - 6, row * height + fmin(height, 15) - 4, 10, SVG_END, text);
    }
    for (int step = 0; step <= c->steps; step += ticked) {
        snprintf(text, sizeof text, "%d", step);
        write_at(d, map_left + (step + 0.5) * cell, rows * height + 13, 10, SVG_MIDDLE, text);
    }
    write_at(d, map_left, rows * height + 27, 10, SVG_START, "inference step (0: the sweep)");
}

/* ---- bars: where the time goes ---- */

static void draw_bar(const drawing *d, const vic_rank_time *t, double y, double height) {
    const double part[PARTS] = {t->computing, t->posting, t->wire, t->late};
    double x = bar_left;
    for (int i = 0; i < PARTS; i++) {
        char about[TEXT], text[DURATION];
        double width = bar_width * part[i] / d->longest;
        duration_text(part[i], text);
        snprintf(about, sizeof about, "%s: %s", part_name[i], text);
        if (width > 0)
            svg_box(d->to, (svg_point){x, y}, width, height, part_colour[i], about);
        x += width;
    }
}

static void draw_bars(const drawing *d, const vic_communication *c, double space) {
    double height = fmin(22, space / c->n_ranks);
    int labelled = every(height, 11);
    char text[TEXT];
    for (int rank = 0; rank < c->n_ranks; rank++) {
        draw_bar(d, &c->ranks[rank], d->y + rank * height, height > 4 ? height - 2 : height);
        snprintf(text, sizeof text, "rank %d", rank);
        if (rank % labelled == 0)
            write_at(d, bar_left - 6, rank * height + fmin(height, 22) / 2 + 3, 10, SVG_END, text);
    }
    svg_line(d->to, (svg_point){bar_left, d->y}, (svg_point){bar_left, d->y + c->n_ranks * height}, ink);
}

/* ---- the legend ---- */

/* 1, 2 or 5 times a power of ten: about five such ticks along the axis. */
static double tick_of(double longest) {
    double tick = pow(10, floor(log10(longest / 5)));
    if (longest / tick > 30)
        return 10 * tick;
    if (longest / tick > 15)
        return 5 * tick;
    return longest / tick > 6 ? 2 * tick : tick;
}

static void draw_axis(const drawing *d) {
    char text[DURATION];
    double tick = tick_of(d->longest);
    svg_line(d->to, (svg_point){bar_left, d->y}, (svg_point){bar_left + bar_width, d->y}, ink);
    for (int i = 0; i * tick <= d->longest; i++) {
        double x = bar_left + bar_width * i * tick / d->longest;
        svg_line(d->to, (svg_point){x, d->y}, (svg_point){x, d->y + 4}, ink);
        duration_text(i * tick, text);
        write_at(d, x, 16, 10, SVG_MIDDLE, i > 0 ? text : "0");
    }
}

static void draw_parts(const drawing *d) {
    for (int i = 0; i < PARTS; i++) {
        double x = bar_left + (i % 2) * 180, y = d->y + (i / 2) * 18;
        svg_box(d->to, (svg_point){x, y}, 10, 10, part_colour[i], NULL);
        svg_text(d->to, (svg_point){x + 15, y + 9}, 10, SVG_START, part_name[i]);
    }
}

static void draw_shades(const drawing *d) {
    enum { SHADES = 20 };
    char text[TEXT];
    for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
        double y = d->y + kind * 18;
        for (int i = 0; i < SHADES; i++)
            svg_box(d->to, (svg_point){map_left + i * 4, y}, 4, 10,
                    shade(d, kind, d->most_bytes * (uint64_t)(i + 1) / SHADES), NULL);
        snprintf(text, sizeof text, "%s, up to %llu bytes in a step", vic_message_kind_name(kind),
                 (unsigned long long)d->most_bytes);
        svg_text(d->to, (svg_point){map_left + SHADES * 4 + 6, y + 9}, 10, SVG_START, text);
    }
}

/* ---- the page ---- */

static double panel_height(const vic_communication *c) {
    return VIC_MESSAGE_KINDS * c->n_edges * row_height(VIC_MESSAGE_KINDS * c->n_edges);
}

static void draw_panel(drawing *d, const vic_communication_view *view) {
    const vic_communication *c = view->communication;
    vic_ledger_entry up = vic_communication_total(c, VIC_PREDICTION),
                     down = vic_communication_total(c, VIC_ERROR);
    double height = panel_height(c);
    char text[TEXT], whole[DURATION], path[DURATION];
    duration_text(c->seconds, whole);
    duration_text(c->path, path);
    write_at(d, margin, 0, 12, SVG_START, view->title);
    snprintf(text, sizeof text, "%llu messages, %llu bytes; inference %s, critical path %s",
             (unsigned long long)(up.messages + down.messages), (unsigned long long)(up.bytes + down.bytes),
             whole, path);
    write_at(d, bar_left + bar_width, 0, 11, SVG_END, text);
    d->y += 10;
    draw_map(d, view);
    draw_bars(d, c, height);
    d->y += height + 54;
}

/* A picture without maps has one bar an inference, the mean of its ranks. */
static void draw_line(drawing *d, const vic_communication_view *view) {
    vic_rank_time mean = vic_communication_mean(view->communication);
    draw_bar(d, &mean, d->y, 14);
    write_at(d, bar_left - 6, 11, 10, SVG_END, view->title);
    d->y += 17;
}

static void find_scales(drawing *d, size_t n, const vic_communication_view *views) {
    for (size_t i = 0; i < n; i++) {
        const vic_communication *c = views[i].communication;
        d->longest = fmax(d->longest, c->seconds);
        d->most_steps = c->steps > d->most_steps ? c->steps : d->most_steps;
        for (int row = 0; row < VIC_MESSAGE_KINDS * c->n_edges; row++)
            for (int step = 0; step <= c->steps; step++) {
                uint64_t bytes =
                    vic_communication_at(c, row / VIC_MESSAGE_KINDS, row % VIC_MESSAGE_KINDS, step).bytes;
                d->most_bytes = bytes > d->most_bytes ? bytes : d->most_bytes;
            }
    }
}

static void draw(drawing *d, const char *title, bool maps, size_t n, const vic_communication_view *views) {
    double height = 150;
    for (size_t i = 0; i < n; i++)
        height += maps ? panel_height(views[i].communication) + 64 : 17;
    svg_begin(d->to, page, height);
    d->y = 32;
    write_at(d, margin, 0, 15, SVG_START, title);
    d->y += 30;
    for (size_t i = 0; i < n; i++)
        (maps ? draw_panel : draw_line)(d, &views[i]);
    draw_axis(d);
    d->y += 30;
    draw_parts(d);
    if (maps)
        draw_shades(d);
    svg_end(d->to);
}

vic_status vic_communication_draw(const char *path, const char *title, bool maps, size_t n,
                                  const vic_communication_view *views) {
    char *text = NULL;
    size_t size = 0;
    drawing d = {.to = open_memstream(&text, &size)};
    if (d.to == NULL)
        return vic_fail(VIC_NO_MEMORY, "%s: out of memory: %s", path, strerror(errno));
    find_scales(&d, n, views);
    draw(&d, title, maps, n, views);
    vic_status status = fclose(d.to) == 0 ? vic_write_file(path, text, size)
                                          : vic_fail(VIC_NO_MEMORY, "%s: out of memory", path);
    vic_release(&text);
    return status;
}
