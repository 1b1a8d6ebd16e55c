#include <math.h>
#include <stdlib.h>

#include "report/finding_rows.h"
#include "report/json_value.h"
#include "report/verdict_text.h"

json_t *svi_json_subject(const sv_findings *findings, svi_subject subject)
{
    json_t *object = json_object();
    svi_json_set(&object, "arm", svi_json_string(findings->arm_names[subject.arm]));
    svi_json_set(&object, "numerics", svi_json_string(findings->numerics_names[subject.numerics]));
    svi_json_set(&object, "metric", svi_json_string(findings->metrics[subject.metric].name));
    return object;
}

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static json_t *count_or_null(uint64_t count)
{
    return count > 0 ? svi_json_count(count) : json_null();
}

static json_t *quantiles_json(const svi_summary *summary)
{
    json_t *rows = json_array();
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) {
        const svi_summary_quantile *quantile = &summary->quantiles[q];
        json_t *row = json_object();
        set(&row, "p", quantile->probability);
        set(&row, "value", quantile->value);
        set(&row, "low", quantile->interval.low);
        set(&row, "high", quantile->interval.high);
        svi_json_append(&rows, row);
    }
    return rows;
}

static void set_spread(json_t **row, const svi_summary *values)
{
    svi_json_set_interval(row, "mean", values->mean_interval);
    set(row, "sd", values->sd);
    svi_json_set_interval(row, "sd", values->sd_interval);
    set(row, "skewness", values->skewness);
    set(row, "excess_kurtosis", values->excess_kurtosis);
    set(row, "min", values->min);
    set(row, "max", values->max);
    set(row, "iqm", values->interquartile_mean);
    set(row, "bimodality", values->bimodality);
    svi_json_set(row, "quantiles", quantiles_json(values));
}

/* Of sums alone neither is known; without a better direction there is no best. */
static void set_recurrences(json_t **row, const svi_summary_finding *summary)
{
    uint64_t n_distinct = summary->values.n_distinct, n_best = n_distinct > 0 ? summary->n_best : 0;
    svi_json_set(row, "n_distinct", count_or_null(n_distinct));
    svi_json_set(row, "n_best", count_or_null(n_best));
    set(row, "best_rate", n_best > 0 ? (double)n_best / (double)summary->values.n : NAN);
    svi_json_set_interval(row, "best_rate",
                          n_best > 0 ? summary->best_interval : (svi_interval){NAN, NAN});
}

json_t *svi_json_summary(const sv_findings *findings, const svi_summary_finding *summary)
{
    json_t *row = svi_json_subject(findings, summary->subject), *values = json_object();
    svi_json_set(&row, "n", svi_json_count(summary->values.n));
    svi_json_set(&row, "n_runs", svi_json_count(summary->n_runs));
    svi_json_set(&row, "n_failed", svi_json_count(summary->n_failed));
    svi_json_set(&row, "n_diverged", svi_json_count(summary->n_diverged));
    svi_json_set(&row, "n_saturated", svi_json_count(summary->n_saturated));
    set(&row, "failure_rate", (double)summary->n_failed / (double)summary->n_runs);
    svi_json_set_interval(&row, "failure_rate", summary->failure_interval);
    set(&row, "mean", summary->values.mean);
    set_spread(&values, &summary->values);
    set(&values, "sd_of_runs", summary->sd_of_runs);
    set_recurrences(&values, summary);
    svi_json_set_values(&row, summary->reason, values);
    svi_json_set(&row, "shares_seeds", json_boolean(summary->shares_seeds));
    return row;
}

/* component NULL: the row that says why there is none. */
static json_t *component_json(const sv_findings *findings, const svi_components_finding *group,
                              const svi_component *component, const char *source)
{
    static const svi_component none;
    const svi_component *found = component != NULL ? component : &none;
    json_t *row = svi_json_subject(findings, group->subject), *values = json_object();
    svi_json_set(&row, "design", svi_json_string(findings->design));
    svi_json_set(&values, "source", svi_json_string(source));
    set(&values, "variance", found->variance);
    set(&values, "low", found->interval.low);
    set(&values, "high", found->interval.high);
    set(&values, "share", found->share);
    svi_json_set_interval(&values, "share", found->share_interval);
    set(&values, "df", found->df);
    set(&values, "mean_square", found->mean_square);
    svi_json_set(&values, "method", svi_json_string(svi_crossed_method_name(found->method)));
    svi_json_set_interval(&values, "generalized", found->generalized);
    svi_json_set_interval(&values, "large_sample", found->large_sample);
    svi_json_set_interval(&values, "bootstrap", found->bootstrap);
    svi_json_set_values(&row, component != NULL ? "" : group->reason, values);
    svi_json_set(&row, "note", svi_json_text_or_null(group->note));
    return row;
}

