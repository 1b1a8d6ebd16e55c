/* How much of the variance comes from each source. */
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static void component_row(const sv_findings *findings, const svi_components_finding *group,
                          size_t i, svi_text_table *table)
{
    const svi_component *component = &group->rows[i];
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_cells(findings, table, group->subject);
    svi_table_cell(table, "%.24s", group->labels[i]);
    svi_estimate_cell(table, component->share, component->share_interval, 100);
    svi_estimate_cell(table, component->variance, component->interval, scale * scale);
}

void svi_write_components_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'l', "source");
    svi_table_column(&table, 'r', "share %");
    svi_table_column(&table, 'r', "variance");
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric != findings->headline) continue;
        for (size_t i = 0; i < group->n_rows; i++) component_row(findings, group, i, &table);
    }
    snprintf(title, sizeof title, "Where the variance of %s comes from%s",
             svi_headline(findings)->name,
             svi_headline(findings)->is_percentage ? " (points squared)" : "");
    svi_table_write(&table, title, text);
}

static void index_row(const sv_findings *findings, const svi_indices_finding *group, size_t s,
                      svi_text_table *table)
{
    const svi_source_index *source = &group->values.sources[s];
    double scale = svi_metric_scale(svi_headline(findings));
    svi_subject_cells(findings, table, group->subject);
    svi_table_cell(table, "%.24s", group->sources[s]);
    svi_estimate_cell(table, source->first_share.value, source->first_share.interval, 100);
    svi_estimate_cell(table, source->total_share.value, source->total_share.interval, 100);
    svi_estimate_cell(table, source->total_variance.value, source->total_variance.interval,
                      scale * scale);
}

void svi_write_indices_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    char title[160];
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'l', "source");
    svi_table_column(&table, 'r', "first order %");
    svi_table_column(&table, 'r', "total %");
    svi_table_column(&table, 'r', "total variance");
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->subject.metric != findings->headline || group->reason[0] != '\0') continue;
        for (size_t s = 0; s < group->n_sources; s++) index_row(findings, group, s, &table);
    }
    snprintf(title, sizeof title, "How much each source moves %s%s", svi_headline(findings)->name,
             svi_headline(findings)->is_percentage ? " (variance in points squared)" : "");
    svi_table_write(&table, title, text);
}
