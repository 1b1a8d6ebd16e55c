/* The headline of every run at its checkpoints, where they are kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/store_table.h"

static const char *const metric_names[SVK_N_METRICS] = {
#define METRIC_NAME(id, name, better, help) name,
    SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
};

/* More values than this are not looked at: a quarter of a gigabyte. */
enum { PATH_VALUES_MOST = 1 << 25 };

typedef struct path_reader {
    svi_run_table *table;
    int metric;
    uint64_t n_runs, run; /* seen so far; the last one's number */
} path_reader;

static sv_status add_value(void *context, uint64_t run, size_t number, const svi_run_result *result,
                           sv_error *error)
{
    path_reader *reader = context;
    svi_run_paths *paths = &reader->table->paths;
    (void)error;
    if (reader->n_runs == 0 || run != reader->run) reader->n_runs++;
    reader->run = run;
    if ((result->present >> reader->metric & 1) != 0)
        paths->value[(reader->n_runs - 1) * paths->n_checkpoints + number] =
            result->metric[reader->metric];
    return SV_OK;
}

static size_t longest(const svi_store_study *study)
{
    size_t n = 0;
    for (size_t arm = 0; arm < study->n_arms; arm++)
        if (study->checkpoints[arm].n > n) n = study->checkpoints[arm].n;
    return n;
}

static sv_status copy_steps(const svi_store_study *study, svi_run_paths *paths, sv_error *error)
{
    size_t n = study->n_arms * paths->n_checkpoints;
    paths->step = calloc(n, sizeof *paths->step);
    paths->n_in_arm = calloc(study->n_arms, sizeof *paths->n_in_arm);
    if (paths->step == NULL || paths->n_in_arm == NULL)
        return svi_fail_memory(error, n * sizeof *paths->step, "checkpoints");
    for (size_t arm = 0; arm < study->n_arms; arm++) {
        const svi_checkpoints *from = &study->checkpoints[arm];
        paths->n_in_arm[arm] = from->n;
        memcpy(paths->step + arm * paths->n_checkpoints, from->step, from->n * sizeof *paths->step);
    }
    return SV_OK;
}

sv_status svi_run_table_add_paths(svi_run_table *table, svi_store *store, const char *metric,
                                  sv_error *error)
{
    const svi_store_study *study = svi_store_study_of(store);
    svi_run_paths *paths = &table->paths;
    path_reader reader = {.table = table};
    size_t n_checkpoints = longest(study), n = table->n_runs * n_checkpoints;
    while (reader.metric < SVK_N_METRICS && strcmp(metric_names[reader.metric], metric) != 0)
        reader.metric++;
    if (study->curves != SVI_CURVES_FULL || reader.metric == SVK_N_METRICS || n > PATH_VALUES_MOST)
        return SV_OK;
    paths->n_checkpoints = n_checkpoints;
    SVI_TRY(copy_steps(study, paths, error));
    paths->value = malloc((n > 0 ? n : 1) * sizeof *paths->value);
    if (paths->value == NULL) return svi_fail_memory(error, n * sizeof *paths->value, "curves");
    for (size_t i = 0; i < n; i++) paths->value[i] = NAN;
    return svi_store_each_curve_run(store, add_value, &reader, error);
}
