/* Runs of a store trained again, and compared with what the store holds. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/engine.h"

/* Runs that are trained together, at most. */
enum { GROUP_MOST = 1024 };

typedef struct session {
    sv_study *study;
    const sv_replay_options *options;
    svi_store *store;
    svi_backend *backend;
    sv_replay_summary *summary;
    /* those of one arm and numerics that wait to be trained */
    size_t n;
    svi_run runs[GROUP_MOST];
    svi_run_result stored[GROUP_MOST], found[GROUP_MOST];
    sv_error refusal; /* of those that were left out */
} session;

/* Metrics that a run does not have are zero in both. */
static bool are_equal(const svi_run_result *a, const svi_run_result *b)
{
    return a->status == b->status && a->present == b->present &&
           memcmp(a->digest, b->digest, sizeof a->digest) == 0 &&
           memcmp(a->metric, b->metric, sizeof a->metric) == 0;
}

static void compare(session *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (are_equal(&s->stored[i], &s->found[i])) continue;
        if (s->summary->n_different++ == 0) s->summary->first_different = s->runs[i].run;
    }
    s->summary->n_replayed += s->n;
}

static sv_status read_arrivals(const session *s, svi_arrivals *arrivals, sv_error *error)
{
    arrivals->word = calloc(s->n * arrivals->n_words, sizeof *arrivals->word);
    if (arrivals->word == NULL)
        return svi_fail_memory(error, s->n * arrivals->n_words * sizeof *arrivals->word,
                               "the orders of a launch");
    for (size_t i = 0; i < s->n; i++)
        SVI_TRY(svi_store_read_arrivals(s->store, s->runs[i].run, arrivals->n_words,
                                        arrivals->word + i * arrivals->n_words, error));
    return SV_OK;
}

/* Whether the order of a run's sums is the program's, or logged. */
static bool is_repeatable(const svi_numerics_spec *numerics)
{
    return !SVK_PATH_IS_HARDWARE(numerics->path) || numerics->path == SVK_PATH_ARRIVAL;
}

static sv_status train_group(session *s, sv_error *error)
{
    if (s->n == 0) return SV_OK;
    svi_job job = svi_study_job(s->study, s->runs[0].arm, s->runs[0].numerics);
    svi_numerics_spec undisturbed = *job.numerics; /* stress changes no bit of these */
    undisturbed.stress = SVK_STRESS_NONE;
    job.numerics = &undisturbed;
    svi_arrivals arrivals = {.n_words = svi_job_arrival_words(&job), .is_replayed = true};
    job.checkpoints = NULL; /* what is measured on the way changes no bit of the end */
    job.reference = NULL;
    sv_status status = SV_OK;
    if (arrivals.n_words > 0) {
        job.arrivals = &arrivals;
        status = read_arrivals(s, &arrivals, error);
    }
    memset(s->found, 0, s->n * sizeof *s->found);
    if (status == SV_OK) status = s->backend->ops->supports(s->backend, &job, error);
    bool is_left_out =
        status == SV_ERR_DEVICE && s->options->run == UINT64_MAX && !is_repeatable(job.numerics);
    if (is_left_out) {
        s->refusal = *error;
        s->summary->n_left_out += s->n;
        s->n = 0;
        return SV_OK;
    }
    if (status == SV_OK)
        status = s->backend->ops->launch(s->backend, &job, s->runs, s->n, s->found, NULL, NULL,
                                         NULL, error);
    free(arrivals.word);
    if (status == SV_OK) compare(s);
    s->n = 0;
    return status;
}

static sv_status take_run(void *context, const svi_run *run, const svi_run_result *result,
                          sv_error *error)
{
    session *s = context;
    if (s->options->run != UINT64_MAX && s->options->run != run->run) return SV_OK;
    bool is_of_group =
        s->n > 0 && s->runs[0].arm == run->arm && s->runs[0].numerics == run->numerics;
    if (s->n == GROUP_MOST || !is_of_group) SVI_TRY(train_group(s, error));
    s->runs[s->n] = *run;
    s->stored[s->n++] = *result;
    return SV_OK;
}

static sv_status open_all(session *s, sv_error *error)
{
    const sv_replay_options *o = s->options;
    svi_backend_options device = {o->device == NULL ? "cpu" : o->device, o->simd, o->n_threads};
    SVI_TRY(svi_backend_open(&device, &s->backend, NULL, error));
    SVI_TRY(svi_store_open_read(o->store_path, &s->store, error));
    return svi_study_check_store(s->study, s->store, error);
}

static sv_status fail_run(const session *s, sv_error *error)
{
    if (s->options->run == UINT64_MAX)
        return svi_fail(error, SV_ERR_STORE, "%s: the store holds no run yet; seedvar run fills it",
                        s->options->store_path);
    return svi_fail(error, SV_ERR_STORE,
                    "%s: the store holds no run %" PRIu64 "; the study's are 0 to %" PRIu64,
                    s->options->store_path, s->options->run, svi_plan_n_runs(s->study->spec) - 1);
}

static sv_status replay(session *s, sv_error *error)
{
    int64_t started_ns = svi_clock_ns();
    SVI_TRY(open_all(s, error));
    SVI_TRY(svi_store_each_run(s->store, take_run, s, error));
    SVI_TRY(train_group(s, error));
    s->summary->elapsed_s = (double)(svi_clock_ns() - started_ns) * 1e-9;
    if (s->summary->n_replayed == 0 && s->summary->n_left_out > 0) {
        *error = s->refusal;
        return SV_ERR_DEVICE;
    }
    if (s->summary->n_replayed == 0) return fail_run(s, error);
    if (s->summary->n_different == 0) return SV_OK;
    if (s->summary->n_different == 1)
        return svi_fail(error, SV_DIFFERENT, "run %" PRIu64 " differs",
                        s->summary->first_different);
    return svi_fail(error, SV_DIFFERENT, "%" PRIu64 " runs differ, the first is run %" PRIu64,
                    s->summary->n_different, s->summary->first_different);
}

sv_status sv_replay(sv_study *study, const sv_replay_options *options, sv_replay_summary *summary,
                    sv_error *error)
{
    memset(summary, 0, sizeof *summary);
    if (options->store_path == NULL) return svi_fail(error, SV_ERR_USAGE, "no store was named");
    session *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a replay");
    s->study = study;
    s->options = options;
    s->summary = summary;
    sv_status status = replay(s, error);
    if (s->store != NULL) svi_store_close(s->store);
    if (s->backend != NULL) s->backend->ops->close(s->backend);
    free(s);
    return status;
}
