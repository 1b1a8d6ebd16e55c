/* How far two networks are apart, parameter by parameter. */
#ifndef SVK_DISTANCE_H
#define SVK_DISTANCE_H

#include "metric_sum.h"
#include "net.h"

enum { SVK_ULP_CLASSES = 65, SVK_BIT_POSITIONS = 64 };

/* A network after some steps against another after as many. */
typedef struct svk_distance {
    uint32_t digest[4]; /* of the network, not of the other */
    double norm;
    double l2;              /* of the difference; NaN where a parameter is */
    double loss_difference; /* on the training rows */
    double churn;           /* share of the test rows given another class; NaN in regression */
    uint64_t max_ulp;
    uint32_t ulps[SVK_ULP_CLASSES];   /* parameters: equal; then 1, 2-3, 4-7, ... units apart */
    uint32_t bits[SVK_BIT_POSITIONS]; /* parameters that differ in bit b, 0 the least */
} svk_distance;

/* Bit patterns of n_bits (32, 64) as numbers in the order of the values, -0 just before +0. */
SVK_FN uint64_t svk_ordered_bits(uint64_t bits, int n_bits)
{
    uint64_t sign = UINT64_C(1) << (n_bits - 1);
    return (bits & sign) != 0 ? 2 * sign - 1 - bits : bits + sign;
}

SVK_FN uint64_t svk_bits_of_ordered(uint64_t ordered, int n_bits)
{
    uint64_t sign = UINT64_C(1) << (n_bits - 1);
    return ordered < sign ? 2 * sign - 1 - ordered : ordered - sign;
}

/* Patterns between two: canonical ones, so that every NaN is the same. */
SVK_FN uint64_t svk_ulps_apart(uint64_t a, uint64_t b, int n_bits)
{
    uint64_t x = svk_ordered_bits(a, n_bits), y = svk_ordered_bits(b, n_bits);
    return x > y ? x - y : y - x;
}

/* The pattern so many values above a finite one. */
SVK_FN uint64_t svk_bits_above(uint64_t bits, uint32_t ulps, int n_bits)
{
    return svk_bits_of_ordered(svk_ordered_bits(bits, n_bits) + ulps, n_bits);
}

/* 0 for 0, else 1 + the number of the highest bit. */
SVK_FN int svk_ulp_class(uint64_t ulps)
{
    int n = 0;
    for (; ulps != 0; ulps >>= 1) n++;
    return n;
}

/* Adds one parameter; bits: canonical. */
SVK_FN void svk_distance_add(svk_distance *distance, uint64_t bits, uint64_t other, int n_bits)
{
    uint64_t ulps = svk_ulps_apart(bits, other, n_bits);
    distance->ulps[svk_ulp_class(ulps)]++;
    if (ulps > distance->max_ulp) distance->max_ulp = ulps;
    for (uint64_t apart = bits ^ other, b = 0; apart != 0; apart >>= 1, b++)
        distance->bits[b] += (uint32_t)(apart & 1u);
}

/* What is told beside the counts. chain: [SVK_SUM_CHAINS], of the squares of the differences,
 * parameter i in chain i mod 32; n_changed: of the n_test rows; n_test: 0 in regression. */
SVK_FN void svk_distance_finish(svk_distance *distance, const double *chain, const svk_result *now,
                                const svk_result *other, uint32_t n_changed, uint32_t n_test)
{
    double loss = now->metric[SVK_METRIC_TRAIN_LOSS],
           of_other = other->metric[SVK_METRIC_TRAIN_LOSS];
    double churn = n_test > 0 ? (double)n_changed / (double)n_test : NAN;
    for (int word = 0; word < 4; word++) distance->digest[word] = now->digest[word];
    distance->norm = now->metric[SVK_METRIC_WEIGHT_NORM];
    distance->l2 = svk_from_bits_f64(svk_canonical_bits_f64(sqrt(svk_sum_chains(chain, 1))));
    distance->loss_difference = svk_from_bits_f64(svk_canonical_bits_f64(loss - of_other));
    distance->churn = svk_from_bits_f64(svk_canonical_bits_f64(churn));
}

#endif
