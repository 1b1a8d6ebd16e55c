#include <stdlib.h>

#include "engine/engine.h"

static sv_status summarize_metric(const svi_run_result *at, size_t n_runs, size_t stride,
                                  int metric, svi_curve_part *part, sv_error *error)
{
    svi_sketch sketch = {0};
    for (size_t i = 0; i < n_runs; i++) {
        const svi_run_result *result = at + i * stride;
        if ((result->present >> metric & 1) != 0) svi_sketch_add(&sketch, result->metric[metric]);
    }
    sv_status status = SV_OK;
    if (sketch.n + sketch.n_not_finite > 0 || sketch.has_failed)
        status =
            svi_sketch_write(&sketch, &part->sketch[metric].bytes, &part->sketch[metric].n, error);
    svi_sketch_clear(&sketch);
    return status;
}

sv_status svi_summarize_curves(const svi_run_result *curves, size_t n_runs, size_t n_checkpoints,
                               svi_curve_part **parts, sv_error *error)
{
    *parts = calloc(n_checkpoints, sizeof **parts);
    if (*parts == NULL)
        return svi_fail_memory(error, n_checkpoints * sizeof **parts, "summaries of curves");
    for (size_t c = 0; c < n_checkpoints; c++) {
        svi_curve_part *part = &(*parts)[c];
        for (size_t i = 0; i < n_runs; i++)
            part->n_diverged += curves[i * n_checkpoints + c].status == SVK_RUN_DIVERGED;
        for (int m = 0; m < SVK_N_METRICS; m++)
            SVI_TRY(summarize_metric(curves + c, n_runs, n_checkpoints, m, part, error));
    }
    return SV_OK;
}
