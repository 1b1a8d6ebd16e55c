#include "plan/plan.h"

static uint64_t n_cells(const svi_design_spec *design)
{
    if (design->kind == SVI_DESIGN_SWEEP) return design->n_seeds;
    uint64_t n = 1;
    for (int s = 0; s < SVK_N_SOURCES; s++) n *= design->n_levels[s];
    return n;
}

static uint64_t n_runs_of_arm(const svi_study_spec *study)
{
    uint64_t n = 0;
    for (size_t i = 0; i < study->n_numerics; i++)
        n += n_cells(&study->design) * study->numerics[i].n_replicates;
    return n;
}

uint64_t svi_plan_n_runs(const svi_study_spec *study)
{
    return study->n_arms * n_runs_of_arm(study);
}

/* Seeds of a cell: the last varied source changes fastest. */
static void find_seeds(const svi_design_spec *design, uint64_t cell, uint64_t *seed)
{
    for (int s = SVK_N_SOURCES - 1; s >= 0; s--) {
        seed[s] = design->first_seed;
        if (design->kind == SVI_DESIGN_SWEEP) {
            if (design->is_varied[s]) seed[s] += cell;
        } else {
            seed[s] += cell % design->n_levels[s];
            cell /= design->n_levels[s];
        }
    }
}

/* The block of runs with one arm and numerics that holds `run`; returns its first run. */
static uint64_t find_block(const svi_study_spec *study, uint64_t run, uint32_t *arm,
                           uint32_t *numerics, uint64_t *n_runs)
{
    uint64_t per_arm = n_runs_of_arm(study), cells = n_cells(&study->design);
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

uint64_t svi_plan_runs_per_test_set(const svi_study_spec *study, const svi_arm_spec *arm,
                                    uint32_t numerics)
{
    const svi_design_spec *design = &study->design;
    bool is_fixed = arm->data.split.is_test_fixed, is_drawn = arm->data.n_points > 0;
    uint64_t n = n_cells(design);
    if (design->kind == SVI_DESIGN_SWEEP) {
        bool is_split_varied = design->is_varied[SVK_SOURCE_SPLIT] && !is_fixed;
        if (is_split_varied || (design->is_varied[SVK_SOURCE_DATA] && is_drawn)) n = 1;
    } else {
        n /= design->n_levels[SVK_SOURCE_DATA];
        if (!is_fixed) n /= design->n_levels[SVK_SOURCE_SPLIT];
    }
    return n * study->numerics[numerics].n_replicates;
}
