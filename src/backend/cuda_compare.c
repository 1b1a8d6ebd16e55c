#include "backend/cuda_compare.h"

#include <inttypes.h>

bool svi_cuda_is_kept(const svi_cuda_launch *launch)
{
    return launch->kept != NULL || launch->reference != NULL;
}

bool svi_cuda_keeps_predictions(const svi_cuda_launch *launch)
{
    return launch->kept_predictions != NULL ||
           (launch->reference != NULL && launch->reference->predictions_at_checkpoints != NULL);
}

/* Parameters, and predictions, of one run at all its checkpoints. */
static uint64_t values_of_run(const svi_cuda_waves *s)
{
    return s->wave->n_checkpoints * s->n_parameters;
}

static uint64_t guesses_of_run(const svi_cuda_waves *s)
{
    return svi_cuda_keeps_predictions(s->launch) ? s->wave->n_checkpoints * s->n_test : 0;
}

uint64_t svi_cuda_kept_bytes(const svi_cuda_waves *s)
{
    if (!svi_cuda_is_kept(s->launch)) return 0;
    uint64_t n = values_of_run(s) * sizeof(double) + guesses_of_run(s);
    if (s->launch->reference != NULL) n += s->wave->n_checkpoints * sizeof(svk_distance);
    return n;
}

/* Runs with the same seeds follow each other, so that the references of a wave do, too. */
static uint64_t n_references(const svi_cuda_waves *s, size_t first, uint64_t n)
{
    const size_t *seeds_of = s->launch->reference->seeds_of;
    return seeds_of[first + n - 1] - seeds_of[first] + 1;
}

uint64_t svi_cuda_references_bytes(const svi_cuda_waves *s, size_t first, uint64_t n)
{
    if (s->launch->reference == NULL) return 0;
    return n_references(s, first, n) * (values_of_run(s) * sizeof(double) + guesses_of_run(s) +
                                        s->wave->n_checkpoints * sizeof(svk_result));
}

static void place_references(svi_cuda_waves *s, uint64_t n_runs, uint64_t n)
{
    svi_cuda_memory *memory = s->launch->memory;
    svk_cuda_comparison *c = &s->comparison;
    uint64_t n_results = s->wave->n_checkpoints;
    c->parameters = svi_cuda_memory_take(memory, n * values_of_run(s) * sizeof *c->parameters);
    c->results = svi_cuda_memory_take(memory, n * n_results * sizeof *c->results);
    c->distances = svi_cuda_memory_take(memory, n_runs * n_results * sizeof *c->distances);
    c->predictions = NULL;
    if (guesses_of_run(s) > 0) c->predictions = svi_cuda_memory_take(memory, n * guesses_of_run(s));
    c->n_parameters = s->n_parameters;
    c->n_test = s->n_test;
}

void svi_cuda_kept_place(svi_cuda_waves *s, size_t first, uint64_t n)
{
    svk_cuda_wave *w = s->wave;
    w->kept = NULL;
    w->kept_predictions = NULL;
    if (!svi_cuda_is_kept(s->launch)) return;
    svi_cuda_memory *memory = s->launch->memory;
    w->kept = svi_cuda_memory_take(memory, n * values_of_run(s) * sizeof *w->kept);
    if (guesses_of_run(s) > 0)
        w->kept_predictions = svi_cuda_memory_take(memory, n * guesses_of_run(s));
    if (s->launch->reference != NULL) place_references(s, n, n_references(s, first, n));
}

sv_status svi_cuda_references_send(svi_cuda_waves *s, size_t first, uint64_t n, sv_error *error)
{
    const svi_job_reference *r = s->launch->reference;
    svk_cuda_comparison *c = &s->comparison;
    if (r == NULL) return SV_OK;
    size_t at = r->seeds_of[first];
    uint64_t n_sent = n_references(s, first, n), n_results = s->wave->n_checkpoints;
    for (uint64_t i = 0; i < n; i++) s->runs[i].reference = (uint32_t)(r->seeds_of[first + i] - at);
    SVI_TRY(svi_cuda_send(s->launch->device, (void *)c->parameters,
                          (const double *)r->parameters + at * values_of_run(s),
                          n_sent * values_of_run(s) * sizeof(double), "references", error));
    SVI_TRY(svi_cuda_send(s->launch->device, (void *)c->results, r->at_checkpoints + at * n_results,
                          n_sent * n_results * sizeof *c->results, "results of references", error));
    if (c->predictions == NULL) return SV_OK;
    return svi_cuda_send(s->launch->device, (void *)c->predictions,
                         r->predictions_at_checkpoints + at * guesses_of_run(s),
                         n_sent * guesses_of_run(s), "predictions of references", error);
}

sv_status svi_cuda_kept_finish(svi_cuda_waves *s, sv_error *error)
{
    const svk_cuda_wave *w = s->wave;
    if (!svi_cuda_is_kept(s->launch) || w->n_checkpoints == 0) return SV_OK;
    SVI_TRY(svi_cuda_check(
        s->launch->device, (cudaError_t)svk_cuda_keep_ends_launch(w, s->n_parameters, s->n_test),
        error, "launch of the kernel that keeps %" PRIu64 " %s", w->n_runs, s->what));
    if (s->launch->reference == NULL) return SV_OK;
    bool is_double = SVK_KEPT_PRECISION(s->launch->job->numerics->precision) == SVK_PRECISION_FP64;
    s->comparison.wave = *w;
    return svi_cuda_check(s->launch->device,
                          (cudaError_t)svk_cuda_compare_launch(&s->comparison, is_double), error,
                          "launch of the kernel that compares %" PRIu64 " %s", w->n_runs, s->what);
}

sv_status svi_cuda_kept_fetch(svi_cuda_waves *s, size_t first, sv_error *error)
{
    const svi_cuda_launch *launch = s->launch;
    const svk_cuda_wave *w = s->wave;
    if (launch->kept != NULL)
        SVI_TRY(svi_cuda_fetch(launch->device, launch->kept + first * values_of_run(s), w->kept,
                               w->n_runs * values_of_run(s) * sizeof *w->kept,
                               "parameters at checkpoints", error));
    if (launch->kept_predictions != NULL)
        SVI_TRY(svi_cuda_fetch(launch->device, launch->kept_predictions + first * guesses_of_run(s),
                               w->kept_predictions, w->n_runs * guesses_of_run(s),
                               "predictions at checkpoints", error));
    if (launch->reference == NULL) return SV_OK;
    return svi_cuda_fetch(launch->device, launch->job->distances + first * w->n_checkpoints,
                          s->comparison.distances,
                          w->n_runs * w->n_checkpoints * sizeof(svk_distance), "distances", error);
}
