/* Products whose sums are cut into parts, through cublasLt. */
#ifndef SVI_CUBLAS_SPLIT_H
#define SVI_CUBLAS_SPLIT_H

#include "backend/cublas_calls.h"
#include "spec/study_spec.h"

/* A matrix of each run in turn, column after column. */
typedef struct svi_cublas_matrix {
    float *at;       /* of the first run */
    int n_rows;      /* length of a column, which the next one follows */
    uint64_t stride; /* values from one run's to the next */
    bool is_transposed;
} svi_cublas_matrix;

/* c = a b, of n_runs runs. */
typedef struct svi_cublas_product {
    svi_cublas_matrix a, b, c;
    int n_inner;   /* columns of a and rows of b, as they are used */
    int n_columns; /* of c */
    uint64_t n_runs;
} svi_cublas_product;

cublasOperation_t svi_cublas_operation(const svi_cublas_matrix *m);

/* How cublasLt makes products of one shape. */
typedef struct svi_cublas_algorithm {
    int n_rows, n_columns, n_inner; /* of c, of c, of the sum */
    uint64_t n_runs;
    uint32_t alignment_bytes; /* of the matrices, at least */
    bool is_there;
    cublasLtMatmulAlgo_t algorithm;
} svi_cublas_algorithm;

enum { SVI_CUBLAS_ALGORITHMS = 64 };

typedef struct svi_cublas_splitter {
    const svi_cublas_calls *calls;
    cublasLtHandle_t handle; /* NULL: not open */
    cublasComputeType_t compute;
    int n_parts;
    uint64_t workspace_bytes; /* that a product may use */
    size_t n_known;
    svi_cublas_algorithm known[SVI_CUBLAS_ALGORITHMS];
} svi_cublas_splitter;

/* Memory for the parts in each stream, unless the numerics say. */
uint64_t svi_cublas_split_bytes(const svi_numerics_spec *numerics);

/* Opens it where it is not, and sets it up as the numerics ask. */
cublasStatus_t svi_cublas_splitter_prepare(svi_cublas_splitter *s, const svi_cublas_calls *calls,
                                           const svi_numerics_spec *numerics);
void svi_cublas_splitter_close(svi_cublas_splitter *s);

/* Whether cublasLt can cut sums of this shape into so many parts; of one run. */
bool svi_cublas_splits(svi_cublas_splitter *s, svi_cublas_product product);

/* Queues the product; workspace: device memory of the size that was set.
 * CUBLAS_STATUS_NOT_SUPPORTED when it cannot be cut. */
cublasStatus_t svi_cublas_split(svi_cublas_splitter *s, svi_cublas_product product, void *workspace,
                                cudaStream_t stream);

#endif
