/* What runs predict, point by point: how often they disagree, what a vote gains, and how much of
 * the variance of their error rate is that of the model and not of the test set. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/block_sets.h"
#include "analysis/search_runs.h"
#include "stats/moments.h"

/* ---- over the points ---- */

static double mean_of_sets(const svi_block_sets *sets,
                           svi_point_mean (*pick)(const svi_agreement *), svi_moments *moments)
{
    for (size_t i = 0; i < sets->n; i++)
        svi_moments_add(moments, pick(&sets->sets[i].agreement).value);
    return moments->mean;
}

/* Of one set: t over its points. Of several: t over the sets. */
static sv_status average(const svi_block_sets *sets, svi_point_mean (*pick)(const svi_agreement *),
                         double level, svi_estimate *out, sv_error *error)
{
    svi_moments moments = {0};
    out->value = mean_of_sets(sets, pick, &moments);
    if (sets->n > 1) return svi_mean_interval(&moments, level, &out->interval, error);
    const svi_agreement *only = &sets->sets[0].agreement;
    out->interval = svi_point_interval(pick(only), only->n_points, level);
    return SV_OK;
}

static svi_point_mean pick_error(const svi_agreement *a) { return a->error; }
static svi_point_mean pick_churn(const svi_agreement *a) { return a->churn; }
static svi_point_mean pick_gap(const svi_agreement *a) { return a->gap; }

static void average_votes(const svi_block_sets *sets, double vote_accuracy[SVI_N_VOTE_SIZES])
{
    for (size_t s = 0; s < SVI_N_VOTE_SIZES; s++) {
        double sum = 0;
        for (size_t i = 0; i < sets->n; i++) sum += sets->sets[i].agreement.vote_accuracy[s];
        vote_accuracy[s] = sum / (double)sets->n;
    }
}

/* Over the sets that have points of the class. */
static svi_class_agreement average_class(const svi_block_sets *sets, size_t c)
{
    svi_class_agreement sum = {0};
    double n = 0;
    for (size_t i = 0; i < sets->n; i++) {
        const svi_class_agreement *of_set = &sets->sets[i].classes[c];
        if (of_set->n_points == 0) continue;
        sum.n_points += of_set->n_points;
        sum.error += of_set->error;
        sum.churn += of_set->churn;
        sum.independent_sd += of_set->independent_sd * of_set->independent_sd;
        n++;
    }
    if (n == 0) return (svi_class_agreement){0, NAN, NAN, NAN};
    sum.error /= n;
    sum.churn /= n;
    sum.independent_sd = sqrt(sum.independent_sd / n);
    return sum;
}

static sv_status average_classes(const svi_block_sets *sets, svi_prediction_finding *finding,
                                 sv_error *error)
{
    finding->n_classes = sets->sets[0].n_classes;
    finding->classes = malloc(finding->n_classes * sizeof *finding->classes);
    if (finding->classes == NULL)
        return svi_fail_memory(error, finding->n_classes * sizeof *finding->classes, "classes");
    for (size_t c = 0; c < finding->n_classes; c++) finding->classes[c] = average_class(sets, c);
    return SV_OK;
}

/* ---- over the runs ---- */

/* Of each seed one run: a set's replicates know no more of how its seeds differ. */
static sv_status collect_errors(const svi_analysis *analysis, size_t b, svi_block_sets *sets,
                                sv_error *error)
{
    const svi_run_table *table = analysis->table;
    const svi_metric_column column = {.value = table->error_rate};
    svi_search_runs runs;
    SVI_TRY(svi_search_runs_make(analysis, b, &column, NULL, &runs, error));
    for (size_t i = 0; i < runs.n; i++) {
        const svi_prediction_set *set = svi_set_of_run(table, sets, runs.rows[i]);
        if (set != NULL)
            svi_moments_add(&sets->errors[set - sets->sets], table->error_rate[runs.rows[i]]);
    }
    free(runs.rows);
    return SV_OK;
}

/* Pooled within the sets. */
static svi_moments pool_errors(const svi_block_sets *sets)
{
    svi_moments pooled = {.n = 1};
    for (size_t i = 0; i < sets->n; i++) {
        if (sets->errors[i].n < 2) continue;
        pooled.n += sets->errors[i].n - 1;
        pooled.m2 += sets->errors[i].m2;
    }
    return pooled;
}

/* Runs of one set that have not the same seeds share none but its own. */
static bool is_independent(const svi_block_design *design, const svi_block_sets *sets)
{
    if (design->n_factors < 2) return true;
    return sets->n > 1 && design->layout == SVI_LAYOUT_GRID && design->n_factors == 2;
}

