/* Gradient descent on a polynomial. */
#ifndef SVK_POLYNOMIAL_H
#define SVK_POLYNOMIAL_H

#include "vocabulary.h"
#include "philox.h"

typedef struct svk_polynomial {
    int32_t degree;                         /* >= 1 */
    int32_t n_maxima;                       /* local maxima, ascending */
    double coefficient[SVK_MAX_DEGREE + 1]; /* ascending powers */
    double derivative[SVK_MAX_DEGREE];      /* ascending powers: (k + 1) * coefficient[k + 1] */
    double maximum[SVK_MAX_DEGREE];
    double start_low, start_high;
    double learning_rate;
    uint64_t n_steps;
} svk_polynomial;

/* Start drawn from [low, high): word 0 of tensor 0 of the init source. */
SVK_FN float svk_poly_start_f32(const svk_polynomial *p, uint64_t seed)
{
    float low = (float)p->start_low;
    float span = (float)(p->start_high - p->start_low);
    return fmaf(svk_uniform(svk_draw(seed, SVK_STREAM_INIT, 0, 0)), span, low);
}

SVK_FN double svk_poly_start_f64(const svk_polynomial *p, uint64_t seed)
{
    double u = (double)svk_uniform(svk_draw(seed, SVK_STREAM_INIT, 0, 0));
    return fma(u, p->start_high - p->start_low, p->start_low);
}

/* f(x) by Horner's rule, in binary64. */
SVK_FN double svk_poly_value(const svk_polynomial *p, double x)
{
    double y = p->coefficient[p->degree];
    for (int k = p->degree - 1; k >= 0; k--) y = fma(y, x, p->coefficient[k]);
    return y;
}

/* Local maxima left of x. */
SVK_FN int svk_poly_basin(const svk_polynomial *p, double x)
{
    int basin = 0;
    for (int m = 0; m < p->n_maxima; m++) basin += x > p->maximum[m];
    return basin;
}

#endif
