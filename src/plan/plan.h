/* From a checked study to numbered runs. Run numbers are dense, start at 0 and never depend on how
 * runs are launched. */
#ifndef SVI_PLAN_H
#define SVI_PLAN_H

#include "spec/study_spec.h"

/* One run: arm x numerics x seed vector x replicate. */
typedef struct svi_run {
    uint64_t run;                 /* its number in the study */
    uint32_t arm, numerics;       /* indices into the study */
    uint64_t replicate;           /* 0.. */
    uint64_t seed[SVK_N_SOURCES]; /* as the store shows them */
} svi_run;

/* Arms are outermost, then numerics, then cells of the design, then replicates. Cells: the last
 * varied source fastest (crossed, nested); base by base, in it the base itself and then the sources
 * (one-at-a-time); row by row (pick-freeze). */
uint64_t svi_plan_n_runs(const svi_study_spec *study);
void svi_plan_run(const svi_study_spec *study, uint64_t run, svi_run *out);

/* The number of the first run after `run` that has another arm or other numerics: launches never
 * cross it. */
uint64_t svi_plan_block_end(const svi_study_spec *study, uint64_t run);

/* Runs that share their test rows within an arm and numerics: those with one data seed and, unless
 * the arm's test rows are fixed, one split seed; the fewest, where it depends on the seed. */
uint64_t svi_plan_runs_per_test_set(const svi_study_spec *study, const svi_arm_spec *arm,
                                    uint32_t numerics);

/* The steps after which the runs of an arm are measured, ascending; 0: before the first. */
typedef struct svi_checkpoints {
    size_t n;
    uint64_t step[SVI_MAX_CHECKPOINTS];
} svi_checkpoints;

/* Of an arm that takes n_steps. SV_ERR_STUDY when they are more than SVI_MAX_CHECKPOINTS, or when a
 * listed one lies beyond the last step. */
sv_status svi_plan_checkpoints(const svi_checkpoint_spec *spec, const char *arm, uint64_t n_steps,
                               uint64_t n_steps_per_epoch, svi_checkpoints *out, sv_error *error);

#endif
