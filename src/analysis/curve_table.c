#include "analysis/curve_table.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const metric_names[] = {
#define METRIC_NAME(id, name, better, help) name,
    SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
};

static const double probabilities[] = {
#define PROBABILITY(probability) probability,
    SVI_SUMMARY_QUANTILES(PROBABILITY)
#undef PROBABILITY
};

static sv_status reserve(svi_run_table *table, size_t n_more, sv_error *error)
{
    size_t n = table->n_curves + n_more;
    svi_curve_row *curves = realloc(table->curves, n * sizeof *curves);
    if (curves == NULL) return svi_fail_memory(error, n * sizeof *curves, "curves");
    table->curves = curves;
    return SV_OK;
}

static void add_row(svi_run_table *table, svi_curve_point *point, int metric)
{
    svi_sketch *sketch = &point->metric[metric];
    svi_curve_row *row = &table->curves[table->n_curves++];
    *row = (svi_curve_row){.arm = point->arm,
                           .numerics = point->numerics,
                           .step = point->step,
                           .n_runs = point->n_runs,
                           .n_diverged = point->n_diverged,
                           .n = sketch->n,
                           .mean = svi_sketch_mean(sketch),
                           .sd = svi_sketch_sd(sketch),
                           .min = svi_sketch_min(sketch),
                           .max = svi_sketch_max(sketch)};
    snprintf(row->metric, sizeof row->metric, "%s", metric_names[metric]);
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++)
        row->quantiles[q] = svi_sketch_quantile(sketch, probabilities[q]);
}

static sv_status add_point(void *context, svi_curve_point *point, sv_error *error)
{
    svi_run_table *table = context;
    SVI_TRY(reserve(table, SVK_N_METRICS, error));
    for (int m = 0; m < SVK_N_METRICS; m++)
        if (point->metric[m].n + point->metric[m].n_not_finite > 0) add_row(table, point, m);
    return SV_OK;
}

sv_status svi_run_table_add_curves(svi_run_table *table, svi_store *store, sv_error *error)
{
    return svi_store_each_curve(store, add_point, table, error);
}
