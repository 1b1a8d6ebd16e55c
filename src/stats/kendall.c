#include "stats/kendall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/sorting.h"

static double n_pairs(size_t n) { return (double)n * ((double)n - 1) / 2; }

/* Pairs with equal values, in an array where equal ones stand together. */
static double count_ties(const double *values, const double *also, size_t n)
{
    double sum = 0;
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1;
             end < n && values[end] == values[first] && (also == NULL || also[end] == also[first]);)
            end++;
        sum += n_pairs(end - first);
    }
    return sum;
}

/* Sorts by merging and counts the pairs that stand in the wrong order. */
static double count_inversions(double *values, double *space, size_t n)
{
    if (n < 2) return 0;
    size_t half = n / 2, i = 0, j = half, k = 0;
    double sum =
        count_inversions(values, space, half) + count_inversions(values + half, space, n - half);
    while (i < half && j < n) {
        bool is_right = values[j] < values[i];
        if (is_right) sum += (double)(half - i);
        space[k++] = is_right ? values[j++] : values[i++];
    }
    while (i < half) space[k++] = values[i++];
    while (j < n) space[k++] = values[j++];
    memcpy(values, space, n * sizeof *values);
    return sum;
}

/* x and y in the order of x, those with equal x in the order of y. space: [n]. */
static sv_status order_both(const double *a, const double *b, size_t n, double *x, double *y,
                            double *space, sv_error *error)
{
    uint32_t *order = malloc(2 * n * sizeof *order);
    if (order == NULL) return svi_fail_memory(error, 2 * n * sizeof *order, "an order of pairs");
    uint32_t *by_a = order + n;
    sv_status status = svi_sort_order(b, n, order, error);
    for (size_t i = 0; status == SV_OK && i < n; i++) space[i] = a[order[i]];
    if (status == SV_OK) status = svi_sort_order(space, n, by_a, error);
    for (size_t i = 0; status == SV_OK && i < n; i++) {
        x[i] = a[order[by_a[i]]];
        y[i] = b[order[by_a[i]]];
    }
    free(order);
    return status;
}

static double tau_of_ordered(const double *x, double *y, double *space, size_t n)
{
    double all = n_pairs(n), ties_x = count_ties(x, NULL, n), ties_both = count_ties(x, y, n);
    double n_discordant = count_inversions(y, space, n), ties_y = count_ties(y, NULL, n);
    double concordant_less_discordant = all - ties_x - ties_y + ties_both - 2 * n_discordant;
    double scale = sqrt((all - ties_x) * (all - ties_y));
    return scale > 0 ? concordant_less_discordant / scale : NAN;
}

static svi_interval fieller_interval(double tau, size_t n, double level)
{
    if (n < 5 || isnan(tau)) return (svi_interval){NAN, NAN};
    if (fabs(tau) >= 1) return (svi_interval){tau, tau};
    double half = svi_normal_quantile((1 + level) / 2) * sqrt(0.437 / (double)(n - 4));
    return (svi_interval){tanh(atanh(tau) - half), tanh(atanh(tau) + half)};
}

sv_status svi_kendall_tau(const double *a, const double *b, size_t n, double level,
                          svi_kendall *out, sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    SVI_TRY(svi_sample_check(a, n, 2, "first ranking", error));
    SVI_TRY(svi_sample_check(b, n, 2, "second ranking", error));
    double *space = malloc(3 * n * sizeof *space);
    if (space == NULL) return svi_fail_memory(error, 3 * n * sizeof *space, "rankings");
    sv_status status = order_both(a, b, n, space, space + n, space + 2 * n, error);
    if (status == SV_OK) {
        out->n = n;
        out->tau = tau_of_ordered(space, space + n, space + 2 * n, n);
        out->interval = fieller_interval(out->tau, n, level);
    }
    free(space);
    return status;
}

/* tau[c * n + d] of every pair of columns; column: [n_columns][n_rows]. */
static sv_status all_pairs(const double *column, size_t n_rows, size_t n_columns, double *tau,
                           sv_error *error)
{
    svi_kendall pair;
    for (size_t c = 0; c < n_columns; c++) {
        for (size_t d = c + 1; d < n_columns; d++) {
            SVI_TRY(svi_kendall_tau(column + c * n_rows, column + d * n_rows, n_rows, 0.95, &pair,
                                    error));
            tau[c * n_columns + d] = tau[d * n_columns + c] = pair.tau;
        }
    }
    return SV_OK;
}

/* Mean over the pairs without column `left_out` (n_columns: none is left out). */
static double mean_tau(const double *tau, size_t n_columns, size_t left_out)
{
    double sum = 0, n = 0;
    for (size_t c = 0; c < n_columns; c++) {
        for (size_t d = c + 1; d < n_columns; d++) {
            if (c == left_out || d == left_out || isnan(tau[c * n_columns + d])) continue;
            sum += tau[c * n_columns + d];
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

static svi_interval jackknife_interval(const double *tau, size_t n, double mean, double level)
{
    double sum = 0, squares = 0, count = (double)n;
    if (n < 4) return (svi_interval){NAN, NAN};
    for (size_t c = 0; c < n; c++) sum += mean_tau(tau, n, c) / count;
    for (size_t c = 0; c < n; c++) squares += pow(mean_tau(tau, n, c) - sum, 2);
    if (!(squares > 0)) return (svi_interval){NAN, NAN};
    double half = svi_t_quantile((1 + level) / 2, count - 1) * sqrt((count - 1) / count * squares);
    return (svi_interval){fmax(-1, mean - half), fmin(1, mean + half)};
}

sv_status svi_kendall_carry_over(const double *value, size_t n_rows, size_t n_columns, double level,
                                 svi_kendall *out, sv_error *error)
{
    size_t n = n_columns < SVI_CARRY_OVER_COLUMNS_MAX ? n_columns : SVI_CARRY_OVER_COLUMNS_MAX;
    SVI_TRY(svi_level_check(level, error));
    if (n < 2) return svi_fail(error, SV_ERR_DATA, "rankings to compare: %zu; it takes two", n);
    double *column = malloc((n * n_rows + n * n) * sizeof *column);
    if (column == NULL) return svi_fail_memory(error, n * n_rows * sizeof *column, "rankings");
    double *tau = column + n * n_rows;
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < n_rows; i++) column[c * n_rows + i] = value[i * n_columns + c];
    sv_status status = all_pairs(column, n_rows, n, tau, error);
    if (status == SV_OK) {
        double mean = mean_tau(tau, n, n);
        *out = (svi_kendall){n_rows, mean, jackknife_interval(tau, n, mean, level)};
    }
    free(column);
    return status;
}
