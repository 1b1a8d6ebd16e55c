#include <math.h>
#include <stdlib.h>

#include "report/json_value.h"
#include "report/verdict_text.h"

static json_t *subject_json(const sv_findings *findings, svi_subject subject)
{
    return json_pack("{s:s, s:s, s:s}", "arm", findings->arm_names[subject.arm], "numerics",
                     findings->numerics_names[subject.numerics], "metric", findings->metrics[subject.metric].name);
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

static json_t *summary_json(const sv_findings *findings, const svi_summary_finding *summary)
{
    json_t *row = subject_json(findings, summary->subject);
    svi_json_set(&row, "n", svi_json_count(summary->values.n));
    svi_json_set(&row, "n_runs", svi_json_count(summary->n_runs));
    svi_json_set(&row, "n_failed", svi_json_count(summary->n_failed));
    svi_json_set(&row, "n_diverged", svi_json_count(summary->n_diverged));
    set(&row, "failure_rate", (double)summary->n_failed / (double)summary->n_runs);
    svi_json_set_interval(&row, "failure_rate", summary->failure_interval);
    set(&row, "mean", summary->values.mean);
    set_reason(&row, summary->reason);
    if (summary->reason[0] == '\0') set_spread(&row, &summary->values);
    svi_json_set(&row, "shares_seeds", json_boolean(summary->shares_seeds));
    return row;
}

static json_t *component_json(const sv_findings *findings, const svi_components_finding *group, size_t i)
{
    const svi_component *component = &group->rows[i];
    json_t *row = subject_json(findings, group->subject);
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
    return row;
}

static json_t *components_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->reason[0] != '\0') {
            json_t *row = subject_json(findings, group->subject);
            set_reason(&row, group->reason);
            svi_json_append(&rows, row);
        }
        for (size_t i = 0; i < group->n_rows; i++) svi_json_append(&rows, component_json(findings, group, i));
    }
    return rows;
}

static json_t *mislead_json(const svi_comparison_finding *comparison)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < comparison->n_points; i++) {
        const svi_mislead_point *point = &comparison->points[i];
        svi_chance other = svi_other_verdict(comparison, point->n);
        json_t *row = json_object();
        svi_json_set(&row, "n", svi_json_count(point->n));
        set(&row, "opposite_sign", point->sign.probability);
        set(&row, "other_verdict", other.probability);
        set(&row, "mc_se", fmax(point->sign.standard_error, other.standard_error));
        svi_json_append(&rows, row);
    }
    return rows;
}

static void set_difference(json_t **row, const sv_findings *findings, const svi_comparison_finding *comparison)
{
    const svi_difference *difference = &comparison->difference;
    svi_json_set(row, "test", svi_json_string(comparison->test));
    set(row, "difference", difference->difference);
    svi_json_set_interval(row, "difference", difference->interval);
    set(row, "standard_error", difference->standard_error);
    set(row, "t", difference->t);
    set(row, "df", difference->df);
    set(row, "p", difference->p);
    set(row, "rho", difference->correlation);
    set(row, "p_greater", comparison->superiority.probability);
    svi_json_set_interval(row, "p_greater", comparison->superiority.interval);
    set(row, "margin", findings->margin > 0 ? findings->margin : NAN);
    set(row, "equivalence_p", comparison->equivalence_p);
    set(row, "least_detectable", comparison->least_detectable);
    set(row, "n_to_settle", comparison->n_to_settle);
    svi_json_set(row, "mislead", mislead_json(comparison));
}

static json_t *comparison_json(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    char verdict[SVI_VERDICT_BYTES];
    json_t *row = subject_json(findings, comparison->subject);
    svi_json_set(&row, "reference", svi_json_string(findings->arm_names[comparison->reference]));
    svi_json_set(&row, "paired", json_boolean(comparison->is_paired));
    svi_json_set(&row, "n", svi_json_count(comparison->n));
    svi_json_set(&row, "n_reference", svi_json_count(comparison->n_reference));
    set_reason(&row, comparison->reason);
    if (comparison->reason[0] != '\0') return row;
    set_difference(&row, findings, comparison);
    svi_write_verdict(findings, comparison, verdict);
    svi_json_set(&row, "verdict",
                        json_pack("{s:s, s:s}", "text", verdict, "decision", svi_decision_name(comparison->decision)));
    return row;
}

static json_t *famous_json(const sv_findings *findings, const svi_famous_finding *finding)
{
    json_t *row = subject_json(findings, finding->subject), *seeds = json_array();
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
    json_t *test = json_pack("{s:s}", "method", "rank sum");
    svi_json_set(&test, "n", svi_json_count(finding->test.n_members));
    set(&test, "p_greater", finding->test.probability);
    set(&test, "z", finding->test.z);
    set(&test, "p", finding->test.p);
    svi_json_set(&row, "test", test);
    return row;
}

