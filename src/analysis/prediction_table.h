#ifndef SVI_PREDICTION_TABLE_H
#define SVI_PREDICTION_TABLE_H

#include "analysis/run_table.h"
#include "store/store.h"

/* Appends what runs predict for one set of test points; sets come by arm, numerics, split seed and
 * data seed. One with fewer than two runs or points is left out. */
sv_status svi_run_table_add_set(svi_run_table *table, const svi_prediction_sums *sums,
                                sv_error *error);

/* The sets of a store; error_rate from the metric test_accuracy. After the runs. */
sv_status svi_run_table_add_predictions(svi_run_table *table, svi_store *store, sv_error *error);

#endif