static const svi_components_finding *accuracy_components(const sv_findings *findings,
                                                         const svi_block *block)
{
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        bool is_here = group->subject.arm == block->arm &&
                       group->subject.numerics == block->numerics && group->n_rows > 0 &&
                       group->note[0] == '\0';
        if (is_here && strcmp(findings->metrics[group->subject.metric].name, "test_accuracy") == 0)
            return group;
    }
    return NULL;
}

static sv_status estimate_variance(const svi_analysis *analysis, const svi_block *block,
                                   const svi_block_design *design, const svi_block_sets *sets,
                                   svi_prediction_finding *finding, sv_error *error)
{
    svi_moments pooled = pool_errors(sets);
    svi_estimate *variance = &finding->variance;
    const svi_components_finding *components = accuracy_components(analysis->findings, block);
    if (pooled.n < 2) return SV_OK;
    double sd = svi_moments_sd(&pooled);
    *variance = (svi_estimate){sd * sd, {NAN, NAN}};
    finding->variance_method = "runs share seeds: no interval";
    if (sets->n == 1 && svi_block_shares_seeds(design) && components != NULL) {
        *variance = (svi_estimate){components->total_variance, components->total_interval};
        finding->variance_method =
            "sum of the components of the grid; the independent part is taken as known";
    } else if (is_independent(design, sets)) {
        svi_interval roots;
        SVI_TRY(svi_sd_interval(&pooled, analysis->findings->level, &roots, error));
        variance->interval = (svi_interval){roots.low * roots.low, roots.high * roots.high};
        finding->variance_method = "chi-square; the independent part is taken as known";
    }
    return SV_OK;
}

static void split_variance(const svi_block_sets *sets, svi_prediction_finding *finding)
{
    const svi_estimate *variance = &finding->variance;
    double independent = 0, n = finding->n_points;
    for (size_t i = 0; i < sets->n; i++)
        independent += sets->sets[i].agreement.independent_variance / (double)sets->n;
    finding->independent_variance = independent;
    finding->distribution_variance =
        (svi_estimate){svi_distribution_variance(variance->value, independent, n),
                       {svi_distribution_variance(variance->interval.low, independent, n),
                        svi_distribution_variance(variance->interval.high, independent, n)}};
}

static sv_status describe_runs(const svi_analysis *analysis, size_t b, svi_block_sets *sets,
                               svi_prediction_finding *finding, sv_error *error)
{
    const svi_block *block = &analysis->codes.blocks[b];
    finding->variance = (svi_estimate){NAN, {NAN, NAN}};
    finding->variance_method = "no error rate of single runs";
    sets->errors = calloc(sets->n, sizeof *sets->errors);
    if (sets->errors == NULL)
        return svi_fail_memory(error, sets->n * sizeof *sets->errors, "error rates");
    sv_status status = collect_errors(analysis, b, sets, error);
    if (status == SV_OK)
        status = estimate_variance(analysis, block, &analysis->designs[b], sets, finding, error);
    split_variance(sets, finding);
    free(sets->errors);
    return status;
}

static sv_status describe(const svi_analysis *analysis, size_t b, svi_block_sets *sets,
                          svi_prediction_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    finding->n_sets = sets->n;
    for (size_t i = 0; i < sets->n; i++) {
        finding->n_runs += sets->sets[i].agreement.n_runs;
        finding->n_points += (double)sets->sets[i].agreement.n_points / (double)sets->n;
    }
    finding->method = sets->n > 1 ? "t over the test sets" : "t over the test points";
    SVI_TRY(average(sets, pick_error, level, &finding->error, error));
    SVI_TRY(average(sets, pick_churn, level, &finding->churn, error));
    SVI_TRY(average(sets, pick_gap, level, &finding->gap, error));
    average_votes(sets, finding->vote_accuracy);
    SVI_TRY(average_classes(sets, finding, error));
    SVI_TRY(describe_runs(analysis, b, sets, finding, error));
    return svi_allow_for_replicates(analysis, b, sets, finding, error);
}

sv_status svi_find_predictions(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->codes.n_blocks;
    findings->predictions = calloc(n, sizeof *findings->predictions);
    if (findings->predictions == NULL)
        return svi_fail_memory(error, n * sizeof *findings->predictions, "predictions");
    for (size_t b = 0; b < n; b++) {
        svi_block_sets sets = svi_block_sets_of(analysis->table, &analysis->codes.blocks[b]);
        if (sets.n == 0) continue;
        svi_prediction_finding *finding = &findings->predictions[findings->n_predictions++];
        finding->subject = svi_block_subject(&analysis->codes.blocks[b], findings->headline);
        SVI_TRY(describe(analysis, b, &sets, finding, error));
    }
    return SV_OK;
}
