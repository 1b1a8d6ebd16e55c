/* The parts of the text report. */
#ifndef SVI_FINDINGS_PARTS_H
#define SVI_FINDINGS_PARTS_H

#include "analysis/findings.h"
#include "base/text.h"

/* "NAME: 4,096 runs, crossed of 64 init x 64 order seeds" */
void svi_write_study_line(const sv_findings *findings, svi_text *text);
/* The answer in a sentence or two. */
void svi_write_opening(const sv_findings *findings, svi_text *text);
/* "No run of new has a finite test_loss. ", where that is so of some. */
void svi_add_total_failures(const sv_findings *findings, svi_text *text);
/* What its words mean, in a line. */
void svi_write_key(const sv_findings *findings, svi_text *text);
/* The indices that the opening is about, or NULL. */
const svi_indices_finding *svi_leading_indices(const sv_findings *findings);
/* Whether the test of famous seeds would see any difference short of 0% or 100% of pairs. */
bool svi_sees_differences(const svi_famous_finding *finding);
/* Faults, failures and what else casts doubt. */
void svi_write_checks(const sv_findings *findings, svi_text *text);

/* Tables, each left out where there is nothing to show. */
void svi_write_summary_table(const sv_findings *findings, svi_text *text);
/* Of the inertia of k-means and the end value of a polynomial, where values recur. */
void svi_write_recurrence_table(const sv_findings *findings, svi_text *text);
void svi_write_other_metrics_table(const sv_findings *findings, svi_text *text);
void svi_write_components_table(const sv_findings *findings, svi_text *text);
void svi_write_indices_table(const sv_findings *findings, svi_text *text);
/* A sentence on the first arms that could not be compared on the headline metric, if there are. */
void svi_add_not_compared(const sv_findings *findings, svi_text *text);
void svi_write_comparison_table(const sv_findings *findings, svi_text *text);
void svi_write_mislead_table(const sv_findings *findings, svi_text *text);
void svi_write_curve_table(const sv_findings *findings, svi_text *text);
void svi_write_prediction_table(const sv_findings *findings, svi_text *text);
/* Replicates against each other, and numerics against a reference. */
void svi_write_replicates_table(const sv_findings *findings, svi_text *text);
void svi_write_numerics_table(const sv_findings *findings, svi_text *text);
void svi_write_distance_table(const sv_findings *findings, svi_text *text);
void svi_write_gain_table(const sv_findings *findings, svi_text *text);
void svi_write_carry_over_table(const sv_findings *findings, svi_text *text);
void svi_write_best_table(const sv_findings *findings, svi_text *text);
void svi_write_howmany_table(const sv_findings *findings, svi_text *text);
void svi_write_rates_tables(const sv_findings *findings, svi_text *text);
/* A paragraph for a paper: what was run, with which seeds, on what, and what came out. */
void svi_write_paper_paragraph(const sv_findings *findings, svi_text *text);
void svi_write_famous_table(const sv_findings *findings, svi_text *text);

#endif
