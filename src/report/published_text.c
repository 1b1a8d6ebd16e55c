/* Answers about published results: do two agree, and how many seeds would it take? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_value.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"
#include "stats/published.h"
#include "stats/sample_size.h"

static const double default_power = 0.8;

static double level_of(const sv_analysis_options *options)
{
    return options != NULL && options->level != 0 ? options->level : 0.95;
}

static double margin_of(const sv_analysis_options *options)
{
    return options != NULL ? options->margin : 0;
}

/* "12", "more than 10^9" */
static void write_seeds(double n, char text[SVI_NUMBER_BYTES])
{
    if (n > 1e9) {
        snprintf(text, SVI_NUMBER_BYTES, "more than 10^9");
    } else {
        svi_write_count((uint64_t)n, text);
    }
}

static sv_status finish(svi_text *paragraph, char **text, sv_error *error)
{
    svi_text out = {0};
    if (paragraph->bytes != NULL) svi_write_paragraph(&out, paragraph->bytes);
    out.has_failed = out.has_failed || paragraph->has_failed;
    svi_text_clear(paragraph);
    return svi_text_take(&out, text, error);
}

/* ---- agree ---- */

/* The difference of the numbers as they were typed: 0.36 is not rounded to 0.4. */
static void write_difference(const svi_difference *difference, char text[SVI_ESTIMATE_BYTES])
{
    char typed[32], middle[SVI_NUMBER_BYTES], low[SVI_NUMBER_BYTES], high[SVI_NUMBER_BYTES];
    snprintf(typed, sizeof typed, "%.9f", difference->difference);
    size_t n = strlen(typed);
    while (typed[n - 1] == '0') n--;
    const char *point = strchr(typed, '.'); /* there is room for one up to 1e30 */
    int n_typed = point != NULL ? (int)(typed + n - point) - 1 : 0;
    int n_needed = svi_decimals(difference->difference, difference->interval);
    int decimals = n_typed > n_needed ? n_typed : n_needed;
    svi_write_decimal(difference->difference, decimals, middle);
    svi_write_decimal(difference->interval.low, decimals, low);
    svi_write_decimal(difference->interval.high, decimals, high);
    snprintf(text, SVI_ESTIMATE_BYTES, "%s [%s, %s]", middle, low, high);
}

static const char *verdict_of(const svi_agreement_of_two *found, double alpha)
{
    if (found->equivalence_p < alpha) return "equivalent";
    return found->difference.p < alpha ? "different" : "undecided";
}

static sv_status agree_text(const svi_agreement_of_two *found, double level, double margin,
                            char **text, sv_error *error)
{
    svi_text out = {0};
    char by[SVI_ESTIMATE_BYTES], n[SVI_NUMBER_BYTES];
    const svi_difference *difference = &found->difference;
    bool is_equal = found->equivalence_p < 1 - level, is_different = difference->p < 1 - level;
    write_difference(difference, by);
    svi_text_add(&out, "They differ by %s (first less second; Welch, p = %.3g). ", by,
                 difference->p);
    if (is_equal) {
        svi_text_add(&out, "They agree: a difference of %g or more is ruled out (p = %.3g). ",
                     margin, found->equivalence_p);
    } else if (is_different) {
        svi_text_add(&out, "They do not agree: so large a difference is not the seeds alone. ");
    } else {
        svi_text_add(&out, "Undecided: ");
        if (difference->difference != 0)
            svi_text_add(&out, "the seeds alone may make this difference, and ");
        svi_text_add(&out, "a true one as large as %.3g would have been found with power 0.8. ",
                     found->least_detectable);
        write_seeds(found->n_to_settle, n);
        if (difference->difference != 0)
            svi_text_add(&out, "Were it as observed, %s seeds each would show it. ", n);
    }
    if (!is_equal && margin > 0) {
        write_seeds(found->n_for_equivalence, n);
        svi_text_add(&out,
                     "Equality within %g is not shown (p = %.3g); were they equal, %s seeds each "
                     "would show it with power 0.8. ",
                     margin, found->equivalence_p, n);
    } else if (margin == 0) {
        svi_text_add(&out, "--margin D says which difference counts as equal. ");
    }
    svi_text_add(&out, "Brackets hold %g%% intervals; both results are taken for normal.",
                 100 * level);
    return finish(&out, text, error);
}

