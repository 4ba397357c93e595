/* Noise, thinning and loss: against plain formulas, and their statistics. */
#include "messages/wires/wires.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A message through a wire, as float64; `received` is what the receiver had, NULL: zeros. Scrap memory. */
static double *pass(vic_wire wire, vic_precision precision, size_t features, size_t batch, uint64_t key,
                    const double *x, const double *received) {
    vic_codec *codec;
    size_t n = features * batch, guard = 16;
    if (wire.keep == 0)
        wire.keep = 1;
    ck_assert(vic_codec_create(&codec, &wire, precision, features, batch, true, true, NULL) == VIC_OK);
    size_t bytes = vic_codec_bytes(codec, batch);
    unsigned char *packet = scrap(bytes + guard, 1);
    void *message = reals_of(precision, n, x), *before = reals_of(precision, n, x);
    void *out = received ? reals_of(precision, n, received) : scrap(n, vic_precision_bytes(precision));
    vic_codec_pack(codec, key, batch, message, packet);
    ck_assert(memcmp(message, before, n * vic_precision_bytes(precision)) ==
              0); /* the sender keeps its own */
    for (size_t i = 0; i < guard; i++)
        ck_assert_uint_eq(packet[bytes + i], 0);
    vic_codec_unpack(codec, key, batch, packet, true, out);
    vic_codec_destroy(&codec);
    return doubles_of(precision, n, out);
}

/* ---- thinning ---- */

/* Is entry f of sample b among the `kept` largest, by counting? */
static bool belongs(const double *x, size_t features, size_t batch, size_t b, size_t f, size_t kept) {
    double mine = fabs(x[f * batch + b]);
    size_t before = 0;
    for (size_t g = 0; g < features; g++) {
        double other = fabs(x[g * batch + b]);
        before += other > mine || (other == mine && g < f);
    }
    return before < kept;
}

static void check_thinned(vic_precision precision, size_t features, size_t batch, double keep,
                          const double *drawn) {
    double *x = doubles_of(precision, features * batch, reals_of(precision, features * batch, drawn));
    size_t kept = vic_wire_kept(&(vic_wire){.keep = keep}, features);
    double *y = pass((vic_wire){.keep = keep}, precision, features, batch, 1, x, NULL);
    for (size_t f = 0; f < features; f++)
        for (size_t b = 0; b < batch; b++) {
            double expected = belongs(x, features, batch, b, f, kept) ? x[f * batch + b] : 0;
            ck_assert_msg(y[f * batch + b] == expected, "keep %g of %zu: %g became %g", keep, features,
                          x[f * batch + b], y[f * batch + b]);
        }
}

START_TEST(the_largest_entries_of_each_sample_are_kept) {
    static const double keeps[] = {0.001, 0.05, 0.3, 0.5, 0.97, 0.999, 1};
    static const size_t features[] = {1, 2, 7, 64, 256, 257, 300};
    for (size_t k = 0; k < 7; k++)
        for (size_t n = 0; n < 7; n++) {
            double *x = numbers(features[n] * 3, k + 10 * n);
            check_thinned(VIC_FLOAT32, features[n], 3, keeps[k], x);
            for (size_t i = 0; i < features[n] * 3; i++)
                x[i] = rint(3 * x[i]); /* many that are equal */
            check_thinned(VIC_FLOAT64, features[n], 3, keeps[k], x);
        }
    size_t wide = 70000;
    check_thinned(VIC_FLOAT32, 5, 1, 0.4, numbers(5, 1));
    double *x = numbers(wide, 1);
    double *y = pass((vic_wire){.keep = 0.0001}, VIC_FLOAT64, wide, 1, 1, x, NULL);
    size_t kept = 0;
    for (size_t i = 0; i < wide; i++) {
        ck_assert(y[i] == 0 || y[i] == x[i]);
        kept += y[i] != 0;
    }
    ck_assert_uint_eq(kept, 7);
}
END_TEST

