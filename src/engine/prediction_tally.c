#include <stdlib.h>
#include <string.h>

#include "data/instance.h"
#include "data/split.h"
#include "engine/engine.h"

/* The clusters of k-means are numbered by chance: counts over seeds would mix them up. */
bool svi_wants_predictions(const sv_study *study, const svi_job *job, uint32_t numerics)
{
    uint64_t n_train, n_val, n_test;
    if (job->arm->model.kind == SVI_MODEL_KMEANS) return false;
    if (!study->spec->record_predictions || job->dataset == NULL || job->dataset->n_classes == 0)
        return false;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    return n_test > 0 && svi_plan_runs_per_test_set(study->spec, job->arm, numerics) > 1;
}

/* The seeds that decide which rows test: all splits share one table where these are fixed. */
static svi_instance_seeds test_seeds(const svi_job *job, const svi_run *run)
{
    svi_instance_seeds seeds = svi_instance_seeds_of(job->dataset, run->seed);
    if (job->dataset->spec.split.is_test_fixed) seeds.split = SVI_SEED_OF_FIXED_TEST;
    seeds.noise = 0;
    return seeds;
}

/* An empty table: test rows and their classes. */
static sv_status begin_counts(const svi_job *job, svi_instance_seeds seeds,
                              svi_prediction_counts *c, sv_error *error)
{
    uint64_t n_train, n_val, n_most, n_test;
    size_t n_classes = (size_t)job->dataset->n_classes;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_most);
    *c = (svi_prediction_counts){
        .seed_split = seeds.split, .seed_data = seeds.data, .n_classes = (uint32_t)n_classes};
    c->row = malloc(n_most * sizeof *c->row);
    c->label = malloc(n_most * sizeof *c->label);
    c->count = calloc(n_most * n_classes, sizeof *c->count);
    if (c->row == NULL || c->label == NULL || c->count == NULL)
        return svi_fail_memory(error, n_most * n_classes * sizeof *c->count, "class counts");
    SVI_TRY(svi_instance_test_rows(job->dataset, seeds, &n_test, c->row, c->label, error));
    c->n_points = (uint32_t)n_test;
    return SV_OK;
}

/* The table of a run's test rows, made when it is the first. Neighbouring runs mostly share one:
 * the search starts there. */
static sv_status find_counts(const svi_job *job, const svi_run *run, size_t *n_counts,
                             svi_prediction_counts **counts, svi_prediction_counts **found,
                             sv_error *error)
{
    svi_instance_seeds seeds = test_seeds(job, run);
    for (size_t i = *n_counts; i-- > 0;) {
        svi_prediction_counts *c = &(*counts)[i];
        if (c->seed_split == seeds.split && c->seed_data == seeds.data) {
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
    return begin_counts(job, seeds, *found, error);
}

sv_status svi_tally_predictions(const svi_job *job, const svi_run *runs, size_t n_runs,
                                const uint8_t *predictions, size_t *n_counts,
                                svi_prediction_counts **counts, sv_error *error)
{
    uint64_t n_train, n_val, n_most;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_most);
    for (size_t r = 0; r < n_runs; r++) {
        svi_prediction_counts *c = NULL;
        SVI_TRY(find_counts(job, &runs[r], n_counts, counts, &c, error));
        for (size_t i = 0; i < c->n_points; i++)
            c->count[i * c->n_classes + predictions[r * n_most + i]]++;
        c->n_runs++;
    }
    return SV_OK;
}