static sv_status agree_json(const svi_agreement_of_two *found, double level, double margin,
                            char **text, sv_error *error)
{
    json_t *object = json_object();
    const svi_difference *difference = &found->difference;
    svi_json_set(&object, "schema", svi_json_string("seedvar.agree/1"));
    svi_json_set(&object, "verdict", svi_json_string(verdict_of(found, 1 - level)));
    svi_json_set(&object, "difference", svi_json_number(difference->difference));
    svi_json_set_interval(&object, "difference", difference->interval);
    svi_json_set(&object, "standard_error", svi_json_number(difference->standard_error));
    svi_json_set(&object, "df", svi_json_number(difference->df));
    svi_json_set(&object, "p", svi_json_number(difference->p));
    svi_json_set(&object, "level", svi_json_number(level));
    svi_json_set(&object, "margin", svi_json_number(margin > 0 ? margin : NAN));
    svi_json_set(&object, "equivalence_p", svi_json_number(found->equivalence_p));
    svi_json_set(&object, "least_detectable", svi_json_number(found->least_detectable));
    svi_json_set(&object, "n_to_settle", svi_json_number(found->n_to_settle));
    svi_json_set(&object, "n_for_equivalence", svi_json_number(found->n_for_equivalence));
    svi_json_set(&object, "method",
                 svi_json_string("Welch's t, two one-sided tests, noncentral t with power 0.8"));
    return svi_json_write(object, "an answer as JSON", text, error);
}

sv_status sv_agree(const sv_published *a, const sv_published *b, const sv_analysis_options *options,
                   bool as_json, char **text, sv_error *error)
{
    const svi_published of_a = {a->mean, a->sd, a->n}, of_b = {b->mean, b->sd, b->n};
    double level = level_of(options), margin = margin_of(options);
    svi_agreement_of_two found;
    SVI_TRY(svi_compare_published(&of_a, &of_b, level, margin, default_power, &found, error));
    return as_json ? agree_json(&found, level, margin, text, error)
                   : agree_text(&found, level, margin, text, error);
}

/* ---- howmany ---- */

typedef struct numbers_of_seeds {
    double welch, paired, normal, equivalence; /* NaN: not asked for */
} numbers_of_seeds;

static sv_status count_seeds(const sv_howmany_question *q, double level, double margin,
                             double power, numbers_of_seeds *n, sv_error *error)
{
    svi_power_question question = {
        .difference = q->mean_a - q->mean_b, .sd_a = q->sd_a, .sd_b = q->sd_b, .alpha = 1 - level};
    *n = (numbers_of_seeds){.paired = NAN, .equivalence = NAN};
    SVI_TRY(svi_seeds_for_power(&question, power, &n->welch, error));
    SVI_TRY(svi_seeds_by_normal(&question, power, &n->normal, error));
    if (q->is_paired) {
        question.is_paired = true;
        question.rho = q->rho;
        SVI_TRY(svi_seeds_for_power(&question, power, &n->paired, error));
    }
    if (margin == 0) return SV_OK;
    return svi_seeds_for_equivalence(&question, margin, power, &n->equivalence, error);
}

static sv_status howmany_text(const sv_howmany_question *q, const numbers_of_seeds *n, double level,
                              double margin, double power, char **text, sv_error *error)
{
    svi_text out = {0};
    double difference = q->mean_a - q->mean_b;
    char welch[SVI_NUMBER_BYTES], paired[SVI_NUMBER_BYTES], equal[SVI_NUMBER_BYTES];
    write_seeds(n->welch, welch);
    write_seeds(n->paired, paired);
    write_seeds(n->equivalence, equal);
    if (difference == 0)
        svi_text_add(&out, "The means are equal: there is no difference for seeds to find. ");
    else
        svi_text_add(&out,
                     "%s seeds an arm find a difference of %.6g with power %g at %.3g%% (the "
                     "textbook's normal formula says %g). ",
                     welch, fabs(difference), power, 100 * (1 - level), n->normal);
    if (q->is_paired && difference != 0)
        svi_text_add(&out, "With the same seeds in both arms and a correlation of %g, %s do. ",
                     q->rho, paired);
    if (margin > 0)
        svi_text_add(&out, "Were the arms equal, %s would show it within %g. ", equal, margin);
    return finish(&out, text, error);
}

static sv_status howmany_json(const numbers_of_seeds *n, double power, char **text, sv_error *error)
{
    json_t *object = json_object();
    svi_json_set(&object, "schema", svi_json_string("seedvar.howmany/1"));
    svi_json_set(&object, "power", svi_json_number(power));
    svi_json_set(&object, "n_welch", svi_json_number(n->welch));
    svi_json_set(&object, "n_paired", svi_json_number(n->paired));
    svi_json_set(&object, "n_by_normal_formula", svi_json_number(n->normal));
    svi_json_set(&object, "n_for_equivalence", svi_json_number(n->equivalence));
    svi_json_set(&object, "method", svi_json_string("noncentral t"));
    return svi_json_write(object, "an answer as JSON", text, error);
}

sv_status sv_howmany(const sv_howmany_question *question, const sv_analysis_options *options,
                     bool as_json, char **text, sv_error *error)
{
    double level = level_of(options), margin = margin_of(options);
    double power = question->power != 0 ? question->power : default_power;
    numbers_of_seeds n;
    SVI_TRY(count_seeds(question, level, margin, power, &n, error));
    return as_json ? howmany_json(&n, power, text, error)
                   : howmany_text(question, &n, level, margin, power, text, error);
}
