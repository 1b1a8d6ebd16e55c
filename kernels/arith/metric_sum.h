/* Sums over rows for metrics, in binary64: row i goes to chain i mod 32; the chains are added in
 * ascending order. So a warp and a lane reach the same bits. */
#ifndef SVK_METRIC_SUM_H
#define SVK_METRIC_SUM_H

#include "elementary.h"

enum { SVK_SUM_CHAINS = 32 };

/* chain: [SVK_SUM_CHAINS], stride values apart. */
SVK_FN double svk_sum_chains(const double *chain, int stride)
{
    double sum = chain[0];
    for (int c = 1; c < SVK_SUM_CHAINS; c++) sum += chain[c * stride];
    return sum;
}

/* log(1 + exp(z)) - z y, without overflow; y is 0 or 1. */
SVK_FN double svk_logistic_loss(double z, double y)
{
    double a = z < 0.0 ? z : -z;
    double top = z > 0.0 ? z : 0.0;
    return fma(-z, y, top) + svk_log_f64(1.0 + svk_exp_f64(a));
}

#endif
