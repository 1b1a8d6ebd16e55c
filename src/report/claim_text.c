/* Is a claimed value what a search over seeds finds anyway? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/find_claims.h"
#include "report/json_value.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

/* "12 [8, 19]" */
static void write_seeds(const svi_claim *claim, char text[SVI_ESTIMATE_BYTES])
{
    if (isinf(claim->n_seeds)) {
        snprintf(text, SVI_ESTIMATE_BYTES, "more than %.0f", floor(claim->n_seeds_interval.low));
    } else {
        snprintf(text, SVI_ESTIMATE_BYTES,
                 isinf(claim->n_seeds_interval.high) ? "about %.0f [%.0f, open]"
                                                     : "about %.0f [%.0f, %.0f]",
                 ceil(claim->n_seeds), ceil(claim->n_seeds_interval.low),
                 ceil(claim->n_seeds_interval.high));
    }
}

static void add_claim(svi_text *text, const sv_claim_question *question, const svi_claim *claim)
{
    char p[SVI_ESTIMATE_BYTES], seeds[SVI_ESTIMATE_BYTES];
    svi_write_estimate(claim->p, claim->p_interval, 100, p);
    write_seeds(claim, seeds);
    if (question->n_seeds == 1)
        svi_text_add(text, "one seed");
    else
        svi_text_add(text, "the best of %llu seeds", (unsigned long long)question->n_seeds);
    svi_text_add(
        text,
        " is at least as good as %g with a chance of %s percent; %s seeds reach it in half "
        "of the cases.",
        question->value, p, seeds);
}

static json_t *claim_json(const svi_claim *claim)
{
    json_t *row = json_object();
    svi_json_set(&row, "n_runs", svi_json_count(claim->n));
    svi_json_set(&row, "n_independent", svi_json_number(claim->n_independent));
    svi_json_set(&row, "share", svi_json_number(claim->share));
    svi_json_set_interval(&row, "share", claim->share_interval);
    svi_json_set(&row, "p", svi_json_number(claim->p));
    svi_json_set_interval(&row, "p", claim->p_interval);
    svi_json_set(&row, "seeds_for_half", svi_json_number(claim->n_seeds));
    svi_json_set_interval(&row, "seeds_for_half", claim->n_seeds_interval);
    return row;
}

static json_t *question_json(const sv_claim_question *question, const char *method)
{
    json_t *object = json_object();
    svi_json_set(&object, "schema", svi_json_string("seedvar.claim/1"));
    svi_json_set(&object, "value", svi_json_number(question->value));
    svi_json_set(&object, "seeds", svi_json_count(question->n_seeds));
    svi_json_set(&object, "method", svi_json_string(method));
    return object;
}

static sv_status write_typed(const sv_claim_question *question, const svi_claim *claim,
                             bool as_json, char **text, sv_error *error)
{
    if (as_json) {
        json_t *object = question_json(question, "normal; noncentral t"), *rows = json_array();
        svi_json_append(&rows, claim_json(claim));
        svi_json_set(&object, "claims", rows);
        return svi_json_write(object, "a claim as JSON", text, error);
    }
    svi_text line = {0}, out = {0};
    svi_text_add(&line, "Taken for normal: ");
    add_claim(&line, question, claim);
    if (line.bytes != NULL) svi_write_paragraph(&out, line.bytes);
    out.has_failed = out.has_failed || line.has_failed;
    svi_text_clear(&line);
    return svi_text_take(&out, text, error);
}

static sv_status rows_json(const sv_claim_question *question, const svi_run_table *table,
                           const svi_claim_finding *claims, size_t n, char **text, sv_error *error)
{
    json_t *object =
               question_json(question, "share of the runs; Clopper and Pearson by n_independent"),
           *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *row = claim_json(&claims[i].claim);
        svi_json_set(&row, "arm", svi_json_string(table->arm_names[claims[i].arm]));
        svi_json_set(&row, "numerics", svi_json_string(table->numerics_names[claims[i].numerics]));
        svi_json_set(&row, "metric", svi_json_string(table->metrics[claims[i].metric].name));
        svi_json_set(&row, "n_reaching", svi_json_count(claims[i].claim.n_reaching));
        svi_json_set(&row, "has_one_seed", json_boolean(claims[i].has_one_seed));
        svi_json_append(&rows, row);
    }
    svi_json_set(&object, "claims", rows);
    return svi_json_write(object, "a claim as JSON", text, error);
}

static void add_runs(svi_text *text, const char *metric, const svi_claim *claim)
{
    svi_text_add(text, "%s: %llu of %llu runs reach it", metric,
                 (unsigned long long)claim->n_reaching, (unsigned long long)claim->n);
    if (claim->n_independent < (double)claim->n)
        svi_text_add(text,
                     " (they share seeds: the brackets take them for %.4g with seeds of their own)",
                     claim->n_independent);
    svi_text_add(text, "; ");
}

static sv_status rows_text(const sv_claim_question *question, const svi_run_table *table,
                           const svi_claim_finding *claims, size_t n, char **text, sv_error *error)
{
    svi_text out = {0};
    for (size_t i = 0; i < n; i++) {
        svi_text line = {0};
        svi_text_add(&line, "%s, ", table->arm_names[claims[i].arm]);
        if (table->n_numerics > 1)
            svi_text_add(&line, "%s, ", table->numerics_names[claims[i].numerics]);
        add_runs(&line, table->metrics[claims[i].metric].name, &claims[i].claim);
        add_claim(&line, question, &claims[i].claim);
        if (claims[i].has_one_seed)
            svi_text_add(&line, " All runs have the same seeds: this is of reruns of them, and "
                                "says nothing about other seeds.");
        if (line.bytes != NULL) svi_write_paragraph(&out, line.bytes);
        out.has_failed = out.has_failed || line.has_failed;
        svi_text_clear(&line);
    }
    return svi_text_take(&out, text, error);
}

/* Of the options, metric, arm and the direction are read. */
static sv_status open_runs(const char *path, const sv_analysis_options *options,
                           svi_run_table **table, sv_error *error)
{
    SVI_TRY(svi_run_table_from_file(path, options->arm, table, error));
    sv_status status = svi_run_table_direct(*table, options, error);
    if (status != SV_OK) svi_run_table_free(*table);
    return status;
}

static sv_status claim_of_runs(const sv_claim_question *question,
                               const sv_analysis_options *options, double level, bool as_json,
                               char **text, sv_error *error)
{
    svi_run_table *table;
    svi_claim_finding *claims;
    size_t n;
    SVI_TRY(open_runs(question->path, options, &table, error));
    sv_status status = svi_find_claims(table, options->metric, question->value, question->n_seeds,
                                       level, &claims, &n, error);
    if (status == SV_OK) {
        status = (as_json ? rows_json : rows_text)(question, table, claims, n, text, error);
        free(claims);
    }
    svi_run_table_free(table);
    return status;
}

sv_status sv_claim(const sv_claim_question *question, const sv_analysis_options *options,
                   bool as_json, char **text, sv_error *error)
{
    double level = options != NULL && options->level != 0 ? options->level : 0.95;
    if (question->path != NULL)
        return claim_of_runs(question, options != NULL ? options : &(sv_analysis_options){0}, level,
                             as_json, text, error);
    svi_claim claim;
    SVI_TRY(svi_claim_of_normal(question->published.mean, question->published.sd,
                                question->published.n, question->value, !question->is_less_better,
                                question->n_seeds, level, &claim, error));
    return write_typed(question, &claim, as_json, text, error);
}
