#include "stats/unbalanced_effects.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_SETS = 1 << SVI_UNBALANCED_MAX_FACTORS, MAX_UNKNOWN = MAX_SETS };

/* A set of factors is a mask; its level of a run is the combination of levels of its factors. The
 * replicate error stands after the sets: n_sets. */
typedef struct unbalanced {
    const svi_crossed_design *design;
    const uint64_t *cell;
    size_t n, n_cells, n_sets;
    double mean;
    double *n_in;                 /* [n_sets][n]: runs in the set's level of each run */
    double *count;                /* [n_cells]: scratch */
    double *sum;                  /* [n_cells]: scratch */
    double squares[MAX_SETS + 1]; /* sum over the set's levels of (their sum)^2/(their runs), of
                                     values less the mean; of single runs at n_sets */
} unbalanced;

/* The cell with the levels of all factors outside the set put to 0. */
static uint64_t level_of(const svi_crossed_design *design, uint32_t set, uint64_t cell)
{
    uint64_t level = 0, stride = 1;
    for (size_t f = design->n_factors; f-- > 0;
         stride *= design->levels[f], cell /= design->levels[f])
        if ((set >> f & 1) != 0) level += cell % design->levels[f] * stride;
    return level;
}

static void sum_set(unbalanced *u, uint32_t set, const double *values)
{
    double *n_in = &u->n_in[set * u->n];
    for (size_t c = 0; c < u->n_cells; c++) u->count[c] = u->sum[c] = 0;
    for (size_t i = 0; i < u->n; i++) {
        uint64_t level = level_of(u->design, set, u->cell[i]);
        u->count[level] += 1;
        u->sum[level] += values[i] - u->mean;
    }
    for (size_t i = 0; i < u->n; i++) n_in[i] = u->count[level_of(u->design, set, u->cell[i])];
    u->squares[set] = 0;
    for (size_t c = 0; c < u->n_cells; c++)
        if (u->count[c] > 0) u->squares[set] += u->sum[c] * u->sum[c] / u->count[c];
}

static void sum_all(unbalanced *u, const double *values)
{
    u->mean = 0;
    for (size_t i = 0; i < u->n; i++) u->mean += values[i] / (double)u->n;
    for (uint32_t set = 0; set < u->n_sets; set++) sum_set(u, set, values);
    u->squares[u->n_sets] = 0;
    for (size_t i = 0; i < u->n; i++)
        u->squares[u->n_sets] += (values[i] - u->mean) * (values[i] - u->mean);
}

/* What a component adds to the expectation of a sum of squares: sum over the levels s of the set
 * and u of the effect of n_su^2/n_s, here run by run. */
static double expectation(const unbalanced *u, size_t set, size_t effect)
{
    double sum = 0;
    if (set == u->n_sets) return (double)u->n;
    for (size_t i = 0; i < u->n; i++) {
        double n_joint = effect == u->n_sets ? 1 : u->n_in[(set | effect) * u->n + i];
        sum += n_joint / u->n_in[set * u->n + i];
    }
    return sum;
}

/* Gaussian elimination with pivots; m has the right side in column n. */
static bool solve(double m[MAX_UNKNOWN][MAX_UNKNOWN + 1], size_t n, double scale)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(m[i][k]) > fabs(m[best][k])) best = i;
        if (!(fabs(m[best][k]) > 1e-9 * scale)) return false;
        for (size_t j = 0; j <= n; j++) {
            double kept = m[k][j];
            m[k][j] = m[best][j];
            m[best][j] = kept;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = i == k ? 0 : m[i][k] / m[k][k];
            for (size_t j = k; j <= n; j++) m[i][j] -= factor * m[k][j];
        }
    }
    for (size_t k = 0; k < n; k++) m[k][n] /= m[k][k];
    return true;
}

