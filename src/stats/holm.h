/* Many tests at once. */
#ifndef SVI_HOLM_H
#define SVI_HOLM_H

#include "stats/sample.h"

/* Holm (1979): adjusted[i] is at most alpha where p[i] is significant with the chance of any false
 * finding among the n tests held to alpha. p in [0, 1]; NaN stays NaN and is not counted. */
sv_status svi_holm(const double *p, size_t n, double *adjusted, sv_error *error);

#endif