static json_t *digest_check_json(const svi_digest_check *check, const char *why_not)
{
    if (!check->is_checked) return svi_json_reason(why_not);
    json_t *object = json_object();
    svi_json_set(&object, "n_runs", svi_json_count(check->n_runs));
    svi_json_set(&object, "n_groups", svi_json_count(check->n_groups));
    if (check->example[0] != '\0') svi_json_set(&object, "example", svi_json_string(check->example));
    return object;
}

static json_t *heavy_tails_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->checks.n_heavy_tails; i++) {
        json_t *row = subject_json(findings, findings->checks.heavy_tails[i].subject);
        set(&row, "excess_kurtosis", findings->checks.heavy_tails[i].excess_kurtosis);
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *checks_json(const sv_findings *findings)
{
    const svi_checks *checks = &findings->checks;
    json_t *object = json_object();
    svi_json_set(&object, "n_runs", svi_json_count(checks->n_runs));
    svi_json_set(&object, "n_diverged", svi_json_count(checks->n_diverged));
    svi_json_set(&object, "n_missing",
                        checks->n_planned > 0 ? svi_json_count(checks->n_missing)
                                              : svi_json_reason("an import does not say how many runs were planned"));
    svi_json_set(&object, "equal_digests",
                        digest_check_json(&checks->equal_digests, "the runs have no column digest"));
    svi_json_set(&object, "unequal_digests",
                        digest_check_json(&checks->unequal_digests, "the runs have no column digest"));
    svi_json_set(&object, "heavy_tails", heavy_tails_json(findings));
    svi_json_set(&object, "ignored_columns", svi_json_string(checks->ignored_columns));
    return object;
}

/* What this version does not compute, in the words that the findings give for it. */
#define NOT_COMPUTED(X)                                                                            \
    X("indices", "not computed by this version: first-order and total indices need a pick-freeze design")                \
    X("distribution", "not computed by this version: it needs predictions per test point")                               \
    X("nondeterminism", "not computed by this version beyond components and checks")                                     \
    X("probe", "not computed by this version: it needs runs with one parameter moved by one ULP")                        \
    X("predictions", "not computed by this version: it needs class counts per test point")                               \
    X("seed_choice", "not computed by this version beyond famous_seeds")                                                 \
    X("expected_best", "not computed by this version")                                                                   \
    X("howmany", "not computed by this version; comparison holds the least detectable difference")

static void set_not_computed(json_t **root)
{
#define SET_REASON(key, reason) svi_json_set(root, key, svi_json_reason(reason));
    NOT_COMPUTED(SET_REASON)
#undef SET_REASON
}

static json_t *or_reason(json_t *rows, const char *reason)
{
    if (rows == NULL || json_array_size(rows) > 0) return rows;
    json_decref(rows);
    return svi_json_reason(reason);
}

static json_t *summaries_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_summaries; i++) {
        svi_json_append(&rows, summary_json(findings, &findings->summaries[i]));
    }
    return rows;
}

static json_t *comparisons_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        svi_json_append(&rows, comparison_json(findings, &findings->comparisons[i]));
    }
    return or_reason(rows, "there is one arm; a comparison needs two with the same metric");
}

static json_t *famous_seeds_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_famous; i++) {
        svi_json_append(&rows, famous_json(findings, &findings->famous[i]));
    }
    return or_reason(rows, "only a sweep ranks seeds: there every seed is one draw of all its sources");
}

static json_t *factors_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t f = 0; f < findings->n_factors; f++) {
        svi_json_append(&rows, json_pack("{s:s, s:o}", "name", findings->factors[f].name, "levels",
                                              svi_json_count(findings->factors[f].n_levels)));
    }
    return rows;
}

static json_t *findings_object(const sv_findings *findings)
{
    json_t *root = json_pack("{s:s, s:o, s:o, s:s}", "schema", "seedvar.findings/1", "study",
                             svi_json_string(findings->study), "origin", svi_json_string(findings->origin), "design",
                             findings->design);
    svi_json_set(&root, "machine",
                        findings->machine[0] != '\0' ? svi_json_string(findings->machine)
                                                     : svi_json_reason("the runs do not say what trained them"));
    svi_json_set(&root, "factors", factors_json(findings));
    svi_json_set(&root, "headline", svi_json_string(findings->metrics[findings->headline].name));
    set(&root, "level", findings->level);
    svi_json_set(&root, "summary", summaries_json(findings));
    svi_json_set(&root, "components", components_json(findings));
    svi_json_set(&root, "comparison", comparisons_json(findings));
    svi_json_set(&root, "famous_seeds", famous_seeds_json(findings));
    svi_json_set(&root, "checks", checks_json(findings));
    set_not_computed(&root);
    return root;
}

sv_status sv_findings_json(const sv_findings *findings, char **json, sv_error *error)
{
    json_t *root = findings_object(findings);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (text == NULL) return svi_fail_memory(error, 0, "findings as JSON");
    *json = text;
    return SV_OK;
}
