#include "store/run_tally.h"

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

void svi_run_tally_add(svi_run_tally *tally, const svi_run_result *result)
{
    tally->n_runs++;
    tally->n_status[result->status]++;
    for (int m = 0; m < SVK_N_METRICS; m++) {
        tally->n_failed[m] += has_failed(result, m);
        if (is_present(result, m)) svi_sketch_add(&tally->metric[m], result->metric[m]);
    }
}

sv_status svi_run_tally_check(const svi_run_tally *tally, sv_error *error)
{
    for (int m = 0; m < SVK_N_METRICS; m++) SVI_TRY(svi_sketch_check(&tally->metric[m], error));
    return SV_OK;
}

void svi_run_tally_clear(svi_run_tally *tally)
{
    for (int m = 0; m < SVK_N_METRICS; m++) svi_sketch_clear(&tally->metric[m]);
    *tally = (svi_run_tally){0};
}
