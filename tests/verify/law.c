/* The law itself, against the recursion that it solves and against known values. */
#include "support/suite.h"
#include "verify/verify.h"

#include <check.h>
#include <float.h>
#include <math.h>

static const double etas[] = {1e-6, 0.05, 0.1, 0.3, 0.5, 0.9, 0.999, 1};
enum { N_ETAS = sizeof etas / sizeof etas[0], STEPS = 200, HEIGHTS = 40 };

/* law(n, h) = (1 - eta) law(n-1, h) + eta law(n-1, h-1), from errors that are 0 but for the output's. All
 * terms are positive, so that n roundings of long double are all that is lost. */
static void recur(double eta, long double law[HEIGHTS + 1]) {
    for (int h = HEIGHTS; h > 0; h--)
        law[h] = (1 - (long double)eta) * law[h] + (long double)eta * law[h - 1];
}

START_TEST(solves_the_recursion) {
    long double law[HEIGHTS + 1] = {1};
    double eta = etas[_i];
    for (int steps = 1; steps <= STEPS; steps++) {
        for (int h = 0; h <= HEIGHTS; h++) {
            double got = vic_law(eta, steps, h), expected = (double)law[h];
            ck_assert_msg(fabs(got - expected) <= 4 * DBL_EPSILON * expected,
                          "eta %g, steps %d, height %d: %.17g, expected %.17g", eta, steps, h, got, expected);
            ck_assert_msg(got >= 0 && got <= 1, "eta %g, steps %d, height %d: %.17g", eta, steps, h, got);
        }
        recur(eta, law);
    }
}
END_TEST

START_TEST(known_values) {
    ck_assert_double_eq(vic_law(0.5, 5, 2), 11.0 / 16); /* P[Binomial(4, 1/2) >= 2] */
    ck_assert_double_eq(vic_law(0.5, 5, 4), 1.0 / 16);
    ck_assert_double_eq(vic_law(0.25, 3, 1), 7.0 / 16);
    ck_assert_double_eq_tol(vic_law(0.1, 20, 1), 1 - pow(0.9, 19), 1e-15);
    ck_assert_double_eq_tol(vic_law(1e-3, 41, 40) * 1e120, 1, 1e-12); /* eta^40 */
}
END_TEST

START_TEST(zero_and_one_are_exact) {
    for (int i = 0; i < N_ETAS; i++)
        for (int steps = 1; steps <= STEPS; steps++) {
            ck_assert_double_eq(vic_law(etas[i], steps, 0), 1);
            ck_assert_double_eq(vic_law(etas[i], steps, steps), 0);
            ck_assert_double_gt(vic_law(etas[i], steps, steps - 1 < HEIGHTS ? steps - 1 : HEIGHTS), 0);
            ck_assert_double_eq(vic_law(1, steps, steps - 1), 1);
        }
}
END_TEST

START_TEST(keeps_its_digits_after_many_steps) {
    ck_assert_double_eq_tol(vic_law(0.01, 100000, 5), 1, 1e-15);
    ck_assert_double_eq_tol(vic_law(0.9, 10000, 5), 1, 1e-15);
    ck_assert_double_eq_tol(vic_law(0.5, 40001, 20001), 0.5, 0.002); /* half, less half of the middle term */
    ck_assert_double_eq_tol(vic_law(1e-5, 1001, 1), -expm1(1000 * log1p(-1e-5)), 1e-16);
}
END_TEST

/* Equal rates are one eta; rates of 0 and of 1 stop and pass on. */
START_TEST(rates_of_their_own) {
    for (int i = 0; i < N_ETAS; i++)
        for (int height = 0; height <= 5; height++) {
            double rates[] = {etas[i], etas[i], etas[i], etas[i], etas[i]}, law;
            ck_assert_int_eq(vic_law_of_rates(rates, height, 17, &law), VIC_OK);
            ck_assert_double_le(fabs(law - vic_law(etas[i], 17, height)), 1e-14 * law);
        }
    const double mixed[] = {1, 0.5, 1};
    double law;
    ck_assert_int_eq(vic_law_of_rates(mixed, 3, 5, &law), VIC_OK);
    ck_assert_double_eq_tol(law, 0.75, 1e-15); /* one success of 1/2 in the 2 steps that the others leave */
    ck_assert_int_eq(vic_law_of_rates(mixed, 3, 3, &law), VIC_OK);
    ck_assert_double_eq(law, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("law");
    TCase *tests = tcase_create("law");
    tcase_add_loop_test(tests, solves_the_recursion, 0, N_ETAS);
    tcase_add_test(tests, known_values);
    tcase_add_test(tests, zero_and_one_are_exact);
    tcase_add_test(tests, keeps_its_digits_after_many_steps);
    tcase_add_test(tests, rates_of_their_own);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
