/* Performance profiles (Dolan and More 2002; Agarwal et al. 2021): the share of an arm's runs above
 * each threshold. The thresholds are quantiles of all arms together. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "stats/sorting.h"

static size_t collect_all(const svi_analysis *analysis)
{
    const svi_metric_column *column = analysis->columns[analysis->findings->headline];
    size_t n = 0;
    for (uint64_t i = 0; i < analysis->table->n_runs; i++)
        if (isfinite(column->value[i])) analysis->values[n++] = column->value[i];
    svi_sort(analysis->values, n);
    return n;
}

static sv_status profile_block(const svi_analysis *analysis, size_t b, const double *thresholds,
                               svi_profile_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    const svi_block *block = &analysis->codes.blocks[b];
    bool shares_seeds = svi_block_shares_seeds(&analysis->designs[b]);
    finding->subject = svi_block_subject(block, findings->headline);
    svi_block_finite(block, analysis->columns[findings->headline], analysis->values, &finding->n);
    for (size_t t = 0; t < SVI_N_PROFILE_POINTS; t++) {
        uint64_t n_above = 0;
        for (size_t i = 0; i < finding->n; i++) n_above += analysis->values[i] > thresholds[t];
        finding->threshold[t] = thresholds[t];
        finding->share[t] = (double)n_above / (double)finding->n;
        finding->interval[t] = (svi_interval){NAN, NAN};
        if (shares_seeds) continue;
        SVI_TRY(
            svi_rate_interval(n_above, finding->n, findings->level, &finding->interval[t], error));
    }
    return SV_OK;
}

sv_status svi_find_profiles(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->codes.n_blocks, n_values = collect_all(analysis);
    double thresholds[SVI_N_PROFILE_POINTS];
    findings->profiles = calloc(n, sizeof *findings->profiles);
    if (findings->profiles == NULL)
        return svi_fail_memory(error, n * sizeof *findings->profiles, "profiles");
    if (n_values == 0) return SV_OK;
    for (size_t t = 0; t < SVI_N_PROFILE_POINTS; t++) {
        thresholds[t] =
            svi_sorted_quantile(analysis->values, n_values, (double)t / (SVI_N_PROFILE_POINTS - 1));
    }
    for (size_t b = 0; b < n; b++) {
        if (!svi_block_has_metric(analysis, &analysis->codes.blocks[b], findings->headline))
            continue;
        SVI_TRY(profile_block(analysis, b, thresholds, &findings->profiles[findings->n_profiles++],
                              error));
    }
    return SV_OK;
}
