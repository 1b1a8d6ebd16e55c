/* Runs in sum: counts, exact sums, histograms. Totals of parts merge into that of the whole, bit
 * for bit the same however the runs were parted and in whatever order they came. */
#ifndef SVI_RUN_TOTALS_H
#define SVI_RUN_TOTALS_H

#include "backend/backend.h"
#include "stats/sketch.h"

/* Zero-initialize. */
typedef struct svi_run_totals {
    uint64_t n_runs, n_status[SVK_N_RUN_STATUSES];
    uint64_t n_failed[SVK_N_METRICS]; /* runs that diverged or have no finite value */
    svi_sketch metric[SVK_N_METRICS];
} svi_run_totals;

void svi_run_totals_add(svi_run_totals *totals, const svi_run_result *result);
/* SV_ERR_MEMORY where an addition failed. */
sv_status svi_run_totals_check(const svi_run_totals *totals, sv_error *error);
void svi_run_totals_clear(svi_run_totals *totals);

#endif
