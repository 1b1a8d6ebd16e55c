/* Predictions as JSON. */
#include <math.h>
#include <stdio.h>

#include "report/finding_rows.h"
#include "report/json_value.h"

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static void set_estimate(json_t **row, const char *key, svi_estimate estimate)
{
    set(row, key, estimate.value);
    svi_json_set_interval(row, key, estimate.interval);
}

static void set_reason(json_t **row, const svi_prediction_finding *finding)
{
    if (finding->reason[0] != '\0') svi_json_set(row, "reason", svi_json_string(finding->reason));
}

static json_t *subject_json(const sv_findings *findings, const svi_prediction_finding *finding)
{
    json_t *row = json_object();
    svi_json_set(&row, "arm", svi_json_string(findings->arm_names[finding->subject.arm]));
    svi_json_set(&row, "numerics",
                 svi_json_string(findings->numerics_names[finding->subject.numerics]));
    svi_json_set(&row, "n_runs", svi_json_count(finding->n_runs));
    svi_json_set(&row, "n_test_sets", svi_json_count(finding->n_sets));
    set(&row, "n_points", finding->n_points);
    return row;
}

static json_t *votes_json(const svi_prediction_finding *finding)
{
    json_t *rows = json_array();
    for (size_t s = 0; s < SVI_N_VOTE_SIZES; s++) {
        json_t *row = json_object();
        svi_json_set(&row, "size", svi_json_count(svi_vote_sizes[s]));
        set(&row, "accuracy", finding->vote_accuracy[s]);
        set(&row, "gain", finding->vote_accuracy[s] - (1 - finding->error.value));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *classes_json(const svi_prediction_finding *finding)
{
    json_t *rows = json_array();
    for (size_t c = 0; c < finding->n_classes; c++) {
        const svi_class_agreement *of_class = &finding->classes[c];
        json_t *row = json_object();
        svi_json_set(&row, "class", svi_json_count(c));
        svi_json_set(&row, "n_points", svi_json_count(of_class->n_points));
        set(&row, "error", of_class->error);
        set(&row, "churn", of_class->churn);
        set(&row, "sd_if_independent", of_class->independent_sd);
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_predictions(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *finding = &findings->predictions[i];
        json_t *row = subject_json(findings, finding);
        set_estimate(&row, "error", finding->error);
        set_estimate(&row, "churn", finding->churn);
        set(&row, "pairs_of_one_seed", finding->pairs_of_one_seed);
        set(&row, "churn_of_seeds", finding->churn_of_seeds);
        set_estimate(&row, "churn_less_error", finding->gap);
        svi_json_set(&row, "ensembles", votes_json(finding));
        svi_json_set(&row, "classes", classes_json(finding));
        svi_json_set(&row, "method", svi_json_string(finding->method));
        set_reason(&row, finding);
        svi_json_append(&rows, row);
    }
    return rows;
}

/* NaN where the estimate is below 0: the variance says how far. */
static double root(double variance) { return variance >= 0 ? sqrt(variance) : NAN; }

json_t *svi_json_distribution(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *finding = &findings->predictions[i];
        json_t *row = subject_json(findings, finding);
        set_estimate(&row, "test_set_variance", finding->variance);
        set_estimate(&row, "distribution_variance", finding->distribution_variance);
        set(&row, "test_set_sd", sqrt(finding->variance.value));
        set(&row, "distribution_sd", root(finding->distribution_variance.value));
        set(&row, "independent_sd", sqrt(finding->independent_variance));
        set(&row, "binary_reference_sd", sqrt(finding->error.value / (2 * finding->n_points)));
        svi_json_set(&row, "method", svi_json_string(finding->variance_method));
        set_reason(&row, finding);
        svi_json_append(&rows, row);
    }
    return rows;
}
