#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

bool svi_sees_differences(const svi_famous_finding *finding)
{
    return finding->test.least_detectable < 0.495; /* else they read as 0% and 100% */
}

static void famous_row(const sv_findings *findings, const svi_famous_finding *finding,
                       svi_text_table *table)
{
    const svi_famous_seed *best = extreme(finding, true), *last = extreme(finding, false);
    double seen = finding->test.least_detectable;
    svi_subject_cells(findings, table, finding->subject);
    if (findings->n_factors > 1) svi_table_cell(table, "%.40s", finding->source);
    svi_count_cell(table, finding->n_famous);
    svi_count_cell(table, finding->n_seeds);
    svi_table_cell(table, "%.3f", finding->test.probability);
    svi_p_cell(table, finding->test.p);
    if (svi_sees_differences(finding))
        svi_table_cell(table, "<%.2f, >%.2f", 0.5 - seen, 0.5 + seen);
    else
        svi_table_cell(table, "none");
    svi_table_cell(table, "%" PRIu64 " (%.0f)", best->seed, best->rank);
    svi_table_cell(table, "%" PRIu64 " (%.0f)", last->seed, last->rank);
}

static bool is_shown(const sv_findings *findings, const svi_famous_finding *finding)
{
    return finding->subject.metric == findings->headline && finding->reason[0] == '\0';
}

/* "0, 1, 2, ...": the first of those that the table is about. */
static void list_seeds(const sv_findings *findings, char list[100])
{
    enum { N_LISTED = 3 };
    uint64_t listed[N_LISTED + 1];
    size_t n = 0;
    for (size_t i = 0; i < findings->n_famous && n <= N_LISTED; i++) {
        const svi_famous_finding *finding = &findings->famous[i];
        for (size_t k = 0; is_shown(findings, finding) && k < finding->n_famous; k++) {
            bool is_new = n <= N_LISTED;
            for (size_t l = 0; l < n; l++) is_new = is_new && listed[l] != finding->famous[k].seed;
            if (is_new) listed[n++] = finding->famous[k].seed;
        }
    }
    list[0] = '\0';
    for (size_t l = 0; l < n; l++) {
        size_t used = strlen(list);
        if (l < N_LISTED)
            snprintf(list + used, 100 - used, "%s%" PRIu64, l > 0 ? ", " : "", listed[l]);
        else
            snprintf(list + used, 100 - used, ", ...");
    }
}

void svi_write_famous_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[200], seeds[100];
    svi_subject_columns(findings, &table);
    if (findings->n_factors > 1) svi_table_column(&table, 'l', "seeds of");
    svi_table_column(&table, 'r', "famous");
    svi_table_column(&table, 'r', "of seeds");
    svi_table_column(&table, 'r', "P(above)");
    svi_table_column(&table, 'r', "p");
    svi_table_column(&table, 'r', "would be seen");
    svi_table_column(&table, 'r', "best (rank)");
    svi_table_column(&table, 'r', "last (rank)");
    for (size_t i = 0; i < findings->n_famous; i++) {
        if (is_shown(findings, &findings->famous[i]))
            famous_row(findings, &findings->famous[i], &table);
    }
    list_seeds(findings, seeds);
    snprintf(title, sizeof title, "Are famous seeds (%s) special in %s?", seeds,
             svi_headline(findings)->name);
    svi_table_write(&table, title, text);
}
