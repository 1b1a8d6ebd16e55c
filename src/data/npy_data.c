/* Pairs of .npy files: features and targets. */
#include <inttypes.h>
#include <math.h>

#include "data/npy_file.h"
#include "data/table.h"

static sv_status read_features(svi_npy *f, svi_table *table, sv_error *error)
{
    if (f->n_rows == 0) return SV_OK;
    SVI_TRY(svi_table_resize(table, f->n_rows, error));
    uint64_t n_inner = f->is_fortran ? f->n_rows : f->n_columns;
    for (uint64_t k = 0; k < f->n_rows * f->n_columns; k++) {
        uint64_t row = f->is_fortran ? k % n_inner : k / n_inner;
        uint64_t column = f->is_fortran ? k / n_inner : k % n_inner;
        double *value = &table->x[row * f->n_columns + column];
        SVI_TRY(svi_npy_next(f, value, error));
        if (isfinite(*value)) continue;
        svi_place place = svi_table_place(table, row + 1, (int)column);
        return svi_table_check_value(*value, &place, error);
    }
    table->n_rows = f->n_rows;
    return SV_OK;
}

static sv_status read_targets(svi_npy *f, svi_table *table, sv_error *error)
{
    svi_place place = {.file = f->file};
    if (f->n_columns != 1 || f->n_rows != table->n_rows) {
        return svi_fail_data(error, &place,
                             "targets of shape (%" PRIu64 ", %" PRIu64
                             ") for features with %" PRIu64 " rows; one target a row is needed",
                             f->n_rows, f->n_columns, table->n_rows);
    }
    place.column = 1;
    for (uint64_t i = 0; i < f->n_rows; i++) {
        double value = 0;
        place.line = i + 1;
        SVI_TRY(svi_npy_next(f, &value, error));
        SVI_TRY(svi_target_add_number(&table->target, value, &place, &table->y[i], error));
    }
    return SV_OK;
}

static sv_status read_feature_file(const char *file, svi_table *table, sv_error *error)
{
    svi_npy f;
    sv_status status = svi_npy_open(&f, file, error);
    table->n_features = (int)f.n_columns;
    if (status == SV_OK) status = read_features(&f, table, error);
    svi_npy_close(&f);
    return status;
}

static sv_status read_target_file(const char *file, svi_table *table, sv_error *error)
{
    svi_npy f;
    sv_status status = svi_npy_open(&f, file, error);
    if (status == SV_OK) status = read_targets(&f, table, error);
    svi_npy_close(&f);
    return status;
}

sv_status svi_npy_read(const svi_data_spec *spec, svi_table *table, sv_error *error)
{
    table->file = spec->file;
    table->first_line = 1;
    table->target_column = -1;
    svi_target_start(&table->target, spec->task);
    SVI_TRY(read_feature_file(spec->file, table, error));
    return read_target_file(spec->target_file, table, error);
}
