/* Do the seeds that lead at a checkpoint lead at the end? */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"

enum { RANKED_N_MIN = 3 };

/* Values of a block at a checkpoint and at the last, of the runs that have both. */
static size_t collect(const svi_block *block, const svi_run_paths *paths, size_t checkpoint,
                      double *then, double *at_end)
{
    size_t n = 0, last = paths->n_in_arm[block->arm] - 1;
    for (uint64_t i = 0; i < block->n; i++) {
        const double *path = paths->value + block->rows[i] * paths->n_checkpoints;
        if (!isfinite(path[checkpoint]) || !isfinite(path[last])) continue;
        then[n] = path[checkpoint];
        at_end[n++] = path[last];
    }
    return n;
}

static sv_status rank_block(svi_analysis *analysis, size_t b, double *then, double *at_end,
                            sv_error *error)
{
    const svi_run_paths *paths = &analysis->table->paths;
    const svi_block *block = &analysis->codes.blocks[b];
    sv_findings *findings = analysis->findings;
    for (size_t c = 0; c + 1 < paths->n_in_arm[block->arm]; c++) {
        size_t n = collect(block, paths, c, then, at_end);
        if (n < RANKED_N_MIN) continue;
        svi_early_rank_finding *finding = &findings->early_ranks[findings->n_early_ranks++];
        finding->subject = svi_block_subject(block, findings->headline);
        finding->step = paths->step[block->arm * paths->n_checkpoints + c];
        SVI_TRY(svi_kendall_tau(then, at_end, n, findings->level, &finding->rank, error));
        if (svi_block_shares_seeds(&analysis->designs[b]) || analysis->designs[b].n_replicates > 1)
            finding->rank.interval = (svi_interval){NAN, NAN};
    }
    return SV_OK;
}

sv_status svi_find_early_ranks(svi_analysis *analysis, sv_error *error)
{
    const svi_run_paths *paths = &analysis->table->paths;
    sv_findings *findings = analysis->findings;
    if (paths->value == NULL) return SV_OK;
    size_t n_bytes = analysis->table->n_runs * sizeof(double);
    findings->early_ranks =
        calloc(analysis->codes.n_blocks * paths->n_checkpoints + 1, sizeof *findings->early_ranks);
    double *at_end = malloc(n_bytes > 0 ? n_bytes : 1);
    sv_status status = findings->early_ranks != NULL && at_end != NULL
                           ? SV_OK
                           : svi_fail_memory(error, n_bytes, "ranks of seeds");
    for (size_t b = 0; status == SV_OK && b < analysis->codes.n_blocks; b++)
        status = rank_block(analysis, b, analysis->values, at_end, error);
    free(at_end);
    return status;
}
