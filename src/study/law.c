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
