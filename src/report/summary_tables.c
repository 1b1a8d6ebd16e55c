/* How the values of a metric are spread. */
#include <math.h>
#include <string.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static const svi_interval no_interval = {NAN, NAN};

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
    char text[SVI_NUMBER_BYTES];
    svi_write_decimal(value * scale, decimals, text);
    svi_table_cell(table, "%s", text);
}

static bool has_failures(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_summaries; i++)
        if (findings->summaries[i].subject.metric == findings->headline &&
            findings->summaries[i].n_failed > 0)
            return true;
    return false;
}

static void summary_row(const sv_findings *findings, const svi_summary_finding *summary,
                        bool with_failures, svi_text_table *table)
{
    double scale = svi_metric_scale(&findings->metrics[summary->subject.metric]);
    const svi_summary *values = &summary->values;
    bool is_whole = summary->reason[0] == '\0';
    svi_subject_cells(findings, table, summary->subject);
    if (with_failures) svi_count_cell(table, summary->n_failed);
    svi_count_cell(table, values->n);
    svi_estimate_cell(table, values->mean, is_whole ? values->mean_interval : no_interval, scale);
    svi_estimate_cell(table, is_whole ? values->sd : NAN, values->sd_interval, scale);
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
    bool with_failures = has_failures(findings);
    svi_subject_columns(findings, &table);
    if (with_failures) svi_table_column(&table, 'r', "failed");
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    svi_table_column(&table, 'r', "min");
    svi_table_column(&table, 'r', "median");
    svi_table_column(&table, 'r', "max");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        if (summary->subject.metric == findings->headline)
            summary_row(findings, summary, with_failures, &table);
    }
    svi_headline_title(findings, "Summary of %s", title);
    svi_table_write(&table, title, text);
}

/* Equal losses of networks are no common minimum: they were rounded, or the runs are copies. */
static bool is_value_of_minimum(const char *metric)
{
    return strcmp(metric, "inertia") == 0 || strcmp(metric, "f_end") == 0;
}

static bool recurs(const sv_findings *findings, const svi_summary_finding *summary)
{
    return summary->subject.metric == findings->headline &&
           is_value_of_minimum(svi_headline(findings)->name) && summary->values.n_distinct > 1 &&
           summary->values.n_distinct < summary->values.n;
}

void svi_write_recurrence_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "different");
    svi_table_column(&table, 'r', "at the best");
    svi_table_column(&table, 'r', "their share %");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        if (!recurs(findings, summary)) continue;
        svi_subject_cells(findings, &table, summary->subject);
        svi_count_cell(&table, summary->values.n);
        svi_count_cell(&table, summary->values.n_distinct);
        svi_count_cell(&table, summary->n_best);
        svi_estimate_cell(&table, (double)summary->n_best / (double)summary->values.n,
                          summary->best_interval, 100);
    }
    svi_headline_title(findings, "Minima of %s: runs that end in the same one have the same value",
                       title);
    svi_table_write(&table, title, text);
}

void svi_write_other_metrics_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    bool has_percentage = false;
    svi_table_column(&table, 'l', "metric");
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        const svi_metric_name *metric = &findings->metrics[summary->subject.metric];
        bool is_whole = summary->reason[0] == '\0';
        double scale = svi_metric_scale(metric);
        if (summary->subject.metric == findings->headline) continue;
        has_percentage = has_percentage || metric->is_percentage;
        svi_name_cell(&table, metric->name);
        svi_subject_cells(findings, &table, summary->subject);
        svi_count_cell(&table, summary->values.n);
        svi_estimate_cell(&table, summary->values.mean,
                          is_whole ? summary->values.mean_interval : no_interval, scale);
        svi_estimate_cell(&table, is_whole ? summary->values.sd : NAN, no_interval, scale);
    }
    svi_table_write(
        &table, has_percentage ? "Other metrics (accuracies in percent)" : "Other metrics", text);
}
