/* How the headline's spread changes in the course of training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/findings_tables.h"
#include "report/text_table.h"
#include "report/verdict_text.h"

enum { ROWS_MAX = 20, NAME_CHARACTERS_MAX = 14 }; /* rows of an arm and numerics */

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

static void add_row(const sv_findings *findings, const svi_curve_row *curve, svi_text_table *table)
{
    double scale = svi_metric_scale(&findings->metrics[findings->headline]);
    char count[SVI_NUMBER_BYTES];
    if (findings->n_arms > 1)
        svi_table_cell(table, "%.*s", NAME_CHARACTERS_MAX, findings->arm_names[curve->arm]);
    if (findings->n_numerics > 1)
        svi_table_cell(table, "%.*s", NAME_CHARACTERS_MAX,
                       findings->numerics_names[curve->numerics]);
    svi_write_count(curve->step, count);
    svi_table_cell(table, "%s", count);
    svi_write_count(curve->n, count);
    svi_table_cell(table, "%s", count);
    cell_value(table, curve->mean, curve->sd, scale);
    cell_value(table, curve->sd, curve->sd, scale);
    cell_value(table, curve->quantiles[quantile_index(0.05)], curve->sd, scale);
    cell_value(table, curve->quantiles[quantile_index(0.95)], curve->sd, scale);
}

static bool is_headline(const sv_findings *findings, const svi_curve_row *curve)
{
    return strcmp(curve->metric, findings->metrics[findings->headline].name) == 0;
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
    const svi_metric_name *metric = &findings->metrics[findings->headline];
    svi_text_table table = {0};
    char title[160];
    if (findings->n_arms > 1) svi_table_column(&table, 'l', "arm");
    if (findings->n_numerics > 1) svi_table_column(&table, 'l', "numerics");
    svi_table_column(&table, 'r', "step");
    svi_table_column(&table, 'r', "values");
    svi_table_column(&table, 'r', "mean");
    svi_table_column(&table, 'r', "SD");
    svi_table_column(&table, 'r', "5%");
    svi_table_column(&table, 'r', "95%");
    add_rows(findings, &table);
    snprintf(title, sizeof title, "%s in the course of training%s", metric->name,
             metric->is_percentage ? " (percent)" : "");
    svi_table_write(&table, title, text);
}
