/* Single runs for figures: all of them, or so many that a page can hold them. */
#include <stdlib.h>

#include "analysis/analysis.h"

static void show(const svi_analysis *analysis, uint64_t row, svi_shown_run *run)
{
    const svi_run_table *table = analysis->table;
    const svi_run_codes *codes = &analysis->codes;
    run->arm = table->arm[row];
    run->numerics = table->numerics[row];
    run->replicate = table->replicate[row];
    for (size_t f = 0; f < codes->n_factors; f++)
        run->seeds[f] = table->seed[codes->factors[f].source][row];
    for (size_t m = 0; m < analysis->findings->n_metrics; m++)
        run->values[m] = analysis->columns[m]->value[row];
}

sv_status svi_find_shown_runs(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    uint64_t n_runs = analysis->table->n_runs;
    size_t n = n_runs < SVI_MOST_SHOWN_RUNS ? (size_t)n_runs : SVI_MOST_SHOWN_RUNS;
    size_t n_metrics = findings->n_metrics;
    findings->shown_runs = calloc(n + 1, sizeof *findings->shown_runs);
    findings->shown_values = calloc(n * n_metrics + 1, sizeof *findings->shown_values);
    if (findings->shown_runs == NULL || findings->shown_values == NULL)
        return svi_fail_memory(error, n * sizeof *findings->shown_runs, "runs for figures");
    for (size_t i = 0; i < n; i++) {
        findings->shown_runs[i].values = findings->shown_values + i * n_metrics;
        show(analysis, i * n_runs / n, &findings->shown_runs[i]);
    }
    findings->n_shown_runs = n;
    return SV_OK;
}
