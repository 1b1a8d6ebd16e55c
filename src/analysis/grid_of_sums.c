#include "analysis/grid_of_sums.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

static const char *const source_names[SVK_N_SOURCES] = {
#define SOURCE_NAME(id, number, name, help) name,
    SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
};

/* The plan counts the sources of a grid in their order, those of a nested design from the outermost
 * inwards, where each has more seeds than the one around it. Those of a sweep are one factor. */
static void lay_out(const svi_store_study *study, const sv_findings *findings,
                    uint64_t n_replicates, svi_block_design *design)
{
    uint64_t n_around = 1;
    *design = (svi_block_design){.layout = SVI_LAYOUT_GRID, .n_replicates = n_replicates};
    if (svi_store_study_is(study, SVI_DESIGN_SWEEP)) {
        design->n_factors = 1;
        design->names[0] = findings->factors[0].name;
        design->levels[0] = findings->factors[0].n_levels;
        return;
    }
    if (svi_store_study_is(study, SVI_DESIGN_NESTED)) design->layout = SVI_LAYOUT_NESTED;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        size_t place = design->n_factors;
        if (study->n_levels[s] < 2) continue;
        while (design->layout == SVI_LAYOUT_NESTED && place > 0 &&
               design->levels[place - 1] > study->n_levels[s]) {
            design->levels[place] = design->levels[place - 1];
            design->names[place] = design->names[place - 1];
            place--;
        }
        design->levels[place] = study->n_levels[s];
        design->names[place] = source_names[s];
        design->n_factors++;
    }
    for (size_t f = 0; design->layout == SVI_LAYOUT_NESTED && f < design->n_factors; f++) {
        uint64_t n_seeds = design->levels[f];
        design->levels[f] = n_seeds / n_around;
        n_around = n_seeds;
    }
}

static void explain(const svi_store_study *study, const sv_findings *findings,
                    const svi_run_group *group, const double *values, svi_components_finding *out)
{
    uint64_t n_missing = 0;
    const char *why = svi_why_not_split(findings->n_factors, study->n_replicates[group->numerics]);
    for (uint64_t i = 0; values != NULL && i < group->n_planned; i++)
        n_missing += !isfinite(values[i]);
    if (svi_store_study_is(study, SVI_DESIGN_ONE_AT_A_TIME) ||
        svi_store_study_is(study, SVI_DESIGN_PICK_FREEZE))
        snprintf(out->reason, sizeof out->reason,
                 "from the sums of runs only crossed and nested designs and sweeps are split; "
                 "this is a %s",
                 study->design_kind);
    else if (why != NULL)
        snprintf(out->reason, sizeof out->reason, "%s", why);
    else if (values == NULL)
        snprintf(out->reason, sizeof out->reason,
                 "%" PRIu64 " runs are more than a grid is kept of; fewer seeds, or fewer "
                 "replicates",
                 group->n_planned);
    else if (n_missing > 0)
        snprintf(out->reason, sizeof out->reason,
                 "%" PRIu64 " of %" PRIu64 " runs are missing or have no finite value; a full "
                 "split needs a value in every cell",
                 n_missing, group->n_planned);
}

sv_status svi_split_sums(const svi_store_study *study, const sv_findings *findings,
                         const svi_run_group *group, const double *values, bool is_deterministic,
                         svi_components_finding *out, sv_error *error)
{
    svi_block_design design;
    svi_crossed_plan *plan;
    svi_crossed_result result;
    explain(study, findings, group, values, out);
    if (out->reason[0] != '\0') return SV_OK;
    lay_out(study, findings, study->n_replicates[group->numerics], &design);
    svi_crossed_design crossed = svi_crossed_design_of(&design, is_deterministic, findings->level);
    SVI_TRY(svi_crossed_plan_make(&crossed, &plan, error));
    sv_status status = svi_crossed_analyze(plan, values, group->n_planned, &result, error);
    svi_crossed_plan_free(plan);
    return status == SV_OK ? svi_keep_components(&result, &design, out, error) : status;
}

void svi_summary_of_grid(const sv_findings *findings, const svi_components_finding *components,
                         svi_summary *values)
{
    const svi_interval none = {NAN, NAN};
    values->mean_interval = values->sd_interval = none;
    for (size_t q = 0; q < SVI_N_SUMMARY_QUANTILES; q++) values->quantiles[q].interval = none;
    if (components->n_rows == 0) return;
    svi_take_from_components(findings, components, values);
}
