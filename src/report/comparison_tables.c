/* Arm against arm. */
#include <math.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static bool is_shown(const sv_findings *findings, const svi_comparison_finding *comparison)
{
    return comparison->subject.metric == findings->headline && comparison->reason[0] == '\0';
}

static void pair_cells(const sv_findings *findings, const svi_comparison_finding *comparison,
                       svi_text_table *table)
{
    svi_name_cell(table, findings->arm_names[comparison->subject.arm]);
    svi_name_cell(table, findings->arm_names[comparison->reference]);
    if (findings->n_numerics > 1)
        svi_name_cell(table, findings->numerics_names[comparison->subject.numerics]);
}

static void pair_columns(const sv_findings *findings, svi_text_table *table)
{
    svi_table_column(table, 'l', "arm");
    svi_table_column(table, 'l', "against");
    if (findings->n_numerics > 1) svi_table_column(table, 'l', "numerics");
}

/* Whether the verdicts allow for more than one comparison. */
static bool has_several(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_comparisons; i++)
        if (is_shown(findings, &findings->comparisons[i]) &&
            findings->comparisons[i].n_together > 1)
            return true;
    return false;
}

static void comparison_row(const sv_findings *findings, const svi_comparison_finding *comparison,
                           svi_text_table *table)
{
    pair_cells(findings, comparison, table);
    svi_estimate_cell(table, comparison->difference.difference, comparison->difference.interval,
                      svi_metric_scale(svi_headline(findings)));
    svi_p_cell(table, comparison->difference.p);
    if (has_several(findings)) svi_p_cell(table, comparison->p_adjusted);
    if (findings->margin > 0) svi_p_cell(table, comparison->equivalence_p);
    svi_table_cell(table, "%.3f", comparison->superiority.probability);
    svi_table_cell(table, "%s", svi_decision_name(comparison->decision));
}

void svi_add_not_compared(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (comparison->subject.metric != findings->headline || comparison->reason[0] == '\0')
            continue;
        svi_text_add(text, "%s is not compared with %s: %s. ",
                     findings->arm_names[comparison->subject.arm],
                     findings->arm_names[comparison->reference], comparison->reason);
        return;
    }
}

void svi_write_comparison_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    pair_columns(findings, &table);
    svi_table_column(&table, 'r', "difference");
    svi_table_column(&table, 'r', "p");
    if (has_several(findings)) svi_table_column(&table, 'r', "p (Holm)");
    if (findings->margin > 0) svi_table_column(&table, 'r', "p (equivalent)");
    svi_table_column(&table, 'r', "P(>)");
    svi_table_column(&table, 'l', "verdict");
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        if (is_shown(findings, &findings->comparisons[i])) {
            comparison_row(findings, &findings->comparisons[i], &table);
        }
    }
    svi_headline_title(findings, "Arms compared on %s", title);
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
            cell_chance(&table, comparison->points[sizes[s] - 1].verdict.probability);
    }
    svi_table_write(&table, "Chance in percent that a study with so many seeds concludes otherwise",
                    text);
}
