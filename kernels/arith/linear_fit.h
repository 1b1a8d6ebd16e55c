/* Least squares by Householder reflections in binary64, in a stated order (docs/numerics.md). */
#ifndef SVK_LINEAR_FIT_H
#define SVK_LINEAR_FIT_H

#include "arith.h"

/* A column whose part outside the columns before it has less than 2^-40 of its length depends on
 * them. */
#define SVK_DEPENDENT_SQUARE 0x1p-80

/* Reflects column v (n_rows long, from row c on) onto the diagonal and the same for the columns
 * behind it and y. Returns the diagonal element of R, or 0 when the column depends on those before
 * it. */
SVK_FN double svk_reflect(double *a, double *y, int64_t n_rows, int n_columns, int c)
{
    double *v = a + (int64_t)c * n_rows;
    double above = 0.0, square = 0.0;
    for (int64_t i = 0; i < c; i++) above = fma(v[i], v[i], above);
    for (int64_t i = c; i < n_rows; i++) square = fma(v[i], v[i], square);
    if (!(square > SVK_DEPENDENT_SQUARE * (above + square))) return 0.0;
    double norm = sqrt(square);
    double diagonal = v[c] > 0.0 ? -norm : norm;
    double head = v[c] - diagonal;
    double scale = -1.0 / (diagonal * head); /* 2 / |u|^2 with u = (head, v[c+1], ...) */
    v[c] = head;
    for (int k = c + 1; k <= n_columns; k++) {
        double *target = k < n_columns ? a + (int64_t)k * n_rows : y;
        double dot = 0.0;
        for (int64_t i = c; i < n_rows; i++) dot = fma(v[i], target[i], dot);
        double factor = dot * scale;
        for (int64_t i = c; i < n_rows; i++) target[i] = fma(-factor, v[i], target[i]);
    }
    return diagonal;
}

/* Solves min |A b - y| for A of n_rows x n_columns, n_rows >= n_columns, column-major (column c at
 * a + c * n_rows). a and y are overwritten; b: [n_columns]. The coefficient of a column that
 * depends on those before it is zero. */
SVK_FN void svk_linear_fit(double *a, double *y, int64_t n_rows, int n_columns, double *b)
{
    for (int c = 0; c < n_columns; c++) b[c] = svk_reflect(a, y, n_rows, n_columns, c);
    for (int c = n_columns - 1; c >= 0; c--) {
        double sum = y[c];
        for (int k = c + 1; k < n_columns; k++) sum = fma(-a[(int64_t)k * n_rows + c], b[k], sum);
        b[c] = b[c] == 0.0 ? 0.0 : sum / b[c];
    }
}

#endif
