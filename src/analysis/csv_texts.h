/* Columns of an imported CSV without a meaning of their own: numbers are a metric, words are left
 * out, unless they are what tells the runs apart. */
#ifndef SVI_CSV_TEXTS_H
#define SVI_CSV_TEXTS_H

#include "analysis/csv_cells.h"
#include "analysis/csv_columns.h"

/* Notes a cell that stands in the given row. SV_ERR_DATA: a number with a '%' among numbers without
 * one, or the other way round. */
sv_status svi_csv_note_cell(svi_csv_column *column, const char *path, const svi_csv_field *field,
                            const svi_cell *cell, uint64_t row, uint64_t n_capacity,
                            sv_error *error);

/* After the last row: columns of words become SVI_CSV_TEXT, their metrics lose all values, and the
 * table lists them. SV_ERR_DATA: words among numbers, and numbers that cannot be read. */
sv_status svi_csv_settle_columns(svi_csv_columns *columns, svi_run_table *table, sv_error *error);

/* SV_ERR_DATA: no column names the arms, but one has words that runs share; a table with one metric
 * a row. After settling. */
sv_status svi_csv_check_texts(const svi_csv_columns *columns, const svi_run_table *table,
                              sv_error *error);

/* What two rows with the same seeds are, and what is to be done: "they differ in column 'Model';
 * --arm Model tells them apart". */
void svi_csv_explain_twins(const svi_csv_columns *columns, const svi_run_table *table,
                           uint64_t first, uint64_t again, char text[300]);

#endif
