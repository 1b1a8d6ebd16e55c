/* What disturbs a launch on purpose: work beside it, caches that hold nothing of it. */
#ifndef SVI_CUDA_STRESS_H
#define SVI_CUDA_STRESS_H

#include "backend/cuda_check.h"

typedef struct svi_cuda_load svi_cuda_load;

/* Keeps a small block on every multiprocessor busy, launch upon launch, each about a millisecond:
 * atomic additions and reads all over a piece of memory that is larger than the caches, and pauses,
 * drawn anew for each warp. */
sv_status svi_cuda_load_start(const svi_cuda_device *device, svi_cuda_load **load, sv_error *error);
/* What went wrong since the start. NULL is allowed. */
sv_status svi_cuda_load_stop(svi_cuda_load *load, sv_error *error);

/* Queues what leaves caches that hold nothing that is read later. */
sv_status svi_cuda_flush_caches(svi_cuda_device *device, sv_error *error);

#endif
