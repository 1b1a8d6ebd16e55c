/* Is the seed a hyper-parameter: tables of what a search gains, what carries over, the best of n.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static void best_cell(svi_text_table *table, const svi_best_of *best, double scale)
{
    svi_estimate_cell(table, best->unbiased, best->interval, scale);
}

enum { SEARCHED_N_MIN = 10, RANKED_N_MIN = 5 }; /* fewer are in the JSON alone */

/* Of the sizes that the JSON has, those that a reader needs. */
static bool is_shown(uint64_t n) { return n == 1 || n == 2 || n == 10 || n == 100 || n == 1000; }

void svi_write_gain_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[200];
    const char *chosen_by = "";
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "best of");
    svi_table_column(&table, 'r', "seems better by");
    svi_table_column(&table, 'r', "is better by");
    for (size_t i = 0; i < findings->n_seed_choices; i++) {
        const svi_seed_choice_finding *finding = &findings->seed_choices[i];
        if (finding->subject.metric != findings->headline || finding->reason[0] != '\0') continue;
        if (finding->n < SEARCHED_N_MIN) continue;
        chosen_by = findings->metrics[finding->chosen_by].name;
        for (size_t g = 0; g < finding->n_gains; g++) {
            if (!is_shown(finding->gains[g].k)) continue;
            svi_subject_cells(findings, &table, finding->subject);
            svi_count_cell(&table, finding->gains[g].k);
            best_cell(&table, &finding->gains[g].apparent,
                      svi_metric_scale(&findings->metrics[finding->chosen_by]));
            best_cell(&table, &finding->gains[g].real, scale);
        }
    }
    snprintf(title, sizeof title, "What the seed with the best %s gains in %s%s", chosen_by,
             svi_headline(findings)->name,
             svi_headline(findings)->is_percentage ? " (points)" : "");
    svi_table_write(&table, title, text);
}

void svi_write_carry_over_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'l', "seeds of");
    svi_table_column(&table, 'l', "over");
    svi_table_column(&table, 'r', "Kendall's tau");
    for (size_t i = 0; i < findings->n_carry_overs; i++) {
        const svi_carry_over_finding *finding = &findings->carry_overs[i];
        if (finding->subject.metric != findings->headline) continue;
        if (finding->rank.n < RANKED_N_MIN) continue;
        svi_subject_cells(findings, &table, finding->subject);
        svi_table_cell(&table, "%.40s", finding->source);
        svi_table_cell(&table, "%.60s", finding->over);
        svi_estimate_cell(&table, finding->rank.tau, finding->rank.interval, 1);
    }
    snprintf(title, sizeof title,
             "Do good seeds stay good in %s? (1: the same ranking, 0: no relation)",
             svi_headline(findings)->name);
    svi_table_write(&table, title, text);
}

void svi_write_best_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "best of");
    svi_table_column(&table, 'r', "on average");
    svi_table_column(&table, 'r', "90% of searches");
    for (size_t i = 0; i < findings->n_expected_best; i++) {
        const svi_expected_best_finding *finding = &findings->expected_best[i];
        if (finding->subject.metric != findings->headline || finding->shares_seeds) continue;
        if (finding->n_values < SEARCHED_N_MIN) continue;
        for (size_t p = 0; p < finding->n_points; p++) {
            const svi_best_of *best = &finding->points[p];
            char low[SVI_NUMBER_BYTES], high[SVI_NUMBER_BYTES];
            if (!is_shown(finding->sizes[p])) continue;
            int decimals = svi_decimals(best->unbiased * scale, (svi_interval){NAN, NAN});
            svi_subject_cells(findings, &table, finding->subject);
            svi_count_cell(&table, finding->sizes[p]);
            best_cell(&table, best, scale);
            svi_write_decimal(best->spread.low * scale, decimals, low);
            svi_write_decimal(best->spread.high * scale, decimals, high);
            svi_table_cell(&table, "%s to %s", low, high);
        }
    }
    svi_headline_title(findings, "Best %s of n runs", title);
    svi_table_write(&table, title, text);
}
