/* From the words of a study to the numbers that the kernels read. */
#ifndef SVI_JOB_SHAPE_H
#define SVI_JOB_SHAPE_H

#include "backend/backend.h"
#include "kmeans.h"
#include "polynomial.h"

/* mlp, cnn and linear models. SV_ERR_DATA when model, loss and data do not fit together. */
sv_status svi_job_net(const svi_job *job, svk_net *net, svk_training *training, sv_error *error);

/* SV_ERR_DATA when a closed-form fit has fewer training rows than coefficients. */
sv_status svi_job_check_fit(const svi_job *job, const svk_net *net, const svk_training *training,
                            sv_error *error);

/* kmeans. SV_ERR_DATA when there are fewer training rows than clusters. */
sv_status svi_job_kmeans(const svi_job *job, svk_kmeans *shape, sv_error *error);

/* poly. */
void svi_job_polynomial(const svi_job *job, svk_polynomial *polynomial);
/* Where a run of a poly with given starts begins, in binary64 before rounding to the precision. */
double svi_job_poly_start(const svi_job *job, uint64_t seed_init);
/* Digest, status and metrics of n descents that have come to end[i] in the polynomial's n_steps. */
void svi_job_poly_results(const svi_job *job, const svk_polynomial *polynomial, const double *end,
                          size_t n, svk_result *results);

/* The seed from which a run draws its summation orders: replicates stand for further draws of the
 * hardware. */
uint64_t svi_job_schedule_seed(const svi_run *run);

#endif
