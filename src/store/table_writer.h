/* Rows as canonical CSV (RFC 4180 with LF) or JSON lines. The bytes depend on the values alone.
 * Floats: 17 significant digits, "inf", "-inf"; the NaN 7ff8000000000000 is "nan", fff8000000000000
 * is "-nan", any other is "nan(0x<bits>)". In JSON the last five are strings. What was not measured
 * is empty, or null in JSON. */
#ifndef SVI_TABLE_WRITER_H
#define SVI_TABLE_WRITER_H

#include "base/text.h"

typedef struct svi_table_writer {
    bool is_jsonl;
    sv_write_fn write;
    void *context;
    const char *const *names; /* of the columns; borrowed until the last row is written */
    size_t n_columns, i_column;
    svi_text text; /* not yet handed to write */
} svi_table_writer;

/* The header line of a CSV. */
sv_status svi_table_start(svi_table_writer *writer, const char *const *names, size_t n_columns,
                          sv_error *error);
/* The cells of a row, in the order of the columns. */
void svi_cell_u64(svi_table_writer *writer, uint64_t value);
void svi_cell_i64(svi_table_writer *writer, int64_t value);
void svi_cell_real(svi_table_writer *writer, double value);
void svi_cell_text(svi_table_writer *writer, const char *text);
void svi_cell_none(svi_table_writer *writer);
sv_status svi_table_end_row(svi_table_writer *writer, sv_error *error);
/* Hands over the rest; releases the writer's memory, also when it fails. */
sv_status svi_table_finish(svi_table_writer *writer, sv_error *error);

#endif
