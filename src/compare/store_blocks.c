#include "compare/store_blocks.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"

static void count(const svi_store_pairs *pairs, size_t from, size_t to, svi_store_block *b)
{
    for (size_t i = from; i < to; i++) {
        const svi_run_pair *pair = &pairs->pair[i];
        b->n_untrained += pair->is_untrained;
        b->n_different += pair->is_different;
        if (!pair->is_different) continue;
        if (b->first == NULL) b->first = pair;
        if (pair->parts_on_the_way &&
            (b->earliest == NULL || pair->first_step < b->earliest->first_step))
            b->earliest = pair;
    }
}

static bool is_finite_in(const svi_run_result *result, int metric)
{
    return (result->present >> metric & 1) != 0 && isfinite(result->metric[metric]);
}

static void collect(const svi_store_pairs *pairs, size_t from, size_t to, int metric,
                    svi_store_block *b, double *in_a, double *in_b)
{
    for (size_t i = from; i < to; i++) {
        const svi_run_pair *pair = &pairs->pair[i];
        if (!is_finite_in(&pair->a, metric) || !is_finite_in(&pair->b, metric)) continue;
        in_a[b->n_finite] = pair->a.metric[metric];
        in_b[b->n_finite] = pair->b.metric[metric];
        b->largest = fmax(b->largest, fabs(in_a[b->n_finite] - in_b[b->n_finite]));
        b->n_finite++;
    }
}

static sv_status judge(const double *in_a, const double *in_b, double level, double margin,
                       svi_store_block *b, sv_error *error)
{
    svi_moments of_a = svi_moments_of(in_a, b->n_finite), of_b = svi_moments_of(in_b, b->n_finite);
    b->equivalence_p = NAN;
    b->mean_a = b->n_finite > 0 ? of_a.mean : NAN;
    b->mean_b = b->n_finite > 0 ? of_b.mean : NAN;
    b->sd_a = svi_moments_sd(&of_a);
    b->sd_b = svi_moments_sd(&of_b);
    b->has_difference = b->n_finite >= 2;
    if (!b->has_difference) return SV_OK;
    SVI_TRY(svi_compare_paired(in_a, in_b, b->n_finite, level, &b->difference, error));
    return margin > 0 ? svi_equivalence_p(&b->difference, margin, &b->equivalence_p, error) : SV_OK;
}

sv_status svi_store_block_make(const svi_store_pairs *pairs, size_t from, size_t to,
                               bool is_contract, int metric, double level, double margin,
                               svi_store_block *block, sv_error *error)
{
    size_t n = to - from;
    *block = (svi_store_block){.arm = pairs->pair[from].run.arm,
                               .numerics = pairs->pair[from].run.numerics,
                               .is_contract = is_contract,
                               .n = n};
    double *values = malloc(2 * n * sizeof *values);
    if (values == NULL) return svi_fail_memory(error, 2 * n * sizeof *values, "metrics");
    count(pairs, from, to, block);
    collect(pairs, from, to, metric, block, values, values + n);
    sv_status status = judge(values, values + n, level, margin, block, error);
    free(values);
    return status;
}
