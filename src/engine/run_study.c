/* Runs what a store lacks: gaps -> launches -> devices -> writer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/launch_queue.h"
#include "engine/run_tally.h"

typedef struct session {
    sv_study *study;
    const sv_run_options *options;
    svi_devices devices;
    svi_store *store;
    size_t n_gaps;
    svi_run_range *gaps;
    svi_hash digest; /* of the runs trained, when they are all that the study has */
    int64_t started_ns;
    /* the writer's thread alone touches these while it runs */
    sv_progress progress;
    svi_run_tally tally;
} session;

static void on_commit(void *context, const svi_launch_record *committed)
{
    session *s = context;
    s->progress.n_done += committed->n_runs;
    s->progress.elapsed_s = (double)(svi_clock_ns() - s->started_ns) * 1e-9;
    s->progress.runs_per_s =
        (double)(s->progress.n_done - s->progress.n_before) / s->progress.elapsed_s;
    svi_run_tally_add(&s->tally, committed);
    svi_run_tally_tell(&s->tally, s->study->spec, &s->progress);
    if (s->options->on_progress != NULL) s->options->on_progress(s->options->context, &s->progress);
}

static sv_status find_gaps(session *s, sv_error *error)
{
    svi_run_range gap = {0, 0};
    for (;;) {
        SVI_TRY(svi_store_next_gap(s->store, gap.first + gap.n, &gap.first, &gap.n, error));
        if (gap.n == 0) return SV_OK;
        svi_run_range *grown = realloc(s->gaps, (s->n_gaps + 1) * sizeof *grown);
        if (grown == NULL)
            return svi_fail_memory(error, (s->n_gaps + 1) * sizeof *grown, "missing runs");
        s->gaps = grown;
        s->gaps[s->n_gaps++] = gap;
    }
}

static sv_status fill_gaps(session *s, sv_error *error)
{
    svi_launch_queue queue = {.study = s->study,
                              .options = s->options,
                              .devices = &s->devices,
                              .gaps = s->gaps,
                              .n_gaps = s->n_gaps,
                              .digest = svi_hash_start()};
    SVI_TRY(svi_writer_start(s->store, on_commit, s, &queue.writer, error));
    sv_status status = svi_launch_queue_run(&queue, error);
    s->digest = queue.digest;
    sv_error late = {0};
    sv_status written = svi_writer_finish(queue.writer, &late);
    if (written != SV_OK) return svi_fail(error, written, "%s", late.message);
    return status;
}

static void warn_of_network(const session *s)
{
    svi_store_place place;
    svi_store_place_find(s->options->store_path, &place);
    if (s->options->on_notice != NULL && place.is_network)
        s->options->on_notice(
            s->options->context,
            "the store lies on a network file system, whose locks are not to be trusted: a crash "
            "there can damage it; use a local disk");
}

static sv_status open_store(session *s, sv_error *error)
{
    const svi_study_spec *spec = s->study->spec;
    const char **digests;
    svi_machine machines[SVI_DEVICES_MOST];
    SVI_TRY(svi_study_data_digests(s->study, &digests, error));
    for (size_t i = 0; i < s->devices.n; i++)
        svi_machine_describe(s->devices.backend[i], s->options->simd, s->options->n_threads,
                             s->options->command_line, &machines[i]);
    sv_status status =
        svi_store_open_write(s->options->store_path, spec, digests, s->study->checkpoints, machines,
                             s->devices.n, &s->store, error);
    free(digests);
    return status;
}

/* "cuda:0 (sm_90, 132 SMs), cuda:1 (the same)", as far as there is room. */
static void name_devices(const session *s, char *text, size_t size)
{
    svi_device_info info, before = {0};
    size_t n = 0;
    for (size_t i = 0; i < s->devices.n && n + 1 < size; i++, before = info) {
        s->devices.backend[i]->ops->describe(s->devices.backend[i], &info);
        bool is_same = i > 0 && strcmp(info.detail, before.detail) == 0;
        n += (size_t)snprintf(text + n, size - n, "%s%.31s (%.90s)", i > 0 ? ", " : "", info.name,
                              is_same ? "the same" : info.detail);
    }
}

/* As far as the store can be read already. */
static uint64_t n_left(const session *s)
{
    uint64_t n_runs = svi_plan_n_runs(s->study->spec), n_done = 0;
    sv_error unused = {0};
    svi_store *store;
    if (svi_store_open_read(s->options->store_path, &store, &unused) != SV_OK) return n_runs;
    sv_status status = svi_store_n_done(store, &n_done, &unused);
    svi_store_close(store);
    return status == SV_OK && n_done < n_runs ? n_runs - n_done : n_runs;
}

static sv_status run_session(session *s, sv_run_summary *summary, sv_error *error)
{
    svi_backend_options device = {s->options->device, s->options->simd, s->options->n_threads};
    char notice[256] = "";
    SVI_TRY(svi_study_open_data(s->study, error));
    SVI_TRY(svi_study_open_devices(s->study, &device, n_left(s), &s->devices, notice, error));
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
    summary->n_runs = s->progress.n_runs;
    summary->n_done = s->progress.n_done;
    summary->n_before = s->progress.n_before;
    summary->elapsed_s = (double)(svi_clock_ns() - s->started_ns) * 1e-9;
    name_devices(s, summary->device, sizeof summary->device);
    if (status != SV_OK) return status;
    /* a study trained in one go, in the order of its runs, need not be read back */
    if (s->progress.n_before > 0) SVI_TRY(svi_store_study_digest(s->store, &s->digest, error));
    svi_hash_hex(s->digest, summary->study_digest);
    return SV_OK;
}

sv_status sv_run(sv_study *study, const sv_run_options *options, sv_run_summary *summary,
                 sv_error *error)
{
    session s = {.study = study, .options = options};
    sv_run_summary unused;
    if (summary == NULL) summary = &unused;
    memset(summary, 0, sizeof *summary);
    if (options->store_path == NULL) return svi_fail(error, SV_ERR_USAGE, "no store was named");
    sv_status status = run_session(&s, summary, error);
    if (s.store != NULL) svi_store_close(s.store);
    svi_devices_close(&s.devices);
    free(s.gaps);
    return status;
}
