#include "stats/crossed_intervals.h"

#include <math.h>
#include <string.h>

#include "shuffle.h"
#include "stats/draw_streams.h"
#include "stats/quantile.h"
#include "stats/sample_summary.h"
#include "stats/sorting.h"

/* 1 - 1/F and 1/F - 1 for F at infinite df of the denominator: the shares by which a lone mean
 * square moves to its lower and to its upper bound. */
static double lower_share(double df, double tail)
{
    return 1 - df / svi_chi2_quantile(1 - tail, df);
}

static double upper_share(double df, double tail) { return df / svi_chi2_quantile(tail, df) - 1; }

/* G_qr of the paper times the two terms: one of a positive weight, one of a negative. */
static double opposite_term(double x, double df_x, double y, double df_y, double tail)
{
    double f = svi_f_quantile(1 - tail, df_x, df_y);
    double g = lower_share(df_x, tail), h = upper_share(df_y, tail);
    return ((f - 1) * (f - 1) - g * g * f * f - h * h) / f * x * y;
}

/* G*_qt of the paper times the two terms, both of positive weight, before its divisor. */
static double same_term(double x, double df_x, double y, double df_y, double tail)
{
    double both = df_x + df_y;
    double g = lower_share(both, tail), g_x = lower_share(df_x, tail),
           g_y = lower_share(df_y, tail);
    double excess =
        g * g * both * both / (df_x * df_y) - g_x * g_x * df_x / df_y - g_y * g_y * df_y / df_x;
    return excess * x * y;
}

/* The squared distance from the estimate to its lower bound; sign -1 gives the upper bound's. */
static double squared_distance(const svi_squares *squares, const double *weights, double sign,
                               double tail)
{
    double direct = 0, opposite = 0, same = 0;
    int n_positive = 0, n_negative = 0;
    for (size_t i = 0; i < squares->n; i++) {
        double x = sign * weights[i] * squares->mean_square[i], df_x = squares->df[i];
        if (weights[i] == 0) continue;
        bool is_positive = sign * weights[i] > 0;
        double share = is_positive ? lower_share(df_x, tail) : upper_share(df_x, tail);
        direct += share * share * x * x;
        n_positive += is_positive;
        n_negative += !is_positive;
        if (!is_positive) continue;
        for (size_t j = 0; j < squares->n; j++) {
            double y = sign * weights[j] * squares->mean_square[j], df_y = squares->df[j];
            if (sign * weights[j] < 0) opposite += opposite_term(x, df_x, -y, df_y, tail);
            if (sign * weights[j] > 0 && j > i) same += same_term(x, df_x, y, df_y, tail);
        }
    }
    if (n_negative > 0 && n_positive > 1) direct += same / (n_positive - 1);
    return fmax(0, direct + opposite);
}

svi_interval svi_large_sample_interval(const svi_squares *squares, const double *weights,
                                       double level)
{
    double tail = (1 - level) / 2, estimate = 0;
    for (size_t i = 0; i < squares->n; i++) {
        if (weights[i] != 0) estimate += weights[i] * squares->mean_square[i];
    }
    return (svi_interval){estimate - sqrt(squared_distance(squares, weights, 1, tail)),
                          estimate + sqrt(squared_distance(squares, weights, -1, tail))};
}

void svi_pivot_draws(double df, uint32_t stratum, size_t n_draws, double *draws)
{
    svk_shuffle order =
        svk_shuffle_make(SVI_STATS_KEY, SVI_STREAM_PIVOT, stratum, (uint32_t)n_draws);
    for (size_t i = 0; i < n_draws; i++) {
        double p = ((double)i + 0.5) / (double)n_draws;
        draws[svk_shuffle_at(&order, (uint32_t)i)] = df / svi_chi2_quantile(p, df);
    }
}

void svi_generalized_draws(const svi_squares *squares, const double *weights, const double *pivots,
                           size_t n_draws, double *draws)
{
    memset(draws, 0, n_draws * sizeof *draws);
    for (size_t i = 0; i < squares->n; i++) {
        if (weights[i] == 0) continue;
        double scale = weights[i] * squares->mean_square[i];
        const double *pivot = pivots + i * n_draws;
        for (size_t d = 0; d < n_draws; d++) draws[d] += scale * pivot[d];
    }
}

svi_interval svi_middle_of(double *draws, size_t n_draws, double level)
{
    svi_sort(draws, n_draws);
    return (svi_interval){svi_sorted_quantile(draws, n_draws, (1 - level) / 2),
                          svi_sorted_quantile(draws, n_draws, (1 + level) / 2)};
}
