/* The table that the readers fill, and the checks that every file of data goes through. */
#ifndef SVI_TABLE_H
#define SVI_TABLE_H

#include "base/byte_source.h"
#include "data/target.h"

enum { SVI_COLUMNS_MAX = 1 << 16 };
#define SVI_ROWS_MAX UINT64_C(2147483647) /* row numbers are 32 bits wide */

typedef struct svi_table {
    const char *file;    /* borrowed */
    uint64_t first_line; /* where errors of a whole column are placed */
    uint64_t n_rows, n_rows_max;
    uint64_t n_rows_dropped; /* of the file, because they lack a value */
    int n_features;
    int n_columns;        /* of the file; 0: the targets are in another file */
    int *column;          /* [n_features] in the file, from 0; NULL: feature j is column j */
    int target_column;    /* its number in the file, from 0; -1: the targets are in another file */
    char **feature_names; /* [n_features], or NULL */
    char *target_name;    /* of its column, or NULL */
    double *x, *y;        /* [n_rows_max][n_features], [n_rows_max] */
    svi_target target;
} svi_table;

void svi_table_clear(svi_table *table);

/* Makes room for one more row, at index n_rows, whose place is given. */
sv_status svi_table_reserve(svi_table *table, const svi_place *place, sv_error *error);

/* Makes room for n_rows in all, and no more. */
sv_status svi_table_resize(svi_table *table, uint64_t n_rows, sv_error *error);

/* The place of feature j in a line of the file. */
svi_place svi_table_place(const svi_table *table, uint64_t line, int j);

/* The place of the target in a line of the file. */
svi_place svi_table_target_place(const svi_table *table, uint64_t line);

/* SV_ERR_DATA when value is not finite. */
sv_status svi_table_check_value(double value, const svi_place *place, sv_error *error);

/* After the last row: there are rows, features vary unless constant ones are kept, the targets
 * differ. */
sv_status svi_table_check(const svi_table *table, bool keep_constant, sv_error *error);

/* One reader for each format; table is zeroed and needs svi_table_clear whatever is returned. */
sv_status svi_csv_read(svi_byte_source *source, const svi_data_spec *spec, svi_table *table,
                       sv_error *error);
sv_status svi_npy_read(const svi_data_spec *spec, svi_table *table, sv_error *error);
sv_status svi_idx_read(const svi_data_spec *spec, svi_table *table, sv_error *error);

#endif
