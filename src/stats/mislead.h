/* How often a comparison with few seeds concludes otherwise than the whole pool: seeds drawn with
 * replacement. */
#ifndef SVI_MISLEAD_H
#define SVI_MISLEAD_H

#include "stats/sample.h"

enum { SVI_MISLEAD_N_DRAWS = 10000 };

typedef struct svi_mislead_options {
    bool is_paired; /* n_a == n_b and a[i], b[i] share a seed: one draw takes both */
    size_t n_max;   /* largest number of seeds, 1..1000; out[] has n_max entries */
    size_t n_draws; /* 0: SVI_MISLEAD_N_DRAWS, else >= 100 */
    double alpha;   /* of the tests, e.g. 0.05 */
} svi_mislead_options;

typedef struct svi_chance {
    double probability;
    double standard_error; /* of the Monte Carlo draw; 0 where the value is exact; NaN where the
                              chance does not exist */
} svi_chance;

typedef struct svi_mislead_point {
    size_t n;          /* seeds per arm */
    svi_chance sign;   /* the mean difference has the other sign than the pool's; a difference of 0
                          counts half */
    svi_chance welch;  /* Welch's test says otherwise than on the pool: a better, b better, or
                          undecided. n >= 2 */
    svi_chance paired; /* the same of the paired t test; NaN where not paired or n < 2 */
} svi_mislead_point;

/* out[i] is for i + 1 seeds. n = 1 is exact, the rest Monte Carlo: draw d is one imagined paper
 * whose seeds come one after another, so neighbouring points share draws. Each n_a, n_b >= 2. */
sv_status svi_mislead_curve(const double *a, size_t n_a, const double *b, size_t n_b,
                            const svi_mislead_options *options, svi_mislead_point *out,
                            sv_error *error);

#endif
