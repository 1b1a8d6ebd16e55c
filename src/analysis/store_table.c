#include "analysis/store_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/curve_table.h"
#include "analysis/distance_table.h"
#include "analysis/prediction_table.h"

static const struct {
    const char *name;
    int better;
} metric_table[SVK_N_METRICS] = {
#define METRIC_ROW(id, name, better, help) {name, better},
    SVK_METRICS(METRIC_ROW)
#undef METRIC_ROW
};

static sv_status add_run(void *context, const svi_run *run, const svi_run_result *result,
                         sv_error *error)
{
    svi_run_table *table = context;
    uint64_t i = table->n_runs;
    (void)error;
    table->arm[i] = run->arm;
    table->numerics[i] = run->numerics;
    table->replicate[i] = run->replicate;
    table->status[i] = (uint8_t)result->status;
    memcpy(table->digest[i], result->digest, sizeof table->digest[i]);
    for (int s = 0; s < SVK_N_SOURCES; s++) table->seed[s][i] = run->seed[s];
    for (int m = 0; m < SVK_N_METRICS; m++) {
        bool is_present = (result->present >> m & 1) != 0;
        table->metrics[m].value[i] = is_present ? svi_result_value(result->metric[m]) : NAN;
    }
    table->n_runs++;
    return SV_OK;
}

static sv_status copy_names(char (**to)[64], const char (*from)[64], size_t n, sv_error *error)
{
    *to = malloc((n > 0 ? n : 1) * sizeof **to);
    if (*to == NULL) return svi_fail_memory(error, n * sizeof **to, "names");
    memcpy(*to, from, n * sizeof **to);
    return SV_OK;
}

static sv_status name_study(svi_run_table *table, const svi_store_study *study, sv_error *error)
{
    snprintf(table->study, sizeof table->study, "%s", study->name);
    snprintf(table->design, sizeof table->design, "%s", study->design_kind);
    table->n_runs_planned = study->n_runs;
    table->n_arms = study->n_arms;
    table->n_numerics = study->n_numerics;
    SVI_TRY(
        copy_names(&table->arm_names, (const char(*)[64])study->arm_names, study->n_arms, error));
    SVI_TRY(copy_names(&table->numerics_names, (const char(*)[64])study->numerics_names,
                       study->n_numerics, error));
    table->metrics = calloc(SVK_N_METRICS, sizeof *table->metrics);
    if (table->metrics == NULL) return svi_fail_memory(error, sizeof *table->metrics, "metrics");
    table->n_metrics = SVK_N_METRICS;
    for (int m = 0; m < SVK_N_METRICS; m++) {
        snprintf(table->metrics[m].name, sizeof table->metrics[m].name, "%s", metric_table[m].name);
        table->metrics[m].better = metric_table[m].better;
    }
    return SV_OK;
}

static sv_status add_times(svi_run_table *table, const svi_store *store, sv_error *error)
{
    size_t n = table->n_arms * table->n_numerics;
    table->seconds_per_run = malloc(n * sizeof *table->seconds_per_run);
    if (table->seconds_per_run == NULL)
        return svi_fail_memory(error, n * sizeof *table->seconds_per_run, "times");
    for (size_t i = 0; i < n; i++)
        table->seconds_per_run[i] = svi_store_seconds_per_run(
            store, (uint32_t)(i / table->n_numerics), (uint32_t)(i % table->n_numerics));
    return SV_OK;
}

sv_status svi_run_table_describe(svi_run_table *table, svi_store *store, sv_error *error)
{
    SVI_TRY(name_study(table, svi_store_study_of(store), error));
    SVI_TRY(svi_store_machine_line(store, table->machine, sizeof table->machine, error));
    return svi_run_table_add_curves(table, store, error);
}

sv_status svi_run_table_fill(svi_run_table *table, svi_store *store, sv_error *error)
{
    bool has_seed[SVK_N_SOURCES];
    uint64_t n_done;
    for (int s = 0; s < SVK_N_SOURCES; s++) has_seed[s] = true;
    SVI_TRY(svi_run_table_describe(table, store, error));
    SVI_TRY(svi_store_n_done(store, &n_done, error));
    SVI_TRY(svi_run_table_reserve(table, n_done, has_seed, true, error));
    SVI_TRY(svi_store_each_run(store, add_run, table, error));
    SVI_TRY(add_times(table, store, error));
    SVI_TRY(svi_run_table_add_distances(table, store, error));
    SVI_TRY(svi_run_table_add_predictions(table, store, error));
    return svi_run_table_finish(table, error);
}

static sv_status check_not_empty(svi_store *store, const char *path, sv_error *error)
{
    uint64_t n_done;
    SVI_TRY(svi_store_n_done(store, &n_done, error));
    if (n_done > 0) return SV_OK;
    return svi_fail(error, SV_ERR_INCOMPLETE,
                    "%s: the store holds no run yet; seedvar run fills it", path);
}

sv_status svi_run_table_open_store(const char *path, svi_store **store, svi_run_table **table,
                                   sv_error *error)
{
    SVI_TRY(svi_store_open_read(path, store, error));
    sv_status status = check_not_empty(*store, path, error);
    *table = calloc(1, sizeof **table);
    if (status == SV_OK && *table == NULL)
        status = svi_fail_memory(error, sizeof **table, "a run table");
    if (status == SV_OK) {
        snprintf((*table)->origin, sizeof(*table)->origin, "%s", path);
        return SV_OK;
    }
    svi_store_close(*store);
    free(*table);
    return status;
}

sv_status svi_run_table_from_store(const char *path, svi_run_table **table, sv_error *error)
{
    svi_store *store;
    SVI_TRY(svi_run_table_open_store(path, &store, table, error));
    sv_status status = svi_run_table_fill(*table, store, error);
    svi_store_close(store);
    if (status != SV_OK) svi_run_table_free(*table);
    return status;
}
