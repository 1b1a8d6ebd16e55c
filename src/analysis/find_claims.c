#include "analysis/find_claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static sv_status find_metric(const svi_run_table *table, const char *name, uint32_t *found,
                             sv_error *error)
{
    for (uint32_t m = 0; m < table->n_metrics; m++) {
        if (strcmp(table->metrics[m].name, name) != 0) continue;
        *found = m;
        if (table->metrics[m].better != 0) return SV_OK;
        return svi_fail(error, SV_ERR_USAGE,
                        "%s: it is not known whether more or less %s is better; say "
                        "--more-is-better or --less-is-better, or name another with --metric",
                        table->origin, name);
    }
    return svi_fail(error, SV_ERR_USAGE, "%s: there is no metric %.64s", table->origin, name);
}

/* A percentage in the place of a share is no claim that any run could reach. */
static sv_status check_unit(const svi_run_table *table, uint32_t metric, double value,
                            sv_error *error)
{
    const svi_metric_column *column = &table->metrics[metric];
    if (value <= 1 || value > 100 || !svi_is_percentage(column, table->n_runs)) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "%s: %s is a share, from 0 to 1; if %g percent is meant, say %g", table->origin,
                    column->name, value, value / 100);
}

static size_t values_of(const svi_run_table *table, uint32_t arm, uint32_t numerics,
                        uint32_t metric, double *values)
{
    const double *value = table->metrics[metric].value;
    size_t n = 0;
    for (uint64_t i = 0; i < table->n_runs; i++)
        if (table->arm[i] == arm && table->numerics[i] == numerics && isfinite(value[i]))
            values[n++] = value[i];
    return n;
}

static sv_status judge_all(const svi_run_table *table, double value, uint64_t n_seeds, double level,
                           double *values, svi_claim_finding *claims, size_t *n_claims,
                           sv_error *error)
{
    for (uint32_t a = 0; a < table->n_arms; a++) {
        for (uint32_t k = 0; k < table->n_numerics; k++) {
            svi_claim_finding *claim = &claims[*n_claims];
            size_t n = values_of(table, a, k, claims[0].metric, values);
            if (n == 0) continue;
            claim->metric = claims[0].metric;
            claim->arm = a;
            claim->numerics = k;
            SVI_TRY(svi_claim_of_pool(values, n, value, table->metrics[claim->metric].better > 0,
                                      n_seeds, level, &claim->claim, error));
            ++*n_claims;
        }
    }
    return SV_OK;
}

sv_status svi_find_claims(const svi_run_table *table, const char *metric, double value,
                          uint64_t n_seeds, double level, svi_claim_finding **claims,
                          size_t *n_claims, sv_error *error)
{
    uint32_t m = 0;
    size_t n = table->n_arms * table->n_numerics;
    *n_claims = 0;
    SVI_TRY(find_metric(table, metric != NULL ? metric : table->headline, &m, error));
    SVI_TRY(check_unit(table, m, value, error));
    *claims = calloc(n + 1, sizeof **claims);
    double *values = malloc((table->n_runs + 1) * sizeof *values);
    sv_status status = SV_OK;
    if (*claims == NULL || values == NULL) {
        status = svi_fail_memory(error, table->n_runs * sizeof *values, "values");
    } else {
        (*claims)[0].metric = m;
        status = judge_all(table, value, n_seeds, level, values, *claims, n_claims, error);
    }
    free(values);
    if (status != SV_OK) free(*claims);
    return status;
}
