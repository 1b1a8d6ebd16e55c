/* What every statistic of this folder shares: an interval, and the checks that its inputs pass
 * first.
 *
 * The functions of this folder are pure: arrays in, numbers out, no files, no global state. They
 * refuse NaN and infinities (the caller filters, and says how many it left out) with SV_ERR_DATA
 * and the place, too small a sample with SV_ERR_DATA and the number that is needed, and an
 * impossible setting (level, margin) with SV_ERR_USAGE. Random draws are Philox words under a fixed
 * key, so the same input gives the same output everywhere, up to the last bits of libm.
 * docs/statistics.md has the formulas, their sources and how each was tested. */
#ifndef SVI_SAMPLE_H
#define SVI_SAMPLE_H

#include "base/error.h"

/* Two-sided interval. low is -INFINITY or high INFINITY where the sample gives no bound on that
 * side; both are NaN where the statistic itself does not exist. */
typedef struct svi_interval {
    double low, high;
} svi_interval;

/* what names the values in the message: "metric test_loss of arm base". */
sv_status svi_sample_check(const double *values, size_t n, size_t n_min, const char *what,
                           sv_error *error);
/* level of an interval: more than 0, less than 1. */
sv_status svi_level_check(double level, sv_error *error);

#endif
