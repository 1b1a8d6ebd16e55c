/* The metric that findings and progress lead with is the first of these that runs have. */
#ifndef SVI_HEADLINE_METRICS_H
#define SVI_HEADLINE_METRICS_H

#include "vocabulary.h"

static const int svi_headline_metrics[] = {
    SVK_METRIC_TEST_ACCURACY, SVK_METRIC_R2,       SVK_METRIC_TEST_LOSS,
    SVK_METRIC_MSE,           SVK_METRIC_X_END,    SVK_METRIC_F_END,
    SVK_METRIC_VAL_ACCURACY,  SVK_METRIC_VAL_LOSS, SVK_METRIC_INERTIA};

enum { SVI_N_HEADLINE_METRICS = sizeof svi_headline_metrics / sizeof *svi_headline_metrics };

#endif
