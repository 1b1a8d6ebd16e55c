#include <math.h>
#include <stdlib.h>

#include "stats/crossed_intervals.h"
#include "stats/moments.h"
#include "stats/source_indices.h"

/* Of each base: mean and mean square of its runs about the grand mean, then the variance over the
 * levels of each source. */
enum { TERM_MEAN, TERM_SQUARE, TERM_SOURCES };

/* The estimates of one sample of bases: V, then V_Ts and V_Ts / V of each source. */
enum { MAX_ESTIMATES = 1 + 2 * SVK_N_SOURCES };

typedef struct workspace {
    const svi_index_design *design;
    size_t n_in_base, n_terms, n_estimates, n_resamples;
    double centre, error;
    double *cell;      /* [n_bases][n_in_base] */
    double *terms;     /* [n_bases][n_terms] */
    double *weight;    /* [n_bases] */
    double *levels;    /* [n_in_base]: of one source */
    double *resampled; /* [n_estimates][n_resamples] */
} workspace;

static void workspace_free(workspace *w)
{
    free(w->cell);
    free(w->terms);
    free(w->weight);
    free(w->levels);
    free(w->resampled);
}

static sv_status workspace_make(const svi_index_design *design, workspace *w, sv_error *error)
{
    size_t n_bases = design->n_groups;
    *w = (workspace){.design = design,
                     .n_in_base = svi_index_n_in_group(design, false),
                     .n_terms = TERM_SOURCES + design->n_sources,
                     .n_estimates = 1 + 2 * design->n_sources,
                     .n_resamples = design->n_resamples};
    if (w->n_resamples == 0) w->n_resamples = SVI_INDICES_N_RESAMPLES;
    w->cell = calloc(n_bases * w->n_in_base, sizeof *w->cell);
    w->terms = calloc(n_bases * w->n_terms, sizeof *w->terms);
    w->weight = calloc(n_bases, sizeof *w->weight);
    w->levels = calloc(w->n_in_base, sizeof *w->levels);
    w->resampled = calloc(w->n_estimates * w->n_resamples, sizeof *w->resampled);
    if (w->cell && w->terms && w->weight && w->levels && w->resampled) return SV_OK;
    workspace_free(w);
    return svi_fail_memory(error, n_bases * w->n_in_base * sizeof *w->cell, "one at a time");
}

static void fill_terms(workspace *w, size_t base)
{
    const double *cell = w->cell + base * w->n_in_base, *others = cell + 1;
    double *term = w->terms + base * w->n_terms;
    svi_moments all = svi_moments_of(cell, w->n_in_base);
    double mean = all.mean - w->centre;
    term[TERM_MEAN] = mean;
    term[TERM_SQUARE] = all.m2 / (double)w->n_in_base + mean * mean;
    for (size_t s = 0; s < w->design->n_sources; s++) {
        size_t n_levels = w->design->levels[s];
        w->levels[0] = cell[0];
        for (size_t i = 1; i < n_levels; i++) w->levels[i] = *others++;
        term[TERM_SOURCES + s] = svi_moments_of(w->levels, n_levels).m2 / (double)(n_levels - 1);
    }
}

/* V: half the mean squared difference of two runs from different bases, which share no seed.
 * weight: how often each base counts; a base is never paired with itself. NaN where there is but
 * one. */
static double between_bases(const workspace *w, const double *weight)
{
    double sum = 0, mean = 0, square = 0, self = 0, self_pairs = 0;
    for (size_t b = 0; b < w->design->n_groups; b++) {
        const double *term = w->terms + b * w->n_terms;
        double own = term[TERM_SQUARE] - term[TERM_MEAN] * term[TERM_MEAN];
        sum += weight[b];
        mean += weight[b] * term[TERM_MEAN];
        square += weight[b] * term[TERM_SQUARE];
        self += weight[b] * weight[b] * own;
        self_pairs += weight[b] * weight[b];
    }
    double n_pairs = sum * sum - self_pairs;
    return n_pairs > 0 ? (sum * square - mean * mean - self) / n_pairs : NAN;
}

