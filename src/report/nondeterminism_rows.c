/* Replicates and numerics against each other, as JSON. */
#include <math.h>

#include "report/finding_rows.h"
#include "report/json_value.h"

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static void set_count(json_t **object, const char *key, uint64_t value)
{
    svi_json_set(object, key, svi_json_count(value));
}

static void set_estimate(json_t **row, const char *key, svi_estimate estimate)
{
    set(row, key, estimate.value);
    svi_json_set_interval(row, key, estimate.interval);
}

static json_t *start_row(const sv_findings *findings, svi_subject subject)
{
    json_t *row = json_object();
    svi_json_set(&row, "arm", svi_json_string(findings->arm_names[subject.arm]));
    svi_json_set(&row, "numerics", svi_json_string(findings->numerics_names[subject.numerics]));
    return row;
}

static json_t *metric_row(const sv_findings *findings, uint32_t metric)
{
    json_t *row = json_object();
    svi_json_set(&row, "metric", svi_json_string(findings->metrics[metric].name));
    return row;
}

static json_t *counts_json(const svi_nondeterminism_finding *finding)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < finding->n_counts; i++) {
        json_t *row = json_object();
        set_count(&row, "n_digests", finding->counts[i].n_digests);
        set_count(&row, "n_seeds", finding->counts[i].n_seeds);
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *spreads_json(const sv_findings *findings, const svi_nondeterminism_finding *finding)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < finding->n_spreads; i++) {
        const svi_replicate_spread *spread = &finding->spreads[i];
        json_t *row = metric_row(findings, spread->metric);
        set(&row, "sd_fixed_seed", spread->sd_fixed_seed);
        set(&row, "sd_over_seeds", spread->sd_over_seeds);
        set(&row, "sd_ratio", spread->sd_fixed_seed / spread->sd_over_seeds);
        set_estimate(&row, "variance_share", spread->share);
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_replicates(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_nondeterminism; i++) {
        const svi_nondeterminism_finding *finding = &findings->nondeterminism[i];
        json_t *row = start_row(findings, finding->subject);
        svi_json_set(&row, "is_deterministic", json_boolean(finding->is_deterministic));
        set_count(&row, "n_seeds", finding->n_seeds);
        set_count(&row, "n_runs", finding->n_runs);
        set_count(&row, "n_repeats", finding->n_repeats);
        set_count(&row, "n_different", finding->n_different);
        set(&row, "different_bound", finding->bound);
        set_count(&row, "n_mixed_seeds", finding->n_mixed_seeds);
        set(&row, "mixed_share", (double)finding->n_mixed_seeds / (double)finding->n_seeds);
        svi_json_set_interval(&row, "mixed_share", finding->mixed_interval);
        set(&row, "digests_per_seed", finding->n_digests);
        set(&row, "modal_share", finding->modal_share);
        set(&row, "entropy_bits", finding->entropy_bits);
        svi_json_set(&row, "digest_counts", counts_json(finding));
        set_estimate(&row, "churn", finding->churn);
        svi_json_set(&row, "metrics", spreads_json(findings, finding));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *gaps_json(const sv_findings *findings, const svi_numerics_finding *finding)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < finding->n_gaps; i++) {
        const svi_metric_gap *gap = &finding->gaps[i];
        json_t *row = metric_row(findings, gap->metric);
        set_count(&row, "n", gap->n);
        set_estimate(&row, "mean_difference", gap->mean);
        set(&row, "mean_absolute_difference", gap->mean_absolute);
        set(&row, "largest_difference", gap->largest);
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_numerics(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_numerics_findings; i++) {
        const svi_numerics_finding *finding = &findings->numerics_findings[i];
        json_t *row = start_row(findings, finding->subject);
        svi_json_set(&row, "reference",
                     svi_json_string(findings->numerics_names[finding->reference]));
        set_count(&row, "n_seeds", finding->n_seeds);
        set_count(&row, "n_equal_seeds", finding->n_equal_seeds);
        set(&row, "equal_share", (double)finding->n_equal_seeds / (double)finding->n_seeds);
        svi_json_set_interval(&row, "equal_share", finding->equal_interval);
        set_count(&row, "n_runs", finding->n_runs);
        set_count(&row, "n_equal_runs", finding->n_equal_runs);
        svi_json_set(&row, "metrics", gaps_json(findings, finding));
        set(&row, "seconds_per_run", finding->seconds_per_run);
        set(&row, "time_ratio", finding->time_ratio);
        svi_json_append(&rows, row);
    }
    return rows;
}
