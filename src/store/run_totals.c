#include "store/run_totals.h"

#include <math.h>

static bool is_present(const svi_run_result *result, int metric)
{
    return (result->present >> metric & 1) != 0;
}

static bool has_failed(const svi_run_result *result, int metric)
{
    return result->status == SVK_RUN_DIVERGED || !is_present(result, metric) ||
           !isfinite(result->metric[metric]);
}

void svi_run_totals_add(svi_run_totals *totals, const svi_run_result *result)
{
    totals->n_runs++;
    totals->n_status[result->status]++;
    for (int m = 0; m < SVK_N_METRICS; m++) {
        totals->n_failed[m] += has_failed(result, m);
        if (is_present(result, m)) svi_sketch_add(&totals->metric[m], result->metric[m]);
    }
}

sv_status svi_run_totals_check(const svi_run_totals *totals, sv_error *error)
{
    for (int m = 0; m < SVK_N_METRICS; m++) SVI_TRY(svi_sketch_check(&totals->metric[m], error));
    return SV_OK;
}

void svi_run_totals_clear(svi_run_totals *totals)
{
    for (int m = 0; m < SVK_N_METRICS; m++) svi_sketch_clear(&totals->metric[m]);
    *totals = (svi_run_totals){0};
}
