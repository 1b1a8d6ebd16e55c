#include "stats/rank_sum.h"

#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"
#include "stats/sorting.h"

/* How many of sorted are below value; with or_equal: below or equal. */
static size_t count_below(const double *sorted, size_t n, double value, bool or_equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < value || (or_equal && sorted[middle] == value)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Twice the number below, equal ones counted half. */
static double twice_below(const double *sorted, size_t n, double value)
{
    return (double)(count_below(sorted, n, value, false) + count_below(sorted, n, value, true));
}

sv_status svi_midranks(const double *values, size_t n, double *ranks, sv_error *error)
{
    SVI_TRY(svi_sample_check(values, n, 1, "values to rank", error));
    uint32_t *order = malloc(n * sizeof *order);
    if (order == NULL) return svi_fail_memory(error, n * sizeof *order, "ranks");
    sv_status status = svi_sort_order(values, n, order, error);
    for (size_t first = 0, end; status == SV_OK && first < n; first = end) {
        for (end = first + 1; end < n && values[order[end]] == values[order[first]];) end++;
        for (size_t k = first; k < end; k++)
            ranks[order[k]] = ((double)first + 1 + (double)end) / 2;
    }
    free(order);
    return status;
}

void svi_placements(const double *values, size_t n, const double *sorted_reference,
                    size_t n_reference, double *count)
{
    for (size_t i = 0; i < n; i++) {
        count[i] = twice_below(sorted_reference, n_reference, values[i]) / 2;
    }
}

static sv_status check_members(size_t n, const size_t *member, size_t n_members, sv_error *error)
{
    if (n_members == 0 || n_members >= n) {
        return svi_fail(error, SV_ERR_DATA,
                        "rank-sum test of %zu among %zu: at least one and not all may be named",
                        n_members, n);
    }
    bool *is_named = calloc(n, sizeof *is_named);
    if (is_named == NULL) return svi_fail_memory(error, n, "members of a rank-sum test");
    sv_status status = SV_OK;
    for (size_t i = 0; i < n_members && status == SV_OK; i++) {
        if (member[i] >= n || is_named[member[i]]) {
            status = svi_fail(error, SV_ERR_DATA,
                              "rank-sum test: index %zu of %zu is out of range or named twice",
                              member[i], n);
        } else {
            is_named[member[i]] = true;
        }
    }
    free(is_named);
    return status;
}

sv_status svi_rank_sum_test(const double *ranks, size_t n, const size_t *member, size_t n_members,
                            svi_rank_sum *out, sv_error *error)
{
    SVI_TRY(svi_sample_check(ranks, n, 2, "ranks", error));
    SVI_TRY(check_members(n, member, n_members, error));
    double centre = ((double)n + 1) / 2, squares = 0, sum = 0;
    for (size_t i = 0; i < n; i++) squares += (ranks[i] - centre) * (ranks[i] - centre);
    for (size_t i = 0; i < n_members; i++) sum += ranks[member[i]];
    double m = (double)n_members, rest = (double)(n - n_members);
    double sd = sqrt(m * rest * squares / ((double)n * (double)(n - 1)));
    double excess = sum - m * centre;
    double distance = fmax(0, fabs(excess) - 0.5);
    out->n_members = n_members;
    out->rank_sum = sum;
    out->probability = (sum - m * (m + 1) / 2) / (m * rest);
    out->z = sd > 0 ? copysign(distance / sd, excess) : 0;
    out->p = 2 * svi_normal_cdf(-fabs(out->z));
    double detectable = svi_normal_quantile(0.975) + svi_normal_quantile(0.8);
    out->least_detectable = (detectable * sd + 0.5) / (m * rest);
    return SV_OK;
}
