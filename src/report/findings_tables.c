#include "report/findings_tables.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/text_table.h"
#include "report/verdict_text.h"

enum { NAME_BYTES_MAX = 14 };

static const svi_interval no_interval = {NAN, NAN};

/* A name that fits a column; cut between characters. */
static void cell_name(svi_text_table *table, const char *name)
{
    size_t n = strlen(name);
    bool is_cut = n > NAME_BYTES_MAX;
    if (is_cut) n = NAME_BYTES_MAX - 2;
    while (is_cut && (name[n] & 0xc0) == 0x80) n--;
    svi_table_cell(table, "%.*s%s", (int)n, name, is_cut ? ".." : "");
}

/* Arms and numerics have a column only where there is more than one. */
static void subject_columns(const sv_findings *findings, svi_text_table *table)
{
    if (findings->n_arms > 1) svi_table_column(table, 'l', "arm");
    if (findings->n_numerics > 1) svi_table_column(table, 'l', "numerics");
}

static void subject_cells(const sv_findings *findings, svi_text_table *table, svi_subject subject)
{
    if (findings->n_arms > 1) cell_name(table, findings->arm_names[subject.arm]);
    if (findings->n_numerics > 1) cell_name(table, findings->numerics_names[subject.numerics]);
}

static void cell_count(svi_text_table *table, uint64_t count)
{
    char text[SVI_NUMBER_BYTES];
    svi_write_count(count, text);
    svi_table_cell(table, "%s", text);
}

static void cell_estimate(svi_text_table *table, double value, svi_interval interval, double scale)
{
    char text[SVI_ESTIMATE_BYTES];
    if (isnan(value)) {
        svi_table_cell(table, "-");
        return;
    }
    svi_write_estimate(value, interval, scale, text);
    svi_table_cell(table, "%s", text);
}

static const svi_metric_name *headline(const sv_findings *findings)
{
    return &findings->metrics[findings->headline];
}

static void title_of(const sv_findings *findings, const char *format, char title[160])
{
    snprintf(title, 160, format, headline(findings)->name);
    size_t n = strlen(title);
    if (headline(findings)->is_percentage) snprintf(title + n, 160 - n, " (percent)");
}

static double median_of(const svi_summary *values)
{
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) {
        if (values->quantiles[q].probability == 0.5) return values->quantiles[q].value;
    }
    return NAN;
}

/* Min, median and max with the decimals of the SD, so that they line up. */
static void cell_place(svi_text_table *table, double value, const svi_summary *values, double scale)
{
    double sd = values->sd * scale;
    int decimals =
        svi_decimals(value * scale, (svi_interval){value * scale - sd, value * scale + sd});
    svi_table_cell(table, "%.*f", decimals, value * scale);
}

static void summary_row(const sv_findings *findings, const svi_summary_finding *summary,
                        svi_text_table *table)
{
    double scale = svi_metric_scale(&findings->metrics[summary->subject.metric]);
    const svi_summary *values = &summary->values;
    bool is_whole = summary->reason[0] == '\0';
    subject_cells(findings, table, summary->subject);
    cell_count(table, values->n);
    cell_estimate(table, values->mean, is_whole ? values->mean_interval : no_interval, scale);
    cell_estimate(table, is_whole ? values->sd : NAN, values->sd_interval, scale);
    if (!is_whole) {
        for (int i = 0; i < 3; i++) svi_table_cell(table, "-");
        return;
    }
    cell_place(table, values->min, values, scale);
    cell_place(table, median_of(values), values, scale);
    cell_place(table, values->max, values, scale);
}

void svi_write_summary_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    subject_columns(findings, &table);
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    svi_table_column(&table, 'r', "min");
    svi_table_column(&table, 'r', "median");
    svi_table_column(&table, 'r', "max");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        if (summary->subject.metric == findings->headline) summary_row(findings, summary, &table);
    }
    title_of(findings, "Summary of %s", title);
    svi_table_write(&table, title, text);
}

static bool recurs(const sv_findings *findings, const svi_summary_finding *summary)
{
    return summary->subject.metric == findings->headline && headline(findings)->better < 0 &&
           summary->values.n_distinct > 1 && summary->values.n_distinct < summary->values.n;
}

