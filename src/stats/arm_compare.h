/* Two arms compared on one metric. A difference is always mean of a minus mean of b. */
#ifndef SVI_ARM_COMPARE_H
#define SVI_ARM_COMPARE_H

#include "stats/sample.h"

typedef struct svi_difference {
    double difference; /* mean(a) - mean(b) */
    double standard_error, df;
    svi_interval interval; /* Student's t */
    double t, p;           /* two-sided; standard error 0: p is 1 for equal means, else 0 */
    double sd;             /* paired: of the differences; unpaired: NaN */
    double correlation; /* paired: of a and b over the seeds, NaN where an SD is 0; unpaired: NaN */
} svi_difference;

/* a[i] and b[i] come from the same seed; n >= 2. */
sv_status svi_compare_paired(const double *a, const double *b, size_t n, double level,
                             svi_difference *out, sv_error *error);
/* Welch (1947): independent samples, unequal variances; each n >= 2. */
sv_status svi_compare_welch(const double *a, size_t n_a, const double *b, size_t n_b, double level,
                            svi_difference *out, sv_error *error);

/* Degrees of freedom of Welch and Satterthwaite for a sum of two independent variances (of means),
 * each 0 or more; df_a + df_b where both are 0. */
double svi_welch_df(double variance_a, double df_a, double variance_b, double df_b);

typedef struct svi_superiority {
    double probability; /* P(A > B) + P(A = B) / 2, over all pairs of one run of a and one of b */
    double standard_error, df;
    svi_interval interval; /* within [0, 1] */
    double p;              /* two-sided, of probability = 1/2; NaN where the standard error is 0 */
} svi_superiority;

/* Brunner and Munzel (2000); with is_paired (n_a == n_b, a[i] and b[i] from the same seed) Munzel
 * (1999), whose variance knows of the pairs (where it is 0, the one of independent samples
 * takes its place). Each n >= 2. Where all n_a * n_b pairs say the same, the interval is Clopper
 * and Pearson's of as many of them as are independent: min(n_a, n_b), paired n / 2. O(n log n). */
sv_status svi_compare_superiority(const double *a, size_t n_a, const double *b, size_t n_b,
                                  bool is_paired, double level, svi_superiority *out,
                                  sv_error *error);

/* Two one-sided tests (Schuirmann 1987): p of "the difference is margin or more away from 0".
 * Equivalent where p is below alpha. margin > 0. */
sv_status svi_equivalence_p(const svi_difference *difference, double margin, double *p,
                            sv_error *error);

/* Smallest true difference that the two-sided t test at alpha finds with the given power, at the
 * standard error and the degrees of freedom of *difference (noncentral t). 0 < alpha < power < 1.
 */
sv_status svi_least_detectable(const svi_difference *difference, double alpha, double power,
                               double *effect, sv_error *error);

#endif
