#include <inttypes.h>
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

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
    svi_subject_cells(findings, table, finding->subject);
    svi_count_cell(table, finding->n_famous);
    svi_count_cell(table, finding->n_seeds);
    svi_table_cell(table, "%.3f", finding->test.probability);
    svi_p_cell(table, finding->test.p);
    svi_table_cell(table, "%" PRIu64 " (%.0f)", best->seed, best->rank);
    svi_table_cell(table, "%" PRIu64 " (%.0f)", last->seed, last->rank);
}

void svi_write_famous_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
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
             svi_headline(findings)->name);
    svi_table_write(&table, title, text);
}