START_TEST(a_fraction_is_rounded_up) {
    static const struct {
        double keep;
        size_t features, kept;
    } cases[] = {{0.07, 100, 7}, {0.29, 100, 29}, {0.1, 10, 1},   {0.1, 11, 2},    {0.001, 10, 1},
                 {1, 10, 10},    {0.999, 10, 10}, {1. / 3, 3, 1}, {0.25, 128, 32}, {0.7, 10, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(vic_wire_kept(&(vic_wire){.keep = cases[i].keep}, cases[i].features),
                          cases[i].kept);
}
END_TEST

/* Values and places, or all values: the least of three. */
START_TEST(bytes_are_those_of_values_and_places) {
    static const size_t features[] = {1, 8, 9, 100, 256, 257, 1000, 65536, 65537};
    static const double keeps[] = {0.01, 0.04, 0.05, 0.12, 0.13, 0.5, 0.9, 0.97, 0.98, 1};
    size_t batch = 3, count, forms[3] = {0};
    const vic_encoding *const *all = vic_encodings(VIC_FLOAT32, &count);
    for (size_t e = 0; e < count; e++)
        for (size_t n = 0; n < sizeof features / sizeof *features; n++)
            for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++) {
                vic_wire wire = {.encoding = all[e], .keep = keeps[k]};
                size_t w = features[n], kept = vic_wire_kept(&wire, w), value = all[e]->value_bytes;
                size_t index = w <= 256 ? 1 : w <= 65536 ? 2 : 4;
                size_t by_index = kept * (value + index), by_bit = kept * value + (w + 7) / 8,
                       dense = w * value;
                size_t least = by_index < by_bit ? by_index : by_bit;
                forms[least < dense ? least == by_index : 2]++;
                least = least < dense ? least : dense;
                ck_assert_uint_eq(vic_wire_bytes(&wire, VIC_FLOAT32, w, batch),
                                  batch * (least + all[e]->sample_bytes));
            }
    ck_assert(forms[0] > 0 && forms[1] > 0 && forms[2] > 0);
}
END_TEST

START_TEST(what_is_not_finite_is_among_the_largest) {
    double x[6] = {5, INFINITY, -7, 1, NAN, 2}; /* (3, 2): each sample has one */
    double *y = pass((vic_wire){.keep = 0.3}, VIC_FLOAT32, 3, 2, 1, x, NULL);
    ck_assert(y[1] == INFINITY && isnan(y[4]) && y[0] == 0 && y[2] == 0 && y[3] == 0 && y[5] == 0);
}
END_TEST

/* ---- noise ---- */

enum { FEATURES = 501, BATCH = 40 };

START_TEST(noise_is_normal_and_relative_to_each_sample) {
    double *x = numbers(FEATURES * BATCH, 2), noise = 0.25;
    for (size_t i = 0; i < FEATURES * BATCH; i++)
        x[i] *= (double)(i % BATCH); /* the first sample is zero */
    double *y = pass((vic_wire){.noise = noise}, VIC_FLOAT64, FEATURES, BATCH, 9, x, NULL);
    double moment[5] = {0}, product = 0, n = FEATURES * (BATCH - 1);
    for (size_t b = 0; b < BATCH; b++) {
        double square = 0, last = 0;
        for (size_t f = 0; f < FEATURES; f++)
            square += x[f * BATCH + b] * x[f * BATCH + b];
        double unit = noise * sqrt(square / FEATURES);
        for (size_t f = 0; f < FEATURES && b > 0; f++) {
            double z = (y[f * BATCH + b] - x[f * BATCH + b]) / unit;
            for (int k = 1; k <= 4; k++)
                moment[k] += pow(z, k) / n;
            product += z * last / n;
            last = z;
        }
        for (size_t f = 0; f < FEATURES && b == 0; f++)
            ck_assert(y[f * BATCH] == 0);
    }
    /* Five standard deviations of each moment's estimate. */
    ck_assert_msg(fabs(moment[1]) < 5 / sqrt(n), "mean %g", moment[1]);
    ck_assert_msg(fabs(moment[2] - 1) < 5 * sqrt(2 / n), "variance %g", moment[2]);
    ck_assert_msg(fabs(moment[3]) < 5 * sqrt(15 / n), "third moment %g", moment[3]);
    ck_assert_msg(fabs(moment[4] - 3) < 5 * sqrt(96 / n), "fourth moment %g", moment[4]);
    ck_assert_msg(fabs(product) < 5 / sqrt(n), "neighbours correlate by %g", product);
}
END_TEST

/* ---- loss ---- */

static bool lost(const double *y, size_t b) {
    ck_assert(y[b] == -1 || y[b] == 2);
    ck_assert(y[BATCH + b] == y[b]); /* a sample is lost as a whole */
    return y[b] == -1;
}

START_TEST(lost_samples_are_as_many_as_they_should_be_and_keep_what_was_received) {
    enum { MESSAGES = 400 };
    double x[2 * BATCH], received[2 * BATCH], drop = 0.3, twice = 0;
    size_t n = 0;
    bool before[BATCH] = {false};
    for (size_t i = 0; i < 2 * BATCH; i++) {
        x[i] = 2;
        received[i] = -1;
    }
    for (int step = 1; step <= MESSAGES; step++) {
        uint64_t key = vic_wire_key(1, 3, 0, step);
        double *y = pass((vic_wire){.drop = drop}, VIC_FLOAT32, 2, BATCH, key, x, received);
        for (size_t b = 0; b < BATCH; b++) {
            n += lost(y, b);
            twice += lost(y, b) && before[b];
            before[b] = lost(y, b);
        }
    }
    double all = (double)MESSAGES * BATCH, pairs = all - BATCH;
    ck_assert_msg(fabs((double)n / all - drop) < 5 * sqrt(drop * (1 - drop) / all), "%zu lost", n);
    ck_assert_msg(fabs(twice / pairs - drop * drop) < 5 * drop / sqrt(pairs), "%g lost twice", twice);
}
END_TEST

/* ---- keys ---- */

START_TEST(no_two_messages_share_their_numbers) {
    uint64_t keys[3 * 4 * 5 * 6];
    size_t n = 0;
    for (uint64_t seed = 0; seed < 3; seed++)
        for (size_t wire = 0; wire < 4; wire++)
            for (uint64_t batch_index = 0; batch_index < 5; batch_index++)
                for (int step = 0; step < 6; step++)
                    keys[n++] = vic_wire_key(seed, wire, batch_index, step);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert(keys[i] != keys[k]);
}
END_TEST

/* What a sample suffers does not depend on the batch that it is in. */
START_TEST(a_sample_fares_the_same_in_any_batch) {
    size_t count;
    const vic_encoding *const *all = vic_encodings(VIC_FLOAT32, &count);
    double *x = numbers(FEATURES * BATCH, 4), *few = scrap(FEATURES * 3, sizeof *few);
    for (size_t f = 0; f < FEATURES; f++)
        for (size_t b = 0; b < 3; b++)
            few[f * 3 + b] = x[f * BATCH + b];
    for (size_t e = 0; e < count; e++) {
        vic_wire wire = {.encoding = all[e], .keep = 0.2, .noise = 0.5, .drop = 0.5};
        double *y = pass(wire, VIC_FLOAT32, FEATURES, BATCH, 7, x, NULL);
        double *z = pass(wire, VIC_FLOAT32, FEATURES, 3, 7, few, NULL);
        for (size_t f = 0; f < FEATURES; f++)
            for (size_t b = 0; b < 3; b++)
                ck_assert(z[f * 3 + b] == y[f * BATCH + b]);
    }
}
END_TEST

START_TEST(perfect_wires_are_distinguished) {
    const vic_encoding *half = vic_encoding_find(VIC_FLOAT32, "float16");
    vic_wire perfect = {.keep = 1}, wires[] = {{.keep = 1, .delay = 1},
                                               {.keep = 1, .drop = 0.1},
                                               {.keep = 1, .noise = 0.1},
                                               {.keep = 0.5},
                                               {.keep = 1, .encoding = half}};
    ck_assert(vic_wire_is_perfect(&perfect, VIC_FLOAT32) && vic_wire_is_steady(&perfect));
    perfect.encoding = vic_encoding_exact(VIC_FLOAT64);
    ck_assert(vic_wire_is_perfect(&perfect, VIC_FLOAT64));
    for (int i = 0; i < 5; i++) {
        ck_assert(!vic_wire_is_perfect(&wires[i], VIC_FLOAT32));
        ck_assert(vic_wire_is_steady(&wires[i]) == (i >= 3));
        ck_assert(vic_wire_forgets(&wires[i]) == (i < 2));
        ck_assert(!vic_wire_equal(&wires[i], &wires[(i + 1) % 5]) && vic_wire_equal(&wires[i], &wires[i]));
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("codec");
    TCase *all = tcase_create("messages through wires");
    tcase_set_timeout(all, 60);
    tcase_add_unchecked_fixture(all, NULL, scrap_free);
    tcase_add_test(all, the_largest_entries_of_each_sample_are_kept);
    tcase_add_test(all, a_fraction_is_rounded_up);
    tcase_add_test(all, bytes_are_those_of_values_and_places);
    tcase_add_test(all, what_is_not_finite_is_among_the_largest);
    tcase_add_test(all, noise_is_normal_and_relative_to_each_sample);
    tcase_add_test(all, lost_samples_are_as_many_as_they_should_be_and_keep_what_was_received);
    tcase_add_test(all, no_two_messages_share_their_numbers);
    tcase_add_test(all, a_sample_fares_the_same_in_any_batch);
    tcase_add_test(all, perfect_wires_are_distinguished);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
