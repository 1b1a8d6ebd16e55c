/* Parameters of the runs of a launch at its checkpoints, for the job that asks for them. */
#ifndef SVI_CPU_TRACE_H
#define SVI_CPU_TRACE_H

#include "backend/backend.h"
#include "cpu_kernels.h"

typedef struct svi_cpu_trace {
    size_t n_values; /* of all runs */
    bool is_fp64;
    void *parameters; /* [n_runs][n_checkpoints][n_parameters] */
    svi_run_result *results;
    svk_trace *trace; /* [n_runs]: what a launch fills */
} svi_cpu_trace;

/* To be cleared whatever is returned. */
sv_status svi_cpu_trace_make(const svi_job *job, size_t n_runs, svi_cpu_trace *t, sv_error *error);
/* To job->kept. */
void svi_cpu_trace_read(const svi_cpu_trace *t, double *kept);
void svi_cpu_trace_clear(svi_cpu_trace *t);

#endif
