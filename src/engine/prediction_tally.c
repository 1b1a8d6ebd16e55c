#include <stdlib.h>
#include <string.h>

#include "data/instance.h"
#include "engine/engine.h"

/* The clusters of k-means are numbered by chance: counts over seeds would mix them up. */
bool svi_wants_predictions(const sv_study *study, const svi_job *job, uint32_t numerics)
{
    uint64_t n_train, n_val, n_test;
    if (job->arm->model.kind == SVI_MODEL_KMEANS) return false;
    if (!study->spec->record_predictions || job->dataset == NULL || job->dataset->n_classes == 0)
        return false;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    return n_test > 0 && svi_plan_runs_per_split(study->spec, numerics) > 1;
}

/* An empty table for one split: its test rows and their classes. */
static sv_status begin_counts(const svi_job *job, const svi_run *run, svi_prediction_counts *c,
                              sv_error *error)
{
    svi_instance *data;
    uint64_t seed_data = run->seed[SVK_SOURCE_DATA], seed_split = run->seed[SVK_SOURCE_SPLIT];
    SVI_TRY(
        svi_instance_make(job->dataset, seed_data, seed_split, SVK_PRECISION_FP32, &data, error));
    size_t n = data->n_test, first = data->n_train + data->n_val,
           n_classes = (size_t)job->dataset->n_classes;
    *c = (svi_prediction_counts){.seed_split = seed_split,
                                 .seed_data = seed_data,
                                 .n_points = (uint32_t)n,
                                 .n_classes = (uint32_t)n_classes};
    c->row = malloc(n * sizeof *c->row);
    c->label = malloc(n * sizeof *c->label);
    c->count = calloc(n * n_classes, sizeof *c->count);
    if (c->row == NULL || c->label == NULL || c->count == NULL) {
        svi_instance_free(data);
        return svi_fail_memory(error, n * n_classes * sizeof *c->count, "class counts");
    }
    memcpy(c->row, data->row + first, n * sizeof *c->row);
    memcpy(c->label, data->label + first, n * sizeof *c->label);
    svi_instance_free(data);
    return SV_OK;
}

/* The table of a run's split, made when it is the first. Neighbouring runs mostly share one: the
 * search starts there. */
static sv_status find_counts(const svi_job *job, const svi_run *run, size_t *n_counts,
                             svi_prediction_counts **counts, svi_prediction_counts **found,
                             sv_error *error)
{
    for (size_t i = *n_counts; i-- > 0;) {
        svi_prediction_counts *c = &(*counts)[i];
        if (c->seed_split == run->seed[SVK_SOURCE_SPLIT] &&
            c->seed_data == run->seed[SVK_SOURCE_DATA]) {
            *found = c;
            return SV_OK;
        }
    }
    svi_prediction_counts *grown = realloc(*counts, (*n_counts + 1) * sizeof *grown);
    if (grown == NULL)
        return svi_fail_memory(error, (*n_counts + 1) * sizeof *grown, "class counts");
    *counts = grown;
    *found = &grown[*n_counts];
    memset(*found, 0, sizeof **found);
    (*n_counts)++;
    return begin_counts(job, run, *found, error);
}

sv_status svi_tally_predictions(const svi_job *job, const svi_run *runs, size_t n_runs,
                                const uint8_t *predictions, size_t *n_counts,
                                svi_prediction_counts **counts, sv_error *error)
{
    for (size_t r = 0; r < n_runs; r++) {
        svi_prediction_counts *c = NULL;
        SVI_TRY(find_counts(job, &runs[r], n_counts, counts, &c, error));
        for (size_t i = 0; i < c->n_points; i++)
            c->count[i * c->n_classes + predictions[r * c->n_points + i]]++;
        c->n_runs++;
    }
    return SV_OK;
}
