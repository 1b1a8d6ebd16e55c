/* Components of a grid whose runs are known by their values in the order of the plan. */
#ifndef SVI_GRID_OF_SUMS_H
#define SVI_GRID_OF_SUMS_H

#include "analysis/findings.h"
#include "store/store.h"

/* values: of one metric, [group->n_planned], NULL where they were not kept. out->subject is set;
 * out gets rows or a reason. findings has the factors and the level. */
sv_status svi_split_sums(const svi_store_study *study, const sv_findings *findings,
                         const svi_run_group *group, const double *values, bool is_deterministic,
                         svi_components_finding *out, sv_error *error);

/* The intervals of mean and SD for runs that share seeds; NaN where there are no components, and
 * those of the quantiles. */
void svi_summary_of_grid(const sv_findings *findings, const svi_components_finding *components,
                         svi_summary *values);

#endif
