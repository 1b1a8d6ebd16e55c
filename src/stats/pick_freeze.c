#include <math.h>
#include <stdlib.h>

#include "stats/crossed_intervals.h"
#include "stats/moments.h"
#include "stats/source_indices.h"

/* What a row adds to the sums: A + B, A^2 + B^2, and of each source (B - AB)^2 / 2, (A - AB)^2 / 2;
 * last the sum of squares within its cells. */
enum { TERM_SUM, TERM_SQUARES, TERM_SOURCES };

/* The estimates of one sample of rows: V, then V_s, V_Ts, V_s / V, V_Ts / V of each source. */
enum { PER_SOURCE = 4, MAX_ESTIMATES = 1 + PER_SOURCE * SVK_N_SOURCES };

typedef struct workspace {
    const svi_index_design *design;
    size_t n_terms, n_estimates, n_resamples;
    double centre;
    double *cell;      /* [n_rows][n_sources + 2] */
    double *terms;     /* [n_rows][n_terms] */
    double *weight;    /* [n_rows] */
    double *resampled; /* [n_estimates][n_resamples] */
} workspace;

static void workspace_free(workspace *w)
{
    free(w->cell);
    free(w->terms);
    free(w->weight);
    free(w->resampled);
}

static sv_status workspace_make(const svi_index_design *design, workspace *w, sv_error *error)
{
    size_t n_rows = design->n_groups;
    *w = (workspace){.design = design,
                     .n_terms = TERM_SOURCES + 2 * design->n_sources + 1,
                     .n_estimates = 1 + PER_SOURCE * design->n_sources,
                     .n_resamples = design->n_resamples};
    if (w->n_resamples == 0) w->n_resamples = SVI_INDICES_N_RESAMPLES;
    w->cell = calloc(n_rows * (design->n_sources + 2), sizeof *w->cell);
    w->terms = calloc(n_rows * w->n_terms, sizeof *w->terms);
    w->weight = calloc(n_rows, sizeof *w->weight);
    w->resampled = calloc(w->n_estimates * w->n_resamples, sizeof *w->resampled);
    if (w->cell && w->terms && w->weight && w->resampled) return SV_OK;
    workspace_free(w);
    return svi_fail_memory(error, n_rows * w->n_terms * sizeof *w->terms, "indices");
}

static double half_square(double x) { return x * x / 2; }

static void fill_terms(workspace *w, const double *values)
{
    size_t n_in_row = w->design->n_sources + 2, r = w->design->n_replicates;
    for (size_t i = 0; i < w->design->n_groups; i++) {
        const double *row = w->cell + i * n_in_row;
        double a = row[0] - w->centre, b = row[1] - w->centre, *term = w->terms + i * w->n_terms;
        term[TERM_SUM] = a + b;
        term[TERM_SQUARES] = a * a + b * b;
        for (size_t s = 0; s < w->design->n_sources; s++) {
            double ab = row[2 + s] - w->centre;
            term[TERM_SOURCES + 2 * s] = half_square(b - ab);
            term[TERM_SOURCES + 2 * s + 1] = half_square(a - ab);
        }
        for (size_t c = 0; c < n_in_row; c++)
            term[w->n_terms - 1] += svi_moments_of(values + (i * n_in_row + c) * r, r).m2;
    }
}

static double ratio(double part, double whole) { return whole > 0 ? part / whole : NAN; }

/* estimates: [n_estimates]. weight: how often each row counts; their sum is n_rows. */
static void estimate(const workspace *w, const double *weight, double *estimates)
{
    const svi_index_design *design = w->design;
    double n = (double)design->n_groups, r = (double)design->n_replicates;
    double sum[TERM_SOURCES + 2 * SVK_N_SOURCES + 1] = {0};
    for (size_t i = 0; i < design->n_groups; i++) {
        const double *term = w->terms + i * w->n_terms;
        if (weight[i] == 0) continue;
        for (size_t t = 0; t < w->n_terms; t++) sum[t] += weight[i] * term[t];
    }
    double n_cells = n * (double)(design->n_sources + 2);
    double error = r > 1 ? sum[w->n_terms - 1] / (n_cells * (r - 1)) : 0;
    double between = (sum[TERM_SQUARES] - sum[TERM_SUM] * sum[TERM_SUM] / (2 * n)) / (2 * n - 1);
    double variance = between + error * (1 - 1 / r);
    estimates[0] = variance;
    for (size_t s = 0; s < design->n_sources; s++) {
        double *of = estimates + 1 + PER_SOURCE * s;
        of[0] = between - sum[TERM_SOURCES + 2 * s] / n;
        of[1] = sum[TERM_SOURCES + 2 * s + 1] / n - error / r;
        of[2] = ratio(of[0], variance);
        of[3] = ratio(of[1], variance);
    }
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

static svi_estimate with_interval(workspace *w, size_t e, double value)
{
    svi_estimate made = {value, {NAN, NAN}};
    double *resampled = w->resampled + e * w->n_resamples;
    for (size_t i = 0; i < w->n_resamples; i++)
        if (isnan(resampled[i])) return made;
    made.interval = svi_middle_of(resampled, w->n_resamples, w->design->level);
    return made;
}

static void analyze(workspace *w, const double *values, svi_indices *indices)
{
    const svi_index_design *design = w->design;
    size_t n_cells = design->n_groups * (design->n_sources + 2);
    double estimates[MAX_ESTIMATES];
    indices->error_variance = svi_index_cells(values, n_cells, design->n_replicates, w->cell);
    indices->mean = w->centre = svi_moments_of(w->cell, n_cells).mean;
    fill_terms(w, values);
    for (size_t i = 0; i < design->n_groups; i++) w->weight[i] = 1;
    estimate(w, w->weight, estimates);
    resample(w);
    indices->variance = with_interval(w, 0, estimates[0]);
    for (size_t s = 0; s < design->n_sources; s++) {
        size_t e = 1 + PER_SOURCE * s;
        indices->sources[s] = (svi_source_index){
            .first_variance = with_interval(w, e, estimates[e]),
            .total_variance = with_interval(w, e + 1, estimates[e + 1]),
            .first_share = with_interval(w, e + 2, estimates[e + 2]),
            .total_share = with_interval(w, e + 3, estimates[e + 3]),
            .resampled = {NAN, NAN},
        };
    }
}

sv_status svi_pick_freeze(const svi_index_design *design, const double *values, size_t n_values,
                          svi_indices *indices, sv_error *error)
{
    workspace w;
    SVI_TRY(svi_index_check(design, values, n_values, svi_index_n_in_group(design, true), error));
    if (design->n_groups < 2)
        return svi_fail(error, SV_ERR_DATA, "pick-freeze of one row; give 2 or more, best 1,024");
    SVI_TRY(workspace_make(design, &w, error));
    *indices = (svi_indices){0};
    analyze(&w, values, indices);
    workspace_free(&w);
    return SV_OK;
}
