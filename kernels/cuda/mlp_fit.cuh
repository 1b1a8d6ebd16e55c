/* The closed-form fit of a linear model: svk_linear_fit (linear_fit.h), the columns of the design
 * dealt out to the threads. The bits are the same, as every sum is one chain of one thread. */
#ifndef SVK_MLP_FIT_CUH
#define SVK_MLP_FIT_CUH

#include "linear_fit.h"
#include "mlp_block.cuh"

/* A fit at work: columns one after the other, the intercept's ones first where there is one, then
 * the features, the target last; n_rows values each. */
struct fit {
    double *design, *coefficient;
    uint32_t n_rows, n_columns;
};

template <class FORM> SVK_DEVICE fit fit_of(const block<FORM> &b)
{
    fit f;
    f.n_rows = b.training->n_train;
    f.n_columns = b.training->n_features + static_cast<uint32_t>(b.net->has_bias);
    f.design = b.design;
    f.coefficient = b.design + static_cast<size_t>(f.n_columns + 1) * f.n_rows;
    return f;
}

SVK_DEVICE double *fit_column(const fit &f, uint32_t c)
{
    return f.design + static_cast<size_t>(c) * f.n_rows;
}

template <class FORM> SVK_DEVICE void fit_load(const block<FORM> &b, const fit &f)
{
    uint32_t first = static_cast<uint32_t>(b.net->has_bias);
    for (uint32_t i = b.thread; i < f.n_rows; i += b.n_threads) {
        const typename FORM::real *x = b.x + static_cast<size_t>(i) * b.training->ld;
        for (uint32_t c = 0; c < f.n_columns; c++)
            fit_column(f, c)[i] = c < first ? 1.0 : static_cast<double>(x[c - first]);
        fit_column(f, f.n_columns)[i] = b.target[i];
    }
}

/* Column c reflected onto the diagonal. One thread; the head is stored, the rest of the column
 * stays. Returns the scale of the reflection, 0 where the column depends on those before it. */
SVK_DEVICE double fit_reflect(const fit &f, uint32_t c)
{
    double *v = fit_column(f, c), above = 0.0, square = 0.0;
    for (uint32_t i = 0; i < c; i++) above = fma(v[i], v[i], above);
    for (uint32_t i = c; i < f.n_rows; i++) square = fma(v[i], v[i], square);
    f.coefficient[c] = 0.0;
    if (!(square > SVK_DEPENDENT_SQUARE * (above + square))) return 0.0;
    double norm = sqrt(square);
    double diagonal = v[c] > 0.0 ? -norm : norm;
    v[c] -= diagonal;
    f.coefficient[c] = diagonal;
    return -1.0 / (diagonal * v[c]);
}

/* The same for the columns behind it and the target. */
template <class FORM>
SVK_DEVICE void fit_apply(const block<FORM> &b, const fit &f, uint32_t c, double scale)
{
    const double *v = fit_column(f, c);
    for (uint32_t k = c + 1 + b.thread; k <= f.n_columns; k += b.n_threads) {
        double *target = fit_column(f, k), dot = 0.0;
        for (uint32_t i = c; i < f.n_rows; i++) dot = fma(v[i], target[i], dot);
        double factor = dot * scale;
        for (uint32_t i = c; i < f.n_rows; i++) target[i] = fma(-factor, v[i], target[i]);
    }
}

/* One thread: back substitution, in the place of the diagonal. */
SVK_DEVICE void fit_substitute(const fit &f)
{
    const double *y = fit_column(f, f.n_columns);
    for (uint32_t c = f.n_columns; c-- > 0;) {
        double sum = y[c];
        for (uint32_t k = c + 1; k < f.n_columns; k++)
            sum = fma(-fit_column(f, k)[c], f.coefficient[k], sum);
        f.coefficient[c] = f.coefficient[c] == 0.0 ? 0.0 : sum / f.coefficient[c];
    }
}

/* The coefficients as the weights of the only layer. */
template <class FORM> SVK_DEVICE void fit_store(const block<FORM> &b, const fit &f)
{
    typedef typename FORM::real real;
    uint32_t first = static_cast<uint32_t>(b.net->has_bias);
    for (uint32_t k = b.thread; k < f.n_columns; k += b.n_threads) {
        uint32_t at = k < first ? b.layout->bias[0] : b.layout->weight[0] + k - first;
        b.masters[at].v[0] = static_cast<real>(f.coefficient[k]);
    }
}

#endif
