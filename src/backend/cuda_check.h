/* Errors of the CUDA runtime as one line that names the call, the error and the mend. */
#ifndef SVI_CUDA_CHECK_H
#define SVI_CUDA_CHECK_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#include "base/error.h"

/* A GPU that is in use. An error that leaves its context unusable (a fault in a kernel, say) is
 * kept in broken. */
typedef struct svi_cuda_device {
    int number;
    int n_host_threads;  /* that may prepare and finish what it computes; 0 counts as 1 */
    uint32_t n_launches; /* kernels that train, so far: keys of drawn delays */
    sv_error broken;
} svi_cuda_device;

/* SV_OK, or the error of this call. what: "cudaMalloc of 64 bytes for the runs". */
sv_status svi_cuda_check(svi_cuda_device *device, cudaError_t result, sv_error *error,
                         const char *what, ...) SVI_PRINTF(4, 5);

/* Of the question how many blocks with so much shared memory a multiprocessor holds. */
sv_status svi_cuda_check_occupancy(svi_cuda_device *device, cudaError_t result,
                                   uint32_t shared_bytes, sv_error *error);

/* Fails when an earlier error has left the device unusable. */
sv_status svi_cuda_check_usable(const svi_cuda_device *device, sv_error *error);

/* How many GPUs there are; SV_ERR_DEVICE when there is none, or no driver, or one that is too old.
 * asked: as the user wrote it. */
sv_status svi_cuda_count(const char *asked, int *n_devices, sv_error *error);

#endif
