/* Rows of short texts under headings, in aligned columns. */
#ifndef SVI_TEXT_TABLE_H
#define SVI_TEXT_TABLE_H

#include "base/text.h"

enum { SVI_CELL_BYTES = 128, SVI_TABLE_COLUMNS_MAX = 16 };

typedef struct svi_text_table {
    size_t n_columns, n_cells, n_capacity;
    char align[SVI_TABLE_COLUMNS_MAX]; /* 'l' or 'r' */
    char (*cells)[SVI_CELL_BYTES];     /* row by row, the headings first */
    bool has_failed;                   /* of an allocation */
} svi_text_table;

void svi_table_column(svi_text_table *table, char align, const char *heading);
/* The next cell, row by row. */
void svi_table_cell(svi_text_table *table, const char *format, ...) SVI_PRINTF(2, 3);
/* Writes the table, two spaces before each row, and empties it. Nothing where there is no row. */
void svi_table_write(svi_text_table *table, const char *title, svi_text *text);

#endif
