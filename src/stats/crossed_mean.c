#include "stats/crossed_mean.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"
#include "stats/quantile.h"

static bool has_even_factors(uint32_t factors)
{
    bool is_even = true;
    for (; factors != 0; factors &= factors - 1) is_even = !is_even;
    return is_even;
}

static bool is_single(uint32_t factors) { return factors != 0 && (factors & (factors - 1)) == 0; }

svi_mean_error svi_crossed_mean_error(const svi_component *components, size_t n_components,
                                      double mean, size_t n_values)
{
    double sum = 0, sum_of_squares = 0, largest = 0, largest_df = 1;
    for (size_t c = 0; c < n_components; c++) {
        const svi_component *component = &components[c];
        double ms = component->mean_square;
        bool is_inner = component->is_nested && component->factors != 1;
        if (component->factors == 0 || is_inner) continue;
        sum += has_even_factors(component->factors) ? -ms : ms;
        sum_of_squares += ms * ms / component->df;
        if (is_single(component->factors) && ms >= largest) {
            largest = ms;
            largest_df = component->df;
        }
    }
    svi_mean_error error = {mean, sum / (double)n_values, sum * sum / sum_of_squares};
    if (sum <= largest) error = (svi_mean_error){mean, largest / (double)n_values, largest_df};
    return error;
}

svi_mean_error svi_grouped_mean_error(const double *values, size_t n_groups, size_t n_in_group)
{
    svi_moments means = {0};
    for (size_t g = 0; g < n_groups; g++)
        svi_moments_add(&means, svi_moments_of(values + g * n_in_group, n_in_group).mean);
    double df = (double)(n_groups - 1);
    return (svi_mean_error){means.mean, means.m2 / df / (double)n_groups, df};
}

sv_status svi_cluster_component(const double *values, size_t n, const uint32_t *cluster,
                                size_t n_clusters, uint32_t factors, svi_component *out,
                                sv_error *error)
{
    double mean = svi_moments_of(values, n).mean, sum = 0;
    double *residual = calloc(n_clusters, sizeof *residual);
    if (residual == NULL) return svi_fail_memory(error, n_clusters * sizeof *residual, "clusters");
    for (size_t i = 0; i < n; i++) residual[cluster[i]] += values[i] - mean;
    for (size_t c = 0; c < n_clusters; c++) sum += residual[c] * residual[c];
    free(residual);
    double df = (double)n_clusters - 1;
    *out = (svi_component){
        .factors = factors, .df = df, .mean_square = sum / (double)n * (double)n_clusters / df};
    return SV_OK;
}

svi_mean_error svi_clustered_mean_error(const svi_component *components, size_t n_components,
                                        const double *values, size_t n)
{
    return svi_crossed_mean_error(components, n_components, svi_moments_of(values, n).mean, n);
}

svi_interval svi_mean_error_interval(const svi_mean_error *mean, double level)
{
    double half_width = svi_t_quantile(0.5 + level / 2, mean->df) * sqrt(mean->variance);
    return (svi_interval){mean->mean - half_width, mean->mean + half_width};
}

void svi_difference_from(double difference, double variance, double df, double level,
                         svi_difference *out)
{
    double standard_error = sqrt(variance), t = difference / standard_error;
    const svi_mean_error mean = {difference, variance, df};
    *out = (svi_difference){.difference = difference,
                            .standard_error = standard_error,
                            .df = df,
                            .interval = svi_mean_error_interval(&mean, level),
                            .t = t,
                            .p = 2 * svi_t_cdf(-fabs(t), df),
                            .sd = NAN,
                            .correlation = NAN};
    if (standard_error == 0) out->p = difference == 0 ? 1 : 0;
}
