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

static void set_reason(json_t **object, const char *reason)
{
    if (reason[0] != '\0') svi_json_set(object, "reason", svi_json_string(reason));
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

static void set_recurrences(json_t **row, const svi_summary_finding *summary)
{
    if (summary->values.n_distinct == 0) return; /* only sums were at hand */
    svi_json_set(row, "n_distinct", svi_json_count(summary->values.n_distinct));
    if (summary->n_best == 0) return;
    svi_json_set(row, "n_best", svi_json_count(summary->n_best));
    set(row, "best_rate", (double)summary->n_best / (double)summary->values.n);
    svi_json_set_interval(row, "best_rate", summary->best_interval);
}

json_t *svi_json_summary(const sv_findings *findings, const svi_summary_finding *summary)
{
    json_t *row = svi_json_subject(findings, summary->subject);
    svi_json_set(&row, "n", svi_json_count(summary->values.n));
    svi_json_set(&row, "n_runs", svi_json_count(summary->n_runs));
    svi_json_set(&row, "n_failed", svi_json_count(summary->n_failed));
    svi_json_set(&row, "n_diverged", svi_json_count(summary->n_diverged));
    svi_json_set(&row, "n_saturated", svi_json_count(summary->n_saturated));
    set(&row, "failure_rate", (double)summary->n_failed / (double)summary->n_runs);
    svi_json_set_interval(&row, "failure_rate", summary->failure_interval);
    set(&row, "mean", summary->values.mean);
    set_reason(&row, summary->reason);
    if (summary->reason[0] == '\0') {
        set_spread(&row, &summary->values);
        set(&row, "sd_of_runs", summary->sd_of_runs);
        set_recurrences(&row, summary);
    }
    svi_json_set(&row, "shares_seeds", json_boolean(summary->shares_seeds));
    return row;
}

static json_t *component_json(const sv_findings *findings, const svi_components_finding *group,
                              size_t i)
{
    const svi_component *component = &group->rows[i];
    json_t *row = svi_json_subject(findings, group->subject);
    svi_json_set(&row, "design", svi_json_string(findings->design));
    svi_json_set(&row, "source", svi_json_string(group->labels[i]));
    set(&row, "variance", component->variance);
    set(&row, "low", component->interval.low);
    set(&row, "high", component->interval.high);
    set(&row, "share", component->share);
    svi_json_set_interval(&row, "share", component->share_interval);
    set(&row, "df", component->df);
    set(&row, "mean_square", component->mean_square);
    svi_json_set(&row, "method", svi_json_string(svi_crossed_method_name(component->method)));
    svi_json_set_interval(&row, "generalized", component->generalized);
    svi_json_set_interval(&row, "large_sample", component->large_sample);
    svi_json_set_interval(&row, "bootstrap", component->bootstrap);
    if (group->note[0] != '\0') svi_json_set(&row, "note", svi_json_string(group->note));
    return row;
}

json_t *svi_json_components(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->reason[0] != '\0') {
            json_t *row = svi_json_subject(findings, group->subject);
            set_reason(&row, group->reason);
            svi_json_append(&rows, row);
        }
        for (size_t i = 0; i < group->n_rows; i++)
            svi_json_append(&rows, component_json(findings, group, i));
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
    json_t *row = svi_json_subject(findings, group->subject);
    svi_json_set(&row, "design", svi_json_string(group->design));
    svi_json_set(&row, "source", svi_json_string(group->sources[s]));
    svi_json_set(&row, "n_groups", svi_json_count(group->n_groups));
    svi_json_set(&row, "n_replicates", svi_json_count(group->n_replicates));
    set_estimate(&row, "first_order", source->first_share);
    set_estimate(&row, "total", source->total_share);
    set_estimate(&row, "first_order_variance", source->first_variance);
    set_estimate(&row, "total_effect_variance", source->total_variance);
    svi_json_set_interval(&row, "resampled_bases", source->resampled);
    set_estimate(&row, "variance", group->values.variance);
    set(&row, "replicate_variance", group->values.error_variance);
    svi_json_set(&row, "method", svi_json_string(group->method));
    svi_json_set(&row, "estimates", svi_json_string(group->estimates));
    if (group->note[0] != '\0') svi_json_set(&row, "note", svi_json_string(group->note));
    return row;
}

json_t *svi_json_indices(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->reason[0] != '\0') {
            json_t *row = svi_json_subject(findings, group->subject);
            set_reason(&row, group->reason);
            svi_json_append(&rows, row);
            continue;
        }
        for (size_t s = 0; s < group->n_sources; s++)
            svi_json_append(&rows, index_json(findings, group, s));
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
    svi_json_set(row, "test", svi_json_string(comparison->test));
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
    json_t *row = svi_json_subject(findings, comparison->subject);
    svi_json_set(&row, "reference", svi_json_string(findings->arm_names[comparison->reference]));
    svi_json_set(&row, "paired", json_boolean(comparison->is_paired));
    svi_json_set(&row, "n", svi_json_count(comparison->n));
    svi_json_set(&row, "n_reference", svi_json_count(comparison->n_reference));
    set_reason(&row, comparison->reason);
    if (comparison->reason[0] != '\0') return row;
    set_difference(&row, findings, comparison);
    svi_json_set(&row, "verdict", verdict_json(findings, comparison));
    return row;
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
    set_reason(&row, finding->reason);
    if (finding->reason[0] != '\0') return row;
    json_t *test = json_object();
    svi_json_set(&test, "method", svi_json_string("rank sum"));
    svi_json_set(&test, "n", svi_json_count(finding->test.n_members));
    set(&test, "p_greater", finding->test.probability);
    set(&test, "z", finding->test.z);
    set(&test, "p", finding->test.p);
    set(&test, "least_detectable", finding->test.least_detectable);
    svi_json_set(&row, "test", test);
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
