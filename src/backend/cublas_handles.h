/* A handle of cuBLAS for each stream, set up as an entry of the numerics asks. */
#ifndef SVI_CUBLAS_HANDLES_H
#define SVI_CUBLAS_HANDLES_H

#include "backend/cublas_calls.h"
#include "backend/cublas_engine.h"
#include "backend/cublas_split.h"

typedef struct svi_cublas_stream {
    cudaStream_t stream;
    cublasHandle_t handle;
    void *workspace; /* device memory; NULL: cuBLAS has its own */
    uint64_t workspace_bytes;
} svi_cublas_stream;

struct svi_cublas {
    const svi_cublas_calls *calls;
    svi_cuda_device *device;
    int n_streams; /* that there are; a launch may use fewer */
    svi_cublas_stream stream[SVK_MAX_STREAMS];
    svi_cublas_splitter splitter; /* open where the numerics have parts */
};

/* Opens *cublas where it is NULL; makes streams and sets up what a launch with these numerics uses.
 * Nothing is under way on the device. */
sv_status svi_cublas_prepare(svi_cublas **cublas, svi_cuda_device *device,
                             const svi_numerics_spec *numerics, sv_error *error);

/* Queues it in a stream. */
sv_status svi_cublas_multiply(svi_cublas *cublas, int stream, svi_cublas_product product,
                              sv_error *error);
/* The same, sums cut into as many parts as the numerics ask for, which is more than one. */
sv_status svi_cublas_multiply_split(svi_cublas *cublas, int stream, svi_cublas_product product,
                                    sv_error *error);

#endif
