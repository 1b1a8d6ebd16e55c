/* Runs of a wave that are kept at their checkpoints, and compared there with references. */
#ifndef SVI_CUDA_COMPARE_H
#define SVI_CUDA_COMPARE_H

#include "backend/cuda_wave.h"

enum { SVI_CUDA_KEPT_PIECES = 6 }; /* of device memory, at the most */

/* Whether runs are kept, and their predictions. */
bool svi_cuda_is_kept(const svi_cuda_launch *launch);
bool svi_cuda_keeps_predictions(const svi_cuda_launch *launch);

/* Device memory that they take beside what every wave does: each run, and the references of runs
 * first .. first + n - 1 of the launch. */
uint64_t svi_cuda_kept_bytes(const svi_cuda_waves *waves);
uint64_t svi_cuda_references_bytes(const svi_cuda_waves *waves, size_t first, uint64_t n);

/* Deals out that memory, within what was reserved, for the n runs of the wave that begins at
 * `first`; sends their references; says which reference is whose. */
void svi_cuda_kept_place(svi_cuda_waves *waves, size_t first, uint64_t n);
sv_status svi_cuda_references_send(svi_cuda_waves *waves, size_t first, uint64_t n,
                                   sv_error *error);
/* After the training was queued. */
sv_status svi_cuda_kept_finish(svi_cuda_waves *waves, sv_error *error);
sv_status svi_cuda_kept_fetch(svi_cuda_waves *waves, size_t first, sv_error *error);

#endif
