/* The tables of the text report, each empty where there is nothing to show. */
#ifndef SVI_FINDINGS_TABLES_H
#define SVI_FINDINGS_TABLES_H

#include "analysis/findings.h"
#include "base/text.h"

void svi_write_summary_table(const sv_findings *findings, svi_text *text);
/* Of a headline that is minimized and whose values recur. */
void svi_write_recurrence_table(const sv_findings *findings, svi_text *text);
void svi_write_other_metrics_table(const sv_findings *findings, svi_text *text);
void svi_write_components_table(const sv_findings *findings, svi_text *text);
void svi_write_indices_table(const sv_findings *findings, svi_text *text);
void svi_write_comparison_table(const sv_findings *findings, svi_text *text);
void svi_write_mislead_table(const sv_findings *findings, svi_text *text);
void svi_write_curve_table(const sv_findings *findings, svi_text *text);
void svi_write_famous_table(const sv_findings *findings, svi_text *text);

#endif
