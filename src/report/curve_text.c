/* How the headline's spread changes in the course of training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

enum { ROWS_MAX = 20 }; /* of an arm and numerics */

static size_t quantile_index(double probability)
{
    static const double probabilities[] = {
#define PROBABILITY(probability) probability,
        SVI_SUMMARY_QUANTILES(PROBABILITY)
#undef PROBABILITY
    };
    size_t q = 0;
    while (probabilities[q] != probability) q++;
    return q;
}

/* With as many decimals as the SD deserves, so that the rows can be compared. */
static void cell_value(svi_text_table *table, double value, double sd, double scale)
{
    char text[SVI_NUMBER_BYTES];
    svi_interval around = {scale * (value - sd), scale * (value + sd)};
    if (!isfinite(value)) {
        svi_table_cell(table, "-");
        return;
    }
    svi_write_decimal(scale * value, svi_decimals(scale * value, around), text);
    svi_table_cell(table, "%s", text);
}

static bool has_diverged(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_curves; i++)
        if (findings->curves[i].n_diverged > 0) return true;
    return false;
}

/* How the runs rank at this step against the end; 1 at the end itself. */
static void cell_rank(const sv_findings *findings, const svi_curve_row *curve,
                      svi_text_table *table)
{
    char text[SVI_NUMBER_BYTES];
    for (size_t i = 0; i < findings->n_early_ranks; i++) {
        const svi_early_rank_finding *early = &findings->early_ranks[i];
        if (early->subject.arm != curve->arm || early->subject.numerics != curve->numerics ||
            early->step != curve->step || isnan(early->rank.tau))
            continue;
        svi_write_decimal(early->rank.tau, 2, text);
        svi_table_cell(table, "%s", text);
        return;
    }
    svi_table_cell(table, "-");
}

static void add_row(const sv_findings *findings, const svi_curve_row *curve, svi_text_table *table)
{
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_cells(findings, table,
                      (svi_subject){.arm = curve->arm, .numerics = curve->numerics});
    svi_count_cell(table, curve->step);
    svi_count_cell(table, curve->n);
    if (has_diverged(findings)) svi_count_cell(table, curve->n_diverged);
    cell_value(table, curve->mean, curve->sd, scale);
    cell_value(table, curve->sd, curve->sd, scale);
    cell_value(table, curve->quantiles[quantile_index(0.05)], curve->sd, scale);
    cell_value(table, curve->quantiles[quantile_index(0.95)], curve->sd, scale);
    if (findings->n_early_ranks > 0) cell_rank(findings, curve, table);
}

static bool is_headline(const sv_findings *findings, const svi_curve_row *curve)
{
    return strcmp(curve->metric, svi_headline(findings)->name) == 0;
}

/* Rows of the headline from i on that share its arm and numerics. */
static size_t count_rows(const sv_findings *findings, size_t i)
{
    const svi_curve_row *first = &findings->curves[i];
    size_t n = 0;
    for (; i < findings->n_curves; i++) {
        const svi_curve_row *curve = &findings->curves[i];
        if (curve->arm != first->arm || curve->numerics != first->numerics) break;
        n += is_headline(findings, curve);
    }
    return n;
}

/* All rows, or of more than fit every second, third, ..., counted back from the last. */
static void add_rows(const sv_findings *findings, svi_text_table *table)
{
    size_t n = 0, n_left = 0;
    for (size_t i = 0; i < findings->n_curves; i++) {
        if (!is_headline(findings, &findings->curves[i])) continue;
        if (n_left == 0) n_left = n = count_rows(findings, i);
        n_left--;
        if (n_left % ((n + ROWS_MAX - 1) / ROWS_MAX) == 0)
            add_row(findings, &findings->curves[i], table);
    }
}

void svi_write_curve_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "step");
    svi_table_column(&table, 'r', "values");
    if (has_diverged(findings)) svi_table_column(&table, 'r', "diverged");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    svi_table_column(&table, 'r', "5%");
    svi_table_column(&table, 'r', "95%");
    if (findings->n_early_ranks > 0) svi_table_column(&table, 'r', "tau with the end");
    add_rows(findings, &table);
    svi_headline_title(findings, "%s in the course of training", title);
    svi_table_write(&table, title, text);
}
