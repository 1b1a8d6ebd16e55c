#include "stats/source_indices.h"

#include <string.h>

#include "stats/draw_streams.h"
#include "stats/moments.h"

size_t svi_index_n_in_group(const svi_index_design *design, bool is_pick_freeze)
{
    size_t n = 1;
    if (is_pick_freeze) return design->n_sources + 2;
    for (size_t s = 0; s < design->n_sources; s++) n += design->levels[s] - 1;
    return n;
}

sv_status svi_index_check(const svi_index_design *design, const double *values, size_t n_values,
                          size_t n_in_group, sv_error *error)
{
    SVI_TRY(svi_level_check(design->level, error));
    if (design->n_sources < 2 || design->n_sources > SVK_N_SOURCES)
        return svi_fail(error, SV_ERR_DATA, "indices of %zu sources: 2 to %d can be told apart",
                        design->n_sources, SVK_N_SOURCES);
    if (design->n_resamples != 0 && design->n_resamples < 100)
        return svi_fail(error, SV_ERR_USAGE, "indices: %zu resamples; give at least 100",
                        design->n_resamples);
    size_t n_wanted = design->n_groups * n_in_group * design->n_replicates;
    if (n_values != n_wanted || n_wanted == 0)
        return svi_fail(error, SV_ERR_DATA,
                        "indices: %zu values for %zu runs; a missing run is not filled in, finish "
                        "the study",
                        n_values, n_wanted);
    return svi_sample_check(values, n_values, 2, "values of indices", error);
}

double svi_index_cells(const double *values, size_t n_cells, size_t n_replicates, double *cell)
{
    double within = 0;
    for (size_t c = 0; c < n_cells; c++) {
        svi_moments moments = svi_moments_of(values + c * n_replicates, n_replicates);
        cell[c] = moments.mean;
        within += moments.m2;
    }
    return n_replicates > 1 ? within / (double)(n_cells * (n_replicates - 1)) : 0;
}

void svi_group_weights(uint32_t resample, size_t n, double *weight)
{
    memset(weight, 0, n * sizeof *weight);
    for (size_t i = 0; i < n; i += 4) {
        svk_block words = svk_draw_block(SVI_STATS_KEY, SVI_STREAM_ROW, resample, i / 4);
        for (size_t k = 0; k < 4 && i + k < n; k++)
            weight[svk_below(words.word[k], (uint32_t)n)] += 1;
    }
}
