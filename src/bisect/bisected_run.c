#include "bisect/bisected_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend/job_shape.h"

sv_status svi_bisected_run_open(svi_bisected_run *r, const char *path, const char *folder,
                                sv_error *error)
{
    r->path = path;
    SVI_TRY(svi_store_open_read(path, &r->store, error));
    SVI_TRY(sv_study_open_store(path, folder, &r->study, error));
    return svi_study_check_store(r->study, r->store, error);
}

void svi_bisected_run_close(svi_bisected_run *r)
{
    if (r->store != NULL) svi_store_close(r->store);
    sv_study_close(r->study);
    free(r->arrivals.word);
}

/* ---- choosing ---- */

typedef struct choice {
    svi_bisected_run *run;
    uint64_t number;
    bool is_found;
} choice;

static sv_status take_run(void *context, const svi_run *run, const svi_run_result *result,
                          sv_error *error)
{
    choice *c = context;
    (void)error;
    if (run->run != c->number) return SV_OK;
    c->run->run = *run;
    c->run->stored = *result;
    c->is_found = true;
    return SV_OK;
}

static sv_status check_model(const svi_bisected_run *r, sv_error *error)
{
    const svi_model_spec *model = &r->job.arm->model;
    const char *kind = model->kind == SVI_MODEL_POLY     ? "poly"
                       : model->kind == SVI_MODEL_KMEANS ? "kmeans"
                       : model->is_closed_form           ? "a closed-form fit"
                                                         : NULL;
    if (r->stored.status == SVK_RUN_UNSUPPORTED)
        return svi_fail(error, SV_ERR_UNSUPPORTED,
                        "%s, run %" PRIu64 ": it was never trained (its device lacked what the "
                        "numerics ask for)",
                        r->path, r->run.run);
    if (kind == NULL) return SV_OK;
    return svi_fail(error, SV_ERR_UNSUPPORTED,
                    "%s, run %" PRIu64 " (arm %s): bisect looks at networks between their steps, "
                    "and %s is none; compare says whether the ends are equal",
                    r->path, r->run.run, r->job.arm->name, kind);
}

static sv_status read_arrivals(svi_bisected_run *r, sv_error *error)
{
    uint64_t n_words = svi_job_arrival_words(&r->job);
    if (n_words == 0) return SV_OK;
    r->arrivals = (svi_arrivals){
        .n_words = n_words, .word = calloc(n_words, sizeof(uint32_t)), .is_replayed = true};
    if (r->arrivals.word == NULL)
        return svi_fail_memory(error, n_words * sizeof(uint32_t), "the orders of a run");
    r->job.arrivals = &r->arrivals;
    return svi_store_read_arrivals(r->store, r->run.run, n_words, r->arrivals.word, error);
}

sv_status svi_bisected_run_choose(svi_bisected_run *r, svi_backend *backend, uint64_t run,
                                  sv_error *error)
{
    choice c = {.run = r, .number = run};
    SVI_TRY(svi_store_each_run(r->store, take_run, &c, error));
    if (!c.is_found)
        return svi_fail(error, SV_ERR_STORE,
                        "%s: the store holds no run %" PRIu64 "; the study's are 0 to %" PRIu64,
                        r->path, run, svi_plan_n_runs(r->study->spec) - 1);
    r->job = svi_study_job(r->study, r->run.arm, r->run.numerics);
    r->job.reference = NULL;
    SVI_TRY(check_model(r, error));
    SVI_TRY(svi_job_net(&r->job, &r->net, &r->training, error));
    SVI_TRY(read_arrivals(r, error));
    r->backend = backend;
    return backend->ops->supports(backend, &r->job, error);
}

/* ---- training ---- */

sv_status svi_bisected_run_train(svi_bisected_run *r, const svi_checkpoints *steps,
                                 svi_run_result *results, double *parameters, sv_error *error)
{
    svi_job job = r->job;
    job.checkpoints = steps;
    job.kept = parameters;
    memset(&r->found, 0, sizeof r->found);
    memset(results, 0, steps->n * sizeof *results);
    return r->backend->ops->launch(r->backend, &job, &r->run, 1, &r->found, results, NULL, NULL,
                                   error);
}

bool svi_bisected_run_is_reproduced(const svi_bisected_run *r)
{
    const svi_run_result *a = &r->stored, *b = &r->found;
    return a->status == b->status && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

typedef struct curve_check {
    svi_bisected_run *run;
    const svi_run_result *found; /* at every checkpoint of the store */
} curve_check;

/* The first checkpoint that differs ends it. */
static sv_status take_digest(curve_check *c, uint64_t run, size_t number, const uint32_t digest[4])
{
    svi_bisected_run *r = c->run;
    uint64_t step = r->job.checkpoints->step[number];
    if (run != r->run.run || r->is_store_parted) return SV_OK;
    r->n_checkpoints++;
    if (memcmp(digest, c->found[number].digest, sizeof c->found[number].digest) == 0) {
        r->equal_step = step;
        return SV_OK;
    }
    r->is_store_parted = true;
    r->different_step = step;
    return SV_OK;
}

static sv_status take_checkpoint(void *context, uint64_t run, size_t number,
                                 const svi_run_result *result, sv_error *error)
{
    (void)error;
    return take_digest(context, run, number, result->digest);
}

static sv_status take_distance(void *context, const svi_distance_row *row, sv_error *error)
{
    (void)error;
    return take_digest(context, row->run, row->number, row->distance.digest);
}

sv_status svi_bisected_run_check_curve(svi_bisected_run *r, sv_error *error)
{
    svi_run_result found[SVI_MAX_CHECKPOINTS];
    curve_check check = {r, found};
    bool has_curves = r->study->spec->curves == SVI_CURVES_FULL;
    if (!has_curves && !r->study->spec->record_distances) return SV_OK;
    SVI_TRY(svi_bisected_run_train(r, r->job.checkpoints, found, NULL, error));
    if (has_curves) return svi_store_each_curve_run(r->store, take_checkpoint, &check, error);
    return svi_store_each_distance(r->store, take_distance, &check, error);
}
