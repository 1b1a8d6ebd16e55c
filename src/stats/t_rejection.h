/* t tests at one alpha, over and over: critical values looked up instead of p computed. */
#ifndef SVI_T_REJECTION_H
#define SVI_T_REJECTION_H

#include "stats/sample.h"

typedef struct svi_t_critical {
    double alpha;
    size_t n_max;     /* seeds an arm */
    double *critical; /* [2 * n_max]: of |t|, by degrees of freedom */
} svi_t_critical;

sv_status svi_t_critical_make(double alpha, size_t n_max, svi_t_critical *table, sv_error *error);
void svi_t_critical_clear(svi_t_critical *table);

/* n >= 2 values an arm; m2: sums of squared deviations; distance: |difference of the means|.
 * Whether Welch's test and the paired t test (m2 of the differences) are significant. */
bool svi_welch_rejects(const svi_t_critical *table, size_t n, double m2_a, double m2_b,
                       double distance);
bool svi_paired_rejects(const svi_t_critical *table, size_t n, double m2, double distance);

#endif
