/* The table "predictions". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/table_export.h"

enum { N_FIXED_COLUMNS = 7, NAME_SIZE = 32 };

typedef struct prediction_export {
    const svi_store_study *study;
    svi_table_writer *writer;
    char *bytes;
    const char **names;
} prediction_export;

static sv_status start_table(void *context, uint64_t n_classes, sv_error *error)
{
    static const char *const fixed[N_FIXED_COLUMNS] = {
        "arm", "numerics", "seed_split", "seed_data", "n_runs", "row", "label"};
    prediction_export *out = context;
    out->bytes = malloc(n_classes * NAME_SIZE + 1);
    out->names = malloc((N_FIXED_COLUMNS + n_classes) * sizeof *out->names);
    if (out->bytes == NULL || out->names == NULL)
        return svi_fail_memory(error, n_classes * NAME_SIZE, "column names");
    memcpy(out->names, fixed, sizeof fixed);
    for (size_t c = 0; c < n_classes; c++) {
        snprintf(out->bytes + c * NAME_SIZE, NAME_SIZE, "count_%zu", c);
        out->names[N_FIXED_COLUMNS + c] = out->bytes + c * NAME_SIZE;
    }
    return svi_table_start(out->writer, out->names, N_FIXED_COLUMNS + n_classes, error);
}

static sv_status write_set(void *context, const svi_prediction_sums *sums, sv_error *error)
{
    const prediction_export *out = context;
    svi_table_writer *writer = out->writer;
    for (size_t p = 0; p < sums->n_points; p++) {
        svi_cell_text(writer, out->study->arm_names[sums->arm]);
        svi_cell_text(writer, out->study->numerics_names[sums->numerics]);
        svi_cell_u64(writer, sums->seed_split);
        svi_cell_u64(writer, sums->seed_data);
        svi_cell_u64(writer, sums->n_runs);
        svi_cell_u64(writer, sums->row[p]);
        svi_cell_i64(writer, sums->label[p]);
        for (size_t c = 0; c < sums->n_classes; c++)
            svi_cell_u64(writer, sums->count[p * sums->n_classes + c]);
        while (writer->i_column < writer->n_columns) svi_cell_none(writer);
        SVI_TRY(svi_table_end_row(writer, error));
    }
    return SV_OK;
}

sv_status svi_export_predictions(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    prediction_export out = {.study = &store->study, .writer = writer};
    sv_status status = svi_store_each_prediction_set(store, start_table, write_set, &out, error);
    free(out.names);
    free(out.bytes);
    return status;
}
