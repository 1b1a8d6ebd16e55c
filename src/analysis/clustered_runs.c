#include "analysis/clustered_runs.h"

#include <stdlib.h>
#include <string.h>

/* Runs by the seeds of some factors (bits): numbered by first appearance in cluster[n]. */
static sv_status number_clusters(const svi_run_codes *codes, uint32_t factors, const uint64_t *rows,
                                 size_t n, uint32_t *cluster, uint32_t *level, uint64_t *n_clusters,
                                 sv_error *error)
{
    memset(cluster, 0, n * sizeof *cluster);
    for (size_t f = 0; f < codes->n_factors; f++) {
        if (!(factors >> f & 1)) continue;
        for (size_t i = 0; i < n; i++) level[i] = codes->factors[f].level[rows[i]];
        SVI_TRY(svi_number_pairs(cluster, level, n, n_clusters, error));
    }
    return SV_OK;
}

/* Clustered by each factor and each combination of factors, as svi_crossed_mean_error adds up the
 * mean squares of a full grid. */
static sv_status cluster_all(const svi_run_codes *codes, const double *values, const uint64_t *rows,
                             size_t n, uint32_t *space, svi_mean_error *out, sv_error *error)
{
    svi_component components[1 << SVK_N_SOURCES];
    size_t n_components = 0;
    uint64_t n_clusters;
    uint32_t constant = 0;
    for (uint32_t f = 0; f < codes->n_factors; f++) {
        SVI_TRY(number_clusters(codes, 1u << f, rows, n, space, space + n, &n_clusters, error));
        if (n_clusters < 2) constant |= 1u << f;
    }
    for (uint32_t factors = 1; factors < 1u << codes->n_factors; factors++) {
        if (factors & constant) continue;
        SVI_TRY(number_clusters(codes, factors, rows, n, space, space + n, &n_clusters, error));
        SVI_TRY(svi_cluster_component(values, n, space, n_clusters, factors,
                                      &components[n_components++], error));
    }
    *out = svi_clustered_mean_error(components, n_components, values, n);
    return SV_OK;
}

sv_status svi_clustered_error_of_runs(const svi_run_codes *codes, const double *values,
                                      const uint64_t *rows, size_t n, svi_mean_error *out,
                                      sv_error *error)
{
    uint32_t *space = malloc(2 * n * sizeof *space);
    if (space == NULL) return svi_fail_memory(error, 2 * n * sizeof *space, "clusters of runs");
    sv_status status = cluster_all(codes, values, rows, n, space, out, error);
    free(space);
    return status;
}

bool svi_block_is_mostly_grid(const svi_block_design *design)
{
    return svi_block_has_components(design) || design->has_gaps;
}
