#include "stats/t_rejection.h"

#include <math.h>
#include <stdlib.h>

#include "stats/arm_compare.h"
#include "stats/quantile.h"

sv_status svi_t_critical_make(double alpha, size_t n_max, svi_t_critical *table, sv_error *error)
{
    *table = (svi_t_critical){alpha, n_max, calloc(2 * n_max + 1, sizeof *table->critical)};
    if (table->critical == NULL)
        return svi_fail_memory(error, 2 * n_max * sizeof *table->critical, "critical values");
    for (size_t df = 1; df < 2 * n_max; df++)
        table->critical[df] = svi_t_quantile(1 - alpha / 2, (double)df);
    return SV_OK;
}

void svi_t_critical_clear(svi_t_critical *table)
{
    free(table->critical);
    *table = (svi_t_critical){0};
}

/* The degrees of freedom lie between n - 1 and 2n - 2; between the two critical values only they
 * are needed exactly. */
bool svi_welch_rejects(const svi_t_critical *table, size_t n, double m2_a, double m2_b,
                       double distance)
{
    double df = (double)n - 1, scale = 1 / ((double)n * df);
    double v_a = m2_a * scale, v_b = m2_b * scale, standard_error = sqrt(v_a + v_b);
    if (distance > table->critical[n - 1] * standard_error) return true;
    if (distance <= table->critical[2 * n - 2] * standard_error) return false;
    double tail = svi_t_cdf(-distance / standard_error, svi_welch_df(v_a, df, v_b, df));
    return 2 * tail < table->alpha;
}

bool svi_paired_rejects(const svi_t_critical *table, size_t n, double m2, double distance)
{
    double standard_error = sqrt(m2 / ((double)n * (double)(n - 1)));
    return distance > table->critical[n - 1] * standard_error;
}
