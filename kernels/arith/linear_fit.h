/* Least squares by Householder reflections in binary64, in a stated order (docs/numerics.md), of
 * SVK_FIT_LANES systems at once: 1 unless the includer has said otherwise. Value i of system l
 * stands at [i * SVK_FIT_LANES + l]; every operation is one IEEE operation in each system. */
#ifndef SVK_LINEAR_FIT_H
#define SVK_LINEAR_FIT_H

#include "arith.h"

#ifndef SVK_FIT_LANES
#define SVK_FIT_LANES 1
#endif
#define SVK_EACH_FIT(l) for (int l = 0; l < SVK_FIT_LANES; l++)

/* A column whose part outside the columns before it has less than 2^-40 of its length depends on
 * them. */
#define SVK_DEPENDENT_SQUARE 0x1p-80

/* sum: [1]: v_0 t_0 + v_1 t_1 + ..., one chain from +0. v and t may be the same. */
SVK_PASS void svk_fit_dot(const double *v, const double *t, int64_t n, double *SVK_RESTRICT sum)
{
    double chain[SVK_FIT_LANES];
    SVK_EACH_FIT(l) chain[l] = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const double *v_i = v + i * SVK_FIT_LANES, *t_i = t + i * SVK_FIT_LANES;
        SVK_EACH_FIT(l) chain[l] = fma(v_i[l], t_i[l], chain[l]);
    }
    SVK_EACH_FIT(l) sum[l] = chain[l];
}

/* t -= factor v, where there is a reflection. */
SVK_PASS void svk_fit_subtract(const double *SVK_RESTRICT factor,
                               const double *SVK_RESTRICT diagonal, const double *SVK_RESTRICT v,
                               int64_t n, double *SVK_RESTRICT t)
{
    for (int64_t i = 0; i < n; i++) {
        SVK_EACH_FIT(l)
        {
            int64_t at = i * SVK_FIT_LANES + l;
            double moved = fma(-factor[l], v[at], t[at]);
            t[at] = diagonal[l] != 0.0 ? moved : t[at];
        }
    }
}

/* From the squared lengths of a column above its diagonal and from there on: the diagonal element
 * of R, or 0 where the column depends on those before it; the head of the reflection's vector u =
 * (head, v[c+1], ...) in place of the column's; scale = -2 / |u|^2. */
SVK_PASS void svk_fit_head(const double *SVK_RESTRICT above, const double *SVK_RESTRICT square,
                           double *SVK_RESTRICT head, double *SVK_RESTRICT diagonal,
                           double *SVK_RESTRICT scale)
{
    SVK_EACH_FIT(l)
    {
        double norm = sqrt(square[l]);
        double d = head[l] > 0.0 ? -norm : norm;
        double u = head[l] - d;
        int is_free = square[l] > SVK_DEPENDENT_SQUARE * (above[l] + square[l]);
        scale[l] = -1.0 / (d * u);
        diagonal[l] = is_free ? d : 0.0;
        head[l] = is_free ? u : head[l];
    }
}

/* Reflects column c (from row c on) onto the diagonal, and the columns behind it and y likewise. */
SVK_FN void svk_fit_reflect(double *a, double *y, int64_t n_rows, int n_columns, int c,
                            double *diagonal)
{
    double above[SVK_FIT_LANES], square[SVK_FIT_LANES], scale[SVK_FIT_LANES];
    double factor[SVK_FIT_LANES];
    int64_t column = n_rows * SVK_FIT_LANES, first = (int64_t)c * SVK_FIT_LANES, n = n_rows - c;
    double *v = a + c * column;
    svk_fit_dot(v, v, c, above);
    svk_fit_dot(v + first, v + first, n, square);
    svk_fit_head(above, square, v + first, diagonal, scale);
    for (int k = c + 1; k <= n_columns; k++) {
        double *target = (k < n_columns ? a + k * column : y) + first;
        svk_fit_dot(v + first, target, n, factor);
        SVK_EACH_FIT(l) factor[l] *= scale[l];
        svk_fit_subtract(factor, diagonal, v + first, n, target);
    }
}

/* Solves min |A b - y| for A of n_rows x n_columns, n_rows >= n_columns, column-major (column c
 * from value c * n_rows on). a and y are overwritten; b: [n_columns]. The coefficient of a column
 * that depends on those before it is zero. */
SVK_FN void svk_linear_fit(double *a, double *y, int64_t n_rows, int n_columns, double *b)
{
    for (int c = 0; c < n_columns; c++)
        svk_fit_reflect(a, y, n_rows, n_columns, c, b + c * SVK_FIT_LANES);
    for (int c = n_columns - 1; c >= 0; c--) {
        SVK_EACH_FIT(l)
        {
            double sum = y[c * SVK_FIT_LANES + l], diagonal = b[c * SVK_FIT_LANES + l];
            for (int k = c + 1; k < n_columns; k++)
                sum = fma(-a[(k * n_rows + c) * SVK_FIT_LANES + l], b[k * SVK_FIT_LANES + l], sum);
            b[c * SVK_FIT_LANES + l] = diagonal == 0.0 ? 0.0 : sum / diagonal;
        }
    }
}

#endif
