#include "report/text_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) n += (*text & 0xc0) != 0x80;
    return n;
}

static char *add_cell(svi_text_table *table)
{
    if (table->has_failed) return NULL;
    if (table->n_cells == table->n_capacity) {
        size_t n = table->n_capacity == 0 ? 64 : table->n_capacity * 2;
        void *cells = realloc(table->cells, n * sizeof *table->cells);
        table->has_failed = cells == NULL;
        if (cells == NULL) return NULL;
        table->cells = cells;
        table->n_capacity = n;
    }
    return table->cells[table->n_cells++];
}

void svi_table_column(svi_text_table *table, char align, const char *heading)
{
    char *cell = add_cell(table);
    if (cell == NULL) return;
    table->align[table->n_columns++] = align;
    snprintf(cell, SVI_CELL_BYTES, "%s", heading);
}

void svi_table_cell(svi_text_table *table, const char *format, ...)
{
    char *cell = add_cell(table);
    if (cell == NULL) return;
    va_list args;
    va_start(args, format);
    vsnprintf(cell, SVI_CELL_BYTES, format, args);
    va_end(args);
}

static void write_row(const svi_text_table *table, size_t row, const size_t *width, svi_text *text)
{
    svi_text_add(text, "  ");
    for (size_t c = 0; c < table->n_columns; c++) {
        const char *cell = table->cells[row * table->n_columns + c];
        int gap = (int)(width[c] - count_characters(cell));
        bool is_last = c + 1 == table->n_columns;
        if (table->align[c] == 'r') svi_text_add(text, "%*s", gap, "");
        svi_text_add(text, "%s", cell);
        if (table->align[c] == 'l' && !is_last) svi_text_add(text, "%*s", gap, "");
        svi_text_add(text, "%s", is_last ? "\n" : "  ");
    }
}

void svi_table_write(svi_text_table *table, const char *title, svi_text *text)
{
    size_t width[SVI_TABLE_COLUMNS_MAX] = {0};
    if (table->has_failed) text->has_failed = true;
    size_t n_rows =
        table->n_columns > 0 && !table->has_failed ? table->n_cells / table->n_columns : 0;
    for (size_t i = 0; i < n_rows * table->n_columns; i++) {
        size_t n = count_characters(table->cells[i]);
        if (n > width[i % table->n_columns]) width[i % table->n_columns] = n;
    }
    if (n_rows > 1) svi_text_add(text, "\n%s\n", title);
    for (size_t row = 0; n_rows > 1 && row < n_rows; row++) write_row(table, row, width, text);
    free(table->cells);
    *table = (svi_text_table){0};
}