json_t *svi_json_components(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->reason[0] != '\0')
            svi_json_append(&rows, component_json(findings, group, NULL, ""));
        for (size_t i = 0; i < group->n_rows; i++)
            svi_json_append(&rows,
                            component_json(findings, group, &group->rows[i], group->labels[i]));
    }
    return rows;
}

static void set_estimate(json_t **row, const char *key, svi_estimate estimate)
{
    set(row, key, estimate.value);
    svi_json_set_interval(row, key, estimate.interval);
}

static json_t *index_json(const sv_findings *findings, const svi_indices_finding *group, size_t s)
{
    const svi_source_index *source = &group->values.sources[s];
    json_t *row = svi_json_subject(findings, group->subject), *values = json_object();
    svi_json_set(&row, "design", svi_json_text_or_null(group->design));
    svi_json_set(&values, "source", svi_json_string(group->sources[s]));
    svi_json_set(&values, "n_groups", svi_json_count(group->n_groups));
    svi_json_set(&values, "n_replicates", svi_json_count(group->n_replicates));
    set_estimate(&values, "first_order", source->first_share);
    set_estimate(&values, "total", source->total_share);
    set_estimate(&values, "first_order_variance", source->first_variance);
    set_estimate(&values, "total_effect_variance", source->total_variance);
    svi_json_set_interval(&values, "resampled_bases", source->resampled);
    set_estimate(&values, "variance", group->values.variance);
    set(&values, "replicate_variance", group->values.error_variance);
    svi_json_set(&values, "method", svi_json_text_or_null(group->method));
    svi_json_set(&values, "estimates", svi_json_text_or_null(group->estimates));
    svi_json_set_values(&row, group->reason, values);
    svi_json_set(&row, "note", svi_json_text_or_null(group->note));
    return row;
}

json_t *svi_json_indices(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        size_t n_rows = group->reason[0] != '\0' ? 1 : group->n_sources;
        for (size_t s = 0; s < n_rows; s++) svi_json_append(&rows, index_json(findings, group, s));
    }
    return rows;
}

static json_t *mislead_json(const svi_comparison_finding *comparison)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < comparison->n_points; i++) {
        const svi_mislead_point *point = &comparison->points[i];
        json_t *row = json_object();
        svi_json_set(&row, "n", svi_json_count(point->n));
        set(&row, "opposite_sign", point->sign.probability);
        svi_json_set_interval(&row, "opposite_sign", point->sign_interval);
        set(&row, "other_verdict", point->verdict.probability);
        svi_json_set_interval(&row, "other_verdict", point->verdict_interval);
        set(&row, "mc_se", fmax(point->sign.standard_error, point->verdict.standard_error));
        svi_json_append(&rows, row);
    }
    return rows;
}

static void set_difference(json_t **row, const sv_findings *findings,
                           const svi_comparison_finding *comparison)
{
    const svi_difference *difference = &comparison->difference;
    svi_json_set(row, "test", svi_json_text_or_null(comparison->test));
    set(row, "difference", difference->difference);
    svi_json_set_interval(row, "difference", difference->interval);
    set(row, "standard_error", difference->standard_error);
    set(row, "t", difference->t);
    set(row, "df", difference->df);
    set(row, "p", difference->p);
    set(row, "p_holm", comparison->p_adjusted);
    svi_json_set(row, "n_together", svi_json_count(comparison->n_together));
    set(row, "rho", difference->correlation);
    set(row, "p_greater", comparison->superiority.probability);
    svi_json_set_interval(row, "p_greater", comparison->superiority.interval);
    double margin = svi_comparison_margin(findings, comparison);
    set(row, "margin", margin > 0 ? margin : NAN);
    set(row, "equivalence_p", comparison->equivalence_p);
    set(row, "least_detectable", comparison->least_detectable);
    set(row, "n_to_settle", comparison->n_to_settle);
    svi_json_set(row, "mislead", mislead_json(comparison));
}

