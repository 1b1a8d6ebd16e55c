/* What repeating a run changes, and what other numerics change. */
#include <math.h>
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static const svi_interval no_interval = {NAN, NAN};

static void write_percentage(svi_text_table *table, double share)
{
    isnan(share) ? svi_table_cell(table, "-") : svi_table_cell(table, "%.4g", 100 * share);
}

static const svi_replicate_spread *headline_spread(const sv_findings *findings,
                                                   const svi_nondeterminism_finding *finding)
{
    for (size_t i = 0; i < finding->n_spreads; i++)
        if (finding->spreads[i].metric == findings->headline) return &finding->spreads[i];
    return NULL;
}

static void add_spread_cells(svi_text_table *table, const svi_replicate_spread *spread,
                             double scale)
{
    if (spread == NULL) {
        for (int i = 0; i < 3; i++) svi_table_cell(table, "-");
        return;
    }
    svi_estimate_cell(table, spread->sd_fixed_seed, no_interval, scale);
    svi_estimate_cell(table, spread->sd_over_seeds, no_interval, scale);
    svi_estimate_cell(table, spread->share.value, spread->share.interval, 100);
}

void svi_write_replicates_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "seeds");
    svi_table_column(&table, 'r', "runs");
    svi_table_column(&table, 'r', "digests a seed");
    svi_table_column(&table, 'r', "repeats that differ %");
    svi_table_column(&table, 'r', "SD, fixed seed");
    svi_table_column(&table, 'r', "SD over seeds");
    svi_table_column(&table, 'r', "share of variance %");
    for (size_t i = 0; i < findings->n_nondeterminism; i++) {
        const svi_nondeterminism_finding *finding = &findings->nondeterminism[i];
        double share = (double)finding->n_different / (double)finding->n_repeats;
        svi_subject_cells(findings, &table, finding->subject);
        svi_count_cell(&table, finding->n_seeds);
        svi_count_cell(&table, finding->n_runs);
        svi_table_cell(&table, "%.4g", finding->n_digests);
        if (finding->n_different > 0)
            write_percentage(&table, share);
        else if (finding->bound < 0.1)
            svi_table_cell(&table, "0 (< %.2g)", 100 * finding->bound);
        else
            svi_table_cell(&table, "0 (< %.0f)", 100 * finding->bound);
        add_spread_cells(&table, headline_spread(findings, finding), scale);
    }
    svi_headline_title(findings, "Runs repeated with the same seeds: bits, and %s", title);
    svi_table_write(&table, title, text);
}

static const svi_metric_gap *headline_gap(const sv_findings *findings,
                                          const svi_numerics_finding *finding)
{
    for (size_t i = 0; i < finding->n_gaps; i++)
        if (finding->gaps[i].metric == findings->headline) return &finding->gaps[i];
    return NULL;
}

void svi_write_numerics_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'l', "against");
    svi_table_column(&table, 'r', "seeds");
    svi_table_column(&table, 'r', "equal bits %");
    svi_table_column(&table, 'r', "mean difference");
    svi_table_column(&table, 'r', "mean |difference|");
    svi_table_column(&table, 'r', "time");
    for (size_t i = 0; i < findings->n_numerics_findings; i++) {
        const svi_numerics_finding *finding = &findings->numerics_findings[i];
        const svi_metric_gap *gap = headline_gap(findings, finding);
        if (finding->n_seeds == 0) continue;
        svi_subject_cells(findings, &table, finding->subject);
        svi_name_cell(&table, findings->numerics_names[finding->reference]);
        svi_count_cell(&table, finding->n_seeds);
        write_percentage(&table, (double)finding->n_equal_seeds / (double)finding->n_seeds);
        svi_estimate_cell(&table, gap != NULL ? gap->mean.value : NAN,
                          gap != NULL ? gap->mean.interval : no_interval, scale);
        svi_estimate_cell(&table, gap != NULL ? gap->mean_absolute : NAN, no_interval, scale);
        if (isnan(finding->time_ratio))
            svi_table_cell(&table, "-");
        else
            svi_table_cell(&table, "x %.2f", finding->time_ratio);
    }
    svi_headline_title(findings, "Numerics, same seeds: bits, and %s", title);
    svi_table_write(&table, title, text);
}
