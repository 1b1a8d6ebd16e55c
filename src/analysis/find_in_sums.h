/* Findings from the sums of runs: of a store that keeps nothing else (record.rows: summary), or of
 * more runs than an analysis holds. */
#ifndef SVI_FIND_IN_SUMS_H
#define SVI_FIND_IN_SUMS_H

#include "analysis/findings.h"
#include "store/store.h"

bool svi_store_is_summed_up(const svi_store *store);

/* table: the names of the study, its machine and curves, and no runs. Summaries, the best of n and,
 * of crossed and nested designs, components; findings->basis says why there is no more. */
sv_status svi_analyze_sums(svi_store *store, svi_run_table *table,
                           const sv_analysis_options *options, sv_findings *findings,
                           sv_error *error);

#endif
