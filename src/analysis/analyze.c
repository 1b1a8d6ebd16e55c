#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/find_in_sums.h"
#include "analysis/prediction_import.h"
#include "analysis/store_table.h"
#include "base/nearest_word.h"
#include "base/text.h"

static bool varies(const svi_metric_column *column, uint64_t n)
{
    double first = NAN;
    for (uint64_t i = 0; i < n; i++) {
        if (!isfinite(column->value[i])) continue;
        if (isnan(first)) first = column->value[i];
        if (column->value[i] != first) return true;
    }
    return false;
}

static sv_status fail_metric(const svi_analysis *analysis, const char *name, sv_error *error)
{
    svi_text names = {0};
    svi_nearest nearest = svi_nearest_start(name);
    for (size_t m = 0; m < analysis->table->n_metrics; m++) {
        const char *known = analysis->table->metrics[m].name;
        svi_text_add(&names, "%s%s", m > 0 ? ", " : "", known);
        svi_nearest_try(&nearest, known, known);
    }
    sv_status status = svi_fail(
        error, SV_ERR_USAGE, "%s: there is no metric %.64s%s%.64s%s; the metrics are %.600s",
        analysis->table->origin, name, nearest.best != NULL ? "; did you mean " : "",
        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "?" : "",
        names.bytes != NULL ? names.bytes : "");
    svi_text_clear(&names);
    return status;
}

/* The metrics that vary, and the headline, which is kept even where it does not vary. */
static sv_status choose_metrics(svi_analysis *analysis, const char *headline, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    sv_findings *findings = analysis->findings;
    bool has_headline = false;
    analysis->columns = calloc(table->n_metrics + 1, sizeof *analysis->columns);
    findings->metrics = calloc(table->n_metrics + 1, sizeof *findings->metrics);
    if (analysis->columns == NULL || findings->metrics == NULL)
        return svi_fail_memory(error, 0, "metrics");
    for (size_t m = 0; m < table->n_metrics; m++) {
        const svi_metric_column *column = &table->metrics[m];
        bool is_headline = strcmp(column->name, headline) == 0;
        if (!is_headline && !varies(column, table->n_runs)) continue;
        if (is_headline) findings->headline = (uint32_t)findings->n_metrics;
        has_headline = has_headline || is_headline;
        svi_metric_name *metric = &findings->metrics[findings->n_metrics];
        snprintf(metric->name, sizeof metric->name, "%s", column->name);
        metric->better = column->better;
        metric->is_percentage = svi_is_percentage(column, table->n_runs);
        analysis->columns[findings->n_metrics++] = column;
    }
    return has_headline ? SV_OK : fail_metric(analysis, headline, error);
}

static sv_status check_margin(const svi_analysis *analysis, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    const svi_metric_name *metric = &findings->metrics[findings->headline];
    if (!(findings->margin >= 1 && metric->is_percentage)) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "%s: a margin of %g, but %s is a share between 0 and 1: say 0.01 for one point",
                    analysis->table->origin, findings->margin, metric->name);
}

static sv_status copy_names(char (**to)[64], size_t *n_to, const char (*from)[64], size_t n,
                            sv_error *error)
{
    *to = malloc((n > 0 ? n : 1) * sizeof **to);
    if (*to == NULL) return svi_fail_memory(error, n * sizeof **to, "names");
    memcpy(*to, from, n * sizeof **to);
    *n_to = n;
    return SV_OK;
}

static sv_status describe(svi_analysis *analysis, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    sv_findings *findings = analysis->findings;
    memcpy(findings->study, table->study, sizeof findings->study);
    memcpy(findings->origin, table->origin, sizeof findings->origin);
    memcpy(findings->machine, table->machine, sizeof findings->machine);
    SVI_TRY(copy_names(&findings->arm_names, &findings->n_arms, (const char(*)[64])table->arm_names,
                       table->n_arms, error));
    return copy_names(&findings->numerics_names, &findings->n_numerics,
                      (const char(*)[64])table->numerics_names, table->n_numerics, error);
}

/* The layout that all blocks with runs share. */
static svi_layout common_layout(const svi_analysis *analysis)
{
    svi_layout common = SVI_N_LAYOUTS;
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        svi_layout layout = analysis->designs[b].layout;
        if (analysis->codes.blocks[b].n == 0) continue;
        common = common == SVI_N_LAYOUTS || common == layout ? layout : SVI_LAYOUT_IRREGULAR;
    }
    return common;
}

/* With two or more factors the layout's name. An incomplete store keeps the design that it was
 * planned with. */
static void name_design(svi_analysis *analysis)
{
    sv_findings *findings = analysis->findings;
    const char *design = svi_layout_name(common_layout(analysis));
    if (analysis->codes.n_factors == 1) design = "sweep";
    if (analysis->codes.n_factors == 0) design = "replicates";
    if (strcmp(analysis->table->design, "imported") != 0 && analysis->codes.n_factors > 0) {
        design = analysis->table->design;
    }
    snprintf(findings->design, sizeof findings->design, "%s", design);
    findings->n_factors = analysis->codes.n_factors;
    for (size_t f = 0; f < findings->n_factors; f++) {
        memcpy(findings->factors[f].name, analysis->codes.factors[f].name,
               sizeof findings->factors[f].name);
        findings->factors[f].n_levels = analysis->codes.factors[f].n_levels;
    }
}

