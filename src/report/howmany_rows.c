/* Numbers of seeds, rates of tests and performance profiles as JSON. */
#include <math.h>

#include "report/finding_rows.h"
#include "report/json_value.h"

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static json_t *by_test(const double values[SVI_N_TESTS])
{
    json_t *object = json_object();
    for (int t = 0; t < SVI_N_TESTS; t++) set(&object, svi_test_name(t), values[t]);
    return object;
}

/* key: what a significant result is. */
static json_t *rates_json(const svi_test_rates *rates, const char *key, bool has_wrong)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < SVI_N_RATE_SIZES; i++) {
        json_t *row = json_object();
        svi_json_set(&row, "n", svi_json_count(rates[i].n));
        svi_json_set(&row, key, by_test(rates[i].rate));
        if (has_wrong) svi_json_set(&row, "wrong_sign", by_test(rates[i].wrong));
        set(&row, "mc_se", rates[i].standard_error);
        svi_json_append(&rows, row);
    }
    return rows;
}

static void set_sizes(json_t **row, const svi_howmany_finding *finding, double power)
{
    set(row, "difference", finding->difference);
    set(row, "sd", finding->sd);
    set(row, "sd_reference", finding->sd_reference);
    set(row, "rho", finding->rho);
    set(row, "power", power);
    set(row, "n_welch", finding->n_welch);
    set(row, "n_paired", finding->n_paired);
    set(row, "n_by_normal_formula", finding->n_normal);
    set(row, "n_rank_sum", finding->n_superiority);
    svi_json_set(
        row, "method",
        svi_json_string("noncentral t; paired with the correlation over common seeds; rank "
                        "sum: Noether. The observed difference and SDs are taken as true"));
}

json_t *svi_json_howmany(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_howmany; i++) {
        const svi_howmany_finding *finding = &findings->howmany[i];
        json_t *row = svi_json_subject(findings, finding->subject);
        svi_json_set(&row, "reference", svi_json_string(findings->arm_names[finding->reference]));
        json_t *values = json_object();
        set_sizes(&values, finding, findings->power);
        svi_json_set(&values, "tests",
                     finding->rates != NULL ? rates_json(finding->rates, "power", true)
                                            : json_array());
        svi_json_set_values(&row, finding->reason, values);
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_false_positives(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_false_positives; i++) {
        const svi_false_positive_finding *finding = &findings->false_positives[i];
        json_t *row = svi_json_subject(findings, finding->subject);
        svi_json_set(&row, "n_runs", svi_json_count(finding->n_pool));
        svi_json_set(&row, "tests", rates_json(finding->rates, "rate", false));
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_profiles(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_profiles; i++) {
        const svi_profile_finding *finding = &findings->profiles[i];
        json_t *row = svi_json_subject(findings, finding->subject), *points = json_array();
        for (size_t p = 0; p < SVI_N_PROFILE_POINTS; p++) {
            json_t *point = json_object();
            set(&point, "above", finding->threshold[p]);
            set(&point, "share", finding->share[p]);
            svi_json_set_interval(&point, "share", finding->interval[p]);
            svi_json_append(&points, point);
        }
        svi_json_set(&row, "n", svi_json_count(finding->n));
        svi_json_set(&row, "points", points);
        svi_json_set(&row, "method",
                     svi_json_string("share of runs above; Clopper and Pearson, point by point"));
        svi_json_append(&rows, row);
    }
    return rows;
}
