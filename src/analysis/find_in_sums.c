#include "analysis/find_in_sums.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/grid_of_sums.h"
#include "analysis/store_table.h"
#include "stats/sketch_findings.h"

static const size_t best_sizes[SVI_N_BEST_SIZES] = {SVI_BEST_SIZES};

bool svi_store_is_summed_up(const svi_store *store)
{
    const svi_store_study *study = svi_store_study_of(store);
    return study->rows == SVI_ROWS_SUMMARY || study->n_runs > SVI_ANALYSIS_RUNS_MOST;
}

/* What the findings are made from and put into. */
typedef struct sums {
    const svi_store_study *study;
    svi_run_table *table;
    svi_run_group *groups; /* [n_groups] */
    size_t n_groups;
    int metric[SVK_N_METRICS]; /* of each metric of the findings */
    sv_findings *findings;
} sums;

/* ---- names ---- */

static bool has_metric(const sums *s, int metric)
{
    for (size_t g = 0; g < s->n_groups; g++)
        if (s->groups[g].totals.metric[metric].n > 0) return true;
    return false;
}

static bool varies(const sums *s, int metric)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t g = 0; g < s->n_groups; g++) {
        const svi_sketch *sketch = &s->groups[g].totals.metric[metric];
        if (sketch->n == 0) continue;
        low = fmin(low, svi_sketch_min(sketch));
        high = fmax(high, svi_sketch_max(sketch));
    }
    return low < high;
}

/* Leaves the table with the metrics that runs have, and says which they are. */
static sv_status keep_metrics(sums *s, int *kept, sv_error *error)
{
    svi_run_table *table = s->table;
    size_t n = 0;
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if (!has_metric(s, m)) continue;
        kept[n] = m;
        table->metrics[n++] = table->metrics[m];
    }
    table->n_metrics = n;
    return svi_run_table_name(table, error);
}

static bool is_accuracy(const char *name)
{
    const char *end = strstr(name, "accuracy");
    return end != NULL && end[strlen("accuracy")] == '\0';
}

static sv_status choose_metrics(sums *s, const sv_analysis_options *options, sv_error *error)
{
    const char *wanted = options != NULL ? options->metric : NULL;
    int kept[SVK_N_METRICS];
    sv_findings *findings = s->findings;
    bool has_headline = false;
    SVI_TRY(keep_metrics(s, kept, error));
    SVI_TRY(svi_run_table_direct(s->table, options, error));
    const char *headline = wanted != NULL ? wanted : s->table->headline;
    findings->metrics = calloc(s->table->n_metrics + 1, sizeof *findings->metrics);
    if (findings->metrics == NULL) return svi_fail_memory(error, 0, "metrics");
    for (size_t i = 0; i < s->table->n_metrics; i++) {
        const svi_metric_column *column = &s->table->metrics[i];
        bool is_headline = strcmp(column->name, headline) == 0;
        if (!is_headline && !varies(s, kept[i])) continue;
        if (is_headline) findings->headline = (uint32_t)findings->n_metrics;
        has_headline = has_headline || is_headline;
        svi_metric_name *metric = &findings->metrics[findings->n_metrics];
        snprintf(metric->name, sizeof metric->name, "%s", column->name);
        metric->better = column->better;
        metric->is_percentage = is_accuracy(column->name);
        s->metric[findings->n_metrics++] = kept[i];
    }
    if (has_headline) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE, "%s: no run has a metric %.64s", s->table->origin,
                    headline);
}

/* A sweep's sources are one factor. */
static void name_factors(sums *s)
{
    static const char *const names[SVK_N_SOURCES] = {
#define SOURCE_NAME(id, number, name, help) name,
        SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
    };
    sv_findings *findings = s->findings;
    bool is_sweep = svi_store_study_is(s->study, SVI_DESIGN_SWEEP);
    size_t n_sources = 0;
    for (int source = 0; source < SVK_N_SOURCES; source++) {
        if (s->study->n_levels[source] < 2) continue;
        if (!is_sweep || n_sources == 0) findings->n_factors++;
        svi_factor_name *factor = &findings->factors[findings->n_factors - 1];
        size_t n = strlen(factor->name);
        factor->n_levels = s->study->n_levels[source];
        snprintf(factor->name + n, sizeof factor->name - n, "%s%s", n > 0 ? "+" : "",
                 names[source]);
        if (++n_sources > 3 && is_sweep) snprintf(factor->name, sizeof factor->name, "seed");
    }
}

