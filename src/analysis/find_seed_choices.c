/* What keeping the best of several seeds gains: seemingly, on the data it is chosen by, and in
 * truth, on other data; and what the best of n runs is worth on average. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric_names.h"
#include "analysis/search_runs.h"
#include "stats/moments.h"
#include "stats/quantile.h"

static const uint64_t gain_sizes[SVI_N_GAINS] = {2, 5, 10, 20, 50, 100, 1000};
static const size_t best_sizes[SVI_N_BEST_SIZES] = {SVI_BEST_SIZES};

static bool find_validation(const sv_findings *findings, uint32_t metric, uint32_t *found)
{
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        *found = m;
        if (svi_is_validation_of(findings->metrics[m].name, findings->metrics[metric].name))
            return true;
    }
    return false;
}

/* Values of runs that have both, as (validation, test). */
typedef struct value_pairs {
    size_t n;
    double *chosen_by, *is;
} value_pairs;

static sv_status collect(const svi_search_runs *runs, const svi_metric_column *chosen_by,
                         const svi_metric_column *is, value_pairs *pairs, sv_error *error)
{
    pairs->n = runs->n;
    pairs->chosen_by = malloc((2 * runs->n + 1) * sizeof *pairs->chosen_by);
    if (pairs->chosen_by == NULL)
        return svi_fail_memory(error, 2 * runs->n * sizeof(double), "pairs of values");
    pairs->is = pairs->chosen_by + runs->n;
    for (size_t i = 0; i < runs->n; i++) {
        pairs->chosen_by[i] = chosen_by->value[runs->rows[i]];
        pairs->is[i] = is->value[runs->rows[i]];
    }
    return SV_OK;
}

/* The line of test on validation. */
static void fit_line(const value_pairs *pairs, double level, svi_seed_choice_finding *finding)
{
    svi_moments x = svi_moments_of(pairs->chosen_by, pairs->n);
    svi_moments y = svi_moments_of(pairs->is, pairs->n);
    double products = 0, df = (double)pairs->n - 2;
    for (size_t i = 0; i < pairs->n; i++)
        products += (pairs->chosen_by[i] - x.mean) * (pairs->is[i] - y.mean);
    finding->sd_validation = svi_moments_sd(&x);
    finding->slope = products / x.m2;
    finding->correlation = products / sqrt(x.m2 * y.m2);
    double rest = fmax(0, y.m2 - products * products / x.m2);
    double half = svi_t_quantile((1 + level) / 2, df) * sqrt(rest / df / x.m2);
    finding->slope_interval = (svi_interval){finding->slope - half, finding->slope + half};
}

static void forget_intervals(svi_best_of *best)
{
    best->standard_error = best->interval.low = best->interval.high = NAN;
}

static sv_status find_gains(const value_pairs *pairs, bool is_more_better, double level,
                            svi_seed_choice_finding *finding, sv_error *error)
{
    svi_search apparent = {0}, real = {0};
    sv_status status =
        svi_search_make(pairs->chosen_by, NULL, pairs->n, is_more_better, &apparent, error);
    if (status == SV_OK)
        status =
            svi_search_make(pairs->chosen_by, pairs->is, pairs->n, is_more_better, &real, error);
    for (size_t g = 0; g < SVI_N_GAINS && gain_sizes[g] <= pairs->n && status == SV_OK; g++) {
        svi_gain *gain = &finding->gains[finding->n_gains++];
        double z = NAN;
        gain->k = gain_sizes[g];
        status = svi_expected_max_normal(gain->k, &z, error);
        if (status == SV_OK)
            status = svi_search_best(&apparent, gain->k, true, level, &gain->apparent, error);
        if (status == SV_OK)
            status = svi_search_best(&real, gain->k, true, level, &gain->real, error);
        gain->apparent_normal = finding->sd_validation * z;
        gain->real_normal = finding->slope * finding->sd_validation * z;
        if (!finding->shares_seeds) continue;
        forget_intervals(&gain->apparent);
        forget_intervals(&gain->real);
    }
    svi_search_clear(&apparent);
    svi_search_clear(&real);
    return status;
}

