/* One sample described: location, spread, shape, order statistics, each with an interval where one
 * is known. */
#ifndef SVI_SAMPLE_SUMMARY_H
#define SVI_SAMPLE_SUMMARY_H

#include "stats/moments.h"
#include "stats/sample.h"

/* The quantiles that every summary has. */
#define SVI_SUMMARY_QUANTILES(X) X(0.01) X(0.05) X(0.25) X(0.5) X(0.75) X(0.95) X(0.99)

enum {
#define SVI_COUNT_QUANTILE(probability) +1
    SVI_N_SUMMARY_QUANTILES = 0 SVI_SUMMARY_QUANTILES(SVI_COUNT_QUANTILE)
#undef SVI_COUNT_QUANTILE
};

typedef struct svi_summary_quantile {
    double probability, value;
    svi_interval interval; /* order statistics; no bound on a side where n is too small for one */
} svi_summary_quantile;

typedef struct svi_summary {
    size_t n;
    double mean;
    svi_interval mean_interval; /* Student's t */
    double sd;                  /* divisor n - 1 */
    svi_interval sd_interval;   /* chi-square: exact for normal values, too short for heavy tails */
    double min, max;
    size_t n_min, n_max;       /* values equal to them */
    size_t n_distinct;         /* different values */
    double skewness;           /* G1; NaN for n < 3 or SD 0 */
    double excess_kurtosis;    /* G2; NaN for n < 4 or SD 0 */
    double bimodality;         /* Sarle's coefficient; NaN where the kurtosis is */
    double interquartile_mean; /* mean of the middle half: 25% trimmed on each side */
    svi_summary_quantile quantiles[SVI_N_SUMMARY_QUANTILES];
} svi_summary;

/* n >= 2. level: of all intervals, e.g. 0.95. */
sv_status svi_summarize(const double *values, size_t n, double level, svi_summary *summary,
                        sv_error *error);

/* The two intervals of a stream whose values were not kept; moments->n >= 2. */
sv_status svi_mean_interval(const svi_moments *moments, double level, svi_interval *interval,
                            sv_error *error);
sv_status svi_sd_interval(const svi_moments *moments, double level, svi_interval *interval,
                          sv_error *error);

/* Quantile by linear interpolation (Hyndman and Fan's type 7: NumPy's and R's default). sorted is
 * ascending, n >= 1, probability in [0, 1]. */
double svi_sorted_quantile(const double *sorted, size_t n, double probability);

/* Of n sorted values those from number `lower` to number `upper`, counted from 1, hold a quantile
 * (David and Nagaraja 2003, section 7.1); 0 and n + 1 where n is too small for an end. */
void svi_quantile_ranks(size_t n, double probability, double level, size_t *lower, size_t *upper);

/* Clopper and Pearson's exact interval of a probability, n_hits of n; n >= 1. */
sv_status svi_rate_interval(uint64_t n_hits, uint64_t n, double level, svi_interval *interval,
                            sv_error *error);

/* The same where neither number need be whole (Korn and Graubard 1998): of runs that share seeds, n
 * is the number of independent ones that they are worth. Less than one hit bounds nothing from
 * below, less than one miss nothing from above. n_hits in [0, n], n > 0; level: checked by the
 * caller. */
svi_interval svi_share_interval(double n_hits, double n, double level);

#endif
