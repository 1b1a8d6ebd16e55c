/* How many seeds, and what tests make of few. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static const char no_pairs[] = "-: the arms have too few common seeds to pair";
static const char no_correlation[] =
    "-: an arm with an SD of 0 has no correlation, which the number of pairs depends on";

static void seeds_cell(svi_text_table *table, double n)
{
    if (isnan(n)) {
        svi_table_cell(table, "-");
    } else if (n > 1e9) {
        svi_table_cell(table, ">1e9");
    } else {
        svi_count_cell(table, (uint64_t)n);
    }
}

void svi_write_howmany_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[200];
    bool has_unpaired = false, has_constant = false;
    double scale = svi_metric_scale(svi_headline(findings));
    svi_table_column(&table, 'l', "arm");
    svi_table_column(&table, 'l', "against");
    if (findings->n_numerics > 1) svi_table_column(&table, 'l', "numerics");
    svi_table_column(&table, 'r', "difference");
    svi_table_column(&table, 'r', "SDs");
    svi_table_column(&table, 'r', "Welch");
    svi_table_column(&table, 'r', "paired t");
    svi_table_column(&table, 'r', "rank sum");
    for (size_t i = 0; i < findings->n_howmany; i++) {
        const svi_howmany_finding *finding = &findings->howmany[i];
        if (finding->subject.metric != findings->headline || finding->reason[0] != '\0') continue;
        svi_name_cell(&table, findings->arm_names[finding->subject.arm]);
        svi_name_cell(&table, findings->arm_names[finding->reference]);
        if (findings->n_numerics > 1)
            svi_name_cell(&table, findings->numerics_names[finding->subject.numerics]);
        svi_table_cell(&table, "%.3g", finding->difference * scale);
        svi_table_cell(&table, "%.3g, %.3g", finding->sd * scale, finding->sd_reference * scale);
        has_unpaired = has_unpaired || !finding->is_paired;
        has_constant = has_constant || (finding->is_paired && isnan(finding->n_paired));
        seeds_cell(&table, finding->n_welch);
        seeds_cell(&table, finding->n_paired);
        seeds_cell(&table, finding->n_superiority);
    }
    snprintf(title, sizeof title,
             "Seeds an arm that find this difference in %s with power %g, were it the true one",
             svi_headline(findings)->name, findings->power);
    svi_table_write(&table, title, text);
    if (has_unpaired) svi_text_add(text, "  %s\n", no_pairs);
    if (has_constant) svi_text_add(text, "  %s\n", no_correlation);
}

static const svi_test_rates *rates_at(const svi_test_rates *rates, size_t n)
{
    for (size_t i = 0; i < SVI_N_RATE_SIZES; i++)
        if (rates[i].n == n) return &rates[i];
    return NULL;
}

static const size_t shown_sizes[] = {2, 3, 5, 10, 20, 50};
enum { N_SHOWN_SIZES = sizeof shown_sizes / sizeof *shown_sizes };

static void rates_columns(svi_text_table *table)
{
    svi_table_column(table, 'l', "seeds:");
    for (size_t s = 0; s < N_SHOWN_SIZES; s++) {
        char count[SVI_NUMBER_BYTES];
        svi_write_count(shown_sizes[s], count);
        svi_table_column(table, 'r', count);
    }
}

static void rates_cells(svi_text_table *table, const svi_test_rates *rates, svi_test test)
{
    svi_table_cell(table, "%s", svi_test_name(test));
    for (size_t s = 0; s < N_SHOWN_SIZES; s++) {
        double rate = rates_at(rates, shown_sizes[s])->rate[test];
        svi_table_cell(table, isnan(rate) ? "-" : "%.1f", 100 * rate);
    }
}

static void write_false_positives(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[200];
    bool has_gap = false;
    svi_subject_columns(findings, &table);
    rates_columns(&table);
    for (size_t i = 0; i < findings->n_false_positives; i++) {
        const svi_false_positive_finding *finding = &findings->false_positives[i];
        has_gap = has_gap || finding->n_pool < 2 * shown_sizes[N_SHOWN_SIZES - 1];
        for (int t = 0; t < SVI_N_TESTS; t++) {
            svi_subject_cells(findings, &table, finding->subject);
            rates_cells(&table, finding->rates, t);
        }
    }
    snprintf(title, sizeof title,
             "False findings in percent: two groups of runs of one arm, tested at %.3g%% on %s",
             100 * (1 - findings->level), svi_headline(findings)->name);
    svi_table_write(&table, title, text);
    if (has_gap)
        svi_text_add(text, "  -: two groups of so many seeds are more runs than the arm has\n");
}

static void write_powers(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[200];
    bool has_gap = false;
    svi_table_column(&table, 'l', "arm");
    svi_table_column(&table, 'l', "against");
    if (findings->n_numerics > 1) svi_table_column(&table, 'l', "numerics");
    rates_columns(&table);
    for (size_t i = 0; i < findings->n_howmany; i++) {
        const svi_howmany_finding *finding = &findings->howmany[i];
        has_gap =
            has_gap || (finding->rates != NULL && isnan(finding->rates->rate[SVI_TEST_PAIRED_T]));
        for (int t = 0; t < SVI_N_TESTS && finding->rates != NULL; t++) {
            svi_name_cell(&table, findings->arm_names[finding->subject.arm]);
            svi_name_cell(&table, findings->arm_names[finding->reference]);
            if (findings->n_numerics > 1)
                svi_name_cell(&table, findings->numerics_names[finding->subject.numerics]);
            rates_cells(&table, finding->rates, t);
        }
    }
    snprintf(title, sizeof title,
             "Power in percent: how often each test tells the arms apart in %s, on so many seeds "
             "drawn from these runs",
             svi_headline(findings)->name);
    svi_table_write(&table, title, text);
    if (has_gap) svi_text_add(text, "  %s\n", no_pairs);
}

void svi_write_rates_tables(const sv_findings *findings, svi_text *text)
{
    write_false_positives(findings, text);
    write_powers(findings, text);
}
