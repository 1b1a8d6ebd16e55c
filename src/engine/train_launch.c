#include "engine/train_launch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "data/instance.h"

/* A launch holds no more than this of runs, results and predictions. */
enum { LAUNCH_MEMORY_BYTES = 128 << 20 };

static uint64_t n_test_points(const svi_job *job)
{
    uint64_t n_train = 0, n_val = 0, n_test = 0;
    if (job->dataset != NULL) svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    return n_test;
}

svi_launch_bytes svi_launch_run_bytes(const svi_job *job)
{
    uint64_t n_checkpoints = job->checkpoints->n;
    uint64_t kept = sizeof(svi_run) + (1 + n_checkpoints) * sizeof(svi_run_result) +
                    svi_job_arrival_words(job) * sizeof(uint32_t);
    if (job->reference != NULL) kept += n_checkpoints * sizeof(svk_distance);
    return (svi_launch_bytes){kept, n_test_points(job) + svi_job_reference_bytes(job)};
}

uint64_t svi_launch_most(const svi_job *job)
{
    svi_launch_bytes of_run = svi_launch_run_bytes(job);
    return LAUNCH_MEMORY_BYTES / (of_run.kept + of_run.trained);
}

sv_status svi_fail_runs(const svi_job *job, uint64_t first, uint64_t n, const sv_error *why,
                        sv_error *error)
{
    if (n == 1)
        return svi_fail(error, why->status, "arm %s, run %" PRIu64 ": %s", job->arm->name, first,
                        why->message);
    return svi_fail(error, why->status, "arm %s, runs %" PRIu64 " to %" PRIu64 ": %s",
                    job->arm->name, first, first + n - 1, why->message);
}

/* In place of every run's curve. */
static sv_status keep_summary(svi_launch_record *record, sv_error *error)
{
    SVI_TRY(svi_summarize_curves(record->curves, record->n_runs, record->n_checkpoints,
                                 &record->curve_parts, error));
    free(record->curves);
    record->curves = NULL;
    return SV_OK;
}

static sv_status train(const sv_study *study, const svi_job *job, svi_backend *backend,
                       svi_launch_record *record, uint8_t *predictions, sv_error *error)
{
    int64_t start_ns = svi_clock_ns();
    svi_arrivals arrivals = {.n_words = record->n_arrival_words, .word = record->arrivals};
    svi_job logged = *job;
    logged.distances = record->distances;
    if (record->arrivals != NULL) logged.arrivals = &arrivals;
    record->started_unix_ms = svi_clock_unix_ms();
    sv_error why = {0};
    sv_status status =
        backend->ops->launch(backend, &logged, record->runs, record->n_runs, record->results,
                             record->curves, predictions, NULL, &why);
    if (status != SV_OK) return svi_fail_runs(job, record->first_run, record->n_runs, &why, error);
    record->duration_ns = svi_clock_ns() - start_ns;
    if (study->spec->curves == SVI_CURVES_SUMMARY) SVI_TRY(keep_summary(record, error));
    if (predictions == NULL) return SV_OK;
    return svi_tally_predictions(job, record->runs, record->n_runs, predictions, &record->n_counts,
                                 &record->counts, error);
}

static sv_status reserve_arrivals(svi_launch_record *record, const svi_job *job, sv_error *error)
{
    record->n_arrival_words = svi_job_arrival_words(job);
    if (record->n_arrival_words == 0) return SV_OK;
    record->arrivals = calloc(record->n_runs * record->n_arrival_words, sizeof *record->arrivals);
    if (record->arrivals != NULL) return SV_OK;
    return svi_fail_memory(error, record->n_runs * record->n_arrival_words * sizeof(uint32_t),
                           "the orders of a launch");
}

static sv_status reserve_distances(svi_launch_record *record, const svi_job *job, sv_error *error)
{
    size_t n = record->n_runs * record->n_checkpoints;
    if (job->reference == NULL) return SV_OK;
    record->distances = calloc(n, sizeof *record->distances);
    if (record->distances != NULL) return SV_OK;
    return svi_fail_memory(error, n * sizeof *record->distances, "the distances of a launch");
}

static sv_status reserve(const sv_study *study, svi_launch_record *record, const svi_job *job,
                         sv_error *error)
{
    bool has_curves = study->spec->curves != SVI_CURVES_NONE;
    uint64_t n = record->n_runs, n_curves = has_curves ? n * job->checkpoints->n : 0;
    record->n_checkpoints = job->checkpoints->n;
    record->runs = calloc(n, sizeof *record->runs);
    record->results = calloc(n, sizeof *record->results);
    if (n_curves > 0) record->curves = calloc(n_curves, sizeof *record->curves);
    if (record->runs == NULL || record->results == NULL || (n_curves > 0 && record->curves == NULL))
        return svi_fail_memory(error, (n + n_curves) * sizeof *record->results,
                               "the results of a launch");
    for (uint64_t i = 0; i < n; i++)
        svi_plan_run(study->spec, record->first_run + i, &record->runs[i]);
    SVI_TRY(reserve_arrivals(record, job, error));
    return reserve_distances(record, job, error);
}

static sv_status reserve_predictions(const sv_study *study, const svi_job *job,
                                     const svi_launch_record *record, uint8_t **predictions,
                                     sv_error *error)
{
    uint64_t n_bytes = record->n_runs * n_test_points(job);
    *predictions = NULL;
    if (!svi_wants_predictions(study, job, record->runs[0].numerics)) return SV_OK;
    *predictions = malloc(n_bytes);
    return *predictions != NULL ? SV_OK : svi_fail_memory(error, n_bytes, "predictions");
}

static void record_unsupported(svi_launch_record *record)
{
    record->started_unix_ms = svi_clock_unix_ms();
    for (uint64_t i = 0; i < record->n_runs; i++) record->results[i].status = SVK_RUN_UNSUPPORTED;
}

/* backend: NULL where none can train it. */
static sv_status fill(const sv_study *study, const svi_job *job, svi_backend *backend,
                      svi_launch_record *record, sv_error *error)
{
    uint8_t *predictions;
    SVI_TRY(reserve(study, record, job, error));
    if (backend == NULL) {
        record_unsupported(record);
        return SV_OK;
    }
    SVI_TRY(reserve_predictions(study, job, record, &predictions, error));
    sv_status status = train(study, job, backend, record, predictions, error);
    free(predictions);
    return status;
}

sv_status svi_train_launch(const sv_study *study, const svi_job *job, svi_backend *backend,
                           uint64_t first, uint64_t n, svi_launch_record **record, sv_error *error)
{
    svi_launch_record *r = calloc(1, sizeof *r);
    if (r == NULL) return svi_fail_memory(error, sizeof *r, "a launch");
    r->first_run = first;
    r->n_runs = n;
    sv_status status = fill(study, job, backend, r, error);
    if (status == SV_OK)
        *record = r;
    else
        svi_launch_record_free(r);
    return status;
}
