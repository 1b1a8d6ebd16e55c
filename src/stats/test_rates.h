/* How the tests that papers use behave with few seeds, on the runs at hand: how often each finds a
 * difference where there is none, and how often it finds the one there is. */
#ifndef SVI_TEST_RATES_H
#define SVI_TEST_RATES_H

#include "stats/sample.h"

/* Id, name, what it is. */
#define SVI_TESTS(X)                                                                               \
    X(WELCH, "welch", "Welch's t test")                                                            \
    X(PAIRED_T, "paired_t", "paired t test over common seeds")                                     \
    X(MANN_WHITNEY, "mann_whitney", "Mann and Whitney's rank-sum test")                            \
    X(SIGNED_RANK, "signed_rank", "Wilcoxon's signed-rank test over common seeds")                 \
    X(PERMUTATION, "permutation", "permutation test of the difference of means")                   \
    X(BOOTSTRAP, "bootstrap", "percentile bootstrap of the difference of means")

typedef enum svi_test {
#define SVI_TEST_ID(id, name, help) SVI_TEST_##id,
    SVI_TESTS(SVI_TEST_ID)
#undef SVI_TEST_ID
        SVI_N_TESTS
} svi_test;

const char *svi_test_name(svi_test test);

enum { SVI_RATES_N_MAX = 50, SVI_RATES_N_DRAWS = 2000, SVI_RATES_N_RESAMPLES = 499 };

typedef struct svi_rates_options {
    bool is_paired;     /* of svi_test_powers: n_a == n_b, a[i] and b[i] share a seed; without it
                           the rates of the two paired tests are NaN */
    double alpha;       /* of the tests, 0 < alpha < 1 */
    size_t n_draws;     /* imagined studies; 0: SVI_RATES_N_DRAWS, else >= 100 */
    size_t n_resamples; /* of permutation and bootstrap; 0: SVI_RATES_N_RESAMPLES, else 19..9999 */
} svi_rates_options;

/* Shares of the imagined studies with n seeds an arm in which each test is significant. */
typedef struct svi_test_rates {
    size_t n;                  /* seeds an arm, 2..SVI_RATES_N_MAX, set by the caller */
    double rate[SVI_N_TESTS];  /* significant; NaN where it cannot be said */
    double wrong[SVI_N_TESTS]; /* significant, in the direction opposite to that of the whole pools;
                                  of svi_false_positives: NaN */
    double standard_error;     /* of a rate of 1/2, the largest: 1 / sqrt(4 n_draws) */
} svi_test_rates;

/* Both arms drawn from one pool, without replacement (paired tests pair them as they come): every
 * significant result is false. NaN where 2 n runs are not there. rates: [n_rates]. */
sv_status svi_false_positives(const double *pool, size_t n_pool, const svi_rates_options *options,
                              svi_test_rates *rates, size_t n_rates, sv_error *error);

/* Each arm drawn from its own pool with replacement, common seeds together: power, if the pools are
 * the truth. n_a, n_b >= 2. */
sv_status svi_test_powers(const double *a, size_t n_a, const double *b, size_t n_b,
                          const svi_rates_options *options, svi_test_rates *rates, size_t n_rates,
                          sv_error *error);

#endif
