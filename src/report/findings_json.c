/* Findings as one JSON document. */
#include <stdlib.h>

#include "report/finding_rows.h"
#include "report/json_value.h"

static json_t *digest_check_json(const svi_digest_check *check)
{
    json_t *object = json_object(), *values = json_object();
    svi_json_set(&values, "n_runs", svi_json_count(check->n_runs));
    svi_json_set(&values, "n_groups", svi_json_count(check->n_groups));
    svi_json_set(&values, "example", svi_json_text_or_null(check->example));
    svi_json_set_values(&object, check->is_checked ? "" : "the runs have no column digest", values);
    return object;
}

static json_t *heavy_tails_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->checks.n_heavy_tails; i++) {
        json_t *row = svi_json_subject(findings, findings->checks.heavy_tails[i].subject);
        svi_json_set(&row, "excess_kurtosis",
                     svi_json_number(findings->checks.heavy_tails[i].excess_kurtosis));
        svi_json_set(&row, "farthest_run",
                     svi_json_string(findings->checks.heavy_tails[i].farthest_run));
        svi_json_set(&row, "farthest_value",
                     svi_json_number(findings->checks.heavy_tails[i].farthest_value));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *unsupported_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->checks.n_unsupported; i++) {
        const svi_unsupported *found = &findings->checks.unsupported[i];
        json_t *row = json_object();
        svi_json_set(&row, "arm", svi_json_string(findings->arm_names[found->arm]));
        svi_json_set(&row, "numerics", svi_json_string(findings->numerics_names[found->numerics]));
        svi_json_set(&row, "n_runs", svi_json_count(found->n_runs));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *mixed_units_json(const svi_checks *checks)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < checks->n_mixed_units; i++) {
        json_t *row = json_object();
        svi_json_set(&row, "metric", svi_json_string(checks->mixed_units[i].metric));
        svi_json_set(&row, "n_shares", svi_json_count(checks->mixed_units[i].n_shares));
        svi_json_set(&row, "n_larger", svi_json_count(checks->mixed_units[i].n_larger));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *prediction_check_json(const svi_prediction_check *check)
{
    json_t *object = json_object(), *values = json_object();
    svi_json_set(&values, "metric", svi_json_string(check->metric));
    svi_json_set(&values, "n_compared", svi_json_count(check->n_compared));
    svi_json_set(&values, "n_different", svi_json_count(check->n_different));
    svi_json_set(&values, "largest", svi_json_number(check->largest));
    svi_json_set_values(
        &object, check->n_compared > 0 ? "" : "no predictions were imported beside an accuracy",
        values);
    return object;
}

static json_t *checks_json(const sv_findings *findings)
{
    const svi_checks *checks = &findings->checks;
    json_t *object = json_object();
    svi_json_set(&object, "n_runs", svi_json_count(checks->n_runs));
    svi_json_set(&object, "n_diverged", svi_json_count(checks->n_diverged));
    svi_json_set(&object, "n_saturated", svi_json_count(checks->n_saturated));
    svi_json_set(&object, "n_missing",
                 checks->n_planned > 0
                     ? svi_json_count(checks->n_missing)
                     : svi_json_reason("an import does not say how many runs were planned"));
    svi_json_set(&object, "equal_digests", digest_check_json(&checks->equal_digests));
    svi_json_set(&object, "unequal_digests", digest_check_json(&checks->unequal_digests));
    svi_json_set(&object, "heavy_tails", heavy_tails_json(findings));
    svi_json_set(&object, "unsupported", unsupported_json(findings));
    svi_json_set(&object, "mixed_units", mixed_units_json(checks));
    svi_json_set(&object, "predicted_accuracy", prediction_check_json(&checks->predictions));
    svi_json_set(&object, "ignored_columns", svi_json_string(checks->ignored_columns));
    return object;
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
        svi_json_append(&rows, svi_json_summary(findings, &findings->summaries[i]));
    }
    return rows;
}

static json_t *comparisons_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        svi_json_append(&rows, svi_json_comparison(findings, &findings->comparisons[i]));
    }
    return or_reason(rows, findings->n_arms > 1
                               ? "no two arms have the same metric"
                               : "there is one arm; a comparison needs two with the same metric");
}

static json_t *famous_seeds_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_famous; i++) {
        svi_json_append(&rows, svi_json_famous(findings, &findings->famous[i]));
    }
    return or_reason(rows,
                     "only a sweep or a full grid ranks seeds: there all seeds are drawn alike");
}

/* Of what an import cannot have there is no advice on study files. */
static bool is_import(const sv_findings *findings) { return findings->machine[0] == '\0'; }

static const char ends_only[] = "a table of results says where training ended, not how it went";

static json_t *curves_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_curves; i++)
        svi_json_append(&rows, svi_json_curve(findings, &findings->curves[i]));
    return or_reason(rows, is_import(findings)
                               ? ends_only
                               : "no checkpoints were recorded; record.checkpoints in a study file "
                                 "asks for them");
}

static json_t *factors_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t f = 0; f < findings->n_factors; f++) {
        json_t *row = json_object();
        svi_json_set(&row, "name", svi_json_string(findings->factors[f].name));
        svi_json_set(&row, "levels", svi_json_count(findings->factors[f].n_levels));
        svi_json_append(&rows, row);
    }
    return rows;
}

