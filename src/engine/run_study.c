/* Runs what a store lacks: gaps -> launches -> backend -> writer. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "data/instance.h"
#include "engine/engine.h"

/* A launch should take about this long, so that progress, commits and an interrupt are prompt. */
#define LAUNCH_TARGET_S 0.5
/* And hold no more than this of runs, results and predictions. */
enum { LAUNCH_MEMORY_BYTES = 128 << 20 };

typedef struct run_range {
    uint64_t first, n;
} run_range;

typedef struct session {
    sv_study *study;
    const sv_run_options *options;
    svi_backend *backend;
    svi_store *store;
    svi_writer *writer;
    size_t n_gaps;
    run_range *gaps;
    uint64_t n_trained; /* by this invocation */
    double runs_per_s;  /* of the block's latest launch; 0: none yet */
    uint64_t block_end; /* of the latest launch */
    bool is_supported;  /* the block, by the device */
    svi_hash digest;    /* of the runs trained, when they are all that the study has */
    int64_t started_ns;
    sv_progress progress; /* the writer's thread alone touches it while it runs */
} session;

static void on_commit(void *context, uint64_t n_runs)
{
    session *s = context;
    s->progress.n_done += n_runs;
    s->progress.elapsed_s = (double)(svi_clock_ns() - s->started_ns) * 1e-9;
    s->progress.runs_per_s =
        (double)(s->progress.n_done - s->progress.n_before) / s->progress.elapsed_s;
    if (s->options->on_progress != NULL) s->options->on_progress(s->options->context, &s->progress);
}

static sv_status find_gaps(session *s, sv_error *error)
{
    run_range gap = {0, 0};
    for (;;) {
        SVI_TRY(svi_store_next_gap(s->store, gap.first + gap.n, &gap.first, &gap.n, error));
        if (gap.n == 0) return SV_OK;
        run_range *grown = realloc(s->gaps, (s->n_gaps + 1) * sizeof *grown);
        if (grown == NULL)
            return svi_fail_memory(error, (s->n_gaps + 1) * sizeof *grown, "missing runs");
        s->gaps = grown;
        s->gaps[s->n_gaps++] = gap;
    }
}

static uint64_t n_test_points(const svi_job *job)
{
    uint64_t n_train = 0, n_val = 0, n_test = 0;
    if (job->dataset != NULL) svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    return n_test;
}

/* The error of a device, with the runs that it was about. */
static sv_status fail_at(const svi_job *job, uint64_t first, uint64_t n, const sv_error *why,
                         sv_error *error)
{
    if (n == 1)
        return svi_fail(error, why->status, "arm %s, run %" PRIu64 ": %s", job->arm->name, first,
                        why->message);
    return svi_fail(error, why->status, "arm %s, runs %" PRIu64 " to %" PRIu64 ": %s",
                    job->arm->name, first, first + n - 1, why->message);
}

/* Whole fillings of the device, as many as take the target time at the rate of the launch before.
 */
