#include "backend/job_reference.h"

#include <stdlib.h>
#include <string.h>

#include "backend/job_shape.h"
#include "cpu_kernels.h"

static void number_seeds(const svi_run *runs, size_t n_runs, svi_job_reference *r)
{
    for (size_t i = 0; i < n_runs; i++) {
        bool is_new = i == 0 || memcmp(runs[i].seed, runs[i - 1].seed, sizeof runs[i].seed) != 0;
        if (is_new) {
            r->runs[r->n] = runs[i];
            r->runs[r->n++].replicate = 0;
        }
        r->seeds_of[i] = r->n - 1;
    }
}

/* bytes: of the parameters of one reference, at all its checkpoints. */
static void point_traces(svi_job_reference *r, size_t bytes, size_t n_checkpoints, size_t n_test)
{
    for (size_t i = 0; i < r->n; i++) {
        r->trace[i] = (svk_trace){.parameters = (char *)r->parameters + i * bytes,
                                  .results = r->at_checkpoints + i * n_checkpoints};
        if (r->predictions_at_checkpoints != NULL)
            r->trace[i].predictions = r->predictions_at_checkpoints + i * n_checkpoints * n_test;
    }
}

/* At least one byte, so that NULL means that memory ran out. */
static void *reserve(size_t n, size_t size, bool *is_short)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);
    *is_short = *is_short || p == NULL;
    return p;
}

sv_status svi_job_reference_make(const svi_job *job, const svi_run *runs, size_t n_runs,
                                 size_t value_bytes, svi_job_reference *r, sv_error *error)
{
    svk_net net;
    svk_training training;
    bool is_short = false;
    memset(r, 0, sizeof *r);
    SVI_TRY(svi_job_net(job, &net, &training, error));
    size_t n_checkpoints = job->checkpoints->n, n_test = training.n_test;
    size_t bytes = n_checkpoints * svk_net_n_parameters(&net) * value_bytes;
    r->runs = reserve(n_runs, sizeof *r->runs, &is_short);
    r->seeds_of = reserve(n_runs, sizeof *r->seeds_of, &is_short);
    if (!is_short) number_seeds(runs, n_runs, r);
    r->results = reserve(r->n, sizeof *r->results, &is_short);
    r->trace = reserve(r->n, sizeof *r->trace, &is_short);
    r->parameters = reserve(r->n, bytes, &is_short);
    r->at_checkpoints = reserve(r->n * n_checkpoints, sizeof *r->at_checkpoints, &is_short);
    if (net.loss != SVK_LOSS_SQUARED) {
        r->predictions = reserve(r->n, n_test, &is_short);
        r->own_predictions = reserve(n_runs, n_test, &is_short);
        r->predictions_at_checkpoints = reserve(r->n * n_checkpoints, n_test, &is_short);
    }
    if (is_short)
        return svi_fail_memory(error, r->n * bytes, "the runs that others are compared with");
    point_traces(r, bytes, n_checkpoints, n_test);
    return SV_OK;
}

void svi_job_reference_clear(svi_job_reference *r)
{
    free(r->runs);
    free(r->results);
    free(r->predictions);
    free(r->own_predictions);
    free(r->trace);
    free(r->seeds_of);
    free(r->parameters);
    free(r->at_checkpoints);
    free(r->predictions_at_checkpoints);
    memset(r, 0, sizeof *r);
}
