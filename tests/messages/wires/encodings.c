/* What every encoding must keep: a new one is in the registry, and so in every test here, once it has a line
 * in `formats`. */
#include "messages/wires/wires.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 257, BATCH = 5, COUNT = ROWS * BATCH };

/* What the formats promise, from their definitions. */
typedef struct format {
    const char *name;
    size_t value_bytes, samples_own; /* samples_own: numbers of the run sent with each sample */
    int digits;                      /* binary ones; 0: fixed point, in units of the sample's largest / 127 */
    double largest, smallest;        /* finite numbers; the spacing of denormal ones */
} format;

static const format formats[] = {
    {"float64", 8, 0, 53, DBL_MAX, 0x1p-1074},
    {"float32", 4, 0, 24, FLT_MAX, 0x1p-149},
    {"bfloat16", 2, 0, 8, 0x1.fep127, 0x1p-133},
    {"float16", 2, 0, 11, 65504, 0x1p-24},
    {"int8", 1, 1, 0, DBL_MAX, 0},
};
enum { FORMATS = sizeof formats / sizeof *formats };

static const format *format_of(const vic_encoding *encoding) {
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, encoding->name) == 0)
            return &formats[i];
    ck_abort_msg("no line for the encoding %s", encoding->name);
    return NULL;
}

/* Into bytes and back, as float64; scrap memory. */
static double *round_trip(const vic_encoding *encoding, vic_precision precision, size_t rows, size_t batch,
                          const double *x) {
    void *heads = scrap(batch, encoding->sample_bytes + 1),
         *codes = scrap(rows * batch, encoding->value_bytes);
    void *back = unset(precision, rows * batch);
    encoding->encode(rows, batch, reals_of(precision, rows * batch, x), heads, codes);
    encoding->decode(rows, batch, heads, codes, back);
    return doubles_of(precision, rows * batch, back);
}

/* The nearest number of a floating-point format, the even one of two; by way of long double. */
static double rounded(const format *f, double x) {
    if (!isfinite(x) || x == 0)
        return x;
    int exponent;
    frexp(x, &exponent);
    long double unit = ldexpl(1, exponent - f->digits);
    unit = unit < f->smallest ? f->smallest : unit;
    long double y = rintl(x / unit) * unit;
    return fabsl(y) > f->largest ? copysign(INFINITY, x) : (double)y;
}

typedef void use(const vic_encoding *encoding, const format *f, vic_precision precision);

static void each(use *check) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        size_t count;
        const vic_encoding *const *all = vic_encodings((vic_precision)precision, &count);
        ck_assert_uint_eq(count, FORMATS);
        for (size_t i = 0; i < count; i++)
            check(all[i], format_of(all[i]), (vic_precision)precision);
    }
}

/* ---- numbers that are near ---- */

static double scale_of(const double *x, size_t b) {
    double most = 0;
    for (size_t r = 0; r < ROWS; r++)
        most = fmax(most, fabs(x[r * BATCH + b]));
    return most;
}

/* Every sample of another size, entries over many magnitudes. */
static double *many_sizes(vic_precision precision) {
    double *x = numbers(COUNT, 3);
    for (size_t i = 0; i < COUNT; i++)
        x[i] *= pow(10, (double)(i % BATCH) - 3 + 4 * number_at(5, i));
    return doubles_of(precision, COUNT, reals_of(precision, COUNT, x));
}

static void check_near(const vic_encoding *encoding, const format *f, vic_precision precision) {
    double *x = many_sizes(precision), *y = round_trip(encoding, precision, ROWS, BATCH, x);
    double rounding = precision == VIC_FLOAT32 ? 0x1p-23 : 0x1p-52;
    for (size_t i = 0; i < COUNT; i++) {
        if (f->digits > 0) {
            double expected = rounded(f, x[i]);
            ck_assert_msg(y[i] == (precision == VIC_FLOAT32 ? (float)expected : expected),
                          "%s: %a became %a, not %a", f->name, x[i], y[i], expected);
            continue;
        }
        double scale = scale_of(x, i % BATCH);
        ck_assert_msg(fabs(y[i] - x[i]) <= scale * (0.5 / 127 + rounding), "%s: %g became %g of at most %g",
                      f->name, x[i], y[i], scale);
        ck_assert_msg(fabs(x[i]) < scale || y[i] == x[i], "%s: the largest, %g, became %g", f->name, x[i],
                      y[i]);
    }
}

START_TEST(numbers_come_back_as_near_as_the_format_allows) {
    each(check_near);
}
END_TEST

static void check_twice(const vic_encoding *encoding, const format *f, vic_precision precision) {
    double *once = round_trip(encoding, precision, ROWS, BATCH, many_sizes(precision));
    double *twice = round_trip(encoding, precision, ROWS, BATCH, once);
    ck_assert_msg(memcmp(once, twice, COUNT * sizeof *once) == 0, "%s changes its own numbers", f->name);
}

