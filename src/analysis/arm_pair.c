#include "analysis/arm_pair.h"

#include <math.h>
#include <stdlib.h>

static sv_status pair_runs(const svi_analysis *analysis, svi_arm_pair *pair, sv_error *error)
{
    const svi_run_codes *codes = &analysis->codes;
    const double *value = pair->column->value;
    uint64_t *partner = calloc(codes->n_units, sizeof *partner); /* row + 1 */
    if (partner == NULL)
        return svi_fail_memory(error, codes->n_units * sizeof *partner, "pairs of runs");
    for (uint64_t i = 0; i < pair->reference->n; i++) {
        uint64_t row = pair->reference->rows[i];
        if (isfinite(value[row])) partner[codes->unit[row]] = row + 1;
    }
    size_t n = 0;
    for (uint64_t i = 0; i < pair->block->n; i++) {
        uint64_t row = pair->block->rows[i], other = partner[codes->unit[row]];
        if (!isfinite(value[row]) || other == 0) continue;
        pair->a[n] = value[row];
        pair->b[n++] = value[other - 1];
    }
    free(partner);
    uint64_t n_smaller = pair->block->n < pair->reference->n ? pair->block->n : pair->reference->n;
    pair->is_paired = n >= 2 && 2 * n >= n_smaller;
    pair->n_a = pair->n_b = n;
    return SV_OK;
}

static sv_status collect(const svi_analysis *analysis, svi_arm_pair *pair, sv_error *error)
{
    size_t n_a = pair->block->n, n_b = pair->reference->n, n = n_a > n_b ? n_a : n_b;
    pair->a = malloc(n * sizeof *pair->a);
    pair->b = malloc(n * sizeof *pair->b);
    if (pair->a == NULL || pair->b == NULL)
        return svi_fail_memory(error, n * sizeof *pair->a, "pairs of runs");
    SVI_TRY(pair_runs(analysis, pair, error));
    if (pair->is_paired) return SV_OK;
    svi_block_finite(pair->block, pair->column, pair->a, &pair->n_a);
    svi_block_finite(pair->reference, pair->column, pair->b, &pair->n_b);
    return SV_OK;
}

sv_status svi_arm_pair_make(const svi_analysis *analysis, size_t block, size_t reference,
                            uint32_t metric, svi_arm_pair *pair, sv_error *error)
{
    *pair = (svi_arm_pair){.block = &analysis->codes.blocks[block],
                           .reference = &analysis->codes.blocks[reference],
                           .design = &analysis->designs[block],
                           .reference_design = &analysis->designs[reference],
                           .column = analysis->columns[metric]};
    return collect(analysis, pair, error);
}

void svi_arm_pair_clear(svi_arm_pair *pair)
{
    free(pair->a);
    free(pair->b);
}
