/* Choices among seeds as JSON: gains of a search, rankings that carry over, the best of n. */
#include <math.h>

#include "report/finding_rows.h"
#include "report/json_value.h"

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static void set_best(json_t **row, const char *key, const svi_best_of *best)
{
    set(row, key, best->unbiased);
    svi_json_set_interval(row, key, best->interval);
}

static json_t *gain_json(const svi_gain *gain)
{
    json_t *row = json_object();
    svi_json_set(&row, "k", svi_json_count(gain->k));
    set_best(&row, "apparent", &gain->apparent);
    set_best(&row, "real", &gain->real);
    set(&row, "apparent_if_normal", gain->apparent_normal);
    set(&row, "real_if_normal", gain->real_normal);
    return row;
}

static json_t *seed_choice_json(const sv_findings *findings, const svi_seed_choice_finding *finding)
{
    json_t *row = svi_json_subject(findings, finding->subject);
    json_t *values = json_object(), *points = json_array();
    svi_json_set(&row, "chosen_by", svi_json_string(findings->metrics[finding->chosen_by].name));
    svi_json_set(&row, "n", svi_json_count(finding->n));
    set(&values, "sd_validation", finding->sd_validation);
    set(&values, "slope", finding->slope);
    svi_json_set_interval(&values, "slope", finding->slope_interval);
    set(&values, "correlation", finding->correlation);
    for (size_t g = 0; g < finding->n_gains; g++)
        svi_json_append(&points, gain_json(&finding->gains[g]));
    svi_json_set(&values, "gains", points);
    svi_json_set(&values, "shares_seeds", json_boolean(finding->shares_seeds));
    svi_json_set(&values, "method",
                 svi_json_string("mean over all subsets of k runs, less the mean of all; t "
                                 "interval with the infinitesimal jackknife"));
    svi_json_set_values(&row, finding->reason, values);
    return row;
}

json_t *svi_json_gains(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_seed_choices; i++)
        svi_json_append(&rows, seed_choice_json(findings, &findings->seed_choices[i]));
    return rows;
}

json_t *svi_json_carry_overs(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_carry_overs; i++) {
        const svi_carry_over_finding *finding = &findings->carry_overs[i];
        json_t *row = svi_json_subject(findings, finding->subject);
        svi_json_set(&row, "source", svi_json_string(finding->source));
        svi_json_set(&row, "over", svi_json_string(finding->over));
        svi_json_set(&row, "n", svi_json_count(finding->rank.n));
        set(&row, "tau", finding->rank.tau);
        svi_json_set_interval(&row, "tau", finding->rank.interval);
        svi_json_set(&row, "method", svi_json_string(finding->method));
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_early_ranks(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_early_ranks; i++) {
        const svi_early_rank_finding *finding = &findings->early_ranks[i];
        json_t *row = svi_json_subject(findings, finding->subject);
        svi_json_set(&row, "step", svi_json_count(finding->step));
        svi_json_set(&row, "n", svi_json_count(finding->rank.n));
        set(&row, "tau", finding->rank.tau);
        svi_json_set_interval(&row, "tau", finding->rank.interval);
        svi_json_set(&row, "method", svi_json_string("Kendall's tau-b, Fieller's interval"));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *best_json(const svi_expected_best_finding *finding, size_t i)
{
    const svi_best_of *best = &finding->points[i];
    json_t *row = json_object();
    svi_json_set(&row, "n", svi_json_count(finding->sizes[i]));
    set_best(&row, "mean", best);
    set(&row, "plug_in", best->plug_in);
    svi_json_set_interval(&row, "spread", best->spread);
    set(&row, "steps", (double)finding->sizes[i] * finding->steps);
    return row;
}

json_t *svi_json_expected_best(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_expected_best; i++) {
        const svi_expected_best_finding *finding = &findings->expected_best[i];
        json_t *row = svi_json_subject(findings, finding->subject), *points = json_array();
        for (size_t p = 0; p < finding->n_points; p++)
            svi_json_append(&points, best_json(finding, p));
        svi_json_set(&row, "n_runs", svi_json_count(finding->n_values));
        svi_json_set(&row, "points", points);
        svi_json_set(&row, "shares_seeds", json_boolean(finding->shares_seeds));
        svi_json_set(
            &row, "method",
            svi_json_string("mean over all subsets of n runs, t interval with the "
                            "infinitesimal jackknife; spread: middle 90% of the best of n"));
        svi_json_append(&rows, row);
    }
    return rows;
}
