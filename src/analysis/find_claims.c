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

/* Kish's number for one factor; infinite where its seed does not vary in this block. */
static double worth_by_factor(const svi_factor *factor, const svi_block *block, const double *value,
                              double *n_of_level)
{
    double n = 0, squares = 0;
    for (size_t l = 0; l < factor->n_levels; l++) n_of_level[l] = 0;
    for (uint64_t i = 0; i < block->n; i++)
        if (isfinite(value[block->rows[i]])) n_of_level[factor->level[block->rows[i]]]++;
    for (size_t l = 0; l < factor->n_levels; l++) {
        n += n_of_level[l];
        squares += n_of_level[l] * n_of_level[l];
    }
    return squares == n * n ? INFINITY : n * n / squares;
}

/* Each effect of the analysis of variance enters the variance of the mean by its share of the
 * squared counts of its levels, which is at most that of any of its factors alone. */
double svi_independent_runs(const svi_run_codes *codes, const svi_block *block,
                            const svi_metric_column *column, double *scratch)
{
    double least = 0;
    for (uint64_t i = 0; i < block->n; i++) least += isfinite(column->value[block->rows[i]]);
    for (size_t f = 0; f < codes->n_factors; f++)
        least = fmin(least, worth_by_factor(&codes->factors[f], block, column->value, scratch));
    return least;
}

static bool is_of_one_seed(const svi_run_table *table, const svi_run_codes *codes,
                           const svi_block *block)
{
    bool knows_seeds = false, is_one = true;
    for (int s = 0; s < SVK_N_SOURCES; s++) knows_seeds = knows_seeds || table->seed[s] != NULL;
    for (uint64_t i = 1; i < block->n; i++)
        is_one = is_one && codes->cell[block->rows[i]] == codes->cell[block->rows[0]];
    return knows_seeds && is_one && block->n > 1;
}

static sv_status judge_all(const svi_run_table *table, const svi_run_codes *codes, uint32_t metric,
                           double value, uint64_t n_seeds, double level, double *values,
                           svi_claim_finding *claims, size_t *n_claims, sv_error *error)
{
    const svi_metric_column *column = &table->metrics[metric];
    for (size_t b = 0; b < codes->n_blocks; b++) {
        const svi_block *block = &codes->blocks[b];
        double n_independent = svi_independent_runs(codes, block, column, values);
        size_t n = 0;
        for (uint64_t i = 0; i < block->n; i++)
            if (isfinite(column->value[block->rows[i]]))
                values[n++] = column->value[block->rows[i]];
        if (n == 0) continue;
        svi_claim_finding *claim = &claims[(*n_claims)++];
        *claim = (svi_claim_finding){.arm = block->arm,
                                     .numerics = block->numerics,
                                     .metric = metric,
                                     .has_one_seed = is_of_one_seed(table, codes, block)};
        SVI_TRY(svi_claim_of_pool(values, n, n_independent, value, column->better > 0, n_seeds,
                                  level, &claim->claim, error));
    }
    return SV_OK;
}

sv_status svi_find_claims(const svi_run_table *table, const char *metric, double value,
                          uint64_t n_seeds, double level, svi_claim_finding **claims,
                          size_t *n_claims, sv_error *error)
{
    uint32_t m = 0;
    size_t n = table->n_arms * table->n_numerics;
    svi_run_codes codes;
    *n_claims = 0;
    SVI_TRY(find_metric(table, metric != NULL ? metric : table->headline, &m, error));
    SVI_TRY(check_unit(table, m, value, error));
    SVI_TRY(svi_run_codes_make(table, &codes, error));
    *claims = calloc(n + 1, sizeof **claims);
    double *values = malloc((table->n_runs + 1) * sizeof *values);
    sv_status status = SV_OK;
    if (*claims == NULL || values == NULL)
        status = svi_fail_memory(error, table->n_runs * sizeof *values, "values");
    else
        status =
            judge_all(table, &codes, m, value, n_seeds, level, values, *claims, n_claims, error);
    free(values);
    svi_run_codes_clear(&codes);
    if (status != SV_OK) free(*claims);
    return status;
}
