/* How much of the variance of one run is due to each of p sources, from designs that do not fill a
 * grid. Of source s: V_s is the variance of E(Y | s), its first-order effect; V_Ts is the mean of
 * Var(Y | all but s), its total effect, which holds its interactions too. So V_s <= V_Ts, the V_s
 * add up to V at most, and the V_Ts to V at least. Estimates are untruncated: they may be negative.
 * Sobol (1993); Homma and Saltelli (1996). */
#ifndef SVI_SOURCE_INDICES_H
#define SVI_SOURCE_INDICES_H

#include "stats/sample.h"
#include "vocabulary.h"

enum { SVI_INDICES_N_RESAMPLES = 2000, SVI_INDICES_N_BASES_MIN = 8 };

typedef struct svi_index_design {
    size_t n_sources;             /* 2..SVK_N_SOURCES */
    size_t n_groups;              /* rows (pick-freeze, >= 2), bases (one at a time, >= 1) */
    size_t levels[SVK_N_SOURCES]; /* one at a time: of each source, >= 2 */
    size_t n_replicates;          /* of each run, >= 1 */
    double level;                 /* of the intervals */
    size_t n_resamples;           /* 0: SVI_INDICES_N_RESAMPLES, else >= 100 */
} svi_index_design;

typedef struct svi_estimate {
    double value;
    svi_interval interval; /* NaN where there is none */
} svi_estimate;

typedef struct svi_source_index {
    svi_estimate first_variance, total_variance; /* V_s, V_Ts */
    svi_estimate first_share, total_share;       /* of V */
    svi_interval resampled; /* one at a time: of V_Ts, by resampled bases; else NaN */
} svi_source_index;

/* NaN: the design does not tell. */
typedef struct svi_indices {
    double mean;
    svi_estimate variance; /* V: of one run */
    double error_variance; /* of replicates; 0 where there is one: V_Ts then holds it */
    svi_source_index sources[SVK_N_SOURCES];
} svi_indices;

/* Pick-freeze. values: [n_groups][n_sources + 2][n_replicates], a row being the runs A, B, and A
 * with each source in turn from B. V_s = V - mean((B - AB_s)^2) / 2, V_Ts = mean((A - AB_s)^2) / 2
 * - error (Jansen 1999); intervals: percentiles of resampled rows. */
sv_status svi_pick_freeze(const svi_index_design *design, const double *values, size_t n_values,
                          svi_indices *indices, sv_error *error);

/* One at a time. values: [n_groups][1 + sum of (levels - 1)][n_replicates], a base being its own
 * run and then the other levels of each source in turn. V_Ts: mean over the bases of the variance
 * over the levels of s (one base: the variance given the seeds of that base). Its interval is
 * chi-square's (with replicates: modified large sample), for normal effects. V needs 2 bases or
 * more, intervals that resample them SVI_INDICES_N_BASES_MIN. First-order effects are NaN. */
sv_status svi_one_at_a_time(const svi_index_design *design, const double *values, size_t n_values,
                            svi_indices *indices, sv_error *error);

/* ---- for the two of them ---- */

size_t svi_index_n_in_group(const svi_index_design *design, bool is_pick_freeze);
sv_status svi_index_check(const svi_index_design *design, const double *values, size_t n_values,
                          size_t n_in_group, sv_error *error);

/* cell[c]: mean of n_replicates values. Returns the pooled variance of replicates, 0 for one. */
double svi_index_cells(const double *values, size_t n_cells, size_t n_replicates, double *cell);

/* How often each of n groups is drawn in a resample with replacement. n < 2^32. */
void svi_group_weights(uint32_t resample, size_t n, double *weight);

#endif
