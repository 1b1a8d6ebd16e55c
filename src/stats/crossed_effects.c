#include "stats/crossed_effects.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/crossed_intervals.h"
#include "stats/crossed_squares.h"
#include "stats/level_bootstrap.h"

/* By set of factors, set 0 the replicate stratum. */
struct svi_crossed_plan {
    svi_crossed_design design; /* defaults filled in */
    uint32_t n_sets;
    double df[SVI_MAX_COMPONENTS];
    double total_weights[SVI_MAX_COMPONENTS];
    size_t n_components;
    uint32_t order[SVI_MAX_COMPONENTS]; /* sets as the result lists them */
    double *pivots;                     /* [n_sets][n_draws] */
};

/* What one analysis works with. */
typedef struct workspace {
    svi_crossed_cells cells;
    double *space;                         /* [n_cells] */
    double *total_draws, *draws;           /* [n_draws] */
    double *resampled_squares, *resampled; /* [n_resamples][n_sets], [n_resamples] */
    double mean_squares[SVI_MAX_COMPONENTS];
} workspace;

/* ---- the plan ------------------------------------------------------------------------------- */

static sv_status check_levels(const svi_crossed_design *design, sv_error *error)
{
    size_t n = design->n_replicates;
    for (size_t f = 0; f < design->n_factors; f++) {
        size_t n_levels = design->levels[f];
        if (n_levels < 2) {
            return svi_fail(error, SV_ERR_DATA,
                            "crossed design: factor %zu has %zu levels; vary it over 2 or more, or "
                            "leave it out",
                            f, n_levels);
        }
        if (n > UINT32_MAX / n_levels) {
            return svi_fail(error, SV_ERR_DATA, "crossed design: more than 2^32 runs");
        }
        n *= n_levels;
    }
    return SV_OK;
}

static sv_status check_design(const svi_crossed_design *design, sv_error *error)
{
    SVI_TRY(svi_level_check(design->level, error));
    if (design->n_factors < 1 || design->n_factors > SVI_MAX_FACTORS) {
        return svi_fail(error, SV_ERR_DATA,
                        "crossed design of %zu factors: 1 to %d can be analyzed", design->n_factors,
                        SVI_MAX_FACTORS);
    }
    if (design->n_replicates < 1) {
        return svi_fail(error, SV_ERR_DATA,
                        "crossed design: no replicate in a cell; give 1 or more");
    }
    if (design->n_draws < 1000 || design->n_draws > UINT32_MAX || design->n_resamples < 100 ||
        design->n_resamples > UINT32_MAX) {
        return svi_fail(error, SV_ERR_USAGE,
                        "crossed design: %zu draws and %zu resamples; give at least 1000 and 100",
                        design->n_draws, design->n_resamples);
    }
    return check_levels(design, error);
}

static size_t n_members(uint32_t set)
{
    size_t n = 0;
    for (; set != 0; set &= set - 1) n++;
    return n;
}

static void list_components(svi_crossed_plan *plan)
{
    for (size_t size = 1; size <= plan->design.n_factors; size++) {
        for (uint32_t set = 1; set < plan->n_sets; set++) {
            if (n_members(set) == size && svi_crossed_has_effect(&plan->design, set))
                plan->order[plan->n_components++] = set;
        }
    }
    if (plan->design.n_replicates > 1) plan->order[plan->n_components++] = 0;
}

static void fill_plan(svi_crossed_plan *plan)
{
    list_components(plan);
    for (size_t c = 0; c < plan->n_components; c++) {
        double weights[SVI_MAX_COMPONENTS];
        uint32_t set = plan->order[c];
        plan->df[set] = svi_crossed_df(&plan->design, set);
        svi_pivot_draws(plan->df[set], set, plan->design.n_draws,
                        plan->pivots + set * plan->design.n_draws);
        svi_component_weights(&plan->design, set, weights);
        for (uint32_t s = 0; s < plan->n_sets; s++) plan->total_weights[s] += weights[s];
    }
}

sv_status svi_crossed_plan_make(const svi_crossed_design *design, svi_crossed_plan **plan,
                                sv_error *error)
{
    svi_crossed_design filled = *design;
    if (filled.n_draws == 0) filled.n_draws = SVI_CROSSED_N_DRAWS;
    if (filled.n_resamples == 0) filled.n_resamples = SVI_CROSSED_N_RESAMPLES;
    SVI_TRY(check_design(&filled, error));
    svi_crossed_plan *made = calloc(1, sizeof *made);
    if (made == NULL) return svi_fail_memory(error, sizeof *made, "a crossed design");
    made->design = filled;
    made->n_sets = svi_crossed_n_sets(&filled);
    size_t n_pivots = made->n_sets * filled.n_draws;
    made->pivots = calloc(n_pivots, sizeof *made->pivots);
    if (made->pivots == NULL) {
        free(made);
        return svi_fail_memory(error, n_pivots * sizeof *made->pivots, "chi-square draws");
    }
    fill_plan(made);
    *plan = made;
    return SV_OK;
}

void svi_crossed_plan_free(svi_crossed_plan *plan)
{
    if (plan == NULL) return;
    free(plan->pivots);
    free(plan);
}

/* ---- one metric ----------------------------------------------------------------------------- */

