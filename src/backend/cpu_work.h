/* What the threads of one launch share, and what each of them does. */
#ifndef SVI_CPU_WORK_H
#define SVI_CPU_WORK_H

#include <stdatomic.h>

#include "backend/backend.h"
#include "backend/cpu_instances.h"
#include "backend/job_reference.h"
#include "cpu_kernels.h"

/* Runs of kmeans that a thread takes at once. */
enum { SVI_KMEANS_GROUP = 16 };

typedef struct svi_cpu_launch {
    const svi_job *job;
    const svk_cpu_kernels *kernels;
    const svi_run *runs; /* [n_runs] */
    size_t n_runs;
    svi_run_result *results; /* [n_runs] */
    svi_run_result *curves;  /* [n_runs][n_checkpoints] or NULL */
    uint8_t *predictions;    /* [n_runs][n_test], the most test rows that a run can have, or NULL */
    double *parameters;      /* [n_runs][n_parameters] or NULL */
    const svk_trace *kept;   /* [n_runs]: to be filled, or NULL */
    const svi_job_reference *reference; /* what distances are measured from, or NULL */
    /* filled by prepare */
    svk_net net;
    svk_training training;
    svk_polynomial polynomial;
    svi_dataset
        rows; /* what instances are made of: the job's data, borrowed; unsplit for n_split */
    svi_cpu_instances instances;
    svk_kmeans kmeans;
    uint64_t n_parameters;
    size_t n_checkpoints; /* 0 without curves */
    const uint64_t *checkpoint;
    uint32_t n_split;    /* rows that the kernel splits by itself, or 0 */
    size_t n_group;      /* runs that are taken at once */
    _Atomic size_t next; /* first run that nobody has taken */
    _Atomic int failed;  /* sv_status of the first failure */
    sv_error error;
} svi_cpu_launch;

/* To be cleared whatever is returned. */
sv_status svi_cpu_launch_prepare(svi_cpu_launch *launch, int n_threads, sv_error *error);
void svi_cpu_launch_clear(svi_cpu_launch *launch);
/* What the threads have of their own together, with the rows that they train on: of a launch that
 * is prepared. n_tables: different ones that the runs train on. */
uint64_t svi_cpu_launch_bytes(const svi_cpu_launch *launch, int n_threads, uint64_t n_tables);
/* Takes groups of runs until none is left or one has failed. Called by every thread. */
void svi_cpu_work(svi_cpu_launch *launch);
/* After all threads have ended. */
sv_status svi_cpu_launch_status(const svi_cpu_launch *launch, sv_error *error);

#endif
