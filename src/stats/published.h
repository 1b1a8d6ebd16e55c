/* Two published results, each "mean +- SD of n runs": do they agree? */
#ifndef SVI_PUBLISHED_H
#define SVI_PUBLISHED_H

#include "stats/arm_compare.h"

typedef struct svi_published {
    double mean, sd; /* sd: between runs, divisor n - 1 */
    uint64_t n;      /* runs, >= 2 */
} svi_published;

typedef struct svi_agreement_of_two {
    svi_difference difference; /* Welch; first less second */
    double equivalence_p;      /* at the margin; NaN without one */
    double n_to_settle; /* seeds an arm that find the observed difference with the power; INFINITY
                           where it is 0 */
    double n_for_equivalence; /* seeds an arm that show equivalence at the margin with the power,
                                 were both the same; NaN without one */
    double least_detectable;  /* by these n with the power; 0 where both SDs are */
} svi_agreement_of_two;

/* margin: difference of means that counts as equal, 0: none stated. SDs of 0 or more. */
sv_status svi_compare_published(const svi_published *a, const svi_published *b, double level,
                                double margin, double power, svi_agreement_of_two *out,
                                sv_error *error);

#endif
