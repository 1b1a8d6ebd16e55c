/* How many seeds a comparison needs. */
#ifndef SVI_SAMPLE_SIZE_H
#define SVI_SAMPLE_SIZE_H

#include "stats/sample.h"

typedef struct svi_power_question {
    double difference; /* true difference of the means; its sign does not matter */
    double sd_a, sd_b; /* of single runs */
    bool is_paired;    /* both arms run the same seeds */
    double rho;        /* paired: correlation of the arms over the seeds, -1 to 1 */
    double alpha;      /* two-sided, e.g. 0.05 */
} svi_power_question;

/* Power of Welch's test (equal SDs: Student's) or of the paired t test with n >= 2 seeds an arm:
 * noncentral t. */
sv_status svi_power(const svi_power_question *question, double n, double *power, sv_error *error);

/* Standard error of the difference of the means of n seeds an arm. */
sv_status svi_power_error(const svi_power_question *question, double n, double *standard_error,
                          sv_error *error);
/* Degrees of freedom of that test, n >= 2. */
double svi_power_df(const svi_power_question *question, double n);

/* Smallest n of seeds an arm that has the power; INFINITY above 10^9. alpha < power < 1. */
sv_status svi_seeds_for_power(const svi_power_question *question, double power, double *n,
                              sv_error *error);

/* The textbook formula with normal quantiles, ceil((z_{1-alpha/2} + z_power)^2 Var / d^2), Var =
 * sd_a^2 + sd_b^2 (paired: of the difference): too small where n is small. */
sv_status svi_seeds_by_normal(const svi_power_question *question, double power, double *n,
                              sv_error *error);

/* Seeds an arm with which two one-sided tests at alpha show equivalence within margin > 0 with the
 * given power, if the arms are equal; difference is not read. The power is bounded from below by 1
 * minus the sum of the two chances to miss, which is exact where it is high. */
sv_status svi_seeds_for_equivalence(const svi_power_question *question, double margin, double power,
                                    double *n, sv_error *error);

/* Noether (1987): seeds an arm for the rank-sum test to find P(A > B) = probability, two-sided. */
sv_status svi_seeds_for_superiority(double probability, double alpha, double power, double *n,
                                    sv_error *error);

#endif
