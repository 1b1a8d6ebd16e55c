/* The difference of the means of two arms, by the test that suits how their runs share seeds. */
#ifndef SVI_ARM_DIFFERENCE_H
#define SVI_ARM_DIFFERENCE_H

#include "analysis/arm_pair.h"

/* Runs that share no seed: the paired t test or Welch's. Full grids and groups: t with the variance
 * that their design knows. Grids with gaps: t with the variance clustered by seeds. *test: its
 * name, a constant. reason: why there is none, else untouched. */
sv_status svi_find_arm_difference(const svi_analysis *analysis, const svi_arm_pair *pair,
                                  const char **test, svi_difference *difference,
                                  char reason[SVI_REASON_BYTES], sv_error *error);

#endif