static sv_status prepare(svi_analysis *analysis, const char *metric, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    SVI_TRY(choose_metrics(analysis, metric != NULL ? metric : table->headline, error));
    SVI_TRY(check_margin(analysis, error));
    SVI_TRY(describe(analysis, error));
    SVI_TRY(svi_run_codes_make(table, &analysis->codes, error));
    analysis->designs = calloc(analysis->codes.n_blocks, sizeof *analysis->designs);
    analysis->values = malloc((table->n_runs > 0 ? table->n_runs : 1) * sizeof *analysis->values);
    if (analysis->designs == NULL || analysis->values == NULL) {
        return svi_fail_memory(error, table->n_runs * sizeof *analysis->values, "values");
    }
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        SVI_TRY(svi_block_design_make(&analysis->codes, &analysis->codes.blocks[b], table->design,
                                      &analysis->designs[b], error));
    }
    name_design(analysis);
    return SV_OK;
}

static sv_status copy_curves(svi_analysis *analysis, sv_error *error)
{
    size_t n = analysis->table->n_curves;
    sv_findings *findings = analysis->findings;
    if (n == 0) return SV_OK;
    findings->curves = malloc(n * sizeof *findings->curves);
    if (findings->curves == NULL)
        return svi_fail_memory(error, n * sizeof *findings->curves, "curves");
    memcpy(findings->curves, analysis->table->curves, n * sizeof *findings->curves);
    findings->n_curves = n;
    return SV_OK;
}

static sv_status find_all(svi_analysis *analysis, const char *metric, bool with_rates,
                          sv_error *error)
{
    SVI_TRY(prepare(analysis, metric, error));
    SVI_TRY(svi_find_components(analysis, error));
    SVI_TRY(svi_find_indices(analysis, error));
    SVI_TRY(svi_find_summaries(analysis, error));
    SVI_TRY(svi_find_comparisons(analysis, error));
    SVI_TRY(svi_find_famous_seeds(analysis, error));
    SVI_TRY(svi_find_predictions(analysis, error));
    SVI_TRY(svi_find_seed_choices(analysis, error));
    SVI_TRY(svi_find_carry_overs(analysis, error));
    SVI_TRY(svi_find_early_ranks(analysis, error));
    SVI_TRY(svi_find_expected_best(analysis, error));
    SVI_TRY(svi_find_howmany(analysis, with_rates, error));
    SVI_TRY(svi_find_profiles(analysis, error));
    SVI_TRY(copy_curves(analysis, error));
    SVI_TRY(svi_find_nondeterminism(analysis, error));
    SVI_TRY(svi_find_numerics(analysis, error));
    SVI_TRY(svi_find_distances(analysis, error));
    SVI_TRY(svi_find_histograms(analysis, error));
    SVI_TRY(svi_find_grids(analysis, error));
    SVI_TRY(svi_find_shown_runs(analysis, error));
    return svi_find_faults(analysis, error);
}

static void clear(svi_analysis *analysis)
{
    for (size_t b = 0; analysis->designs != NULL && b < analysis->codes.n_blocks; b++) {
        svi_block_design_clear(&analysis->designs[b]);
    }
    free(analysis->designs);
    svi_run_codes_clear(&analysis->codes);
    free(analysis->columns);
    free(analysis->values);
}

static sv_status check_options(const sv_analysis_options *options, sv_error *error)
{
    if (options == NULL) return SV_OK;
    if (options->level != 0) SVI_TRY(svi_level_check(options->level, error));
    if (!(isfinite(options->margin) && options->margin >= 0))
        return svi_fail(error, SV_ERR_USAGE, "the margin is %g; it must be 0 (none stated) or more",
                        options->margin);
    if (options->power >= 0 && options->power < 1) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE, "the power is %g; it must be between 0 and 1",
                    options->power);
}

/* Findings with the settings of the options. */
static sv_status open_findings(const sv_analysis_options *options, sv_findings **findings,
                               sv_error *error)
{
    SVI_TRY(check_options(options, error));
    *findings = calloc(1, sizeof **findings);
    if (*findings == NULL) return svi_fail_memory(error, sizeof **findings, "findings");
    (*findings)->level = options != NULL && options->level != 0 ? options->level : 0.95;
    (*findings)->margin = options != NULL ? options->margin : 0;
    (*findings)->power = options != NULL && options->power != 0 ? options->power : 0.8;
    return SV_OK;
}

/* Findings that have failed are closed here, and not again by the caller. */
static sv_status close_unless(sv_status status, sv_findings **findings)
{
    if (status == SV_OK) return SV_OK;
    sv_findings_close(*findings);
    *findings = NULL;
    return status;
}

