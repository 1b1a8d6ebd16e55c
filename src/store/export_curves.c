/* The tables "checkpoints" and "curves". */
#include <stdio.h>

#include "stats/sample_summary.h"
#include "store/table_export.h"

sv_status svi_export_checkpoints(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    static const char *const names[] = {"arm", "checkpoint", "step"};
    const svi_store_study *study = &store->study;
    SVI_TRY(svi_table_start(writer, names, 3, error));
    for (size_t arm = 0; arm < study->n_arms; arm++)
        for (size_t i = 0; i < study->checkpoints[arm].n; i++) {
            svi_cell_text(writer, study->arm_names[arm]);
            svi_cell_u64(writer, i);
            svi_cell_u64(writer, study->checkpoints[arm].step[i]);
            SVI_TRY(svi_table_end_row(writer, error));
        }
    return SV_OK;
}

/* ---- full: a row a run and checkpoint ---- */

typedef struct full_export {
    const svi_store_study *study;
    uint32_t present; /* metrics that some row has */
    svi_table_writer *writer;
} full_export;

static sv_status note_present(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                              const svi_row_values *values, sv_error *error)
{
    svi_run_result result;
    (void)launch;
    svi_result_read(statement, values, SVI_CURVE_STATUS, &result);
    ((full_export *)context)->present |= result.present;
    if ((uint32_t)result.status < SVK_N_RUN_STATUSES) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "table curve: run %llu has no known status; the file is damaged: restore it "
                    "from a copy",
                    (unsigned long long)values->value[SVI_CURVE_RUN]);
}

static sv_status write_row(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                           const svi_row_values *values, sv_error *error)
{
    full_export *export = context;
    svi_run_result result;
    uint64_t number = values->value[SVI_CURVE_NUMBER];
    svi_result_read(statement, values, SVI_CURVE_STATUS, &result);
    svi_cell_u64(export->writer, values->value[SVI_CURVE_RUN]);
    svi_cell_text(export->writer, export->study->arm_names[launch->arm]);
    svi_cell_text(export->writer, export->study->numerics_names[launch->numerics]);
    svi_cell_u64(export->writer, number);
    svi_cell_u64(export->writer, export->study->checkpoints[launch->arm].step[number]);
    svi_export_result(export->writer, &result, export->present);
    return svi_table_end_row(export->writer, error);
}

static sv_status export_full(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    const char *names[7 + SVK_N_METRICS] = {"run",  "arm",    "numerics", "checkpoint",
                                            "step", "status", "digest"};
    full_export export = {.study = &store->study, .writer = writer};
    SVI_TRY(svi_store_scan_curves(store, note_present, &export, error));
    size_t n = svi_export_metric_names(export.present, names, 7);
    SVI_TRY(svi_table_start(writer, names, n, error));
    return svi_store_scan_curves(store, write_row, &export, error);
}

/* ---- summary: a row an arm, numerics, checkpoint and metric ---- */

typedef struct summary_export {
    const svi_store_study *study;
    svi_table_writer *writer;
    bool is_written; /* in the second pass */
} summary_export;

static sv_status write_metric(summary_export *export, svi_curve_point *point, int metric,
                              sv_error *error)
{
    svi_table_writer *writer = export->writer;
    svi_sketch *sketch = &point->metric[metric];
    svi_cell_text(writer, export->study->arm_names[point->arm]);
    svi_cell_text(writer, export->study->numerics_names[point->numerics]);
    svi_cell_u64(writer, point->number);
    svi_cell_u64(writer, point->step);
    svi_cell_u64(writer, point->n_runs);
    svi_cell_u64(writer, point->n_diverged);
    svi_cell_text(writer, svi_export_metric_name(metric));
    svi_cell_u64(writer, sketch->n);
    const double values[] = {svi_sketch_mean(sketch), svi_sketch_sd(sketch), svi_sketch_min(sketch),
                             svi_sketch_max(sketch)};
    for (int i = 0; i < 4; i++)
        values[i] == values[i] ? svi_cell_real(writer, values[i]) : svi_cell_none(writer);
#define WRITE_QUANTILE(probability)                                                                \
    sketch->n > 0 ? svi_cell_real(writer, svi_sketch_quantile(sketch, probability))                \
                  : svi_cell_none(writer);
    SVI_SUMMARY_QUANTILES(WRITE_QUANTILE)
#undef WRITE_QUANTILE
    return svi_table_end_row(writer, error);
}

static sv_status write_point(void *context, svi_curve_point *point, sv_error *error)
{
    summary_export *export = context;
    for (int m = 0; export->is_written && m < SVK_N_METRICS; m++)
        if (point->metric[m].n + point->metric[m].n_not_finite > 0)
            SVI_TRY(write_metric(export, point, m, error));
    return SV_OK;
}

static sv_status export_summary(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    const char *names[12 + SVI_N_SUMMARY_QUANTILES] = {"arm",    "numerics",   "checkpoint", "step",
                                                       "n_runs", "n_diverged", "metric",     "n",
                                                       "mean",   "sd",         "min",        "max"};
    size_t n = 12;
#define ADD_QUANTILE(probability) names[n++] = "q" #probability;
    SVI_SUMMARY_QUANTILES(ADD_QUANTILE)
#undef ADD_QUANTILE
    summary_export export = {.study = &store->study, .writer = writer};
    SVI_TRY(svi_store_each_curve(store, write_point, &export, error));
    export.is_written = true;
    SVI_TRY(svi_table_start(writer, names, n, error));
    return svi_store_each_curve(store, write_point, &export, error);
}

sv_status svi_export_curves(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    return store->study.curves == SVI_CURVES_FULL ? export_full(store, writer, error)
                                                  : export_summary(store, writer, error);
}
