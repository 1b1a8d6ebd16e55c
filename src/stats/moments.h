/* Moments of a stream up to the fourth, one value at a time, mergeable in any partition (Welford
 * 1962; Chan, Golub and LeVeque 1979; Pebay 2008). {0} is the empty accumulator. Values are trusted
 * to be finite. */
#ifndef SVI_MOMENTS_H
#define SVI_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct svi_moments {
    uint64_t n;
    double mean;
    double m2, m3, m4; /* sums of the powers of the deviations from the mean */
    double min, max;   /* 0 while n is 0 */
} svi_moments;

void svi_moments_add(svi_moments *moments, double value);
/* moments becomes what it would be had it seen the values of other too. */
void svi_moments_merge(svi_moments *moments, const svi_moments *other);
/* Of an array, in two passes: more exact than the stream where the mean is large against the SD. */
svi_moments svi_moments_of(const double *values, size_t n);

/* SD with the divisor n - 1; NaN for n < 2. */
double svi_moments_sd(const svi_moments *moments);
/* G1, the adjusted Fisher-Pearson skewness; NaN for n < 3 or SD 0. */
double svi_moments_skewness(const svi_moments *moments);
/* G2, the adjusted excess kurtosis (0 for a normal); NaN for n < 4 or SD 0. */
double svi_moments_kurtosis(const svi_moments *moments);
/* Sarle's bimodality coefficient with the finite-sample correction: 5/9 for a uniform, towards 1
 * for two far modes; NaN where the kurtosis is. */
double svi_moments_bimodality(const svi_moments *moments);

#endif