/* Single factors first, then pairs, ...; the replicates' last. */
static void keep(const unbalanced *u, const double *variance, bool has_replicates,
                 svi_crossed_result *result)
{
    const svi_interval none = {NAN, NAN};
    bool is_mixed = !has_replicates && !u->design->is_deterministic;
    *result = (svi_crossed_result){.mean = u->mean, .total_interval = none};
    for (size_t order = 1; order <= u->design->n_factors + has_replicates; order++)
        for (uint32_t set = 1; set < u->n_sets + has_replicates; set++) {
            bool is_error = set == u->n_sets;
            size_t n_in_set = 0;
            for (size_t f = 0; f < u->design->n_factors; f++) n_in_set += set >> f & 1;
            if (order != (is_error ? u->design->n_factors + 1 : n_in_set)) continue;
            result->total_variance += variance[set];
            result->components[result->n_components++] =
                (svi_component){.factors = is_error ? 0 : set,
                                .has_replicate = is_error || (is_mixed && set + 1 == u->n_sets),
                                .df = NAN,
                                .mean_square = NAN,
                                .variance = variance[set],
                                .method = SVI_CROSSED_HENDERSON,
                                .interval = none,
                                .generalized = none,
                                .large_sample = none,
                                .bootstrap = none,
                                .share_interval = none};
        }
    for (size_t c = 0; c < result->n_components; c++)
        result->components[c].share = result->total_variance != 0
                                          ? result->components[c].variance / result->total_variance
                                          : NAN;
}

/* What is left of differences of equal sums is no variance. */
static void clear_rounding(double *variance, size_t n)
{
    const double least_share = 1e-12;
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(variance[i]));
    for (size_t i = 0; i < n; i++)
        if (fabs(variance[i]) < least_share * largest) variance[i] = 0;
}

/* Each sum of squares less that of the mean alone, whose expectation holds the same mean. */
static bool estimate(const unbalanced *u, svi_crossed_result *result)
{
    double m[MAX_UNKNOWN][MAX_UNKNOWN + 1], variance[MAX_SETS + 1] = {0};
    bool has_replicates = false;
    for (size_t i = 0; i < u->n; i++)
        has_replicates = has_replicates || u->n_in[(u->n_sets - 1) * u->n + i] > 1;
    size_t n = u->n_sets - 1 + has_replicates;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            m[i][j] = expectation(u, i + 1, j + 1) - expectation(u, 0, j + 1);
        m[i][n] = u->squares[i + 1] - u->squares[0];
    }
    if (!solve(m, n, (double)u->n)) return false;
    for (size_t i = 0; i < n; i++) variance[i + 1] = m[i][n];
    clear_rounding(variance, n + 1);
    keep(u, variance, has_replicates, result);
    return true;
}

sv_status svi_unbalanced_analyze(const svi_crossed_design *design, const uint64_t *cell,
                                 const double *values, size_t n, svi_crossed_result *result,
                                 bool *is_estimable, sv_error *error)
{
    unbalanced u = {.design = design, .cell = cell, .n = n, .n_cells = 1};
    *is_estimable = false;
    if (design->n_factors < 1 || design->n_factors > SVI_UNBALANCED_MAX_FACTORS)
        return svi_fail(error, SV_ERR_USAGE, "a grid with gaps has 1 to %d factors, not %zu",
                        SVI_UNBALANCED_MAX_FACTORS, design->n_factors);
    if (n < 2) return SV_OK;
    u.n_sets = (size_t)1 << design->n_factors;
    for (size_t f = 0; f < design->n_factors; f++) u.n_cells *= design->levels[f];
    u.n_in = malloc(u.n_sets * n * sizeof *u.n_in);
    u.count = malloc(u.n_cells * sizeof *u.count);
    u.sum = malloc(u.n_cells * sizeof *u.sum);
    bool has_memory = u.n_in != NULL && u.count != NULL && u.sum != NULL;
    if (has_memory) {
        sum_all(&u, values);
        *is_estimable = estimate(&u, result);
    }
    free(u.n_in);
    free(u.count);
    free(u.sum);
    return has_memory ? SV_OK
                      : svi_fail_memory(error, u.n_sets * n * sizeof *u.n_in, "a grid with gaps");
}
