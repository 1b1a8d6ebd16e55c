#include "stats/crossed_squares.h"

#include <math.h>
#include <string.h>

#include "stats/moments.h"

size_t svi_crossed_n_cells(const svi_crossed_design *design)
{
    size_t n = 1;
    for (size_t f = 0; f < design->n_factors; f++) n *= design->levels[f];
    return n;
}

uint32_t svi_crossed_n_sets(const svi_crossed_design *design)
{
    return UINT32_C(1) << design->n_factors;
}

static bool has_factor(uint32_t set, size_t factor) { return (set >> factor & 1) != 0; }

bool svi_crossed_has_effect(const svi_crossed_design *design, uint32_t set)
{
    return !design->is_nested || (set & (set + 1)) == 0;
}

double svi_crossed_df(const svi_crossed_design *design, uint32_t set)
{
    if (set == 0) {
        return (double)svi_crossed_n_cells(design) * (double)(design->n_replicates - 1);
    }
    double df = 1;
    for (size_t f = 0; f < design->n_factors; f++) {
        bool is_outer = design->is_nested && has_factor(set, f + 1);
        if (has_factor(set, f)) df *= (double)(design->levels[f] - (is_outer ? 0 : 1));
    }
    return df;
}

/* Runs that share one level of every factor of set. */
static double runs_per_level(const svi_crossed_design *design, uint32_t set)
{
    double n = (double)design->n_replicates;
    for (size_t f = 0; f < design->n_factors; f++) {
        if (!has_factor(set, f)) n *= (double)design->levels[f];
    }
    return n;
}

void svi_crossed_reduce(const svi_crossed_design *design, const double *values,
                        svi_crossed_cells *cells)
{
    size_t n_cells = svi_crossed_n_cells(design), r = design->n_replicates;
    for (size_t c = 0; c < n_cells; c++) {
        svi_moments moments = svi_moments_of(values + c * r, r);
        cells->mean[c] = moments.mean;
        cells->within[c] = moments.m2;
    }
    cells->grand_mean = svi_moments_of(cells->mean, n_cells).mean;
    for (size_t c = 0; c < n_cells; c++) cells->mean[c] -= cells->grand_mean;
}

/* Splits x, n_rows rows of `width` each, into column means and deviations from them, which stay in
 * x. Measured from the first row, so that equal rows have deviations of exactly 0. */
static void centre_rows(double *x, size_t n_rows, size_t width, double *means)
{
    memset(means, 0, width * sizeof *means);
    for (size_t i = 1; i < n_rows; i++) {
        for (size_t j = 0; j < width; j++) means[j] += x[i * width + j] - x[j];
    }
    for (size_t j = 0; j < width; j++) means[j] = x[j] + means[j] / (double)n_rows;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < width; j++) x[i * width + j] -= means[j];
    }
}

/* Adds to squares[set] the squared effects of every set: along each factor the array is either
 * averaged (the factor is not in the set) or centred (it is). */
static void add_squares(const svi_crossed_design *design, size_t factor, size_t n, double *x,
                        uint32_t set, double *space, double *squares)
{
    size_t n_rows = design->levels[factor], width = n / n_rows;
    uint32_t with_factor = set | UINT32_C(1) << factor;
    centre_rows(x, n_rows, width, space);
    if (width == 1) {
        for (size_t i = 0; i < n_rows; i++) squares[with_factor] += x[i] * x[i];
        squares[set] += space[0] * space[0];
        return;
    }
    for (size_t i = 0; i < n_rows; i++) {
        add_squares(design, factor + 1, width, x + i * width, with_factor, space + width, squares);
    }
    add_squares(design, factor + 1, width, space, set, space + width, squares);
}

/* What a factor does within the factors around it is its main effect and all its interactions with
 * them. */
static void pool_nested(uint32_t n_sets, double *squares)
{
    for (uint32_t set = 1; set < n_sets; set++) {
        uint32_t prefix = 1;
        while (prefix < set) prefix = prefix << 1 | 1;
        if (prefix == set) continue;
        squares[prefix] += squares[set];
        squares[set] = 0;
    }
}

void svi_crossed_mean_squares(const svi_crossed_design *design, double *cell_means,
                              double sum_within, double *space, double *mean_squares)
{
    uint32_t n_sets = svi_crossed_n_sets(design);
    memset(mean_squares, 0, n_sets * sizeof *mean_squares);
    add_squares(design, 0, svi_crossed_n_cells(design), cell_means, 0, space, mean_squares);
    for (uint32_t set = 1; set < n_sets; set++) mean_squares[set] *= runs_per_level(design, set);
    if (design->is_nested) pool_nested(n_sets, mean_squares);
    for (uint32_t set = 1; set < n_sets; set++) {
        if (svi_crossed_has_effect(design, set)) mean_squares[set] /= svi_crossed_df(design, set);
    }
    mean_squares[0] = design->n_replicates > 1 ? sum_within / svi_crossed_df(design, 0) : 0;
}

static bool is_odd(uint32_t set)
{
    bool odd = false;
    for (; set != 0; set &= set - 1) odd = !odd;
    return odd;
}

/* E(MS_T) = replicate variance + sum over the supersets U of T of runs_per_level(U) * component(U);
 * the alternating sum over the supersets of a set leaves its own component alone. Where the factors
 * are nested it ends after the first superset. */
static bool is_expected(const svi_crossed_design *design, uint32_t set, uint32_t other)
{
    return !design->is_nested || other == set || other == (set << 1 | 1);
}

void svi_component_weights(const svi_crossed_design *design, uint32_t set, double *weights)
{
    uint32_t n_sets = svi_crossed_n_sets(design), top = n_sets - 1;
    memset(weights, 0, n_sets * sizeof *weights);
    if (set == 0) {
        weights[0] = 1;
        return;
    }
    double scale = 1 / runs_per_level(design, set);
    for (uint32_t other = set; other < n_sets; other++) {
        if ((other & set) != set || !is_expected(design, set, other)) continue;
        weights[other] = is_odd(other ^ set) ? -scale : scale;
    }
    if (set == top && design->n_replicates > 1) weights[0] = -scale;
}