START_TEST(what_came_out_goes_through_unchanged) {
    each(check_twice);
}
END_TEST

/* ---- every number of 16 bits, and those half way between two ---- */

static void check_halves(const char *name, vic_precision precision) {
    const vic_encoding *encoding = vic_encoding_find(precision, name);
    const format *f = format_of(encoding);
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        uint16_t bits = (uint16_t)code, again;
        float x32;
        double x64;
        void *x = precision == VIC_FLOAT32 ? (void *)&x32 : (void *)&x64;
        encoding->decode(1, 1, NULL, &bits, x);
        encoding->encode(1, 1, x, NULL, &again);
        double value = precision == VIC_FLOAT32 ? (double)x32 : x64;
        ck_assert_msg(again == bits || isnan(value), "%s: %04x became %04x", name, bits, again);
        if (!isfinite(value))
            continue;
        double ulp = fmax(f->smallest, ldexp(1, ilogb(value == 0 ? 1e-300 : value) - f->digits + 1));
        double between = value + copysign(ulp / 2, value);
        if (precision == VIC_FLOAT32 && (double)(float)between != between)
            continue;
        double *y = round_trip(encoding, precision, 1, 1, &between);
        ck_assert_msg(*y == rounded(f, between), "%s: %a became %a, not %a", name, between, *y,
                      rounded(f, between));
    }
}

START_TEST(all_numbers_of_16_bits_come_back_and_ties_go_to_the_even_one) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        check_halves("bfloat16", (vic_precision)precision);
        check_halves("float16", (vic_precision)precision);
    }
}
END_TEST

/* ---- numbers that are special ---- */

static void check_special(const vic_encoding *encoding, const format *f, vic_precision precision) {
    const double special[] = {INFINITY, -INFINITY, NAN, -NAN};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        double x[2 * BATCH];
        for (size_t k = 0; k < 2 * BATCH; k++)
            x[k] = 0.5;
        x[BATCH + 1] = special[i];
        double *y = round_trip(encoding, precision, 2, BATCH, x);
        ck_assert_msg(!isfinite(y[BATCH + 1]), "%s hides %g", f->name, special[i]);
        ck_assert(f->digits == 0 || isnan(special[i]) ? isnan(y[BATCH + 1]) : y[BATCH + 1] == special[i]);
        for (size_t k = 0; k < 2 * BATCH; k++) /* the other samples are unchanged */
            ck_assert_msg(k % BATCH == 1 || y[k] == 0.5, "%s: 0.5 became %g", f->name, y[k]);
    }
}

START_TEST(what_is_not_finite_stays_so) {
    each(check_special);
}
END_TEST

static void check_zeros(const vic_encoding *encoding, const format *f, vic_precision precision) {
    double x[COUNT] = {0};
    double *y = round_trip(encoding, precision, ROWS, BATCH, x);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_msg(y[i] == 0, "%s: 0 became %g", f->name, y[i]);
}

START_TEST(a_message_of_zeros_stays_so) {
    each(check_zeros);
}
END_TEST

static void check_denormals(const vic_encoding *encoding, const format *f, vic_precision precision) {
    double least = precision == VIC_FLOAT32 ? 0x1p-149 : 0x1p-1074;
    double x[] = {least, -3 * least, 127 * least, 0x1p-24, 0x1.8p-24, 0x1p-133};
    double *y = round_trip(encoding, precision, 1, 6, x); /* each the largest of its sample */
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(y[i] == (f->digits ? rounded(f, x[i]) : x[i]), "%s: %a became %a", f->name, x[i], y[i]);
}

START_TEST(numbers_near_the_smallest_are_rounded_like_the_others) {
    each(check_denormals);
}
END_TEST

/* ---- bytes ---- */

static void check_bytes(const vic_encoding *encoding, const format *f, vic_precision precision) {
    vic_wire wire = {.encoding = encoding, .keep = 1};
    size_t own = f->samples_own * vic_precision_bytes(precision);
    ck_assert_uint_eq(vic_wire_bytes(&wire, precision, ROWS, BATCH), BATCH * (ROWS * f->value_bytes + own));
}

START_TEST(bytes_are_those_of_the_format) {
    each(check_bytes);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("encodings");
    TCase *all = tcase_create("every encoding");
    tcase_set_timeout(all, 60);
    tcase_add_unchecked_fixture(all, NULL, scrap_free);
    tcase_add_test(all, numbers_come_back_as_near_as_the_format_allows);
    tcase_add_test(all, what_came_out_goes_through_unchanged);
    tcase_add_test(all, all_numbers_of_16_bits_come_back_and_ties_go_to_the_even_one);
    tcase_add_test(all, what_is_not_finite_stays_so);
    tcase_add_test(all, a_message_of_zeros_stays_so);
    tcase_add_test(all, numbers_near_the_smallest_are_rounded_like_the_others);
    tcase_add_test(all, bytes_are_those_of_the_format);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
