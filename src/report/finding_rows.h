/* Single findings as JSON objects: the rows of the document's arrays. NULL where memory ran out. */
#ifndef SVI_FINDING_ROWS_H
#define SVI_FINDING_ROWS_H

#include <jansson.h>

#include "analysis/findings.h"

/* {arm, numerics, metric} */
json_t *svi_json_subject(const sv_findings *findings, svi_subject subject);
json_t *svi_json_summary(const sv_findings *findings, const svi_summary_finding *summary);
/* The whole array: a row per source, or one with the reason. */
json_t *svi_json_components(const sv_findings *findings);
/* The whole array: a row per source, or one with the reason. */
json_t *svi_json_indices(const sv_findings *findings);
json_t *svi_json_comparison(const sv_findings *findings, const svi_comparison_finding *comparison);
json_t *svi_json_curve(const sv_findings *findings, const svi_curve_row *curve);
/* Whole arrays, empty where there is nothing. */
json_t *svi_json_predictions(const sv_findings *findings);
json_t *svi_json_distribution(const sv_findings *findings);
json_t *svi_json_gains(const sv_findings *findings);
json_t *svi_json_carry_overs(const sv_findings *findings);
json_t *svi_json_expected_best(const sv_findings *findings);
json_t *svi_json_howmany(const sv_findings *findings);
json_t *svi_json_false_positives(const sv_findings *findings);
json_t *svi_json_profiles(const sv_findings *findings);
/* Runs that only their replicate tells apart; numerics against the first deterministic entry. */
json_t *svi_json_replicates(const sv_findings *findings);
json_t *svi_json_numerics(const sv_findings *findings);
/* Runs against their references; of those with a probe: churn beside that of another seed. */
json_t *svi_json_distances(const sv_findings *findings);
json_t *svi_json_probes(const sv_findings *findings);
/* A text ready to paste into a paper. */
json_t *svi_json_paragraph(const sv_findings *findings);

/* All of the document but what figures alone need. */
json_t *svi_json_findings(const sv_findings *findings);
/* Adds that: "histograms", "grids", "runs", "famous_runs". */
void svi_json_add_pictures(const sv_findings *findings, json_t **document);

json_t *svi_json_famous(const sv_findings *findings, const svi_famous_finding *finding);

#endif