void svi_write_recurrence_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    subject_columns(findings, &table);
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "different");
    svi_table_column(&table, 'r', "at the best");
    svi_table_column(&table, 'r', "their share %");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        if (!recurs(findings, summary)) continue;
        subject_cells(findings, &table, summary->subject);
        cell_count(&table, summary->values.n);
        cell_count(&table, summary->values.n_distinct);
        cell_count(&table, summary->n_best);
        cell_estimate(&table, (double)summary->n_best / (double)summary->values.n,
                      summary->best_interval, 100);
    }
    title_of(findings, "Minima of %s: runs that end in the same one have the same value", title);
    svi_table_write(&table, title, text);
}

void svi_write_other_metrics_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    svi_table_column(&table, 'l', "metric");
    subject_columns(findings, &table);
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        const svi_metric_name *metric = &findings->metrics[summary->subject.metric];
        bool is_whole = summary->reason[0] == '\0';
        double scale = svi_metric_scale(metric);
        if (summary->subject.metric == findings->headline) continue;
        cell_name(&table, metric->name);
        subject_cells(findings, &table, summary->subject);
        cell_count(&table, summary->values.n);
        cell_estimate(&table, summary->values.mean,
                      is_whole ? summary->values.mean_interval : no_interval, scale);
        cell_estimate(&table, is_whole ? summary->values.sd : NAN, no_interval, scale);
    }
    svi_table_write(&table, "Other metrics (accuracies in percent)", text);
}

static void component_row(const sv_findings *findings, const svi_components_finding *group,
                          size_t i, svi_text_table *table)
{
    const svi_component *component = &group->rows[i];
    double scale = svi_metric_scale(headline(findings));
    subject_cells(findings, table, group->subject);
    svi_table_cell(table, "%.24s", group->labels[i]);
    cell_estimate(table, component->share, component->share_interval, 100);
    cell_estimate(table, component->variance, component->interval, scale * scale);
}

void svi_write_components_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    subject_columns(findings, &table);
    svi_table_column(&table, 'l', "source");
    svi_table_column(&table, 'r', "share %");
    svi_table_column(&table, 'r', "variance");
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric != findings->headline) continue;
        for (size_t i = 0; i < group->n_rows; i++) component_row(findings, group, i, &table);
    }
    snprintf(title, sizeof title, "Where the variance of %s comes from%s", headline(findings)->name,
             headline(findings)->is_percentage ? " (points squared)" : "");
    svi_table_write(&table, title, text);
}

static void index_row(const sv_findings *findings, const svi_indices_finding *group, size_t s,
                      svi_text_table *table)
{
    const svi_source_index *source = &group->values.sources[s];
    double scale = svi_metric_scale(headline(findings));
    subject_cells(findings, table, group->subject);
    svi_table_cell(table, "%.24s", group->sources[s]);
    cell_estimate(table, source->first_share.value, source->first_share.interval, 100);
    cell_estimate(table, source->total_share.value, source->total_share.interval, 100);
    cell_estimate(table, source->total_variance.value, source->total_variance.interval,
                  scale * scale);
}

void svi_write_indices_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    subject_columns(findings, &table);
    svi_table_column(&table, 'l', "source");
    svi_table_column(&table, 'r', "first order %");
    svi_table_column(&table, 'r', "total %");
    svi_table_column(&table, 'r', "total variance");
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->subject.metric != findings->headline || group->reason[0] != '\0') continue;
        for (size_t s = 0; s < group->n_sources; s++) index_row(findings, group, s, &table);
    }
    snprintf(title, sizeof title, "How much each source moves %s%s", headline(findings)->name,
             headline(findings)->is_percentage ? " (variance in points squared)" : "");
    svi_table_write(&table, title, text);
}

static bool is_shown(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    return comparison->subject.metric == findings->headline && comparison->reason[0] == '\0';
}

static void pair_cells(const sv_findings *findings, const svi_comparison_finding *comparison,
                       svi_text_table *table)
{
    cell_name(table, findings->arm_names[comparison->subject.arm]);
    cell_name(table, findings->arm_names[comparison->reference]);
    if (findings->n_numerics > 1)
        cell_name(table, findings->numerics_names[comparison->subject.numerics]);
}

static void pair_columns(const sv_findings *findings, svi_text_table *table)
{
    svi_table_column(table, 'l', "arm");
    svi_table_column(table, 'l', "against");
    if (findings->n_numerics > 1) svi_table_column(table, 'l', "numerics");
}

static void cell_p(svi_text_table *table, double p)
{
    if (p < 1e-15) {
        svi_table_cell(table, "<1e-15");
    } else {
        svi_table_cell(table, p < 1e-4 ? "%.0e" : "%.4f", p);
    }
}

