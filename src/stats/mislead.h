/* How often a comparison with few seeds concludes otherwise than the whole pool: seeds drawn with
 * replacement. */
#ifndef SVI_MISLEAD_H
#define SVI_MISLEAD_H

#include "stats/arm_compare.h"
#include "stats/sample_size.h"

enum { SVI_MISLEAD_N_DRAWS = 10000 };

/* What a comparison says of a and b; with a margin two one-sided tests come first. */
typedef enum svi_verdict {
    SVI_VERDICT_UNDECIDED,
    SVI_VERDICT_A_HIGHER,
    SVI_VERDICT_B_HIGHER,
    SVI_VERDICT_EQUIVALENT
} svi_verdict;

typedef struct svi_mislead_options {
    bool is_paired;      /* n_a == n_b and a[i], b[i] share a seed: one draw takes both */
    size_t n_max;        /* largest number of seeds, 1..1000; out[] has n_max entries */
    size_t n_draws;      /* 0: SVI_MISLEAD_N_DRAWS, else >= 100 */
    double alpha;        /* of the tests, e.g. 0.05 */
    double margin;       /* 0: nobody asks whether the arms are equivalent */
    svi_verdict verdict; /* what all runs together are found to say, by whatever test suits
                            their design */
} svi_mislead_options;

typedef struct svi_chance {
    double probability;
    double standard_error; /* of the Monte Carlo draw; 0 where the value is exact; NaN where the
                              chance does not exist */
} svi_chance;

typedef struct svi_mislead_point {
    size_t n;        /* seeds per arm */
    svi_chance sign; /* the mean difference has the other sign than the pool's; a difference of 0
                        counts half */
    svi_interval sign_interval;
    svi_chance verdict; /* the test of n seeds (paired t or Welch) says another thing than
                           options.verdict; NaN for n = 1 */
    svi_interval verdict_interval;
    double a_higher, b_higher; /* chances that the test says so; NaN for n = 1 */
} svi_mislead_point;

/* out[i] is for i + 1 seeds. The sign for n = 1 is exact, the rest Monte Carlo: draw d is one
 * imagined paper whose seeds come one after another, so neighbouring points share draws. Each n_a,
 * n_b >= 2. */
sv_status svi_mislead_curve(const double *a, size_t n_a, const double *b, size_t n_b,
                            const svi_mislead_options *options, svi_mislead_point *out,
                            sv_error *error);

/* Sets the intervals of a curve's points: how little a small pool knows. difference: of all runs,
 * as the test that suits their design has it; its degrees of freedom say how many runs an arm are
 * worth fresh ones, below "the pool". runs: the SDs of fresh runs and their correlation, and alpha
 * (its difference is not read).
 *
 * The interval of difference / standard error (noncentral t) is carried over to the chances as a
 * shift by so many standard errors of n seeds: of normal runs, where the pool has fewer than 20
 * (of verdicts: where more than 1% of the draws repeat a seed) or the draws are too rare; else of
 * the pool's own chances, on the scale on which those of normal runs shift. Widened to hold the
 * point's own chance. Chances of a verdict have intervals where the margin is 0 only. NaN where
 * the standard error is 0. */
sv_status svi_mislead_intervals(const svi_mislead_options *options,
                                const svi_difference *difference, const svi_power_question *runs,
                                svi_mislead_point *points, sv_error *error);

#endif
