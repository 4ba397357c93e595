/* Many numbers in few bytes, for pictures. */
#include "report.h"

#include <math.h>

static size_t divide_up(size_t a, size_t b) {
    return (a + b - 1) / b;
}

static vic_report_view view_of_line(size_t neurons, size_t limit) {
    size_t count = neurons < limit ? neurons : limit, columns = (size_t)ceil(sqrt((double)count));
    return (vic_report_view){1, divide_up(count, columns), columns, 1, count};
}

vic_report_view vic_report_view_of(vic_shape shape, size_t limit) {
    if (shape.rank < 2)
        return view_of_line(vic_shape_count(shape), limit);
    size_t width = shape.dim[shape.rank - 1], height = shape.dim[shape.rank - 2], stride = 1;
    while (divide_up(width, stride) * divide_up(height, stride) > limit)
        stride++;
    size_t rows = divide_up(height, stride), columns = divide_up(width, stride), size = rows * columns;
    size_t maps = vic_shape_count(shape) / (width * height);
    maps = maps * size <= limit ? maps : limit / size;
    return (vic_report_view){maps, rows, columns, stride, maps * size};
}

/* Where number i of a view is among those of the shape. */
static size_t place_of(vic_shape shape, vic_report_view view, size_t i) {
    if (shape.rank < 2)
        return i;
    size_t width = shape.dim[shape.rank - 1], height = shape.dim[shape.rank - 2];
    size_t column = i % view.columns, row = i / view.columns % view.rows,
           map = i / (view.columns * view.rows);
    return (map * height + row * view.stride) * width + column * view.stride;
}

/* RFC 4648. `text` has room for 4 characters per 3 bytes begun, and a zero. */
static void encode(const unsigned char *bytes, size_t n, char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3, text += 4) {
        unsigned three = (unsigned)bytes[i] << 16 | (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (i + 2 < n ? (unsigned)bytes[i + 2] : 0);
        for (int k = 0; k < 4; k++)
            text[k] = digits[three >> (18 - 6 * k) & 63];
        if (i + 1 >= n)
            text[2] = '=';
        if (i + 2 >= n)
            text[3] = '=';
    }
    *text = '\0';
}

static double largest_of(vic_shape shape, vic_report_view view, const double *numbers) {
    double most = 0;
    for (size_t i = 0; i < view.count; i++)
        most = fmax(most, fabs(numbers[place_of(shape, view, i)]));
    return most;
}

json_t *vic_report_row(vic_shape shape, vic_report_view view, const double *numbers) {
    double scale = largest_of(shape, view, numbers);
    unsigned char *bytes = NULL;
    char *text = NULL;
    json_t *row = NULL;
    if (scale == 0)
        return json_integer(0);
    if (vic_allocate(view.count, 1, &bytes) == VIC_OK &&
        vic_allocate(view.count / 3 * 4 + 5, 1, &text) == VIC_OK) {
        for (size_t i = 0; i < view.count; i++)
            bytes[i] = (unsigned char)(signed char)lround(127 * (numbers[place_of(shape, view, i)] / scale));
        encode(bytes, view.count, text);
        row = json_pack("[f, s]", scale, text);
    }
    vic_release(&bytes);
    vic_release(&text);
    return row;
}
