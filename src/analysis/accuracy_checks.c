#include "analysis/accuracy_checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric_names.h"
#include "stats/sorting.h"

/* ---- units ---- */

bool svi_check_unit(const svi_metric_column *column, uint64_t n_runs, svi_mixed_unit *found)
{
    *found = (svi_mixed_unit){0};
    if (svi_metric_sense_of(column->name).kind != SVI_KIND_ACCURACY) return false;
    snprintf(found->metric, sizeof found->metric, "%s", column->name);
    for (uint64_t i = 0; i < n_runs; i++) {
        found->n_shares += column->value[i] > 0 && column->value[i] <= 1;
        found->n_larger += column->value[i] > 1 && isfinite(column->value[i]);
    }
    return found->n_shares > 0 && found->n_larger > 0;
}

/* ---- predictions ---- */

/* The accuracies of the runs where both are known, as shares, and how exactly they are told. */
typedef struct told_and_found {
    size_t n;
    double *told, *found; /* [n] */
    double tolerance;
} told_and_found;

static const svi_metric_column *find_accuracy(const svi_run_table *table)
{
    const svi_metric_column *best = NULL;
    for (size_t m = 0; m < table->n_metrics; m++) {
        const svi_metric_column *column = &table->metrics[m];
        if (!svi_is_plain_accuracy(column->name)) continue;
        if (best == NULL || svi_headline_rank(column->name) < svi_headline_rank(best->name))
            best = column;
    }
    return best;
}

/* Half a unit of the last decimal that any of the values has, from the second on. */
static double rounding_of(const double *told, size_t n)
{
    double unit = 0.01;
    for (size_t i = 0; i < n; i++)
        while (unit > 1e-6 && fabs(told[i] / unit - round(told[i] / unit)) > 1e-3) unit /= 10;
    return 0.51 * unit;
}

static void collect(const svi_run_table *table, const svi_metric_column *column,
                    told_and_found *both)
{
    double largest = 0;
    for (uint64_t i = 0; i < table->n_runs; i++) {
        if (!isfinite(column->value[i]) || !isfinite(table->error_rate[i])) continue;
        both->told[both->n] = column->value[i];
        both->found[both->n++] = 1 - table->error_rate[i];
        largest = fmax(largest, column->value[i]);
    }
    for (size_t i = 0; largest > 1 && i < both->n; i++) both->told[i] /= 100;
    both->tolerance = rounding_of(both->told, both->n);
}

static void compare(const told_and_found *both, svi_prediction_check *check)
{
    check->n_compared = both->n;
    for (size_t i = 0; i < both->n; i++) {
        double difference = fabs(both->told[i] - both->found[i]);
        check->n_different += difference > both->tolerance;
        check->largest = fmax(check->largest, difference);
    }
}

/* The same accuracies in another order: those of other runs. */
static bool is_other_order(told_and_found *both)
{
    svi_sort(both->told, both->n);
    svi_sort(both->found, both->n);
    for (size_t i = 0; i < both->n; i++)
        if (fabs(both->told[i] - both->found[i]) > both->tolerance) return false;
    return true;
}

sv_status svi_check_predictions(const svi_run_table *table, svi_prediction_check *check,
                                sv_error *error)
{
    *check = (svi_prediction_check){0};
    const svi_metric_column *column = find_accuracy(table);
    if (table->error_rate == NULL || column == NULL) return SV_OK;
    snprintf(check->metric, sizeof check->metric, "%s", column->name);
    size_t n_bytes = (table->n_runs + 1) * sizeof(double);
    told_and_found both = {.told = malloc(n_bytes), .found = malloc(n_bytes)};
    sv_status status = SV_OK;
    if (both.told == NULL || both.found == NULL) {
        status = svi_fail_memory(error, n_bytes, "accuracies");
    } else {
        collect(table, column, &both);
        compare(&both, check);
        check->is_other_order =
            check->n_different > 0 && both.n == table->n_runs && is_other_order(&both);
    }
    free(both.told);
    free(both.found);
    return status;
}
