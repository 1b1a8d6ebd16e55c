#include "report/finding_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/verdict_text.h"

enum { NAME_BYTES_MAX = 24 };

void svi_name_cell(svi_text_table *table, const char *name)
{
    bool is_cut = strlen(name) > NAME_BYTES_MAX;
    size_t n = svi_whole_bytes(name, is_cut ? NAME_BYTES_MAX - 2 : NAME_BYTES_MAX);
    svi_table_cell(table, "%.*s%s", (int)n, name, is_cut ? ".." : "");
}

void svi_subject_columns(const sv_findings *findings, svi_text_table *table)
{
    if (findings->n_arms > 1) svi_table_column(table, 'l', "arm");
    if (findings->n_numerics > 1) svi_table_column(table, 'l', "numerics");
}

void svi_subject_cells(const sv_findings *findings, svi_text_table *table, svi_subject subject)
{
    if (findings->n_arms > 1) svi_name_cell(table, findings->arm_names[subject.arm]);
    if (findings->n_numerics > 1) svi_name_cell(table, findings->numerics_names[subject.numerics]);
}

void svi_count_cell(svi_text_table *table, uint64_t count)
{
    char text[SVI_NUMBER_BYTES];
    svi_write_count(count, text);
    svi_table_cell(table, "%s", text);
}

void svi_estimate_cell(svi_text_table *table, double value, svi_interval interval, double scale)
{
    char text[SVI_ESTIMATE_BYTES];
    if (isnan(value)) {
        svi_table_cell(table, "-");
        return;
    }
    svi_write_estimate(value, interval, scale, text);
    svi_table_cell(table, "%s", text);
}

void svi_headline_title(const sv_findings *findings, const char *format, char title[160])
{
    snprintf(title, 160, format, svi_headline(findings)->name);
    size_t n = strlen(title);
    if (svi_headline(findings)->is_percentage) snprintf(title + n, 160 - n, " (percent)");
}

void svi_p_cell(svi_text_table *table, double p)
{
    if (p < 1e-15) {
        svi_table_cell(table, "<1e-15");
    } else {
        svi_table_cell(table, p < 1e-4 ? "%.0e" : "%.4f", p);
    }
}
