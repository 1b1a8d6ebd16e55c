/* The runs that those of a launch are compared with: one a seed vector, kept at their checkpoints.
 */
#ifndef SVI_JOB_REFERENCE_H
#define SVI_JOB_REFERENCE_H

#include "backend/backend.h"

struct svk_trace; /* of the CPU's kernels */

typedef struct svi_job_reference {
    size_t n;                 /* seed vectors */
    svi_run *runs;            /* [n]: replicate 0 */
    svi_run_result *results;  /* [n]: at the end */
    uint8_t *predictions;     /* [n][n_test], or NULL in regression */
    uint8_t *own_predictions; /* [n_runs][n_test]: room for those of the launch; NULL likewise */
    struct svk_trace *trace;  /* [n] */
    size_t *seeds_of;         /* [n_runs]: index into them */
    void *parameters;         /* [n][n_checkpoints][n_parameters]; the traces point into these */
    svi_run_result *at_checkpoints;      /* [n][n_checkpoints] */
    uint8_t *predictions_at_checkpoints; /* [n][n_checkpoints][n_test], or NULL likewise */
} svi_job_reference;

/* To be cleared whatever is returned. Runs with the same seeds follow each other. value_bytes: of a
 * parameter. */
sv_status svi_job_reference_make(const svi_job *job, const svi_run *runs, size_t n_runs,
                                 size_t value_bytes, svi_job_reference *reference, sv_error *error);
void svi_job_reference_clear(svi_job_reference *reference);

#endif
