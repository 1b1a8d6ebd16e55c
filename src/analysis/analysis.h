/* The parts of an analysis. Each reads the table and adds its kind of finding. */
#ifndef SVI_ANALYSIS_H
#define SVI_ANALYSIS_H

#include "analysis/block_design.h"
#include "analysis/findings.h"

typedef struct svi_analysis {
    const svi_run_table *table;
    const svi_metric_column **columns; /* [findings->n_metrics]: the metrics that vary */
    svi_run_codes codes;
    svi_block_design *designs; /* [codes.n_blocks] */
    double *values;            /* [n_runs]: scratch */
    sv_findings *findings;
} svi_analysis;

/* Whether a block has any value of a metric; where it has none, the metric is not one of that arm,
 * or all its runs failed. */
bool svi_block_has_metric(const svi_analysis *analysis, const svi_block *block, uint32_t metric);
/* Whether it has values of the metric, or failed to have any. */
bool svi_block_took_part(const svi_analysis *analysis, const svi_block *block, uint32_t metric);
svi_subject svi_block_subject(const svi_block *block, uint32_t metric);

/* The block's finite values, packed; *n of them. */
void svi_block_finite(const svi_block *block, const svi_metric_column *column, double *values,
                      size_t *n);

sv_status svi_find_components(svi_analysis *analysis, sv_error *error);
sv_status svi_find_indices(svi_analysis *analysis, sv_error *error);
/* After svi_find_components, whose mean squares say how well a grid knows its mean. */
sv_status svi_find_summaries(svi_analysis *analysis, sv_error *error);
sv_status svi_find_comparisons(svi_analysis *analysis, sv_error *error);
sv_status svi_find_famous_seeds(svi_analysis *analysis, sv_error *error);
/* After svi_find_components. */
sv_status svi_find_predictions(svi_analysis *analysis, sv_error *error);
sv_status svi_find_seed_choices(svi_analysis *analysis, sv_error *error);
sv_status svi_find_carry_overs(svi_analysis *analysis, sv_error *error);
sv_status svi_find_early_ranks(svi_analysis *analysis, sv_error *error);
sv_status svi_find_expected_best(svi_analysis *analysis, sv_error *error);
/* After svi_find_comparisons. with_rates: what the tests do with few seeds, which takes seconds. */
sv_status svi_find_howmany(svi_analysis *analysis, bool with_rates, sv_error *error);
sv_status svi_find_profiles(svi_analysis *analysis, sv_error *error);
/* Replicates against each other. After svi_find_components and svi_find_predictions. */
sv_status svi_find_nondeterminism(svi_analysis *analysis, sv_error *error);
/* Numerics against the first that is deterministic. */
sv_status svi_find_numerics(svi_analysis *analysis, sv_error *error);
/* Runs against their references, checkpoint by checkpoint. After svi_find_predictions. */
sv_status svi_find_distances(svi_analysis *analysis, sv_error *error);
/* What figures need beyond the other findings. */
sv_status svi_find_histograms(svi_analysis *analysis, sv_error *error);
sv_status svi_find_grids(svi_analysis *analysis, sv_error *error);
sv_status svi_find_shown_runs(svi_analysis *analysis, sv_error *error);
/* After svi_find_summaries, whose kurtosis it reads. */
sv_status svi_find_faults(svi_analysis *analysis, sv_error *error);

/* A summary of fewer than two values, and the reason why there is no more. */
void svi_summarize_few(size_t n, double mean, svi_summary_finding *finding);
/* Rows and labels of a finding. */
sv_status svi_keep_components(const svi_crossed_result *result, const svi_block_design *design,
                              svi_components_finding *finding, sv_error *error);
/* The SD of a run with fresh seeds, and intervals of mean and SD that allow for shared seeds. */
void svi_take_from_components(const sv_findings *findings, const svi_components_finding *components,
                              svi_summary *values);

/* Settings of svi_crossed_analyze for a block that has components; large designs take fewer
 * resamples. */
svi_crossed_design svi_crossed_design_of(const svi_block_design *design, bool is_deterministic,
                                         double level);

#endif
