/* The runs that those of a launch are compared with: one a seed vector, kept at their checkpoints.
 */
#ifndef SVI_CPU_REFERENCE_H
#define SVI_CPU_REFERENCE_H

#include "backend/backend.h"
#include "cpu_kernels.h"

typedef struct svi_cpu_reference {
    size_t n;                 /* seed vectors */
    svi_run *runs;            /* [n]: replicate 0 */
    svi_run_result *results;  /* [n]: at the end */
    uint8_t *predictions;     /* [n][n_test], or NULL in regression */
    uint8_t *own_predictions; /* [n_runs][n_test]: room for those of the launch; NULL likewise */
    svk_trace *trace;         /* [n] */
    size_t *seeds_of;         /* [n_runs]: index into them */
    void *parameters;         /* what the traces point into */
    svi_run_result *at_checkpoints;
    uint8_t *predictions_at_checkpoints;
} svi_cpu_reference;

/* To be cleared whatever is returned. Runs with the same seeds follow each other. */
sv_status svi_cpu_reference_make(const svi_job *job, const svi_run *runs, size_t n_runs,
                                 svi_cpu_reference *reference, sv_error *error);
void svi_cpu_reference_clear(svi_cpu_reference *reference);

#endif
