/* Imported accuracies against themselves and against the predictions. */
#ifndef SVI_ACCURACY_CHECKS_H
#define SVI_ACCURACY_CHECKS_H

#include "analysis/findings.h"

/* The accuracies that the predictions of the runs have against those that the table tells, where it
 * has a metric that is nothing but an accuracy (not of validation or training data). n_compared 0:
 * there is nothing to compare. */
sv_status svi_check_predictions(const svi_run_table *table, svi_prediction_check *check,
                                sv_error *error);

/* An accuracy with values up to 1 beside larger ones. False: the column has one unit. */
bool svi_check_unit(const svi_metric_column *column, uint64_t n_runs, svi_mixed_unit *found);

#endif
