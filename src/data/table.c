#include "data/table.h"

#include <math.h>
#include <stdlib.h>

void svi_table_clear(svi_table *table)
{
    for (int j = 0; table->feature_names != NULL && j < table->n_features; j++)
        free(table->feature_names[j]);
    free(table->feature_names);
    free(table->column);
    free(table->target_name);
    free(table->x);
    free(table->y);
    svi_target_clear(&table->target);
    *table = (svi_table){0};
}

sv_status svi_table_resize(svi_table *table, uint64_t n_rows, sv_error *error)
{
    size_t row_bytes = (size_t)table->n_features * sizeof(double);
    if (n_rows > SIZE_MAX / row_bytes) return svi_fail_memory(error, SIZE_MAX, table->file);
    double *x = realloc(table->x, n_rows * row_bytes);
    if (x == NULL) return svi_fail_memory(error, n_rows * row_bytes, table->file);
    table->x = x;
    double *y = realloc(table->y, n_rows * sizeof *y);
    if (y == NULL) return svi_fail_memory(error, n_rows * sizeof *y, table->file);
    table->y = y;
    table->n_rows_max = n_rows;
    return SV_OK;
}

sv_status svi_table_reserve(svi_table *table, const svi_place *place, sv_error *error)
{
    if (table->n_rows < table->n_rows_max) return SV_OK;
    if (table->n_rows == SVI_ROWS_MAX) {
        return svi_fail_data(error, place, "more than %llu rows; split the file",
                             (unsigned long long)SVI_ROWS_MAX);
    }
    uint64_t n_rows = table->n_rows_max + table->n_rows_max / 2 + 64;
    return svi_table_resize(table, n_rows < SVI_ROWS_MAX ? n_rows : SVI_ROWS_MAX, error);
}

svi_place svi_table_place(const svi_table *table, uint64_t line, int j)
{
    int column = table->column == NULL ? j : table->column[j];
    const char *name = table->feature_names == NULL ? "" : table->feature_names[j];
    return (svi_place){table->file, line, column + 1, name};
}

svi_place svi_table_target_place(const svi_table *table, uint64_t line)
{
    if (table->target_column < 0) return (svi_place){.file = table->file};
    const char *name = table->target_name == NULL ? "" : table->target_name;
    return (svi_place){table->file, line, table->target_column + 1, name};
}

sv_status svi_table_check_value(double value, const svi_place *place, sv_error *error)
{
    if (isfinite(value)) return SV_OK;
    return svi_fail_data(error, place,
                         "the value is %g; a feature must be finite: fill it in or remove the row",
                         value);
}

static bool is_constant(const svi_table *table, int j)
{
    size_t n_features = (size_t)table->n_features;
    for (uint64_t i = 1; i < table->n_rows; i++) {
        if (table->x[i * n_features + (size_t)j] != table->x[j]) return false;
    }
    return true;
}

static sv_status check_features(const svi_table *table, sv_error *error)
{
    int n_constant = 0, first = 0;
    for (int j = table->n_features - 1; j >= 0; j--) {
        if (!is_constant(table, j)) continue;
        first = j;
        n_constant++;
    }
    if (n_constant == 0) return SV_OK;
    svi_place place = svi_table_place(table, table->first_line, first);
    return svi_fail_data(error, &place,
                         "every row holds %.17g; remove the column or say `constant_columns: keep` "
                         "(columns with one value: %d)",
                         table->x[first], n_constant);
}

static sv_status check_targets(const svi_table *table, sv_error *error)
{
    for (uint64_t i = 1; i < table->n_rows; i++) {
        if (table->y[i] != table->y[0]) return SV_OK;
    }
    svi_place place = svi_table_target_place(table, table->first_line);
    return svi_fail_data(
        error, &place,
        "every row has the same target, so there is nothing to learn; check `target`");
}

sv_status svi_table_check(const svi_table *table, bool keep_constant, sv_error *error)
{
    if (table->n_rows == 0) {
        svi_place place = {.file = table->file, .line = table->first_line, .column = 1};
        return svi_fail_data(error, &place, "no rows of data; is this the right file?");
    }
    SVI_TRY(check_targets(table, error));
    return keep_constant ? SV_OK : check_features(table, error);
}