static void say_why(const sums *s)
{
    if (s->study->rows == SVI_ROWS_SUMMARY)
        snprintf(s->findings->basis, sizeof s->findings->basis,
                 "it takes the runs, and the store keeps their sums (record.rows: summary); train "
                 "with record.rows: full");
    else
        snprintf(s->findings->basis, sizeof s->findings->basis,
                 "it takes the runs in memory, and %" PRIu64 " are more than the %d of which an "
                 "analysis holds so much; seedvar export some of them and seedvar import these",
                 s->study->n_runs, (int)SVI_ANALYSIS_RUNS_MOST);
}

static sv_status describe(sums *s, const sv_analysis_options *options, sv_error *error)
{
    sv_findings *findings = s->findings;
    memcpy(findings->study, s->table->study, sizeof findings->study);
    memcpy(findings->origin, s->table->origin, sizeof findings->origin);
    memcpy(findings->machine, s->table->machine, sizeof findings->machine);
    say_why(s);
    name_factors(s);
    snprintf(findings->design, sizeof findings->design, "%s",
             findings->n_factors == 0 ? "replicates" : s->table->design);
    SVI_TRY(choose_metrics(s, options, error));
    /* the table's names and curves are not read again */
    findings->arm_names = s->table->arm_names;
    findings->numerics_names = s->table->numerics_names;
    findings->curves = s->table->curves;
    findings->n_arms = s->table->n_arms;
    findings->n_numerics = s->table->n_numerics;
    findings->n_curves = s->table->n_curves;
    s->table->arm_names = s->table->numerics_names = NULL;
    s->table->curves = NULL;
    return SV_OK;
}

/* ---- findings of a metric of a group ---- */

static bool shares_seeds(const sums *s, const svi_run_group *group)
{
    size_t n_factors = s->findings->n_factors;
    return n_factors > 1 || (n_factors == 1 && s->study->n_replicates[group->numerics] > 1);
}

static sv_status summarize(const sums *s, const svi_components_finding *components,
                           svi_run_group *group, uint32_t metric, svi_summary_finding *out,
                           sv_error *error)
{
    double level = s->findings->level;
    const svi_run_totals *totals = &group->totals;
    svi_sketch *sketch = &group->totals.metric[s->metric[metric]];
    out->subject = components->subject;
    out->n_runs = totals->n_runs;
    out->n_failed = totals->n_failed[s->metric[metric]];
    out->n_diverged = totals->n_status[SVK_RUN_DIVERGED];
    out->n_saturated = totals->n_status[SVK_RUN_SATURATED];
    out->best_interval = (svi_interval){NAN, NAN};
    out->shares_seeds = shares_seeds(s, group);
    SVI_TRY(svi_rate_interval(out->n_failed, out->n_runs, level, &out->failure_interval, error));
    if (sketch->n < 2) {
        svi_summarize_few(sketch->n, svi_sketch_mean(sketch), out);
        return SV_OK;
    }
    SVI_TRY(svi_sketch_summarize(sketch, level, &out->values, error));
    out->sd_of_runs = out->values.sd;
    if (out->shares_seeds) svi_summary_of_grid(s->findings, components, &out->values);
    return SV_OK;
}

/* A search trains each seed once: of its replicates the first that has a value. */
static sv_status sketch_first_replicates(const svi_run_group *group, const double *values,
                                         uint64_t n_replicates, svi_sketch *firsts, sv_error *error)
{
    for (uint64_t seed = 0; seed < group->n_planned; seed += n_replicates) {
        uint64_t r = 0;
        while (r < n_replicates && !isfinite(values[seed + r])) r++;
        if (r < n_replicates) svi_sketch_add(firsts, values[seed + r]);
    }
    return svi_sketch_check(firsts, error);
}

static sv_status find_best(const sums *s, svi_run_group *group, uint32_t metric, svi_sketch *sketch,
                           uint64_t n_replicates, sv_error *error)
{
    sv_findings *findings = s->findings;
    svi_expected_best_finding *out = &findings->expected_best[findings->n_expected_best++];
    out->subject = (svi_subject){group->arm, group->numerics, metric};
    out->n_values = sketch->n;
    out->shares_seeds = findings->n_factors > 1 || n_replicates > 1;
    out->steps = svi_sketch_mean(&group->totals.metric[SVK_METRIC_STEPS]);
    uint64_t largest = (out->n_values + n_replicates - 1) / n_replicates;
    while (out->n_points < SVI_N_BEST_SIZES && best_sizes[out->n_points] <= largest)
        out->n_points++;
    memcpy(out->sizes, best_sizes, sizeof best_sizes);
    SVI_TRY(svi_sketch_best(sketch, findings->metrics[metric].better > 0, out->sizes, out->n_points,
                            findings->level, out->points, error));
    for (size_t i = 0; out->shares_seeds && i < out->n_points; i++)
        out->points[i].standard_error = out->points[i].interval.low = out->points[i].interval.high =
            NAN;
    return SV_OK;
}

