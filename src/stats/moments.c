#include "stats/moments.h"

#include <math.h>

/* Pebay (2008), equation 2.1 and following with one set a single value. */
void svi_moments_add(svi_moments *moments, double value)
{
    svi_moments one = {.n = 1, .mean = value, .min = value, .max = value};
    svi_moments_merge(moments, &one);
}

void svi_moments_merge(svi_moments *moments, const svi_moments *other)
{
    if (other->n == 0) return;
    if (moments->n == 0) {
        *moments = *other;
        return;
    }
    const svi_moments a = *moments, b = *other;
    double n_a = (double)a.n, n_b = (double)b.n, n = n_a + n_b;
    double delta = b.mean - a.mean;
    double step = delta / n;
    double between = delta * step * n_a * n_b;
    moments->n = a.n + b.n;
    moments->mean = a.mean + n_b * step;
    moments->m2 = a.m2 + b.m2 + between;
    moments->m3 = a.m3 + b.m3 + between * step * (n_a - n_b) + 3 * step * (n_a * b.m2 - n_b * a.m2);
    moments->m4 = a.m4 + b.m4 + between * step * step * (n_a * n_a - n_a * n_b + n_b * n_b) +
                  6 * step * step * (n_a * n_a * b.m2 + n_b * n_b * a.m2) +
                  4 * step * (n_a * b.m3 - n_b * a.m3);
    moments->min = fmin(a.min, b.min);
    moments->max = fmax(a.max, b.max);
}

/* Measured from the first value, so that equal values have exactly their own mean and SD 0. */
static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i] - values[0];
    return values[0] + sum / (double)n;
}

svi_moments svi_moments_of(const double *values, size_t n)
{
    svi_moments moments = {.n = n};
    if (n == 0) return moments;
    moments.mean = mean_of(values, n);
    moments.min = moments.max = values[0];
    for (size_t i = 0; i < n; i++) {
        double deviation = values[i] - moments.mean;
        double square = deviation * deviation;
        moments.m2 += square;
        moments.m3 += square * deviation;
        moments.m4 += square * square;
        moments.min = fmin(moments.min, values[i]);
        moments.max = fmax(moments.max, values[i]);
    }
    return moments;
}

double svi_moments_sd(const svi_moments *moments)
{
    return moments->n < 2 ? NAN : sqrt(moments->m2 / (double)(moments->n - 1));
}

double svi_moments_skewness(const svi_moments *moments)
{
    if (moments->n < 3 || !(moments->m2 > 0)) return NAN;
    double n = (double)moments->n;
    double g1 = sqrt(n) * moments->m3 / (moments->m2 * sqrt(moments->m2));
    return g1 * sqrt(n * (n - 1)) / (n - 2);
}

double svi_moments_kurtosis(const svi_moments *moments)
{
    if (moments->n < 4 || !(moments->m2 > 0)) return NAN;
    double n = (double)moments->n;
    double g2 = n * moments->m4 / (moments->m2 * moments->m2) - 3;
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6);
}

double svi_moments_bimodality(const svi_moments *moments)
{
    double n = (double)moments->n;
    double skewness = svi_moments_skewness(moments);
    double kurtosis = svi_moments_kurtosis(moments);
    return (skewness * skewness + 1) / (kurtosis + 3 * (n - 1) * (n - 1) / ((n - 2) * (n - 3)));
}