sv_status svi_analyze_table(const svi_run_table *table, const sv_analysis_options *options,
                            sv_findings **findings, sv_error *error)
{
    svi_analysis analysis = {.table = table};
    SVI_TRY(open_findings(options, findings, error));
    analysis.findings = *findings;
    sv_status status = find_all(&analysis, options != NULL ? options->metric : NULL,
                                options != NULL && options->with_test_rates, error);
    clear(&analysis);
    return close_unless(status, findings);
}

void sv_findings_close(sv_findings *findings)
{
    if (findings == NULL) return;
    for (size_t i = 0; i < findings->n_components; i++) {
        free(findings->components[i].labels);
        free(findings->components[i].rows);
    }
    for (size_t i = 0; i < findings->n_famous; i++) free(findings->famous[i].famous);
    free(findings->summaries);
    free(findings->components);
    free(findings->indices);
    free(findings->comparisons);
    free(findings->famous);
    free(findings->curves);
    for (size_t i = 0; i < findings->n_predictions; i++) free(findings->predictions[i].classes);
    for (size_t i = 0; i < findings->n_howmany; i++) free(findings->howmany[i].rates);
    for (size_t i = 0; i < findings->n_nondeterminism; i++) {
        free(findings->nondeterminism[i].counts);
        free(findings->nondeterminism[i].spreads);
    }
    for (size_t i = 0; i < findings->n_numerics_findings; i++)
        free(findings->numerics_findings[i].gaps);
    for (size_t i = 0; i < findings->n_distances; i++) free(findings->distances[i].group.points);
    free(findings->distances);
    free(findings->nondeterminism);
    free(findings->numerics_findings);
    free(findings->predictions);
    free(findings->seed_choices);
    free(findings->carry_overs);
    free(findings->early_ranks);
    free(findings->expected_best);
    free(findings->howmany);
    free(findings->false_positives);
    free(findings->profiles);
    free(findings->histograms);
    for (size_t i = 0; i < findings->n_grids; i++) {
        free(findings->grids[i].seeds[0]);
        free(findings->grids[i].seeds[1]);
        free(findings->grids[i].values);
    }
    free(findings->grids);
    free(findings->shown_runs);
    free(findings->shown_values);
    free(findings->checks.heavy_tails);
    free(findings->checks.unsupported);
    free(findings->checks.mixed_units);
    free(findings->arm_names);
    free(findings->numerics_names);
    free(findings->metrics);
    free(findings);
}

static sv_status analyze_and_free(svi_run_table *table, const sv_analysis_options *options,
                                  sv_findings **findings, sv_error *error)
{
    sv_status status = svi_analyze_table(table, options, findings, error);
    svi_run_table_free(table);
    return status;
}

static sv_status analyze_sums(svi_store *store, svi_run_table *table,
                              const sv_analysis_options *options, sv_findings **findings,
                              sv_error *error)
{
    SVI_TRY(open_findings(options, findings, error));
    return close_unless(svi_analyze_sums(store, table, options, *findings, error), findings);
}

static sv_status fill(svi_store *store, svi_run_table *table, const sv_analysis_options *options,
                      sv_error *error)
{
    const char *metric = options != NULL ? options->metric : NULL;
    SVI_TRY(svi_run_table_fill(table, store, error));
    SVI_TRY(svi_run_table_direct(table, options, error));
    return svi_run_table_add_paths(table, store, metric != NULL ? metric : table->headline, error);
}

sv_status sv_analyze_store(const char *path, const sv_analysis_options *options,
                           sv_findings **findings, sv_error *error)
{
    svi_store *store;
    svi_run_table *table;
    SVI_TRY(svi_run_table_open_store(path, &store, &table, error));
    bool is_summed_up = svi_store_is_summed_up(store);
    sv_status status = is_summed_up ? analyze_sums(store, table, options, findings, error)
                                    : fill(store, table, options, error);
    svi_store_close(store);
    if (status == SV_OK && !is_summed_up)
        status = svi_analyze_table(table, options, findings, error);
    svi_run_table_free(table);
    return status;
}

sv_status sv_analyze_file(const char *path, const sv_analysis_options *options,
                          sv_findings **findings, sv_error *error)
{
    return svi_is_store_file(path) ? sv_analyze_store(path, options, findings, error)
                                   : sv_analyze_csv(path, options, findings, error);
}

static sv_status import_predictions(svi_run_table *table, const sv_analysis_options *options,
                                    sv_error *error)
{
    if (options == NULL || (options->predictions == NULL && options->labels == NULL)) return SV_OK;
    if (options->predictions != NULL && options->labels != NULL)
        return svi_run_table_import_predictions(table, options->predictions, options->labels,
                                                error);
    return svi_fail(error, SV_ERR_USAGE,
                    "predictions and labels belong together: give both .npy files");
}

sv_status sv_analyze_csv(const char *path, const sv_analysis_options *options,
                         sv_findings **findings, sv_error *error)
{
    svi_run_table *table;
    SVI_TRY(svi_run_table_import(path, options != NULL ? options->arm : NULL, &table, error));
    sv_status status = svi_run_table_direct(table, options, error);
    if (status == SV_OK) status = import_predictions(table, options, error);
    if (status == SV_OK) return analyze_and_free(table, options, findings, error);
    svi_run_table_free(table);
    return status;
}