/* estimates: [n_estimates]. The weights add up to n_bases. */
static void estimate(const workspace *w, const double *weight, double *estimates)
{
    double n = (double)w->design->n_groups, r = (double)w->design->n_replicates;
    estimates[0] = between_bases(w, weight) + w->error * (1 - 1 / r);
    for (size_t s = 0; s < w->design->n_sources; s++) {
        double sum = 0;
        for (size_t b = 0; b < w->design->n_groups; b++)
            sum += weight[b] * w->terms[b * w->n_terms + TERM_SOURCES + s];
        estimates[1 + 2 * s] = sum / n - w->error / r;
        estimates[2 + 2 * s] = estimates[0] > 0 ? estimates[1 + 2 * s] / estimates[0] : NAN;
    }
}

static bool has_bootstrap(const workspace *w)
{
    return w->design->n_groups >= SVI_INDICES_N_BASES_MIN;
}

static void resample(workspace *w)
{
    double estimates[MAX_ESTIMATES];
    for (size_t i = 0; i < w->n_resamples; i++) {
        svi_group_weights((uint32_t)i, w->design->n_groups, w->weight);
        estimate(w, w->weight, estimates);
        for (size_t e = 0; e < w->n_estimates; e++)
            w->resampled[e * w->n_resamples + i] = estimates[e];
    }
}

static svi_interval resampled_interval(workspace *w, size_t e)
{
    double *resampled = w->resampled + e * w->n_resamples;
    if (!has_bootstrap(w)) return (svi_interval){NAN, NAN};
    for (size_t i = 0; i < w->n_resamples; i++)
        if (isnan(resampled[i])) return (svi_interval){NAN, NAN};
    return svi_middle_of(resampled, w->n_resamples, w->design->level);
}

/* For normal effects the variance over levels is chi-square's, and with replicates the error is
 * taken off. */
static svi_interval normal_interval(const workspace *w, size_t s, double variance_of_means)
{
    const svi_index_design *design = w->design;
    double r = (double)design->n_replicates, n_cells = (double)(design->n_groups * w->n_in_base);
    double mean_square[] = {r * variance_of_means, w->error};
    double df[] = {(double)design->n_groups * (double)(design->levels[s] - 1), n_cells * (r - 1)};
    double weights[] = {1 / r, r > 1 ? -1 / r : 0};
    svi_squares squares = {2, mean_square, df};
    return svi_large_sample_interval(&squares, weights, design->level);
}

static void analyze(workspace *w, const double *values, svi_indices *indices)
{
    const svi_index_design *design = w->design;
    size_t n_cells = design->n_groups * w->n_in_base;
    double estimates[MAX_ESTIMATES];
    w->error = svi_index_cells(values, n_cells, design->n_replicates, w->cell);
    w->centre = svi_moments_of(w->cell, n_cells).mean;
    for (size_t b = 0; b < design->n_groups; b++) {
        fill_terms(w, b);
        w->weight[b] = 1;
    }
    estimate(w, w->weight, estimates);
    if (has_bootstrap(w)) resample(w);
    indices->mean = w->centre;
    indices->error_variance = w->error;
    indices->variance = (svi_estimate){estimates[0], resampled_interval(w, 0)};
    for (size_t s = 0; s < design->n_sources; s++) {
        const svi_estimate none = {NAN, {NAN, NAN}};
        double total = estimates[1 + 2 * s], r = (double)design->n_replicates;
        indices->sources[s] = (svi_source_index){
            .first_variance = none,
            .first_share = none,
            .total_variance = {total, normal_interval(w, s, total + w->error / r)},
            .total_share = {estimates[2 + 2 * s], resampled_interval(w, 2 + 2 * s)},
            .resampled = resampled_interval(w, 1 + 2 * s),
        };
    }
}

static sv_status check_levels(const svi_index_design *design, sv_error *error)
{
    for (size_t s = 0; s < design->n_sources && s < SVK_N_SOURCES; s++)
        if (design->levels[s] < 2)
            return svi_fail(error, SV_ERR_DATA,
                            "one at a time: source %zu has %zu levels; give 2 or more", s,
                            design->levels[s]);
    return SV_OK;
}

sv_status svi_one_at_a_time(const svi_index_design *design, const double *values, size_t n_values,
                            svi_indices *indices, sv_error *error)
{
    workspace w;
    SVI_TRY(check_levels(design, error));
    SVI_TRY(svi_index_check(design, values, n_values, svi_index_n_in_group(design, false), error));
    SVI_TRY(workspace_make(design, &w, error));
    *indices = (svi_indices){0};
    analyze(&w, values, indices);
    workspace_free(&w);
    return SV_OK;
}
