/* From measured messages to a link: straight lines through neighbouring sizes, and where one protocol gives
 * way to the next. Errors count relative to what was measured, so that small messages matter as much as
 * large. */
#include "calibration.h"

#include <math.h>

enum { FEWEST = 3, MOST_PIECES = 8, SERIES = 3 };

/* What another piece has to gain: the square of 15 % at one size. */
static const double price = 0.15 * 0.15;

typedef struct line {
    double base, slope, residual;
} line;

typedef struct fitting {
    size_t n;
    const vic_wire_sample *samples;
    double *residual; /* (first, last) */
    double *best;     /* (pieces, last): the least misfit of the samples up to `last` */
    size_t *begin;    /* likewise: where the last of these pieces begins */
} fitting;

/* The whole message, the sender's overhead, the receiver's overhead. */
static double value(const vic_wire_sample *s, int series) {
    return series == 0 ? s->message : series == 1 ? s->send : s->receive;
}

static double residual_of(const fitting *f, size_t first, size_t last, int series, double base,
                          double slope) {
    double sum = 0;
    for (size_t i = first; i <= last; i++) {
        double y = value(&f->samples[i], series);
        double off = y > 0 ? (base + slope * (double)f->samples[i].bytes) / y - 1 : 0;
        sum += off * off;
    }
    return sum;
}

/* The best constant, or multiple of x, alone. */
static double single(const fitting *f, size_t first, size_t last, int series, bool slope) {
    double top = 0, bottom = 0;
    for (size_t i = first; i <= last; i++) {
        double y = value(&f->samples[i], series), x = slope ? (double)f->samples[i].bytes : 1;
        top += y > 0 ? x / y : 0;
        bottom += y > 0 ? x * x / (y * y) : 0;
    }
    return bottom > 0 ? top / bottom : 0;
}

/* Least squares of (base + slope x) / y - 1, neither below 0. */
static line fit_line(const fitting *f, size_t first, size_t last, int series) {
    double s = 0, sx = 0, sxx = 0, t = 0, tx = 0;
    for (size_t i = first; i <= last; i++) {
        double y = value(&f->samples[i], series), x = (double)f->samples[i].bytes;
        double w = y > 0 ? 1 / (y * y) : 0;
        s += w;
        sx += w * x;
        sxx += w * x * x;
        t += w * y;
        tx += w * x * y;
    }
    double determinant = s * sxx - sx * sx;
    line l = {0};
    if (determinant > 1e-12 * s * sxx) {
        l.base = (t * sxx - tx * sx) / determinant;
        l.slope = (s * tx - sx * t) / determinant;
    }
    if (l.base <= 0 && l.slope <= 0)
        l.base = -1; /* one sample, or none that took any time */
    if (l.slope < 0 || (l.base < 0 && l.slope <= 0))
        l = (line){.base = single(f, first, last, series, false)};
    else if (l.base < 0)
        l = (line){.slope = single(f, first, last, series, true)};
    l.residual = residual_of(f, first, last, series, l.base, l.slope);
    return l;
}

static void weigh_all(const fitting *f) {
    for (size_t first = 0; first < f->n; first++)
        for (size_t last = first; last < f->n; last++) {
            double sum = fit_line(f, first, last, 0).residual;
            for (int series = 1; series < SERIES; series++)
                sum += 0.25 * fit_line(f, first, last, series).residual;
            f->residual[first * f->n + last] = sum;
        }
}

static size_t fewest(const fitting *f) {
    return f->n < FEWEST ? f->n : FEWEST;
}

/* Bellman's way to the best pieces: the last one begins where it and the best before it are best together
 * (Bellman, CACM 4(6), 1961, on curve fitting by segments). */
static void choose_pieces(const fitting *f) {
    for (size_t k = 0; k < MOST_PIECES; k++)
        for (size_t last = 0; last < f->n; last++) {
            double *best = &f->best[k * f->n + last];
            *best = k == 0 && last + 1 >= fewest(f) ? f->residual[last] : INFINITY;
            for (size_t first = fewest(f); k > 0 && first + fewest(f) <= last + 1; first++) {
                double sum = f->best[(k - 1) * f->n + first - 1] + f->residual[first * f->n + last];
                if (sum < *best) {
                    *best = sum;
                    f->begin[k * f->n + last] = first;
                }
            }
        }
}

static size_t choose_number(const fitting *f) {
    size_t best = 0;
    for (size_t k = 1; k < MOST_PIECES; k++)
        if (f->best[k * f->n + f->n - 1] + price * (double)k <
            f->best[best * f->n + f->n - 1] + price * (double)best)
            best = k;
    return best + 1;
}

static int ascending(double a, double b) {
    return (a > b) - (a < b);
}

/* The median of what a burst takes for a message beyond the overheads of sender and receiver: below a tenth
 * of that, nothing. */
static double gap_of(const fitting *f, size_t first, size_t last) {
    double excess[64];
    size_t n = 0;
    for (size_t i = first; i <= last && n < sizeof excess / sizeof *excess; i++) {
        const vic_wire_sample *s = &f->samples[i];
        double busy = fmax(s->send, s->receive);
        if (s->burst > 0) {
            double gap = s->burst > 1.1 * busy ? s->burst : 0;
            size_t at = n++;
            for (; at > 0 && ascending(gap, excess[at - 1]) < 0; at--)
                excess[at] = excess[at - 1];
            excess[at] = gap;
        }
    }
    return n > 0 ? excess[(n - 1) / 2] : 0;
}

static double post_receive_of(const fitting *f, size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i <= last; i++)
        sum += f->samples[i].post_receive;
    return sum / (double)(last - first + 1);
}

/* The overheads are part of the message, and no more than that. */
static vic_link_piece piece_of(const fitting *f, size_t first, size_t last) {
    line message = fit_line(f, first, last, 0), send = fit_line(f, first, last, 1),
         receive = fit_line(f, first, last, 2);
    vic_link_piece p = {
        .from = first == 0 ? 0 : f->samples[first].bytes,
        .gap = gap_of(f, first, last),
        .send = fmin(send.base, message.base),
        .send_per_byte = fmin(send.slope, message.slope),
        .post_receive = post_receive_of(f, first, last),
    };
    p.receive = fmin(receive.base, message.base - p.send);
    p.receive_per_byte = fmin(receive.slope, message.slope - p.send_per_byte);
    p.latency = message.base - p.send - p.receive;
    p.gap_per_byte = message.slope - p.send_per_byte - p.receive_per_byte;
    return p;
}

static vic_status fit(fitting *f, vic_link *link) {
    VIC_TRY(vic_allocate(f->n * f->n, sizeof(double), &f->residual));
    VIC_TRY(vic_allocate(f->n * MOST_PIECES, sizeof(double), &f->best));
    VIC_TRY(vic_allocate(f->n * MOST_PIECES, sizeof(size_t), &f->begin));
    weigh_all(f);
    choose_pieces(f);
    link->n = choose_number(f);
    VIC_TRY(vic_allocate(link->n, sizeof *link->pieces, &link->pieces));
    size_t last = f->n - 1;
    for (size_t k = link->n; k-- > 0;) {
        size_t first = k > 0 ? f->begin[k * f->n + last] : 0;
        link->pieces[k] = piece_of(f, first, last);
        last = first - 1;
    }
    return VIC_OK;
}

vic_status vic_link_fit(vic_link *link, size_t n, const vic_wire_sample *samples) {
    fitting f = {.n = n, .samples = samples};
    *link = (vic_link){0};
    vic_status status = fit(&f, link);
    vic_release(&f.residual);
    vic_release(&f.best);
    vic_release(&f.begin);
    return status;
}
