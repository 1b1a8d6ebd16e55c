/* What the outputs of a network mean: the deltas that training sends back, the class that is named,
 * the loss of a row. Output j of a row stands at z[j * stride]. */
#ifndef SVK_NETWORK_OUTPUT_CUH
#define SVK_NETWORK_OUTPUT_CUH

#include "metric_sum.h"
#include "real.cuh"

/* Softmax minus the label's one, in place, tiny values as zero. The first maximum in ascending
 * order is subtracted; the sum starts at the first term and ascends; each term is divided by it. */
template <class MATH, class REAL>
SVK_DEVICE void softmax_delta(REAL *z, int stride, int n_classes, int label)
{
    REAL top = z[0];
    for (int j = 1; j < n_classes; j++) top = z[j * stride] > top ? z[j * stride] : top;
    REAL sum = MATH::exp_of(z[0] - top);
    z[0] = sum;
    for (int j = 1; j < n_classes; j++) {
        REAL e = MATH::exp_of(z[j * stride] - top);
        z[j * stride] = e;
        sum += e;
    }
    for (int j = 0; j < n_classes; j++)
        z[j * stride] = real_flush(z[j * stride] / sum - (j == label ? REAL(1) : REAL(0)));
}

template <class MATH, class REAL> SVK_DEVICE REAL logistic_delta(REAL z, REAL y)
{
    return real_flush(real_sigmoid<MATH>(z) - y);
}

template <class REAL> SVK_DEVICE REAL squared_delta(REAL z, REAL y) { return REAL(2) * (z - y); }

/* The first of the largest outputs. */
template <class REAL> SVK_DEVICE int best_class(const REAL *z, int stride, int n_classes)
{
    int best = 0;
    for (int j = 1; j < n_classes; j++) best = z[j * stride] > z[best * stride] ? j : best;
    return best;
}

/* Cross-entropy of one row, in binary64: the log of the summed exponentials less the label's
 * output, both after the first maximum is subtracted. */
template <class REAL>
SVK_DEVICE double cross_entropy(const REAL *z, int stride, int n_classes, int label)
{
    REAL first_top = z[0];
    for (int j = 1; j < n_classes; j++)
        first_top = z[j * stride] > first_top ? z[j * stride] : first_top;
    double top = static_cast<double>(first_top);
    double sum = svk_exp_f64(static_cast<double>(z[0]) - top);
    for (int j = 1; j < n_classes; j++)
        sum += svk_exp_f64(static_cast<double>(z[j * stride]) - top);
    return svk_log_f64(sum) - (static_cast<double>(z[label * stride]) - top);
}

#endif