static void set_predictions(json_t **root, const sv_findings *findings)
{
    const char *reason =
        is_import(findings)
            ? "it needs the classes that runs predict: import --predictions FILE.npy --labels "
              "FILE.npy (with at least two runs on each set of test points)"
            : "it needs the classes that runs predict: record.predictions: counts in a study of "
              "classification (with at least two runs on each set of test points)";
    svi_json_set(root, "distribution", or_reason(svi_json_distribution(findings), reason));
    svi_json_set(root, "predictions", or_reason(svi_json_predictions(findings), reason));
}

static void set_search(json_t **root, const sv_findings *findings)
{
    json_t *choice = json_object();
    svi_json_set(&choice, "gains",
                 or_reason(svi_json_gains(findings),
                           "it needs a metric of validation data beside the one of test data: "
                           "val_accuracy and test_accuracy, val_loss and test_loss"));
    svi_json_set(&choice, "carry_over",
                 or_reason(svi_json_carry_overs(findings),
                           "it needs a full grid of two sources or more, or a sweep with two arms, "
                           "with three seeds or more"));
    svi_json_set(&choice, "early_ranks",
                 or_reason(svi_json_early_ranks(findings),
                           is_import(findings) ? ends_only
                                               : "it needs the curve of every run: record: "
                                                 "{checkpoints: log2, curves: full}"));
    svi_json_set(root, "seed_choice", choice);
    svi_json_set(root, "expected_best",
                 or_reason(svi_json_expected_best(findings),
                           "of no metric is it known whether more or less is better"));
}

static json_t *nondeterminism_json(const sv_findings *findings)
{
    json_t *object = json_object();
    svi_json_set(&object, "replicates",
                 or_reason(svi_json_replicates(findings),
                           is_import(findings)
                               ? "it needs runs with digests that are repeated with the same "
                                 "seeds: columns digest and replicate"
                               : "it needs runs with digests that are repeated with the same "
                                 "seeds: numerics: [{path: drawn, split: 8, replicates: 8}]"));
    svi_json_set(&object, "numerics",
                 or_reason(svi_json_numerics(findings),
                           "it needs runs with digests under two numerics, one of them "
                           "deterministic, with the same seeds"));
    svi_json_set(&object, "distances",
                 or_reason(svi_json_distances(findings),
                           is_import(findings) ? ends_only
                                               : "no distances were recorded; record.distances: "
                                                 "true in a study file asks for them"));
    return object;
}

static json_t *howmany_json(const sv_findings *findings)
{
    json_t *object = json_object();
    svi_json_set(&object, "comparisons",
                 or_reason(svi_json_howmany(findings),
                           findings->n_arms > 1
                               ? "no two arms have the same metric"
                               : "there is one arm; seedvar howmany M SD M SD answers for numbers "
                                 "typed by hand"));
    svi_json_set(&object, "false_positives",
                 or_reason(svi_json_false_positives(findings),
                           "not asked for: seedvar howmany STORE simulates the tests"));
    return object;
}

/* Where only sums of runs were at hand, they are the reason for all that is not there. */
static void explain_missing(json_t *object, const char *basis)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (!json_is_object(value)) continue;
        if (json_is_string(json_object_get(value, "reason")))
            svi_json_set(&value, "reason", svi_json_string(basis));
        else
            explain_missing(value, basis);
    }
}

json_t *svi_json_findings(const sv_findings *findings)
{
    json_t *root = json_object();
    svi_json_set(&root, "schema", svi_json_string("seedvar.findings/1"));
    svi_json_set(&root, "study", svi_json_string(findings->study));
    svi_json_set(&root, "origin", svi_json_string(findings->origin));
    svi_json_set(&root, "design", svi_json_string(findings->design));
    svi_json_set(&root, "machine",
                 findings->machine[0] != '\0'
                     ? svi_json_string(findings->machine)
                     : svi_json_reason("the runs do not say what trained them"));
    svi_json_set(&root, "basis",
                 svi_json_string(findings->basis[0] == '\0' ? "runs" : "sums of runs"));
    svi_json_set(&root, "factors", factors_json(findings));
    svi_json_set(&root, "headline", svi_json_string(findings->metrics[findings->headline].name));
    svi_json_set(&root, "level", svi_json_number(findings->level));
    svi_json_set(&root, "summary", summaries_json(findings));
    svi_json_set(&root, "components", svi_json_components(findings));
    svi_json_set(&root, "indices",
                 or_reason(svi_json_indices(findings),
                           "first-order and total indices need a pick-freeze or a one-at-a-time "
                           "design"));
    svi_json_set(&root, "comparison", comparisons_json(findings));
    svi_json_set(&root, "famous_seeds", famous_seeds_json(findings));
    svi_json_set(&root, "curves", curves_json(findings));
    svi_json_set(&root, "checks", checks_json(findings));
    set_search(&root, findings);
    set_predictions(&root, findings);
    svi_json_set(&root, "nondeterminism", nondeterminism_json(findings));
    svi_json_set(&root, "howmany", howmany_json(findings));
    svi_json_set(&root, "performance_profile",
                 or_reason(svi_json_profiles(findings), "no run has a value of the headline"));
    svi_json_set(&root, "paragraph", svi_json_paragraph(findings));
    svi_json_set(&root, "probe",
                 or_reason(svi_json_probes(findings),
                           is_import(findings)
                               ? ends_only
                               : "it needs runs with one parameter moved by one ULP: numerics: "
                                 "[{path: serial}, {path: serial, probe: {step: 100}}], record: "
                                 "{distances: true}"));
    if (findings->basis[0] != '\0') explain_missing(root, findings->basis);
    return root;
}

sv_status sv_findings_json(const sv_findings *findings, char **json, sv_error *error)
{
    return svi_json_write(svi_json_findings(findings), "findings as JSON", json, error);
}
