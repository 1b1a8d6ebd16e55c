/* Runs against their references, checkpoint by checkpoint, and beside another seed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

static svi_estimate no_estimate(void) { return (svi_estimate){NAN, {NAN, NAN}}; }

static sv_status mean_of(const svi_moments *moments, bool is_independent, double level,
                         svi_estimate *out, sv_error *error)
{
    *out = no_estimate();
    if (moments->n == 0) return SV_OK;
    out->value = moments->mean;
    if (!is_independent || moments->n < 2) return SV_OK;
    return svi_mean_interval(moments, level, &out->interval, error);
}

/* Churn D of R runs counts all pairs; pairs of one seed's replicates, which are equal, are taken
 * out: D (R - 1) / (R - r) with r replicates. */
static double reseed_churn(const svi_analysis *analysis, const svi_distance_group *group)
{
    const sv_findings *findings = analysis->findings;
    size_t b = group->arm * analysis->table->n_numerics + group->reference;
    double n_replicates = (double)analysis->designs[b].n_replicates;
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *of = &findings->predictions[i];
        if (of->subject.arm != group->arm || of->subject.numerics != group->reference) continue;
        double n = (double)of->n_runs / (double)of->n_sets;
        return n_replicates > 0 && n > n_replicates ? of->churn.value * (n - 1) / (n - n_replicates)
                                                    : NAN;
    }
    return NAN;
}

static sv_status copy_points(const svi_distance_group *from, svi_distance_group *to,
                             sv_error *error)
{
    *to = *from;
    to->points = malloc((from->n_points + 1) * sizeof *to->points);
    if (to->points == NULL)
        return svi_fail_memory(error, from->n_points * sizeof *to->points, "distances");
    memcpy(to->points, from->points, from->n_points * sizeof *to->points);
    return SV_OK;
}

static sv_status describe(const svi_analysis *analysis, const svi_distance_group *group,
                          svi_distance_finding *finding, sv_error *error)
{
    double level = analysis->findings->level;
    size_t b = group->arm * analysis->table->n_numerics + group->numerics;
    const svi_block_design *design = &analysis->designs[b];
    bool is_independent = design->n_factors < 2 && design->n_replicates == 1;
    const svi_distance_point *last = &group->points[group->n_points - 1];
    SVI_TRY(copy_points(group, &finding->group, error));
    finding->subject = (svi_subject){group->arm, group->numerics, analysis->findings->headline};
    finding->has_probe = analysis->table->has_probe[group->numerics];
    SVI_TRY(mean_of(&group->growth, is_independent, level, &finding->growth, error));
    finding->doubling_steps = finding->growth.value > 0 ? log(2) / finding->growth.value : NAN;
    SVI_TRY(mean_of(&last->churn, is_independent, level, &finding->churn, error));
    finding->reseed_churn = reseed_churn(analysis, group);
    return SV_OK;
}

sv_status svi_find_distances(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->table->n_distances;
    if (n == 0) return SV_OK;
    findings->distances = calloc(n, sizeof *findings->distances);
    if (findings->distances == NULL)
        return svi_fail_memory(error, n * sizeof *findings->distances, "distances");
    for (size_t i = 0; i < n; i++)
        SVI_TRY(describe(analysis, &analysis->table->distances[i],
                         &findings->distances[findings->n_distances++], error));
    return SV_OK;
}
