#include "vicinal/study.h"

#include <math.h>

/* Terms of the binomial sum are built in long double, whose range holds eta^n for every n in use. Factors of
 * the coefficient are interleaved with powers of eta, so that none of the two runs away. */
double vic_law(double eta, int steps, int height) {
    int trials = steps - 1;
    if (height <= 0)
        return 1;
    if (height > trials)
        return 0;
    if (eta == 1)
        return 1;
    long double term = powl(1 - (long double)eta, trials - height);
    for (int i = 1; i <= height; i++)
        term *= (long double)eta * (trials - height + i) / i;
    long double sum = 0, odds = (long double)eta / (1 - (long double)eta);
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
