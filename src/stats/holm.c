#include "stats/holm.h"

#include <math.h>
#include <stdlib.h>

#include "stats/sorting.h"

static double *finite_of(const double *p, size_t n, size_t *n_finite)
{
    double *kept = malloc((n + 1) * sizeof *kept);
    *n_finite = 0;
    for (size_t i = 0; kept != NULL && i < n; i++)
        if (!isnan(p[i])) kept[(*n_finite)++] = p[i];
    return kept;
}

/* The largest of (m - k) p_(k) up to p itself, k from 0. */
static double adjust(const double *sorted, size_t m, double p)
{
    double most = 0;
    for (size_t k = 0; k < m && sorted[k] <= p; k++) most = fmax(most, (double)(m - k) * sorted[k]);
    return fmin(1, most);
}

sv_status svi_holm(const double *p, size_t n, double *adjusted, sv_error *error)
{
    size_t m;
    double *sorted = finite_of(p, n, &m);
    if (sorted == NULL) return svi_fail_memory(error, n * sizeof *sorted, "adjusted p");
    svi_sort(sorted, m);
    for (size_t i = 0; i < n; i++) adjusted[i] = isnan(p[i]) ? NAN : adjust(sorted, m, p[i]);
    free(sorted);
    return SV_OK;
}
