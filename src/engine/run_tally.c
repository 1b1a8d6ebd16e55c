#include "engine/run_tally.h"

#include <math.h>

#include "base/headline_metrics.h"

static bool has_metric(const svi_run_result *result, int metric)
{
    return (result->present >> metric & 1) != 0 && isfinite(result->metric[metric]);
}

/* Without a headline the first metric serves. */
static int choose_metric(const svi_run_result *result)
{
    for (size_t i = 0; i < SVI_N_HEADLINE_METRICS; i++)
        if (has_metric(result, svi_headline_metrics[i])) return svi_headline_metrics[i];
    return 0;
}

static void add_result(svi_run_tally *tally, const svi_run_result *result)
{
    if (tally->moments.n == 0) tally->metric = choose_metric(result);
    if (has_metric(result, tally->metric))
        svi_moments_add(&tally->moments, result->metric[tally->metric]);
}

void svi_run_tally_add(svi_run_tally *tally, const svi_launch_record *record)
{
    for (uint64_t i = 0; i < record->n_runs; i++) {
        const svi_run *run = &record->runs[i];
        if (!tally->has_run || run->arm != tally->arm || run->numerics != tally->numerics)
            *tally = (svi_run_tally){true, run->arm, run->numerics, 0, {0}};
        add_result(tally, &record->results[i]);
    }
}

void svi_run_tally_tell(const svi_run_tally *tally, const svi_study_spec *spec,
                        sv_progress *progress)
{
    static const char *const names[SVK_N_METRICS] = {
#define METRIC_NAME(id, name, better, help) name,
        SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
    };
    if (!tally->has_run) return;
    progress->arm = spec->arms[tally->arm].name;
    progress->numerics = spec->numerics[tally->numerics].name;
    progress->metric = tally->moments.n > 0 ? names[tally->metric] : NULL;
    progress->n_values = tally->moments.n;
    progress->mean = tally->moments.mean;
    progress->sd = svi_moments_sd(&tally->moments);
}