static sv_status choose_in_block(const svi_analysis *analysis, size_t b,
                                 svi_seed_choice_finding *finding, sv_error *error)
{
    const svi_metric_column *chosen_by = analysis->columns[finding->chosen_by];
    value_pairs pairs = {0};
    double level = analysis->findings->level;
    const svi_metric_column *is = analysis->columns[finding->subject.metric];
    svi_search_runs runs;
    SVI_TRY(svi_search_runs_make(analysis, b, chosen_by, is, &runs, error));
    sv_status status = collect(&runs, chosen_by, is, &pairs, error);
    free(runs.rows);
    if (status != SV_OK) return status;
    finding->shares_seeds = runs.shares_seeds;
    finding->n = pairs.n;
    if (pairs.n < 3) {
        snprintf(finding->reason, sizeof finding->reason,
                 "fewer than three seeds have both values");
    } else {
        fit_line(&pairs, level, finding);
        if (!(finding->sd_validation > 0)) {
            snprintf(finding->reason, sizeof finding->reason, "%s does not vary", chosen_by->name);
        } else {
            if (finding->shares_seeds)
                finding->slope_interval.low = finding->slope_interval.high = NAN;
            status = find_gains(&pairs, chosen_by->better > 0, level, finding, error);
        }
    }
    free(pairs.chosen_by);
    return status;
}

sv_status svi_find_seed_choices(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    uint32_t validation;
    findings->seed_choices = calloc(n, sizeof *findings->seed_choices);
    if (findings->seed_choices == NULL)
        return svi_fail_memory(error, n * sizeof *findings->seed_choices, "choices of seeds");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        if (findings->metrics[m].better == 0 || !find_validation(findings, m, &validation))
            continue;
        for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
            const svi_block *block = &analysis->codes.blocks[b];
            if (!svi_block_has_metric(analysis, block, m) ||
                !svi_block_has_metric(analysis, block, validation))
                continue;
            svi_seed_choice_finding *finding = &findings->seed_choices[findings->n_seed_choices++];
            finding->subject = svi_block_subject(block, m);
            finding->chosen_by = validation;
            SVI_TRY(choose_in_block(analysis, b, finding, error));
        }
    }
    return SV_OK;
}

/* ---- the best of n ---- */

static double mean_steps(const svi_analysis *analysis, const svi_block *block)
{
    const svi_run_table *table = analysis->table;
    double sum = 0, n = 0;
    for (size_t m = 0; m < table->n_metrics; m++) {
        if (strcmp(table->metrics[m].name, "steps") != 0) continue;
        for (uint64_t i = 0; i < block->n; i++) {
            double value = table->metrics[m].value[block->rows[i]];
            if (!isfinite(value)) continue;
            sum += value;
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

static sv_status best_in_block(const svi_analysis *analysis, size_t b,
                               svi_expected_best_finding *finding, sv_error *error)
{
    const svi_block *block = &analysis->codes.blocks[b];
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    svi_search search;
    svi_search_runs runs;
    SVI_TRY(svi_search_runs_make(analysis, b, column, NULL, &runs, error));
    for (size_t i = 0; i < runs.n; i++) analysis->values[i] = column->value[runs.rows[i]];
    free(runs.rows);
    finding->n_values = runs.n;
    finding->shares_seeds = runs.shares_seeds;
    finding->steps = mean_steps(analysis, block);
    SVI_TRY(svi_search_make(analysis->values, NULL, finding->n_values, column->better > 0, &search,
                            error));
    sv_status status = SV_OK;
    for (size_t s = 0; s < SVI_N_BEST_SIZES && best_sizes[s] <= finding->n_values; s++) {
        svi_best_of *point = &finding->points[finding->n_points];
        finding->sizes[finding->n_points++] = best_sizes[s];
        status =
            svi_search_best(&search, best_sizes[s], false, analysis->findings->level, point, error);
        if (status != SV_OK) break;
        if (finding->shares_seeds) forget_intervals(point);
    }
    svi_search_clear(&search);
    return status;
}

sv_status svi_find_expected_best(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    findings->expected_best = calloc(n, sizeof *findings->expected_best);
    if (findings->expected_best == NULL)
        return svi_fail_memory(error, n * sizeof *findings->expected_best, "expected best");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        if (findings->metrics[m].better == 0) continue;
        for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
            const svi_block *block = &analysis->codes.blocks[b];
            if (!svi_block_has_metric(analysis, block, m)) continue;
            svi_expected_best_finding *finding =
                &findings->expected_best[findings->n_expected_best++];
            finding->subject = svi_block_subject(block, m);
            SVI_TRY(best_in_block(analysis, b, finding, error));
        }
    }
    return SV_OK;
}