static json_t *verdict_json(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    char text[SVI_VERDICT_BYTES];
    json_t *object = json_object();
    svi_write_verdict(findings, comparison, text);
    svi_json_set(&object, "text", svi_json_string(text));
    svi_json_set(&object, "decision", svi_json_string(svi_decision_name(comparison->decision)));
    return object;
}

json_t *svi_json_comparison(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    json_t *row = svi_json_subject(findings, comparison->subject), *values = json_object();
    svi_json_set(&row, "reference", svi_json_string(findings->arm_names[comparison->reference]));
    svi_json_set(&row, "paired", json_boolean(comparison->is_paired));
    svi_json_set(&row, "n", svi_json_count(comparison->n));
    svi_json_set(&row, "n_reference", svi_json_count(comparison->n_reference));
    set_difference(&values, findings, comparison);
    svi_json_set(&values, "verdict", verdict_json(findings, comparison));
    svi_json_set_values(&row, comparison->reason, values);
    return row;
}

static json_t *rank_sum_json(const svi_rank_sum *found)
{
    json_t *test = json_object();
    svi_json_set(&test, "method", svi_json_string("rank sum"));
    svi_json_set(&test, "n", svi_json_count(found->n_members));
    set(&test, "p_greater", found->probability);
    set(&test, "z", found->z);
    set(&test, "p", found->p);
    set(&test, "least_detectable", found->least_detectable);
    return test;
}

json_t *svi_json_famous(const sv_findings *findings, const svi_famous_finding *finding)
{
    json_t *row = svi_json_subject(findings, finding->subject), *seeds = json_array();
    svi_json_set(&row, "source", svi_json_string(finding->source));
    svi_json_set(&row, "n_seeds", svi_json_count(finding->n_seeds));
    for (size_t i = 0; i < finding->n_famous; i++) {
        const svi_famous_seed *famous = &finding->famous[i];
        json_t *seed = json_object();
        svi_json_set(&seed, "seed", svi_json_count(famous->seed));
        set(&seed, "rank", famous->rank);
        set(&seed, "value", famous->value);
        set(&seed, "percentile", famous->percentile);
        svi_json_append(&seeds, seed);
    }
    svi_json_set(&row, "seeds", seeds);
    json_t *values = json_object();
    svi_json_set(&values, "test", rank_sum_json(&finding->test));
    svi_json_set_values(&row, finding->reason, values);
    return row;
}

#define CURVE_METHOD                                                                               \
    "n, min, max, mean and sd exact over the finite values; quantiles (type 7) from a histogram "  \
    "with 2048 buckets between powers of two, less than 2^-11 (0.05%) of the value too near zero"

static json_t *curve_quantiles_json(const svi_curve_row *curve)
{
    static const double probabilities[] = {
#define PROBABILITY(probability) probability,
        SVI_SUMMARY_QUANTILES(PROBABILITY)
#undef PROBABILITY
    };
    json_t *rows = json_array();
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) {
        json_t *row = json_object();
        set(&row, "p", probabilities[q]);
        set(&row, "value", curve->quantiles[q]);
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_curve(const sv_findings *findings, const svi_curve_row *curve)
{
    json_t *row = json_object();
    svi_json_set(&row, "arm", svi_json_string(findings->arm_names[curve->arm]));
    svi_json_set(&row, "numerics", svi_json_string(findings->numerics_names[curve->numerics]));
    svi_json_set(&row, "metric", svi_json_string(curve->metric));
    svi_json_set(&row, "step", svi_json_count(curve->step));
    svi_json_set(&row, "n_runs", svi_json_count(curve->n_runs));
    svi_json_set(&row, "n_diverged", svi_json_count(curve->n_diverged));
    svi_json_set(&row, "n", svi_json_count(curve->n));
    set(&row, "mean", curve->mean);
    set(&row, "sd", curve->sd);
    set(&row, "min", curve->min);
    set(&row, "max", curve->max);
    svi_json_set(&row, "quantiles", curve_quantiles_json(curve));
    svi_json_set(&row, "method", svi_json_string(CURVE_METHOD));
    return row;
}
