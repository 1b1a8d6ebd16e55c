/* Sums over rows and over parameters, a run a lane. */
#ifndef SVK_SUM_LANES_H
#define SVK_SUM_LANES_H

#include "lanes.h"
#include "metric_sum.h"

/* svk_sum_chains. chain: [SVK_SUM_CHAINS][LANES], sum: [LANES]. */
SVK_PASS void sum_chains(const double *SVK_RESTRICT chain, double *SVK_RESTRICT sum)
{
    double total[LANES];
    FOR_LANES(l) total[l] = chain[l];
    for (int c = 1; c < SVK_SUM_CHAINS; c++) FOR_LANES(l) total[l] += chain[c * LANES + l];
    FOR_LANES(l) sum[l] = total[l];
}

/* Over all parameters: digest, squares, whether all are finite. */
typedef struct parameter_sums {
    double chain[SVK_SUM_CHAINS * LANES];
    uint32_t digest[4][LANES];
    uint32_t is_finite[LANES];
} parameter_sums;

static void parameter_sums_begin(parameter_sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (int l = 0; l < LANES; l++) sums->is_finite[l] = 1;
}

/* p: [LANES]: parameter number `index` of every run. */
SVK_PASS void parameter_sums_add(parameter_sums *SVK_RESTRICT sums, uint64_t index,
                                 const real *SVK_RESTRICT p)
{
    double *chain = sums->chain + index % SVK_SUM_CHAINS * LANES;
    FOR_LANES(l)
    {
        svk_block term = svk_digest_term(index, svk_real_canonical_bits(p[l]));
        for (int w = 0; w < 4; w++) sums->digest[w][l] += term.word[w];
        chain[l] = fma((double)p[l], (double)p[l], chain[l]);
        sums->is_finite[l] &= (uint32_t)svk_is_finite_f64((double)p[l]);
    }
}

#endif
