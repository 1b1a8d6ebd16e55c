#include <stdlib.h>

#include "engine/engine.h"

static sv_status write_part(svi_sketch *sketch, svi_curve_part *part, sv_error *error)
{
    for (int m = 0; m < SVK_N_METRICS; m++) {
        SVI_TRY(svi_sketch_check(&sketch[m], error));
        if (sketch[m].n + sketch[m].n_not_finite == 0) continue;
        SVI_TRY(svi_sketch_write(&sketch[m], &part->sketch[m].bytes, &part->sketch[m].n, error));
    }
    return SV_OK;
}

/* at: the checkpoint of the first run; all metrics in one pass, for the results are far apart. */
static sv_status summarize(const svi_run_result *at, size_t n_runs, size_t stride,
                           svi_curve_part *part, sv_error *error)
{
    svi_sketch sketch[SVK_N_METRICS] = {{0}};
    for (size_t i = 0; i < n_runs; i++) {
        const svi_run_result *result = at + i * stride;
        part->n_diverged += result->status == SVK_RUN_DIVERGED;
        for (int m = 0; m < SVK_N_METRICS; m++)
            if ((result->present >> m & 1) != 0) svi_sketch_add(&sketch[m], result->metric[m]);
    }
    sv_status status = write_part(sketch, part, error);
    for (int m = 0; m < SVK_N_METRICS; m++) svi_sketch_clear(&sketch[m]);
    return status;
}

sv_status svi_summarize_curves(const svi_run_result *curves, size_t n_runs, size_t n_checkpoints,
                               svi_curve_part **parts, sv_error *error)
{
    *parts = calloc(n_checkpoints, sizeof **parts);
    if (*parts == NULL)
        return svi_fail_memory(error, n_checkpoints * sizeof **parts, "summaries of curves");
    for (size_t c = 0; c < n_checkpoints; c++)
        SVI_TRY(summarize(curves + c, n_runs, n_checkpoints, &(*parts)[c], error));
    return SV_OK;
}
