#include "verify.h"

#include <math.h>

/* C(n, k) eta^k (1 - eta)^(n - k). Its factors are taken in an order that keeps the product near 1 as long as
 * possible: either kind alone leaves the range of any number. */
static long double binomial(long double eta, int n, int k) {
    long double term = 1;
    for (int hits = 0, misses = 0; hits < k || misses < n - k;) {
        bool hit = hits < k && (term <= 1 || misses == n - k);
        hits += hit;
        misses += !hit;
        term *= hit ? eta * (n - k + hits) / hits : 1 - eta;
    }
    return term;
}

/* Whichever side of the sum is the smaller one is summed. */
double vic_law(double eta, int steps, int height) {
    int trials = steps - 1;
    if (height <= 0)
        return 1;
    if (height > trials)
        return 0;
    if (eta == 1)
        return 1;
    long double sum = 0, odds = (long double)eta / (1 - (long double)eta);
    if (height < eta * trials) {
        long double term = binomial(eta, trials, height - 1);
        for (int k = height - 1; k >= 0; k--) {
            sum += term;
            term *= k / (odds * (trials - k + 1));
        }
        return (double)(1 - sum);
    }
    long double term = binomial(eta, trials, height);
    for (int k = height; k <= trials; k++) {
        sum += term;
        term *= odds * (trials - k) / (k + 1);
    }
    return (double)sum;
}

/* p_l(n) = (1 - r_l) p_l(n-1) + r_l p_{l+1}(n-1) with p = 1 at the output and 0 elsewhere at n = 0: only sums
 * of positive terms, so that small values keep their digits here too. */
vic_status vic_law_of_rates(const double *rates, int height, int steps, double *law) {
    long double *p;
    VIC_TRY(vic_allocate((size_t)height + 1, sizeof *p, &p));
    p[height] = 1;
    for (int n = 1; n < steps; n++)
        for (int l = 0; l < height; l++)
            p[l] = (1 - (long double)rates[l]) * p[l] + (long double)rates[l] * p[l + 1];
    *law = (double)p[0];
    vic_release(&p);
    return VIC_OK;
}