static sv_status launch_size(const session *s, const svi_job *job, uint64_t first, uint64_t n_left,
                             uint64_t *n, sv_error *error)
{
    uint64_t grain;
    sv_error why = {0};
    if (s->backend->ops->grain(s->backend, job, &grain, &why) != SV_OK)
        return fail_at(job, first, n_left, &why, error);
    uint64_t size = grain;
    uint64_t most = LAUNCH_MEMORY_BYTES /
                    (sizeof(svi_run) + (1 + job->checkpoints->n) * sizeof(svi_run_result) +
                     n_test_points(job) + svi_job_arrival_words(job) * sizeof(uint32_t) +
                     (job->reference != NULL ? job->checkpoints->n * sizeof(svk_distance) : 0) +
                     svi_job_reference_bytes(job));
    double n_fillings = floor(s->runs_per_s * LAUNCH_TARGET_S / (double)grain);
    if (n_fillings > 1 && n_fillings < 1e12) size = grain * (uint64_t)n_fillings;
    if (s->options->n_launch > 0) size = s->options->n_launch;
    if (size > most) size = most > 0 ? most : 1;
    *n = size < n_left ? size : n_left;
    return SV_OK;
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

static sv_status train(session *s, const svi_job *job, svi_launch_record *record,
                       uint8_t *predictions, sv_error *error)
{
    int64_t start_ns = svi_clock_ns();
    svi_arrivals arrivals = {.n_words = record->n_arrival_words, .word = record->arrivals};
    svi_job logged = *job;
    logged.distances = record->distances;
    if (record->arrivals != NULL) logged.arrivals = &arrivals;
    record->started_unix_ms = svi_clock_unix_ms();
    sv_error why = {0};
    sv_status status =
        s->backend->ops->launch(s->backend, &logged, record->runs, record->n_runs, record->results,
                                record->curves, predictions, NULL, &why);
    if (status != SV_OK) return fail_at(job, record->first_run, record->n_runs, &why, error);
    record->duration_ns = svi_clock_ns() - start_ns;
    s->runs_per_s = (double)record->n_runs / ((double)(record->duration_ns + 1) * 1e-9);
    if (s->study->spec->curves == SVI_CURVES_SUMMARY) SVI_TRY(keep_summary(record, error));
    if (predictions == NULL) return SV_OK;
    return svi_tally_predictions(job, record->runs, record->n_runs, predictions, &record->n_counts,
                                 &record->counts, error);
}

/* In place of training. */
static void record_unsupported(svi_launch_record *record)
{
    record->started_unix_ms = svi_clock_unix_ms();
    for (uint64_t i = 0; i < record->n_runs; i++) record->results[i].status = SVK_RUN_UNSUPPORTED;
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

static sv_status reserve_distances(svi_launch_record *record, sv_error *error)
{
    size_t n = record->n_runs * record->n_checkpoints;
    record->distances = calloc(n, sizeof *record->distances);
    if (record->distances != NULL) return SV_OK;
    return svi_fail_memory(error, n * sizeof *record->distances, "the distances of a launch");
}

/* One launch: n runs from `first`, all of one arm and numerics. */
static sv_status launch(session *s, const svi_job *job, uint64_t first, uint64_t n, sv_error *error)
{
    svi_launch_record *record = calloc(1, sizeof *record);
    uint8_t *predictions = NULL;
    if (record == NULL) return svi_fail_memory(error, sizeof *record, "a launch");
    record->first_run = first;
    record->n_runs = n;
    record->runs = calloc(n, sizeof *record->runs);
    record->results = calloc(n, sizeof *record->results);
    record->n_checkpoints = job->checkpoints->n;
    if (record->n_checkpoints > 0)
        record->curves = calloc(n * record->n_checkpoints, sizeof *record->curves);
    bool is_short = record->runs == NULL || record->results == NULL ||
                    (record->n_checkpoints > 0 && record->curves == NULL);
    sv_status status =
        is_short ? svi_fail_memory(error, n * (1 + record->n_checkpoints) * sizeof *record->results,
                                   "the results of a launch")
                 : SV_OK;
    if (status == SV_OK) status = reserve_arrivals(record, job, error);
    if (status == SV_OK && job->reference != NULL) status = reserve_distances(record, error);
    for (uint64_t i = 0; status == SV_OK && i < n; i++)
        svi_plan_run(s->study->spec, first + i, &record->runs[i]);
    if (status == SV_OK && s->is_supported &&
        svi_wants_predictions(s->study, job, record->runs[0].numerics)) {
        predictions = malloc(n * n_test_points(job));
        if (predictions == NULL)
            status = svi_fail_memory(error, n * n_test_points(job), "predictions");
    }
    if (status == SV_OK && s->is_supported)
        status = train(s, job, record, predictions, error);
    else if (status == SV_OK)
        record_unsupported(record);
    free(predictions);
    if (status != SV_OK) {
        svi_launch_record_free(record);
        return status;
    }
    for (uint64_t i = 0; i < n; i++)
        svi_study_digest_add(&s->digest, &record->runs[i], &record->results[i]);
    s->n_trained += n;
    return svi_writer_submit(s->writer, record, error);
}

/* From here on all runs, up to `end`, have one arm and numerics. */
static void begin_block(session *s, const svi_job *job, uint64_t end)
{
    sv_error why = {0};
    char notice[1200];
    s->block_end = end;
    s->runs_per_s = 0;
    s->is_supported = s->backend->ops->supports(s->backend, job, &why) != SV_ERR_UNSUPPORTED;
    if (s->is_supported || s->options->on_notice == NULL) return;
    snprintf(notice, sizeof notice, "arm %s is recorded as unsupported: %s", job->arm->name,
             why.message);
    s->options->on_notice(s->options->context, notice);
}

static bool is_stopped(const session *s)
{
    return s->options->stop != NULL && *s->options->stop != 0;
}

static sv_status fill_gap(session *s, run_range gap, sv_error *error)
{
    const svi_study_spec *spec = s->study->spec;
    for (uint64_t run = gap.first, end = gap.first + gap.n; run < end;) {
        svi_run first;
        if (is_stopped(s)) return SV_INTERRUPTED;
        if (s->options->n_limit > 0 && s->n_trained >= s->options->n_limit) return SV_STOPPED;
        svi_plan_run(spec, run, &first);
        svi_job job = svi_study_job(s->study, first.arm, first.numerics);
        uint64_t block_end = svi_plan_block_end(spec, run);
        if (block_end != s->block_end) begin_block(s, &job, block_end);
        uint64_t n_left = (block_end < end ? block_end : end) - run;
        if (s->options->n_limit > 0 && s->options->n_limit - s->n_trained < n_left)
            n_left = s->options->n_limit - s->n_trained;
        uint64_t n = 0;
        SVI_TRY(launch_size(s, &job, run, n_left, &n, error));
        SVI_TRY(launch(s, &job, run, n, error));
        run += n;
    }
    return SV_OK;
}

static sv_status fill_gaps(session *s, sv_error *error)
{
    SVI_TRY(svi_writer_start(s->store, on_commit, s, &s->writer, error));
    sv_status status = SV_OK;
    for (size_t i = 0; status == SV_OK && i < s->n_gaps; i++)
        status = fill_gap(s, s->gaps[i], error);
    sv_error late = {0};
    sv_status written = svi_writer_finish(s->writer, &late);
    if (written != SV_OK) return svi_fail(error, written, "%s", late.message);
    return status;
}

static void warn_of_network(const session *s)
{
    if (s->options->on_notice != NULL && svi_store_is_on_network(s->options->store_path))
        s->options->on_notice(
            s->options->context,
            "the store lies on a network file system, whose locks are not to be trusted: a crash "
            "there can damage it; use a local disk");
}

static sv_status open_store(session *s, sv_error *error)
{
    const svi_study_spec *spec = s->study->spec;
    const char **digests;
    svi_machine machine;
    SVI_TRY(svi_study_data_digests(s->study, &digests, error));
    svi_machine_describe(s->backend, s->options->simd, s->options->n_threads,
                         s->options->command_line, &machine);
    sv_status status = svi_store_open_write(s->options->store_path, spec, digests,
                                            s->study->checkpoints, &machine, &s->store, error);
    free(digests);
    return status;
}

static sv_status run_session(session *s, sv_run_summary *summary, sv_error *error)
{
    svi_backend_options device = {s->options->device, s->options->simd, s->options->n_threads};
    char notice[256] = "";
    svi_device_info info;
    SVI_TRY(svi_study_open_data(s->study, error));
    SVI_TRY(svi_study_open_backend(s->study, &device, &s->backend, notice, error));
    if (notice[0] != '\0' && s->options->on_notice != NULL)
        s->options->on_notice(s->options->context, notice);
    warn_of_network(s);
    SVI_TRY(open_store(s, error));
    SVI_TRY(find_gaps(s, error));
    SVI_TRY(svi_store_n_done(s->store, &s->progress.n_before, error));
    s->progress.n_done = s->progress.n_before;
    s->progress.n_runs = svi_plan_n_runs(s->study->spec);
    s->started_ns = svi_clock_ns();
    sv_status status = fill_gaps(s, error);
    s->backend->ops->describe(s->backend, &info);
    summary->n_runs = s->progress.n_runs;
    summary->n_done = s->progress.n_done;
    summary->n_before = s->progress.n_before;
    summary->elapsed_s = (double)(svi_clock_ns() - s->started_ns) * 1e-9;
    snprintf(summary->device, sizeof summary->device, "%.31s (%.90s)", info.name, info.detail);
    if (status != SV_OK) return status;
    /* a study trained in one go, in the order of its runs, need not be read back */
    if (s->progress.n_before > 0) SVI_TRY(svi_store_study_digest(s->store, &s->digest, error));
    svi_hash_hex(s->digest, summary->study_digest);
    return SV_OK;
}

sv_status sv_run(sv_study *study, const sv_run_options *options, sv_run_summary *summary,
                 sv_error *error)
{
    session s = {.study = study, .options = options, .digest = svi_hash_start()};
    sv_run_summary unused;
    if (summary == NULL) summary = &unused;
    memset(summary, 0, sizeof *summary);
    if (options->store_path == NULL) return svi_fail(error, SV_ERR_USAGE, "no store was named");
    sv_status status = run_session(&s, summary, error);
    if (s.store != NULL) svi_store_close(s.store);
    if (s.backend != NULL) s.backend->ops->close(s.backend);
    free(s.gaps);
    return status;
}