static void workspace_free(workspace *w)
{
    double *arrays[] = {w->cells.mean, w->cells.within,      w->space,    w->total_draws,
                        w->draws,      w->resampled_squares, w->resampled};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

static sv_status workspace_make(const svi_crossed_plan *plan, workspace *w, sv_error *error)
{
    size_t n_cells = svi_crossed_n_cells(&plan->design), n_draws = plan->design.n_draws;
    size_t n_resamples = plan->design.n_resamples;
    *w = (workspace){
        .cells = {.mean = calloc(n_cells, sizeof(double)),
                  .within = calloc(n_cells, sizeof(double))},
        .space = calloc(n_cells, sizeof(double)),
        .total_draws = calloc(n_draws, sizeof(double)),
        .draws = calloc(n_draws, sizeof(double)),
        .resampled_squares = calloc(n_resamples * plan->n_sets, sizeof(double)),
        .resampled = calloc(n_resamples, sizeof(double)),
    };
    if (w->cells.mean && w->cells.within && w->space && w->total_draws && w->draws &&
        w->resampled_squares && w->resampled) {
        return SV_OK;
    }
    workspace_free(w);
    return svi_fail_memory(error, (3 * n_cells + 2 * n_draws) * sizeof(double),
                           "components of variance");
}

static double weighted(const svi_crossed_plan *plan, const double *weights, const double *squares)
{
    double sum = 0;
    for (uint32_t s = 0; s < plan->n_sets; s++) sum += weights[s] * squares[s];
    return sum;
}

static svi_interval bootstrap_interval(const svi_crossed_plan *plan, const double *weights,
                                       workspace *w)
{
    if (plan->design.has_no_bootstrap) return (svi_interval){NAN, NAN};
    for (size_t i = 0; i < plan->design.n_resamples; i++) {
        w->resampled[i] = weighted(plan, weights, w->resampled_squares + i * plan->n_sets);
    }
    return svi_middle_of(w->resampled, plan->design.n_resamples, plan->design.level);
}

/* A total of 0 means that every run gave the same value: there is nothing to share. */
static void fill_share(const svi_crossed_plan *plan, double total, workspace *w,
                       svi_component *component)
{
    component->share = NAN;
    component->share_interval = (svi_interval){NAN, NAN};
    if (!(total > 0)) return;
    for (size_t d = 0; d < plan->design.n_draws; d++) w->draws[d] /= w->total_draws[d];
    component->share = component->variance / total;
    component->share_interval = svi_middle_of(w->draws, plan->design.n_draws, plan->design.level);
}

static void choose_interval(svi_component *component, const double *weights, uint32_t n_sets)
{
    uint32_t n_terms = 0;
    for (uint32_t s = 0; s < n_sets; s++) n_terms += weights[s] != 0;
    component->method = n_terms == 1 ? SVI_CROSSED_EXACT : SVI_CROSSED_GENERALIZED;
    component->interval = n_terms == 1 ? component->large_sample : component->generalized;
}

static void fill_component(const svi_crossed_plan *plan, uint32_t set, double total, workspace *w,
                           svi_component *component)
{
    const svi_crossed_design *design = &plan->design;
    svi_squares squares = {plan->n_sets, w->mean_squares, plan->df};
    double weights[SVI_MAX_COMPONENTS];
    svi_component_weights(design, set, weights);
    bool is_top = set == plan->n_sets - 1;
    *component = (svi_component){
        .factors = set,
        .has_replicate =
            set == 0 || (is_top && design->n_replicates == 1 && !design->is_deterministic),
        .is_nested = design->is_nested,
        .df = plan->df[set],
        .mean_square = w->mean_squares[set],
        .variance = weighted(plan, weights, w->mean_squares),
        .large_sample = svi_large_sample_interval(&squares, weights, design->level),
        .bootstrap = bootstrap_interval(plan, weights, w),
    };
    svi_generalized_draws(&squares, weights, plan->pivots, design->n_draws, w->draws);
    fill_share(plan, total, w, component);
    svi_generalized_draws(&squares, weights, plan->pivots, design->n_draws, w->draws);
    component->generalized = svi_middle_of(w->draws, design->n_draws, design->level);
    choose_interval(component, weights, plan->n_sets);
}

static sv_status analyze(const svi_crossed_plan *plan, const double *values, workspace *w,
                         svi_crossed_result *result, sv_error *error)
{
    const svi_crossed_design *design = &plan->design;
    svi_crossed_reduce(design, values, &w->cells);
    if (!design->has_no_bootstrap)
        SVI_TRY(svi_level_bootstrap(design, &w->cells, w->resampled_squares, error));
    double sum_within = 0;
    for (size_t c = 0; c < svi_crossed_n_cells(design); c++) sum_within += w->cells.within[c];
    svi_crossed_mean_squares(design, w->cells.mean, sum_within, w->space, w->mean_squares);
    svi_squares squares = {plan->n_sets, w->mean_squares, plan->df};
    svi_generalized_draws(&squares, plan->total_weights, plan->pivots, design->n_draws,
                          w->total_draws);
    result->mean = w->cells.grand_mean;
    result->total_variance = weighted(plan, plan->total_weights, w->mean_squares);
    result->n_components = plan->n_components;
    for (size_t c = 0; c < plan->n_components; c++) {
        fill_component(plan, plan->order[c], result->total_variance, w, &result->components[c]);
    }
    result->total_interval = svi_middle_of(w->total_draws, design->n_draws, design->level);
    return SV_OK;
}

sv_status svi_crossed_analyze(const svi_crossed_plan *plan, const double *values, size_t n_values,
                              svi_crossed_result *result, sv_error *error)
{
    size_t n_wanted = svi_crossed_n_cells(&plan->design) * plan->design.n_replicates;
    if (n_values != n_wanted) {
        return svi_fail(error, SV_ERR_DATA,
                        "crossed design: %zu values for %zu runs; a missing run is not filled in, "
                        "finish the study",
                        n_values, n_wanted);
    }
    SVI_TRY(svi_sample_check(values, n_values, 2, "values of a crossed design", error));
    workspace w;
    SVI_TRY(workspace_make(plan, &w, error));
    sv_status status = analyze(plan, values, &w, result, error);
    workspace_free(&w);
    return status;
}
