/* Sorting of values in time linear in their number. */
#ifndef SVI_SORTING_H
#define SVI_SORTING_H

#include "stats/sample.h"

/* Ascending; no NaN. */
void svi_sort(double *values, size_t n);

/* order[k]: the index of the k-th smallest of the values, equal ones in the order of their indices.
 * No NaN; n < 2^32. */
sv_status svi_sort_order(const double *values, size_t n, uint32_t *order, sv_error *error);

#endif
