/* Cells and columns that several tables of the text report share. */
#ifndef SVI_FINDING_CELLS_H
#define SVI_FINDING_CELLS_H

#include "analysis/findings.h"
#include "report/text_table.h"

/* A name that fits a column; cut between characters. */
void svi_name_cell(svi_text_table *table, const char *name);
void svi_count_cell(svi_text_table *table, uint64_t count);
/* "-" for NaN; only the value where the interval has no ends. */
void svi_estimate_cell(svi_text_table *table, double value, svi_interval interval, double scale);
void svi_p_cell(svi_text_table *table, double p);

/* Arms and numerics have a column only where there is more than one. */
void svi_subject_columns(const sv_findings *findings, svi_text_table *table);
void svi_subject_cells(const sv_findings *findings, svi_text_table *table, svi_subject subject);

/* format has one %s, for the headline's name. */
void svi_headline_title(const sv_findings *findings, const char *format, char title[160]);

#endif
