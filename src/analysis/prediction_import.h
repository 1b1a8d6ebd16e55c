#ifndef SVI_PREDICTION_IMPORT_H
#define SVI_PREDICTION_IMPORT_H

#include "analysis/run_table.h"

/* Predictions of another program: a .npy file of classes, a row for each run of the finished table
 * and a column for each test point, and one of the points' true classes. All runs share the points.
 */
sv_status svi_run_table_import_predictions(svi_run_table *table, const char *predictions,
                                           const char *labels, sv_error *error);

#endif