static void comparison_row(const sv_findings *findings, const svi_comparison_finding *comparison,
                           svi_text_table *table)
{
    pair_cells(findings, comparison, table);
    cell_estimate(table, comparison->difference.difference, comparison->difference.interval,
                  svi_metric_scale(headline(findings)));
    cell_p(table, comparison->difference.p);
    svi_table_cell(table, "%.3f", comparison->superiority.probability);
    svi_table_cell(table, "%s", svi_decision_name(comparison->decision));
}

void svi_write_comparison_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    pair_columns(findings, &table);
    svi_table_column(&table, 'r', "difference");
    svi_table_column(&table, 'r', "p");
    svi_table_column(&table, 'r', "P(>)");
    svi_table_column(&table, 'l', "verdict");
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        if (is_shown(findings, &findings->comparisons[i])) {
            comparison_row(findings, &findings->comparisons[i], &table);
        }
    }
    title_of(findings, "Arms compared on %s", title);
    svi_table_write(&table, title, text);
}

static void cell_chance(svi_text_table *table, double chance)
{
    if (isnan(chance)) {
        svi_table_cell(table, "-");
    } else {
        svi_table_cell(table, chance > 0.0005 && chance < 0.0995 ? "%.1f" : "%.0f", 100 * chance);
    }
}

void svi_write_mislead_table(const sv_findings *findings, svi_text *text)
{
    static const size_t sizes[] = {1, 2, 3, 5, 10, 20, 50};
    enum { N_SIZES = sizeof sizes / sizeof *sizes };
    svi_text_table table = {0};
    pair_columns(findings, &table);
    svi_table_column(&table, 'l', "seeds:");
    for (size_t s = 0; s < N_SIZES; s++) {
        char count[SVI_NUMBER_BYTES];
        svi_write_count(sizes[s], count);
        svi_table_column(&table, 'r', count);
    }
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (!is_shown(findings, comparison)) continue;
        pair_cells(findings, comparison, &table);
        svi_table_cell(&table, "opposite sign");
        for (size_t s = 0; s < N_SIZES; s++) {
            cell_chance(&table, comparison->points[sizes[s] - 1].sign.probability);
        }
        pair_cells(findings, comparison, &table);
        svi_table_cell(&table, "other verdict");
        for (size_t s = 0; s < N_SIZES; s++)
            cell_chance(&table, svi_other_verdict(comparison, sizes[s]).probability);
    }
    svi_table_write(&table, "Chance in percent that a study with so many seeds concludes otherwise",
                    text);
}

static const svi_famous_seed *extreme(const svi_famous_finding *finding, bool is_best)
{
    const svi_famous_seed *found = &finding->famous[0];
    for (size_t i = 1; i < finding->n_famous; i++) {
        bool is_before = finding->famous[i].rank < found->rank;
        if (is_before == is_best && finding->famous[i].rank != found->rank)
            found = &finding->famous[i];
    }
    return found;
}

static void famous_row(const sv_findings *findings, const svi_famous_finding *finding,
                       svi_text_table *table)
{
    const svi_famous_seed *best = extreme(finding, true), *last = extreme(finding, false);
    subject_cells(findings, table, finding->subject);
    cell_count(table, finding->n_famous);
    cell_count(table, finding->n_seeds);
    svi_table_cell(table, "%.3f", finding->test.probability);
    cell_p(table, finding->test.p);
    svi_table_cell(table, "%" PRIu64 " (%.0f)", best->seed, best->rank);
    svi_table_cell(table, "%" PRIu64 " (%.0f)", last->seed, last->rank);
}

void svi_write_famous_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    subject_columns(findings, &table);
    svi_table_column(&table, 'r', "famous");
    svi_table_column(&table, 'r', "of seeds");
    svi_table_column(&table, 'r', "P(above)");
    svi_table_column(&table, 'r', "p");
    svi_table_column(&table, 'r', "best (rank)");
    svi_table_column(&table, 'r', "last (rank)");
    for (size_t i = 0; i < findings->n_famous; i++) {
        const svi_famous_finding *finding = &findings->famous[i];
        bool is_headline = finding->subject.metric == findings->headline;
        if (is_headline && finding->reason[0] == '\0') famous_row(findings, finding, &table);
    }
    snprintf(title, sizeof title, "Are famous seeds (42, 1337, 3407, ...) special in %s?",
             headline(findings)->name);
    svi_table_write(&table, title, text);
}
