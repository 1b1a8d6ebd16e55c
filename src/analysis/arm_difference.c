#include "analysis/arm_difference.h"

#include <math.h>
#include <stdio.h>

#include "analysis/clustered_runs.h"
#include "stats/moments.h"

static sv_status mean_error(const svi_analysis *analysis, const svi_block_design *design,
                            uint32_t numerics, const double *values, size_t n, svi_mean_error *out,
                            sv_error *error)
{
    if (svi_block_has_indices(design)) {
        *out = svi_grouped_mean_error(values, design->n_groups, n / design->n_groups);
        return SV_OK;
    }
    svi_crossed_design crossed = svi_crossed_design_of(
        design, analysis->table->is_deterministic[numerics], analysis->findings->level);
    crossed.n_draws = 1000;
    crossed.n_resamples = 100;
    svi_crossed_plan *plan;
    svi_crossed_result result;
    SVI_TRY(svi_crossed_plan_make(&crossed, &plan, error));
    sv_status status = svi_crossed_analyze(plan, values, n, &result, error);
    svi_crossed_plan_free(plan);
    if (status == SV_OK)
        *out = svi_crossed_mean_error(result.components, result.n_components, result.mean, n);
    return status;
}

/* What the pairs say of the spread, with the mean's own error. */
static sv_status take_paired(const svi_analysis *analysis, const svi_arm_pair *pair,
                             const svi_mean_error *mean, svi_difference *out, sv_error *error)
{
    double level = analysis->findings->level;
    svi_difference plain;
    SVI_TRY(svi_compare_paired(pair->a, pair->b, pair->n_a, level, &plain, error));
    svi_difference_from(mean->mean, mean->variance, mean->df, level, out);
    out->sd = plain.sd;
    out->correlation = plain.correlation;
    return SV_OK;
}

static sv_status take_difference(const svi_analysis *analysis, const svi_mean_error *a,
                                 const svi_mean_error *b, svi_difference *out)
{
    double df = svi_welch_df(a->variance, a->df, b->variance, b->df);
    svi_difference_from(a->mean - b->mean, a->variance + b->variance, df, analysis->findings->level,
                        out);
    return SV_OK;
}

/* The differences, in the order of the arm's grid. */
static sv_status compare_paired_grid(const svi_analysis *analysis, const svi_arm_pair *pair,
                                     svi_difference *out, sv_error *error)
{
    svi_mean_error mean;
    for (size_t i = 0; i < pair->n_a; i++)
        analysis->values[pair->design->slot[i]] = pair->a[i] - pair->b[i];
    SVI_TRY(mean_error(analysis, pair->design, pair->block->numerics, analysis->values, pair->n_a,
                       &mean, error));
    return take_paired(analysis, pair, &mean, out, error);
}

static sv_status compare_grids(const svi_analysis *analysis, const svi_arm_pair *pair,
                               svi_difference *out, sv_error *error)
{
    svi_mean_error a, b;
    for (size_t i = 0; i < pair->n_a; i++) analysis->values[pair->design->slot[i]] = pair->a[i];
    SVI_TRY(mean_error(analysis, pair->design, pair->block->numerics, analysis->values, pair->n_a,
                       &a, error));
    for (size_t i = 0; i < pair->n_b; i++)
        analysis->values[pair->reference_design->slot[i]] = pair->b[i];
    SVI_TRY(mean_error(analysis, pair->reference_design, pair->block->numerics, analysis->values,
                       pair->n_b, &b, error));
    return take_difference(analysis, &a, &b, out);
}

static bool is_full_grid(const svi_block *block, const svi_block_design *design, size_t n_used)
{
    bool has_groups = svi_block_has_indices(design) && design->n_groups > 1;
    return (svi_block_has_components(design) || has_groups) && n_used == block->n;
}

static sv_status compare_paired_clusters(const svi_analysis *analysis, const svi_arm_pair *pair,
                                         svi_difference *out, sv_error *error)
{
    svi_mean_error mean;
    for (size_t i = 0; i < pair->n_a; i++) analysis->values[i] = pair->a[i] - pair->b[i];
    SVI_TRY(svi_clustered_error_of_runs(&analysis->codes, analysis->values, pair->rows_a, pair->n_a,
                                        &mean, error));
    return take_paired(analysis, pair, &mean, out, error);
}

static sv_status compare_clusters(const svi_analysis *analysis, const svi_arm_pair *pair,
                                  svi_difference *out, sv_error *error)
{
    svi_mean_error a, b;
    SVI_TRY(
        svi_clustered_error_of_runs(&analysis->codes, pair->a, pair->rows_a, pair->n_a, &a, error));
    SVI_TRY(
        svi_clustered_error_of_runs(&analysis->codes, pair->b, pair->rows_b, pair->n_b, &b, error));
    return take_difference(analysis, &a, &b, out);
}

static sv_status compare(const svi_analysis *analysis, const svi_arm_pair *pair, const char **test,
                         svi_difference *difference, char reason[SVI_REASON_BYTES], sv_error *error)
{
    double level = analysis->findings->level;
    if (!svi_block_shares_seeds(pair->design) && !svi_block_shares_seeds(pair->reference_design)) {
        *test = pair->is_paired ? "paired t" : "Welch";
        return pair->is_paired
                   ? svi_compare_paired(pair->a, pair->b, pair->n_a, level, difference, error)
                   : svi_compare_welch(pair->a, pair->n_a, pair->b, pair->n_b, level, difference,
                                       error);
    }
    if (is_full_grid(pair->block, pair->design, pair->n_a) &&
        is_full_grid(pair->reference, pair->reference_design, pair->n_b)) {
        *test = pair->is_paired ? "t over the paired grid" : "t over the two grids";
        return pair->is_paired ? compare_paired_grid(analysis, pair, difference, error)
                               : compare_grids(analysis, pair, difference, error);
    }
    if (svi_block_is_mostly_grid(pair->design) &&
        svi_block_is_mostly_grid(pair->reference_design)) {
        *test =
            pair->is_paired ? "t over pairs clustered by seeds" : "t over runs clustered by seeds";
        return pair->is_paired ? compare_paired_clusters(analysis, pair, difference, error)
                               : compare_clusters(analysis, pair, difference, error);
    }
    snprintf(reason, SVI_REASON_BYTES,
             "runs share seeds without filling at least half of a grid, so that no interval of the "
             "difference would be honest");
    return SV_OK;
}

static bool has_finite_squares(const double *values, size_t n)
{
    svi_moments moments = svi_moments_of(values, n);
    return isfinite(svi_moments_sd(&moments));
}

sv_status svi_find_arm_difference(const svi_analysis *analysis, const svi_arm_pair *pair,
                                  const char **test, svi_difference *difference,
                                  char reason[SVI_REASON_BYTES], sv_error *error)
{
    bool are_finite =
        has_finite_squares(pair->a, pair->n_a) && has_finite_squares(pair->b, pair->n_b);
    if (are_finite) SVI_TRY(compare(analysis, pair, test, difference, reason, error));
    if (reason[0] != '\0') return SV_OK;
    if (are_finite && isnan(difference->standard_error)) {
        snprintf(reason, SVI_REASON_BYTES, "the runs with a value all have the same seeds");
    } else if (!are_finite || !isfinite(difference->standard_error) || !(difference->df > 0)) {
        snprintf(reason, SVI_REASON_BYTES, "squares of the values are too large for a double");
    }
    return SV_OK;
}
