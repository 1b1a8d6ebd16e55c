#include "plan/plan.h"

static uint64_t n_runs_of_arm(const svi_study_spec *study)
{
    uint64_t n = 0;
    for (size_t i = 0; i < study->n_numerics; i++)
        n += svi_design_n_cells(&study->design) * study->numerics[i].n_replicates;
    return n;
}

uint64_t svi_plan_n_runs(const svi_study_spec *study)
{
    return study->n_arms * n_runs_of_arm(study);
}

/* offset: of each source's seed from first_seed, 0 at first. */

static void sweep_offsets(const svi_design_spec *design, uint64_t cell, uint64_t *offset)
{
    for (size_t i = 0; i < design->n_varied; i++) offset[design->varied[i]] = cell;
}

static void crossed_offsets(const svi_design_spec *design, uint64_t cell, uint64_t *offset)
{
    for (size_t i = design->n_varied; i-- > 0;) {
        int source = design->varied[i];
        offset[source] = cell % design->n_levels[source];
        cell /= design->n_levels[source];
    }
}

/* Fresh seeds within each seed of the source around: a source's seeds are numbered through. */
static void nested_offsets(const svi_design_spec *design, uint64_t cell, uint64_t *offset)
{
    for (size_t i = design->n_varied; i-- > 0;) {
        offset[design->varied[i]] = cell;
        cell /= design->n_levels[design->varied[i]];
    }
}

/* A base: the run with the lowest seed of every source, then the other seeds of each source. */
static void one_at_a_time_offsets(const svi_design_spec *design, uint64_t cell, uint64_t *offset)
{
    uint64_t n_in_base = svi_design_n_cells(design) / design->n_bases;
    uint64_t base = cell / n_in_base, left = cell % n_in_base;
    for (size_t i = 0; i < design->n_varied; i++) {
        int source = design->varied[i];
        uint64_t n_others = design->n_levels[source] - 1;
        offset[source] = base * design->n_levels[source];
        if (left >= 1 && left <= n_others) offset[source] += left;
        left = left > n_others ? left - n_others : 0;
    }
}

/* A row: A, B, then for each source A with that source from B. */
static void pick_freeze_offsets(const svi_design_spec *design, uint64_t cell, uint64_t *offset)
{
    uint64_t n_in_row = design->n_varied + 2, row = cell / n_in_row, place = cell % n_in_row;
    for (size_t i = 0; i < design->n_varied; i++) {
        bool is_from_b = place == 1 || place == i + 2;
        offset[design->varied[i]] = row + (is_from_b ? design->n_rows : 0);
    }
}

static void (*const offsets[SVI_N_DESIGNS])(const svi_design_spec *, uint64_t, uint64_t *) = {
    [SVI_DESIGN_SWEEP] = sweep_offsets,
    [SVI_DESIGN_CROSSED] = crossed_offsets,
    [SVI_DESIGN_NESTED] = nested_offsets,
    [SVI_DESIGN_ONE_AT_A_TIME] = one_at_a_time_offsets,
    [SVI_DESIGN_PICK_FREEZE] = pick_freeze_offsets,
};

static void find_seeds(const svi_design_spec *design, uint64_t cell, uint64_t *seed)
{
    uint64_t offset[SVK_N_SOURCES] = {0};
    offsets[design->kind](design, cell, offset);
    for (int s = 0; s < SVK_N_SOURCES; s++) seed[s] = design->first_seed + offset[s];
}

/* The block of runs with one arm and numerics that holds `run`; returns its first run. */
static uint64_t find_block(const svi_study_spec *study, uint64_t run, uint32_t *arm,
                           uint32_t *numerics, uint64_t *n_runs)
{
    uint64_t per_arm = n_runs_of_arm(study), cells = svi_design_n_cells(&study->design);
    uint64_t first = run / per_arm * per_arm;
    *arm = (uint32_t)(run / per_arm);
    for (uint32_t i = 0;; i++) {
        *n_runs = cells * study->numerics[i].n_replicates;
        *numerics = i;
        if (run - first < *n_runs) return first;
        first += *n_runs;
    }
}

void svi_plan_run(const svi_study_spec *study, uint64_t run, svi_run *out)
{
    uint64_t n_runs;
    uint64_t first = find_block(study, run, &out->arm, &out->numerics, &n_runs);
    uint64_t n_replicates = study->numerics[out->numerics].n_replicates;
    out->run = run;
    out->replicate = (run - first) % n_replicates;
    find_seeds(&study->design, (run - first) / n_replicates, out->seed);
}

uint64_t svi_plan_block_end(const svi_study_spec *study, uint64_t run)
{
    uint32_t arm, numerics;
    uint64_t n_runs;
    uint64_t first = find_block(study, run, &arm, &numerics, &n_runs);
    return first + n_runs;
}

/* Cells of a nested design inside the innermost source that decides the test rows. */
static uint64_t n_inside(const svi_design_spec *design, bool has_split, bool has_data)
{
    uint64_t n = 1;
    for (size_t i = design->n_varied; i-- > 0;) {
        int source = design->varied[i];
        if ((has_split && source == SVK_SOURCE_SPLIT) || (has_data && source == SVK_SOURCE_DATA))
            break;
        n *= design->n_levels[source];
    }
    return n;
}

uint64_t svi_plan_runs_per_test_set(const svi_study_spec *study, const svi_arm_spec *arm,
                                    uint32_t numerics)
{
    const svi_design_spec *design = &study->design;
    uint64_t n_replicates = study->numerics[numerics].n_replicates;
    bool has_split = design->is_varied[SVK_SOURCE_SPLIT] && !arm->data.split.is_test_fixed,
         has_data = design->is_varied[SVK_SOURCE_DATA] && arm->data.n_points > 0;
    uint64_t n_cells = svi_design_n_cells(design);
    if (!has_split && !has_data) return n_cells * n_replicates;
    switch (design->kind) {
    case SVI_DESIGN_CROSSED:
        if (has_split) n_cells /= design->n_levels[SVK_SOURCE_SPLIT];
        if (has_data) n_cells /= design->n_levels[SVK_SOURCE_DATA];
        return n_cells * n_replicates;
    case SVI_DESIGN_NESTED: return n_inside(design, has_split, has_data) * n_replicates;
    /* B, and A with both from B, where only one of the two varies. */
    case SVI_DESIGN_PICK_FREEZE: return (has_split && has_data ? 1 : 2) * n_replicates;
    default: return n_replicates;
    }
}
