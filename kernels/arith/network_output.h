/* What the outputs of a network mean, in binary32: the deltas that training sends back, the class
 * that is named, the loss of a row. Output j of a row stands at z[j * stride]. */
#ifndef SVK_NETWORK_OUTPUT_H
#define SVK_NETWORK_OUTPUT_H

#include "metric_sum.h"

/* Softmax minus the label's one, in place. The first maximum in ascending order is subtracted; the
 * sum starts at the first term and ascends; each term is divided by it. */
SVK_FN void svk_softmax_delta_f32(float *z, int stride, int n_classes, int label)
{
    float top = z[0];
    for (int j = 1; j < n_classes; j++) top = z[j * stride] > top ? z[j * stride] : top;
    float sum = svk_exp_f32(z[0] - top);
    z[0] = sum;
    for (int j = 1; j < n_classes; j++) {
        float e = svk_exp_f32(z[j * stride] - top);
        z[j * stride] = e;
        sum += e;
    }
    for (int j = 0; j < n_classes; j++) z[j * stride] /= sum;
    z[label * stride] -= 1.0f;
}

SVK_FN float svk_logistic_delta_f32(float z, float y)
{
    return 1.0f / (1.0f + svk_exp_f32(-z)) - y;
}

SVK_FN float svk_squared_delta_f32(float z, float y) { return 2.0f * (z - y); }

/* The first of the largest outputs. */
SVK_FN int svk_best_class_f32(const float *z, int stride, int n_classes)
{
    int best = 0;
    for (int j = 1; j < n_classes; j++) best = z[j * stride] > z[best * stride] ? j : best;
    return best;
}

/* Cross-entropy of one row, in binary64: the log of the summed exponentials less the label's
 * output, both after the first maximum is subtracted. */
SVK_FN double svk_cross_entropy_f32(const float *z, int stride, int n_classes, int label)
{
    float first_top = z[0];
    for (int j = 1; j < n_classes; j++)
        first_top = z[j * stride] > first_top ? z[j * stride] : first_top;
    double top = (double)first_top;
    double sum = svk_exp_f64((double)z[0] - top);
    for (int j = 1; j < n_classes; j++) sum += svk_exp_f64((double)z[j * stride] - top);
    return svk_log_f64(sum) - ((double)z[label * stride] - top);
}

#endif
