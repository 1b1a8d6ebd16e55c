#include "stats/rank_tests.h"

#include <math.h>
#include <stdlib.h>

#include "stats/quantile.h"

/* ---- null distributions ---- */

static void cumulate(double *chance, size_t n_last)
{
    for (size_t i = 1; i <= n_last; i++) chance[i] += chance[i - 1];
    for (size_t i = 0; i <= n_last; i++) chance[i] /= chance[n_last];
}

/* Every rank is in the sum or not. */
static void fill_w(size_t n, double *w)
{
    size_t n_last = n * (n + 1) / 2;
    for (size_t s = 0; s <= n_last; s++) w[s] = s == 0;
    for (size_t rank = 1; rank <= n; rank++)
        for (size_t s = n_last; s >= rank; s--) w[s] += w[s - rank];
    cumulate(w, n_last);
}

/* ways[k][s]: subsets of k of the ranks 1..2n so far whose sum less the smallest one, k(k+1)/2, is
 * s: Mann and Whitney's recursion. */
static sv_status fill_u(size_t n, double *u, sv_error *error)
{
    size_t n_last = n * n, width = n_last + 1;
    double *ways = calloc((n + 1) * width, sizeof *ways);
    if (ways == NULL)
        return svi_fail_memory(error, (n + 1) * width * sizeof *ways, "a null distribution");
    ways[0] = 1;
    for (size_t rank = 1; rank <= 2 * n; rank++) {
        for (size_t k = rank < n ? rank : n; k >= 1; k--) {
            size_t step =
                rank - k; /* of the sum above the smallest, as this rank joins k - 1 others */
            for (size_t s = n_last + 1; s-- > step;)
                ways[k * width + s] += ways[(k - 1) * width + s - step];
        }
    }
    for (size_t s = 0; s <= n_last; s++) u[s] = ways[n * width + s];
    cumulate(u, n_last);
    free(ways);
    return SV_OK;
}

sv_status svi_rank_tables_make(size_t n, svi_rank_tables *tables, sv_error *error)
{
    *tables = (svi_rank_tables){.n = n};
    if (n < 1 || n > SVI_EXACT_RANKS_N_MAX) {
        return svi_fail(error, SV_ERR_USAGE, "exact rank tests of %zu seeds: give 1 to %d", n,
                        SVI_EXACT_RANKS_N_MAX);
    }
    tables->u = malloc((n * n + 1) * sizeof *tables->u);
    tables->w = malloc((n * (n + 1) / 2 + 1) * sizeof *tables->w);
    sv_status status = tables->u == NULL || tables->w == NULL
                           ? svi_fail_memory(error, n * n * sizeof *tables->u, "rank tests")
                           : fill_u(n, tables->u, error);
    if (status == SV_OK) {
        fill_w(n, tables->w);
    } else {
        svi_rank_tables_clear(tables);
    }
    return status;
}

void svi_rank_tables_clear(svi_rank_tables *tables)
{
    free(tables->u);
    free(tables->w);
    *tables = (svi_rank_tables){0};
}

/* Twice the smaller tail of a symmetric distribution on 0..n_last. */
static double two_sided(const double *cumulative, size_t n_last, size_t at)
{
    size_t lower = at < n_last - at ? at : n_last - at;
    return fmin(1, 2 * cumulative[lower]);
}

static double normal_p(double excess, double sd)
{
    if (!(sd > 0)) return 1;
    return 2 * svi_normal_cdf(-fmax(0, fabs(excess) - 0.5) / sd);
}

/* ---- ranks ---- */

/* Which sample a value is from, or which sign a difference has. */
typedef struct ranked {
    double value;
    bool is_first;
} ranked;

static int ascending(const void *a, const void *b)
{
    double x = ((const ranked *)a)->value, y = ((const ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Few values, nearly all of the time: sorted by insertion. */
static void sort_ranked(ranked *items, size_t n)
{
    if (n > 128) {
        qsort(items, n, sizeof *items, ascending);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        ranked item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].value > item.value; at--) items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Over sorted items: sum of the midranks of the first kind; sum of t^3 - t over ties of t; whether
 * a tie holds both kinds, or is a tie at all. */
typedef struct rank_total {
    double sum, tie_cubes;
    bool has_tie, has_mixed_tie;
} rank_total;

static rank_total total_ranks(const ranked *items, size_t n)
{
    rank_total total = {0};
    for (size_t first = 0, end; first < n; first = end) {
        size_t n_first = 0;
        for (end = first; end < n && items[end].value == items[first].value; end++)
            n_first += items[end].is_first;
        double count = (double)(end - first), rank = ((double)first + 1 + (double)end) / 2;
        total.sum += rank * (double)n_first;
        total.tie_cubes += count * (count * count - 1);
        total.has_tie = total.has_tie || end - first > 1;
        total.has_mixed_tie = total.has_mixed_tie || (n_first > 0 && n_first < end - first);
    }
    return total;
}

static sv_status check(const double *values, size_t n, size_t n_all, const char *what,
                       sv_error *error)
{
    SVI_TRY(svi_sample_check(values, n, 1, what, error));
    if (n_all <= SVI_RANK_TEST_N_MAX) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE, "a rank test of %zu values: give %d or fewer", n_all,
                    SVI_RANK_TEST_N_MAX);
}

sv_status svi_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b,
                           const svi_rank_tables *tables, double *p, sv_error *error)
{
    ranked items[SVI_RANK_TEST_N_MAX];
    size_t n = n_a + n_b;
    SVI_TRY(check(a, n_a, n, "first arm of a rank test", error));
    SVI_TRY(check(b, n_b, n, "second arm of a rank test", error));
    for (size_t i = 0; i < n_a; i++) items[i] = (ranked){a[i], true};
    for (size_t i = 0; i < n_b; i++) items[n_a + i] = (ranked){b[i], false};
    sort_ranked(items, n);
    rank_total total = total_ranks(items, n);
    double m = (double)n_a, k = (double)n_b, all = (double)n, u = total.sum - m * (m + 1) / 2;
    if (tables != NULL && tables->n == n_a && n_a == n_b && !total.has_mixed_tie) {
        *p = two_sided(tables->u, n_a * n_a, (size_t)(u + 0.5));
        return SV_OK;
    }
    double variance = m * k / 12 * (all + 1 - total.tie_cubes / (all * (all - 1)));
    *p = normal_p(u - m * k / 2, sqrt(fmax(0, variance)));
    return SV_OK;
}

sv_status svi_signed_rank(const double *differences, size_t n, const svi_rank_tables *tables,
                          double *p, sv_error *error)
{
    ranked items[SVI_RANK_TEST_N_MAX];
    size_t n_kept = 0;
    SVI_TRY(check(differences, n, n, "differences of a signed-rank test", error));
    for (size_t i = 0; i < n; i++) {
        if (differences[i] != 0)
            items[n_kept++] = (ranked){fabs(differences[i]), differences[i] > 0};
    }
    sort_ranked(items, n_kept);
    rank_total total = total_ranks(items, n_kept);
    double k = (double)n_kept;
    if (tables != NULL && tables->n == n && n_kept == n && !total.has_tie) {
        *p = two_sided(tables->w, n * (n + 1) / 2, (size_t)(total.sum + 0.5));
        return SV_OK;
    }
    double variance = (k * (k + 1) * (2 * k + 1) - total.tie_cubes / 2) / 24;
    *p = normal_p(total.sum - k * (k + 1) / 4, sqrt(variance));
    return SV_OK;
}
