/* The distribution of every metric, in bins that all arms share. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "stats/sorting.h"

/* All finite values of a metric, sorted into the analysis's scratch. */
static size_t sort_values(const svi_analysis *analysis, uint32_t metric)
{
    const double *value = analysis->columns[metric]->value;
    size_t n = 0;
    for (uint64_t i = 0; i < analysis->table->n_runs; i++)
        if (isfinite(value[i])) analysis->values[n++] = value[i];
    svi_sort(analysis->values, n);
    return n;
}

sv_status svi_find_histograms(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_most = findings->n_metrics * analysis->codes.n_blocks, n;
    findings->histograms = calloc(n_most + 1, sizeof *findings->histograms);
    if (findings->histograms == NULL)
        return svi_fail_memory(error, n_most * sizeof *findings->histograms, "histograms");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        n = sort_values(analysis, m);
        if (n == 0) continue;
        svi_bins bins = svi_bins_choose(analysis->values, n);
        for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
            const svi_block *block = &analysis->codes.blocks[b];
            if (!svi_block_has_metric(analysis, block, m)) continue;
            svi_histogram_finding *finding = &findings->histograms[findings->n_histograms++];
            finding->subject = svi_block_subject(block, m);
            finding->bins = bins;
            svi_block_finite(block, analysis->columns[m], analysis->values, &n);
            finding->n = n;
            svi_bins_count(&bins, analysis->values, n, finding->counts, &finding->n_below,
                           &finding->n_above);
        }
    }
    return SV_OK;
}
