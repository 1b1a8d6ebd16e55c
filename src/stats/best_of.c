#include "stats/best_of.h"

#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"
#include "stats/sample_summary.h"
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

/* By the distances from the first value, here and below: equal values then have no gain, and not
 * the rounding of one. */
static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i < n; i++) sum += values[i] - values[0];
    return values[0] + sum / (double)n;
}

/* Where the runs end that look like run first. */
static size_t end_of_equals(const svi_search *search, size_t first)
{
    size_t end = first + 1;
    while (end < search->n_values && search->looks[end] == search->looks[first]) end++;
    return end;
}

static void share_among_equals(svi_search *search)
{
    for (size_t first = 0, end; first < search->n_values; first = end) {
        end = end_of_equals(search, first);
        double mean = mean_of(&search->is[first], end - first);
        for (size_t i = first; i < end; i++) search->shared[i] = mean;
    }
}

static void sort_looks(const double *looks, svi_search *search)
{
    for (size_t i = 0; i < search->n_values; i++) search->looks[i] = search->sign * looks[i];
    svi_sort(search->looks, search->n_values);
    search->mean = mean_of(search->looks, search->n_values);
}

static sv_status sort_both(const double *looks, const double *is, svi_search *search,
                           sv_error *error)
{
    size_t n = search->n_values;
    uint32_t *order = malloc(n * sizeof *order);
    if (order == NULL) return svi_fail_memory(error, n * sizeof *order, "an order of runs");
    for (size_t i = 0; i < n; i++) search->leverage[i] = search->sign * looks[i];
    sv_status status = svi_sort_order(search->leverage, n, order, error);
    for (size_t i = 0; status == SV_OK && i < n; i++) {
        search->looks[i] = search->leverage[order[i]];
        search->is[i] = search->sign * is[order[i]];
    }
    if (status == SV_OK) {
        search->mean = mean_of(search->is, n);
        share_among_equals(search);
    }
    free(order);
    return status;
}

/* Where a run is worth what it looks, one array serves for all three. */
static sv_status make_room(svi_search *search, bool has_own_worth, sv_error *error)
{
    size_t n = search->n_values, n_bytes = (has_own_worth ? 4 : 2) * n * sizeof *search->looks;
    search->looks = malloc(n_bytes);
    if (search->looks == NULL) return svi_fail_memory(error, n_bytes, "sorted values");
    search->leverage = search->looks + n;
    search->is = has_own_worth ? search->looks + 2 * n : search->looks;
    search->shared = has_own_worth ? search->looks + 3 * n : search->looks;
    return SV_OK;
}

sv_status svi_search_make(const double *looks, const double *is, size_t n_values,
                          bool is_more_better, svi_search *search, sv_error *error)
{
    *search = (svi_search){.n_values = n_values, .sign = is_more_better ? 1 : -1};
    SVI_TRY(svi_sample_check(looks, n_values, 1, "values to take the best of", error));
    if (is != NULL)
        SVI_TRY(svi_sample_check(is, n_values, 1, "values that the best is judged by", error));
    SVI_TRY(make_room(search, is != NULL, error));
    if (is == NULL) {
        sort_looks(looks, search);
        return SV_OK;
    }
    sv_status status = sort_both(looks, is, search, error);
    if (status != SV_OK) svi_search_clear(search);
    return status;
}

void svi_search_clear(svi_search *search)
{
    free(search->looks);
    *search = (svi_search){0};
}

/* Chance that the best of n draws is among the `up_to` runs that look worst. */
static double chance_within(const svi_search *search, size_t up_to, double n)
{
    return pow((double)up_to / (double)search->n_values, n);
}

static double plug_in_best(const svi_search *search, double n)
{
    double sum = 0, below = 0;
    for (size_t i = 0; i < search->n_values; i++) {
        double up_to = chance_within(search, i + 1, n);
        sum += (up_to - below) * (search->shared[i] - search->shared[0]);
        below = up_to;
    }
    return search->shared[0] + sum;
}

/* The weight C(i-1, n-1) / C(n_values, n) of the i-th value, from the best one down. */
static double unbiased_best(const svi_search *search, size_t n)
{
    size_t n_values = search->n_values;
    if (n > n_values) return NAN;
    double weight = (double)n / (double)n_values, sum = 0;
    for (size_t i = n_values; i >= n; i--) {
        sum += weight * (search->shared[i - 1] - search->shared[0]);
        if (i > 1) weight *= (double)(i - n) / (double)(i - 1);
    }
    return search->shared[0] + sum;
}

/* How the plug-in estimate changes, up to a constant, as run j gets a little more weight: -sum over
 * i
 * >= j of n (i/N)^(n-1) (v_(i+1) - v_(i)), and by its own distance from those that look equal. */
static void find_leverage(svi_search *search, double n)
{
    double count = (double)search->n_values, change = 0;
    for (size_t i = search->n_values; i-- > 0;) {
        if (i + 1 < search->n_values) {
            change -= n * chance_within(search, i + 1, n - 1) *
                      (search->shared[i + 1] - search->shared[i]);
        }
        search->leverage[i] = change;
    }
    for (size_t first = 0, end; first < search->n_values; first = end) {
        end = end_of_equals(search, first);
        double chance = chance_within(search, end, n) - chance_within(search, first, n);
        for (size_t i = first; i < end; i++)
            search->leverage[i] +=
                chance * count / (double)(end - first) * (search->is[i] - search->shared[i]);
    }
}

static double jackknife_error(svi_search *search, double n, bool as_gain)
{
    double count = (double)search->n_values, mean = 0, squares = 0;
    if (search->n_values < 2) return NAN;
    find_leverage(search, n);
    for (size_t i = 0; i < search->n_values; i++) {
        if (as_gain) search->leverage[i] -= search->is[i];
        mean += search->leverage[i] / count;
    }
    for (size_t i = 0; i < search->n_values; i++)
        squares += (search->leverage[i] - mean) * (search->leverage[i] - mean);
    return sqrt(squares / (count * (count - 1)));
}

static svi_interval ordered(double sign, double low, double high)
{
    return sign > 0 ? (svi_interval){low, high} : (svi_interval){-high, -low};
}

static svi_interval spread_of_best(const svi_search *search, double n)
{
    const double low = 0.05, high = 0.95;
    if (search->is != search->looks) return (svi_interval){NAN, NAN};
    return (svi_interval){svi_sorted_quantile(search->looks, search->n_values, pow(low, 1 / n)),
                          svi_sorted_quantile(search->looks, search->n_values, pow(high, 1 / n))};
}

sv_status svi_search_best(svi_search *search, size_t n, bool as_gain, double level,
                          svi_best_of *out, sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    if (n < 1) return svi_fail(error, SV_ERR_USAGE, "best of 0 runs: give at least 1");
    double shift = as_gain ? search->mean : 0, sign = as_gain ? 1 : search->sign;
    double plug_in = plug_in_best(search, (double)n) - shift;
    double unbiased = unbiased_best(search, n) - shift;
    double standard_error = jackknife_error(search, (double)n, as_gain);
    double half = svi_t_quantile((1 + level) / 2, (double)search->n_values - 1) * standard_error;
    svi_interval spread = spread_of_best(search, (double)n);
    *out = (svi_best_of){.plug_in = sign * plug_in,
                         .unbiased = sign * unbiased,
                         .standard_error = standard_error,
                         .interval = ordered(sign, unbiased - half, unbiased + half),
                         .spread = ordered(sign, spread.low - shift, spread.high - shift)};
    return SV_OK;
}
