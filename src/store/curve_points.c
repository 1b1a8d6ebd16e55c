/* The curves of an arm and numerics: the rows of all its launches merged. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

typedef struct curve_merge {
    svi_store *store;
    const svi_launch *launch; /* the latest: its arm and numerics are those of the points */
    size_t n_points;
    svi_curve_point *points;
    svi_curve_fn point;
    void *context;
} curve_merge;

static void clear_points(curve_merge *merge)
{
    for (size_t i = 0; i < merge->n_points; i++)
        for (int m = 0; m < SVK_N_METRICS; m++) svi_sketch_clear(&merge->points[i].metric[m]);
    free(merge->points);
    merge->points = NULL;
    merge->n_points = 0;
}

static sv_status hand_over(curve_merge *merge, sv_error *error)
{
    for (size_t i = 0; i < merge->n_points; i++) {
        for (int m = 0; m < SVK_N_METRICS; m++)
            SVI_TRY(svi_sketch_check(&merge->points[i].metric[m], error));
        SVI_TRY(merge->point(merge->context, &merge->points[i], error));
    }
    return SV_OK;
}

static sv_status begin_points(curve_merge *merge, const svi_launch *launch, sv_error *error)
{
    const svi_checkpoints *checkpoints = &merge->store->study.checkpoints[launch->arm];
    merge->points = calloc(checkpoints->n, sizeof *merge->points);
    if (merge->points == NULL)
        return svi_fail_memory(error, checkpoints->n * sizeof *merge->points, "curves");
    merge->n_points = checkpoints->n;
    for (size_t i = 0; i < checkpoints->n; i++) {
        merge->points[i].arm = launch->arm;
        merge->points[i].numerics = launch->numerics;
        merge->points[i].number = i;
        merge->points[i].step = checkpoints->step[i];
    }
    return SV_OK;
}

/* The launches of an arm and numerics follow each other. */
static sv_status enter_launch(curve_merge *merge, const svi_launch *launch, sv_error *error)
{
    const svi_launch *before = merge->launch;
    merge->launch = launch;
    if (before != NULL && before->arm == launch->arm && before->numerics == launch->numerics)
        return SV_OK;
    SVI_TRY(hand_over(merge, error));
    clear_points(merge);
    return begin_points(merge, launch, error);
}

static void add_run(svi_curve_point *point, sqlite3_stmt *statement, const svi_row_values *values)
{
    svi_run_result result;
    svi_result_read(statement, values, SVI_CURVE_STATUS, &result);
    point->n_runs++;
    point->n_diverged += result.status == SVK_RUN_DIVERGED;
    for (int m = 0; m < SVK_N_METRICS; m++)
        if ((result.present >> m & 1) != 0) svi_sketch_add(&point->metric[m], result.metric[m]);
}

static sv_status add_part(svi_curve_point *point, sqlite3_stmt *statement,
                          const svi_row_values *values, sv_error *error)
{
    point->n_runs += values->value[SVI_PART_N_RUNS];
    point->n_diverged += values->value[SVI_PART_N_DIVERGED];
    for (int m = 0; m < SVK_N_METRICS; m++) {
        int column = SVI_PART_FIRST_SKETCH + m;
        if (sqlite3_column_type(statement, column) == SQLITE_NULL) continue;
        const void *bytes = sqlite3_column_blob(statement, column);
        SVI_TRY(svi_sketch_read(&point->metric[m], bytes,
                                (size_t)sqlite3_column_bytes(statement, column), error));
    }
    return SV_OK;
}

static sv_status add_row(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                         const svi_row_values *values, sv_error *error)
{
    curve_merge *merge = context;
    sv_error why = {0};
    if (launch != merge->launch) SVI_TRY(enter_launch(merge, launch, error));
    svi_curve_point *point = &merge->points[values->value[SVI_CURVE_NUMBER]];
    if (merge->store->study.curves == SVI_CURVES_FULL) {
        add_run(point, statement, values);
        return SV_OK;
    }
    sv_status status = add_part(point, statement, values, &why);
    if (status != SV_ERR_DATA)
        return status == SV_OK ? SV_OK : svi_fail(error, status, "%s", why.message);
    return svi_fail(error, SV_ERR_STORE,
                    "%s: curves of launch %lld: %s; the file is damaged: restore it from a copy",
                    merge->store->path, (long long)launch->number, why.message);
}

sv_status svi_store_each_curve(svi_store *store, svi_curve_fn point, void *context, sv_error *error)
{
    curve_merge merge = {.store = store, .point = point, .context = context};
    sv_status status = svi_store_scan_curves(store, add_row, &merge, error);
    if (status == SV_OK) status = hand_over(&merge, error);
    clear_points(&merge);
    return status;
}
