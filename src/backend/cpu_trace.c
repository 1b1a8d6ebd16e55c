#include "backend/cpu_trace.h"

#include <stdlib.h>
#include <string.h>

sv_status svi_cpu_trace_make(const svi_job *job, size_t n_runs, svi_cpu_trace *t, sv_error *error)
{
    size_t n_checkpoints = job->checkpoints->n;
    size_t n_of_run = n_checkpoints * svi_job_n_parameters(job);
    memset(t, 0, sizeof *t);
    t->is_fp64 = SVK_KEPT_PRECISION(job->numerics->precision) == SVK_PRECISION_FP64;
    t->n_values = n_runs * n_of_run;
    size_t value_bytes = t->is_fp64 ? sizeof(double) : sizeof(float);
    t->parameters = calloc(t->n_values + 1, value_bytes);
    t->results = calloc(n_runs * n_checkpoints + 1, sizeof *t->results);
    t->trace = calloc(n_runs + 1, sizeof *t->trace);
    if (t->parameters == NULL || t->results == NULL || t->trace == NULL)
        return svi_fail_memory(error, t->n_values * value_bytes, "parameters at checkpoints");
    for (size_t i = 0; i < n_runs; i++)
        t->trace[i] = (svk_trace){.parameters = (char *)t->parameters + i * n_of_run * value_bytes,
                                  .results = t->results + i * n_checkpoints};
    return SV_OK;
}

void svi_cpu_trace_read(const svi_cpu_trace *t, double *kept)
{
    const float *as_float = t->parameters;
    if (t->is_fp64)
        memcpy(kept, t->parameters, t->n_values * sizeof *kept);
    else
        for (size_t i = 0; i < t->n_values; i++) kept[i] = (double)as_float[i];
}

void svi_cpu_trace_clear(svi_cpu_trace *t)
{
    free(t->parameters);
    free(t->results);
    free(t->trace);
    memset(t, 0, sizeof *t);
}
