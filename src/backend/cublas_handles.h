/* A handle of cuBLAS for each stream, set up as an entry of the numerics asks. */
#ifndef SVI_CUBLAS_HANDLES_H
#define SVI_CUBLAS_HANDLES_H

#include "backend/cublas_calls.h"
#include "backend/cublas_engine.h"

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
};

/* A matrix of each run in turn, column after column. */
typedef struct svi_cublas_matrix {
    float *at;       /* of the first run */
    int n_rows;      /* length of a column, which the next one follows */
    uint64_t stride; /* values from one run's to the next */
    bool is_transposed;
} svi_cublas_matrix;

/* Opens *cublas where it is NULL; makes streams and sets up what a launch with these numerics uses.
 * Nothing is under way on the device. */
sv_status svi_cublas_prepare(svi_cublas **cublas, svi_cuda_device *device,
                             const svi_numerics_spec *numerics, sv_error *error);

/* Queues c = a b for n_runs runs in a stream; n_inner: columns of a and rows of b, as they are
 * used; n_columns: of c. */
sv_status svi_cublas_multiply(svi_cublas *cublas, int stream, svi_cublas_matrix a,
                              svi_cublas_matrix b, svi_cublas_matrix c, int n_inner, int n_columns,
                              uint64_t n_runs, sv_error *error);

#endif
