/* From the outputs of a network to the deltas that go back. */
#ifndef SVK_MLP_LOSS_H
#define SVK_MLP_LOSS_H

#include "mlp_math.h"

/* Four samples side by side: output j of all of them at z + j * FOUR; delta likewise, y: FOUR
 * targets. The loops run over FOUR values, which gives the processor enough to do between the steps
 * of one exponential. */
enum { FOUR = 4 * LANES };
#define FOR_FOUR(i) for (int i = 0; i < FOUR; i++)

static void softmax_delta(const state *s, const real *restrict z, real *restrict delta,
                          int n_classes, const real *restrict y)
{
    _Alignas(64) real top[FOUR], sum[FOUR];
    FOR_FOUR(i) top[i] = z[i];
    for (int j = 1; j < n_classes; j++) FOR_FOUR(i)
    top[i] = z[j * FOUR + i] > top[i] ? z[j * FOUR + i] : top[i];
    for (int j = 0; j < n_classes; j++) {
        FOR_FOUR(i) delta[j * FOUR + i] = z[j * FOUR + i] - top[i];
        take_exp(s, delta + j * FOUR, FOUR);
    }
    FOR_FOUR(i) sum[i] = delta[i];
    for (int j = 1; j < n_classes; j++) FOR_FOUR(i)
    sum[i] += delta[j * FOUR + i];
    for (int j = 0; j < n_classes; j++) FOR_FOUR(i)
        {
            real wanted = y[i] == (real)j ? (real)1 : (real)0;
            delta[j * FOUR + i] = real_flush(delta[j * FOUR + i] / sum[i] - wanted);
        }
}

static void logistic_delta(const state *s, const real *restrict z, real *restrict delta,
                           const real *restrict y)
{
    FOR_FOUR(i) delta[i] = z[i];
    take_sigmoid(s, delta, FOUR);
    FOR_FOUR(i) delta[i] = real_flush(delta[i] - y[i]);
}

static void squared_delta(const real *restrict z, real *restrict delta, const real *restrict y)
{
    FOR_FOUR(i) delta[i] = 2 * (z[i] - y[i]);
}

/* Deltas times the loss scale, as operands of products. */
static void scale_delta(const state *s, real *delta, int n_outputs)
{
    const real scale = (real)s->training->loss_scale;
    for (int i = 0; i < n_outputs * FOUR; i++) delta[i] *= scale;
    round_operands(s, delta, 4 * (size_t)n_outputs);
}

/* Of tiles begin .. end - 1. */
static void output_delta(const state *s, int begin, int end)
{
    int n_outputs = s->net->width[s->net->n_layers];
    for (int bt = begin; bt < end; bt++) {
        size_t at = value_at(s, s->net->n_layers, 4 * (uint32_t)bt, 0);
        const real *z = s->h[s->net->n_layers] + at, *y = s->y + bt * FOUR;
        real *delta = s->delta[s->net->n_layers] + at;
        if (s->net->loss == SVK_LOSS_CROSS_ENTROPY)
            softmax_delta(s, z, delta, n_outputs, y);
        else if (s->net->loss == SVK_LOSS_LOGISTIC)
            logistic_delta(s, z, delta, y);
        else
            squared_delta(z, delta, y);
        if (s->is_rounded) scale_delta(s, delta, n_outputs);
    }
}

#endif
