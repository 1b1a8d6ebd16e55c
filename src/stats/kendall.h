/* Whether two rankings of the same things agree. */
#ifndef SVI_KENDALL_H
#define SVI_KENDALL_H

#include "stats/sample.h"

typedef struct svi_kendall {
    size_t n;
    double tau;            /* tau-b (ties); NaN where one side is all equal */
    svi_interval interval; /* NaN for n < 5; |tau| = 1 has itself as both ends */
} svi_kendall;

/* Kendall's (1945) tau-b in O(n log n) (Knight 1966). The interval is Fisher's z with the variance
 * 0.437/(n - 4) (Fieller, Hartley and Pearson 1957), for pairs that are independent of each other.
 * 2 <= n < 2^32. */
sv_status svi_kendall_tau(const double *a, const double *b, size_t n, double level,
                          svi_kendall *out, sv_error *error);

/* How well the ranking of n_rows things in one column carries over to another: the mean of tau-b
 * over all pairs of columns. value[row * n_columns + column]. The interval is Student's t with the
 * jackknife over columns, NaN for fewer than 4 or where all tell the same (Arvesen 1969:
 * U-statistics); it is cut to [-1, 1]. Pairs of columns without a tau (a column is all equal) are
 * left out; tau is NaN where none has one. Columns beyond n_columns_max are not looked at. */
sv_status svi_kendall_carry_over(const double *value, size_t n_rows, size_t n_columns, double level,
                                 svi_kendall *out, sv_error *error);

enum { SVI_CARRY_OVER_COLUMNS_MAX = 64 };

#endif
