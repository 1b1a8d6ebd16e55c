/* What a sketch tells of its sample without the values. */
#ifndef SVI_SKETCH_FINDINGS_H
#define SVI_SKETCH_FINDINGS_H

#include "stats/best_of.h"
#include "stats/sample_summary.h"
#include "stats/sketch.h"

/* As svi_summarize: count, mean, SD, their intervals and the extremes exact, quantiles, their
 * intervals and the interquartile mean of values moved to the ends of their buckets. What takes the
 * values themselves is NaN (skewness, excess_kurtosis, bimodality) or 0 (n_min, n_max, n_distinct).
 * Two values or more. */
sv_status svi_sketch_summarize(svi_sketch *sketch, double level, svi_summary *summary,
                               sv_error *error);

/* As svi_search_best of values moved to the ends of their buckets, less than SVI_SKETCH_ERROR of
 * the largest of them off; for `n_sizes` sizes, 1 <= size <= the number of values. One value or
 * more. */
sv_status svi_sketch_best(svi_sketch *sketch, bool is_more_better, const size_t *sizes,
                          size_t n_sizes, double level, svi_best_of *out, sv_error *error);

#endif
