#include "stats/best_of.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/sorting.h"

/* Density at x of the largest of k standard normals. */
static double max_density(double x, double k)
{
    const double root_half = 0.70710678118654752440, inverse_root_two_pi = 0.39894228040143267794;
    double log_cdf = x < 0 ? log(0.5 * erfc(-x * root_half)) : log1p(-0.5 * erfc(x * root_half));
    return k * inverse_root_two_pi * exp(-0.5 * x * x + (k - 1) * log_cdf);
}

/* The trapezoidal rule: on an analytic integrand that falls off this fast its error is below
 * rounding. */
sv_status svi_expected_max_normal(uint64_t k, double *z, sv_error *error)
{
    if (k < 1 || k > UINT64_C(1000000000000)) {
        return svi_fail(error, SV_ERR_USAGE, "best of %llu normals: give 1 to 10^12",
                        (unsigned long long)k);
    }
    const int n_steps = 12 * 64;
    double sum = 0;
    for (int i = 1; i <= n_steps; i++) {
        double x = (double)i / 64;
        sum += x * (max_density(x, (double)k) - max_density(-x, (double)k));
    }
    *z = sum / 64;
    return SV_OK;
}

/* sorted: worst first. */
static double plug_in_best(const double *sorted, size_t n_values, double n)
{
    double sum = 0, below = 0;
    for (size_t i = 0; i < n_values; i++) {
        double up_to = pow((double)(i + 1) / (double)n_values, n);
        sum += (up_to - below) * sorted[i];
        below = up_to;
    }
    return sum;
}

/* The weight C(i-1, n-1) / C(n_values, n) of the i-th value, from the best one down. */
static double unbiased_best(const double *sorted, size_t n_values, size_t n)
{
    if (n > n_values) return NAN;
    double weight = (double)n / (double)n_values, sum = 0;
    for (size_t i = n_values; i >= n; i--) {
        sum += weight * sorted[i - 1];
        if (i > 1) weight *= (double)(i - n) / (double)(i - 1);
    }
    return sum;
}

sv_status svi_expected_best(const double *values, size_t n_values, size_t n, bool is_more_better,
                            svi_best_of *out, sv_error *error)
{
    SVI_TRY(svi_sample_check(values, n_values, 1, "values to take the best of", error));
    if (n < 1) return svi_fail(error, SV_ERR_USAGE, "best of 0 runs: give at least 1");
    double sign = is_more_better ? 1 : -1;
    double *sorted = malloc(n_values * sizeof *sorted);
    if (sorted == NULL) return svi_fail_memory(error, n_values * sizeof *sorted, "sorted values");
    for (size_t i = 0; i < n_values; i++) sorted[i] = sign * values[i];
    svi_sort(sorted, n_values);
    out->plug_in = sign * plug_in_best(sorted, n_values, (double)n);
    out->unbiased = sign * unbiased_best(sorted, n_values, n);
    free(sorted);
    return SV_OK;
}
