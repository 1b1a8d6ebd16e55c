/* The curve of every single run, where they are kept. */
#include "store/store_file.h"

typedef struct curve_reader {
    svi_store_curve_run_fn row;
    void *context;
} curve_reader;

static sv_status read_row(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                          const svi_row_values *values, sv_error *error)
{
    const curve_reader *reader = context;
    svi_run_result result;
    (void)launch;
    svi_result_read(statement, values, SVI_CURVE_STATUS, &result);
    return reader->row(reader->context, values->value[SVI_CURVE_RUN],
                       (size_t)values->value[SVI_CURVE_NUMBER], &result, error);
}

sv_status svi_store_each_curve_run(svi_store *store, svi_store_curve_run_fn row, void *context,
                                   sv_error *error)
{
    curve_reader reader = {row, context};
    if (store->study.curves != SVI_CURVES_FULL) return SV_OK;
    return svi_store_scan_curves(store, read_row, &reader, error);
}
