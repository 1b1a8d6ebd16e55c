#include "analysis/prediction_table.h"

#include <math.h>
#include <stdlib.h>

static sv_status describe_classes(const svi_class_counts *counts, svi_prediction_set *set,
                                  sv_error *error)
{
    set->n_classes = counts->n_classes;
    set->classes = malloc(counts->n_classes * sizeof *set->classes);
    if (set->classes == NULL)
        return svi_fail_memory(error, counts->n_classes * sizeof *set->classes, "classes");
    for (size_t c = 0; c < counts->n_classes; c++)
        svi_counts_of_class(counts, (int32_t)c, &set->classes[c]);
    return SV_OK;
}

sv_status svi_run_table_add_set(svi_run_table *table, const svi_prediction_sums *sums,
                                sv_error *error)
{
    const svi_class_counts counts = {sums->n_runs, sums->n_points, sums->n_classes, sums->label,
                                     sums->count};
    svi_agreement agreement;
    if (sums->n_runs < 2 || sums->n_points < 2) return SV_OK;
    SVI_TRY(svi_counts_agreement(&counts, &agreement, error));
    size_t n = table->n_prediction_sets + 1;
    svi_prediction_set *grown = realloc(table->prediction_sets, n * sizeof *grown);
    if (grown == NULL) return svi_fail_memory(error, n * sizeof *grown, "sets of test points");
    table->prediction_sets = grown;
    svi_prediction_set *set = &grown[table->n_prediction_sets++];
    *set = (svi_prediction_set){.arm = sums->arm,
                                .numerics = sums->numerics,
                                .seed_split = sums->seed_split,
                                .seed_data = sums->seed_data,
                                .agreement = agreement};
    return describe_classes(&counts, set, error);
}

static sv_status add_set(void *context, const svi_prediction_sums *sums, sv_error *error)
{
    return svi_run_table_add_set(context, sums, error);
}

sv_status svi_run_table_add_predictions(svi_run_table *table, svi_store *store, sv_error *error)
{
    SVI_TRY(svi_store_each_prediction_set(store, NULL, add_set, table, error));
    if (table->n_prediction_sets == 0) return SV_OK;
    table->error_rate = malloc(table->n_runs * sizeof *table->error_rate);
    if (table->error_rate == NULL)
        return svi_fail_memory(error, table->n_runs * sizeof *table->error_rate, "error rates");
    for (uint64_t i = 0; i < table->n_runs; i++)
        table->error_rate[i] = 1 - table->metrics[SVK_METRIC_TEST_ACCURACY].value[i];
    return SV_OK;
}
