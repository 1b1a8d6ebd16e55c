#include "store/run_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool svi_store_study_is(const svi_store_study *study, svi_design_kind kind)
{
    return strcmp(study->design_kind, svi_design_name(kind)) == 0;
}

/* A sweep has something to split where its runs are repeated. */
static bool splits_variance(const svi_store_study *study, uint64_t n_replicates)
{
    return svi_store_study_is(study, SVI_DESIGN_CROSSED) ||
           svi_store_study_is(study, SVI_DESIGN_NESTED) ||
           (svi_store_study_is(study, SVI_DESIGN_SWEEP) && n_replicates > 1);
}

/* Seed vectors of the design. */
static uint64_t n_cells(const svi_store_study *study)
{
    uint64_t n_replicates = 0;
    for (size_t i = 0; i < study->n_numerics; i++) n_replicates += study->n_replicates[i];
    return study->n_runs / study->n_arms / n_replicates;
}

bool svi_run_values_kept(const svi_store_study *study, uint32_t numerics)
{
    uint64_t n_replicates = study->n_replicates[numerics];
    return splits_variance(study, n_replicates) &&
           n_cells(study) * n_replicates <= SVI_KEPT_VALUES_MOST;
}

sv_status svi_run_group_make_values(svi_run_group *group, int metric, sv_error *error)
{
    if (group->values[metric] != NULL) return SV_OK;
    double *values = malloc(group->n_planned * sizeof *values);
    if (values == NULL)
        return svi_fail_memory(error, group->n_planned * sizeof *values, "values of runs");
    for (uint64_t i = 0; i < group->n_planned; i++) values[i] = NAN;
    group->values[metric] = values;
    return SV_OK;
}

/* Networks have eight metrics. */
static bool has_room_for_values(const svi_store_study *study)
{
    return study->n_runs <= SVI_SUMMED_VALUES_MOST / 8;
}

static void place_groups(const svi_store_study *study, svi_run_group *groups)
{
    uint64_t first = 0, n = n_cells(study);
    for (uint32_t arm = 0; arm < study->n_arms; arm++)
        for (uint32_t k = 0; k < study->n_numerics; k++) {
            svi_run_group *group = &groups[arm * study->n_numerics + k];
            group->arm = arm;
            group->numerics = k;
            group->first_run = first;
            group->n_planned = n * study->n_replicates[k];
            group->keeps_values =
                has_room_for_values(study) && splits_variance(study, study->n_replicates[k]);
            first += group->n_planned;
        }
}

static sv_status add_run(void *context, const svi_run *run, const svi_run_result *result,
                         sv_error *error)
{
    const svi_group_reader *reader = context;
    svi_run_group *group = &reader->groups[run->arm * reader->study->n_numerics + run->numerics];
    svi_run_totals_add(&group->totals, result);
    for (int m = 0; group->keeps_values && m < SVK_N_METRICS; m++) {
        if ((result->present >> m & 1) == 0) continue;
        SVI_TRY(svi_run_group_make_values(group, m, error));
        group->values[m][run->run - group->first_run] = result->metric[m];
    }
    return SV_OK;
}

static sv_status add_all(svi_store *store, svi_group_reader *reader, sv_error *error)
{
    if (reader->study->rows == SVI_ROWS_SUMMARY) return svi_store_add_sums(store, reader, error);
    SVI_TRY(svi_store_each_run(store, add_run, reader, error));
    for (size_t i = 0; i < reader->study->n_arms * reader->study->n_numerics; i++)
        SVI_TRY(svi_run_totals_check(&reader->groups[i].totals, error));
    return SV_OK;
}

sv_status svi_store_sum_runs(svi_store *store, svi_run_group **groups, sv_error *error)
{
    const svi_store_study *study = svi_store_study_of(store);
    size_t n = study->n_arms * study->n_numerics;
    svi_group_reader reader = {.study = study};
    reader.groups = calloc(n, sizeof *reader.groups);
    if (reader.groups == NULL) return svi_fail_memory(error, n * sizeof *reader.groups, "runs");
    place_groups(study, reader.groups);
    sv_status status = add_all(store, &reader, error);
    if (status != SV_OK) {
        svi_run_groups_free(reader.groups, n);
        return status;
    }
    *groups = reader.groups;
    return SV_OK;
}

void svi_run_groups_free(svi_run_group *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        svi_run_totals_clear(&groups[i].totals);
        for (int m = 0; m < SVK_N_METRICS; m++) free(groups[i].values[m]);
    }
    free(groups);
}
