#include "stats/level_bootstrap.h"

#include <stdlib.h>

#include "stats/draw_streams.h"

typedef struct resample {
    const svi_crossed_design *design;
    const svi_crossed_cells *cells;
    uint32_t *levels;     /* the drawn ones, all factors behind each other */
    double *mean, *space; /* [n_cells] */
    double sum_within;
    size_t n_filled;
} resample;

static void draw_levels(resample *r, uint32_t number)
{
    uint32_t place = 0;
    for (size_t f = 0; f < r->design->n_factors; f++) {
        for (size_t i = 0; i < r->design->levels[f]; i++, place++) {
            uint32_t word = svk_draw(SVI_STATS_KEY, SVI_STREAM_LEVEL, number, place);
            bool is_drawn = f == 0 || !r->design->is_nested;
            r->levels[place] =
                is_drawn ? svk_below(word, (uint32_t)r->design->levels[f]) : (uint32_t)i;
        }
    }
}

/* Copies the cells of the drawn levels; `drawn` are those of `factor` and of the factors behind it,
 * row the cell's place by the factors before. */
static void gather(resample *r, size_t factor, const uint32_t *drawn, size_t row)
{
    if (factor == r->design->n_factors) {
        r->mean[r->n_filled++] = r->cells->mean[row];
        r->sum_within += r->cells->within[row];
        return;
    }
    size_t n_levels = r->design->levels[factor];
    for (size_t i = 0; i < n_levels; i++) {
        gather(r, factor + 1, drawn + n_levels, row * n_levels + drawn[i]);
    }
}

static void run_resamples(resample *r, double *mean_squares)
{
    for (size_t i = 0; i < r->design->n_resamples; i++) {
        draw_levels(r, (uint32_t)i);
        r->n_filled = 0;
        r->sum_within = 0;
        gather(r, 0, r->levels, 0);
        svi_crossed_mean_squares(r->design, r->mean, r->sum_within, r->space,
                                 mean_squares + i * svi_crossed_n_sets(r->design));
    }
}

sv_status svi_level_bootstrap(const svi_crossed_design *design, const svi_crossed_cells *cells,
                              double *mean_squares, sv_error *error)
{
    size_t n_cells = svi_crossed_n_cells(design), n_levels = 0;
    for (size_t f = 0; f < design->n_factors; f++) n_levels += design->levels[f];
    resample r = {.design = design, .cells = cells};
    r.levels = malloc(n_levels * sizeof *r.levels);
    r.mean = malloc(n_cells * sizeof *r.mean);
    r.space = malloc(n_cells * sizeof *r.space);
    sv_status status = SV_OK;
    if (r.levels == NULL || r.mean == NULL || r.space == NULL) {
        status = svi_fail_memory(error, 2 * n_cells * sizeof *r.mean, "resampled levels");
    } else {
        run_resamples(&r, mean_squares);
    }
    free(r.levels);
    free(r.mean);
    free(r.space);
    return status;
}