/* Where the values of the replicates are not kept, the search is among all of them. */
static sv_status search_group(sums *s, svi_run_group *group, uint32_t metric, sv_error *error)
{
    const double *values = group->values[s->metric[metric]];
    uint64_t n_replicates = s->study->n_replicates[group->numerics];
    svi_sketch *sketch = &group->totals.metric[s->metric[metric]], firsts = {0};
    bool has_copies = s->findings->n_factors > 0 && n_replicates > 1;
    if (s->findings->metrics[metric].better == 0) return SV_OK;
    if (!has_copies || values == NULL)
        return find_best(s, group, metric, sketch, has_copies ? n_replicates : 1, error);
    sv_status status = sketch_first_replicates(group, values, n_replicates, &firsts, error);
    if (status == SV_OK) status = find_best(s, group, metric, &firsts, 1, error);
    svi_sketch_clear(&firsts);
    return status;
}

static sv_status find_in_group(sums *s, svi_run_group *group, uint32_t metric, sv_error *error)
{
    sv_findings *findings = s->findings;
    double **values = &group->values[s->metric[metric]];
    const svi_sketch *sketch = &group->totals.metric[s->metric[metric]];
    const svi_components_finding none = {.subject = {group->arm, group->numerics, metric}};
    if (sketch->n + sketch->n_not_finite == 0) return SV_OK;
    if (sketch->n == 0)
        return summarize(s, &none, group, metric, &findings->summaries[findings->n_summaries++],
                         error);
    svi_components_finding *components = &findings->components[findings->n_components++];
    *components = none;
    SVI_TRY(svi_split_sums(s->study, findings, group, *values,
                           s->table->is_deterministic[group->numerics], components, error));
    SVI_TRY(search_group(s, group, metric, error));
    free(*values);
    *values = NULL;
    return summarize(s, components, group, metric, &findings->summaries[findings->n_summaries++],
                     error);
}

static sv_status make_room(sums *s, sv_error *error)
{
    sv_findings *findings = s->findings;
    size_t n = findings->n_metrics * s->n_groups;
    findings->components = calloc(n, sizeof *findings->components);
    findings->summaries = calloc(n, sizeof *findings->summaries);
    findings->expected_best = calloc(n, sizeof *findings->expected_best);
    findings->checks.unsupported = calloc(s->n_groups, sizeof *findings->checks.unsupported);
    if (findings->components != NULL && findings->summaries != NULL &&
        findings->expected_best != NULL && findings->checks.unsupported != NULL)
        return SV_OK;
    return svi_fail_memory(error, n * sizeof *findings->summaries, "findings");
}

static void check(sums *s)
{
    svi_checks *checks = &s->findings->checks;
    for (size_t g = 0; g < s->n_groups; g++) {
        const svi_run_group *group = &s->groups[g];
        checks->n_runs += group->totals.n_runs;
        checks->n_diverged += group->totals.n_status[SVK_RUN_DIVERGED];
        checks->n_saturated += group->totals.n_status[SVK_RUN_SATURATED];
        uint64_t n_unsupported = group->totals.n_status[SVK_RUN_UNSUPPORTED];
        if (n_unsupported > 0)
            checks->unsupported[checks->n_unsupported++] =
                (svi_unsupported){group->arm, group->numerics, n_unsupported};
    }
    checks->n_planned = s->study->n_runs;
    checks->n_missing = checks->n_planned - checks->n_runs;
}

static sv_status find_all(sums *s, const sv_analysis_options *options, sv_error *error)
{
    SVI_TRY(describe(s, options, error));
    SVI_TRY(make_room(s, error));
    for (uint32_t m = 0; m < s->findings->n_metrics; m++)
        for (size_t g = 0; g < s->n_groups; g++) SVI_TRY(find_in_group(s, &s->groups[g], m, error));
    check(s);
    return SV_OK;
}

sv_status svi_analyze_sums(svi_store *store, svi_run_table *table,
                           const sv_analysis_options *options, sv_findings *findings,
                           sv_error *error)
{
    sums s = {.study = svi_store_study_of(store), .table = table, .findings = findings};
    s.n_groups = s.study->n_arms * s.study->n_numerics;
    SVI_TRY(svi_run_table_describe(table, store, error));
    SVI_TRY(svi_store_sum_runs(store, &s.groups, error));
    sv_status status = find_all(&s, options, error);
    svi_run_groups_free(s.groups, s.n_groups);
    return status;
}
