/* What the stand-ins for cuBLAS and cublasLt share. */
#ifndef EMULATOR_CUBLAS_STAND_IN_H
#define EMULATOR_CUBLAS_STAND_IN_H

#include <cstddef>

extern "C" {
#include "backend/cublas_calls.h"
}

namespace emulator
{

cublasStatus_t status_of(cudaError_t error);

/* The matrices of a batch, column after column. */
struct matrix_batch {
    const float *at;
    int n_rows, n_columns, ld; /* as they lie */
    long long stride;
    bool is_transposed;

    matrix_batch(const float *at_, cublasOperation_t op, int used_rows, int used_columns, int ld_,
                 long long stride_)
        : at(at_), n_rows(op == CUBLAS_OP_N ? used_rows : used_columns),
          n_columns(op == CUBLAS_OP_N ? used_columns : used_rows), ld(ld_), stride(stride_),
          is_transposed(op == CUBLAS_OP_T)
    {
    }
    size_t size() const { return static_cast<size_t>(ld) * (n_columns - 1) + n_rows; }
    size_t size_bytes(int n) const
    {
        return (static_cast<size_t>(stride) * static_cast<size_t>(n - 1) + size()) * sizeof *at;
    }
    bool is_sound(int n) const;
    float value(int i, int row, int column) const
    {
        int r = is_transposed ? column : row, c = is_transposed ? row : column;
        return at[i * stride + static_cast<long long>(c) * ld + r];
    }
};

/* c = a b: the k terms of a sum in n_parts chains of fma, which are added one after another. False
 * where a matrix is not sound, or those of c overlap. */
bool multiply_batch(const matrix_batch &a, const matrix_batch &b, const matrix_batch &c, int k,
                    int n_parts, bool is_tf32, int n_products);

#define DECLARE(member, name, arguments) cublasStatus_t member arguments;
SVI_CUBLAS_LT_CALLS(DECLARE)
#undef DECLARE

} // namespace emulator

#endif
