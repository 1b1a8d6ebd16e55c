#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"

sv_status svi_block_cell_means(const svi_run_codes *codes, const svi_block *block,
                               const svi_metric_column *column, double **value, sv_error *error)
{
    double *sum = calloc(codes->n_cells, sizeof *sum);
    uint32_t *n = calloc(codes->n_cells, sizeof *n);
    if (sum == NULL || n == NULL) {
        free(sum);
        free(n);
        return svi_fail_memory(error, codes->n_cells * sizeof *sum, "means of cells");
    }
    for (uint64_t i = 0; i < block->n; i++) {
        double v = column->value[block->rows[i]];
        uint32_t c = codes->cell[block->rows[i]];
        if (!isfinite(v)) continue;
        sum[c] += v;
        n[c]++;
    }
    for (uint64_t c = 0; c < codes->n_cells; c++) sum[c] = n[c] > 0 ? sum[c] / n[c] : NAN;
    free(n);
    *value = sum;
    return SV_OK;
}
