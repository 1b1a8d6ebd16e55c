/* Forward and backward through one sample, one product at a time. */
#ifndef CNN_REFERENCE_PASS_H
#define CNN_REFERENCE_PASS_H

#include "cnn_reference_net.h"

/* ---- forward ---- */

/* The input under tap (c, i, j) of output (y, x), or -1 outside. */
static inline int ref_input(const ref_layer *l, int y, int x, int c, int i, int j)
{
    int row = y * l->t + i - l->P, column = x * l->t + j - l->P;
    if (row < 0 || row >= l->H || column < 0 || column >= l->W) return -1;
    return (c * l->H + row) * l->W + column;
}

static inline void ref_linear(const ref_net *net, const ref_layer *l, const real *h, real *z)
{
    bool has_bias = net->arm->model.bias != SVK_BIAS_NONE;
    for (int o = 0; o < l->O; o++)
        for (int y = 0; y < l->OH; y++)
            for (int x = 0; x < l->OW; x++) {
                real sum = has_bias ? l->bias[o].w : 0;
                for (int k = 0; k < l->n_in; k++) {
                    int c = k / (l->K * l->K), i = k / l->K % l->K, j = k % l->K;
                    int at = l->kind == REF_DENSE ? k : ref_input(l, y, x, c, i, j);
                    if (at >= 0) sum = real_fma(l->weight[o * l->n_in + k].q, h[at], sum);
                }
                z[(o * l->OH + y) * l->OW + x] = sum;
            }
}

/* Indices of the window's values, row by row. */
static inline void ref_window(const ref_layer *l, int c, int y, int x, int at[4])
{
    for (int q = 0; q < 4; q++) at[q] = (c * l->H + 2 * y + q / 2) * l->W + 2 * x + q % 2;
}

static inline int ref_winner(const real *h, const int at[4])
{
    real m = h[at[0]];
    int winner = 0;
    for (int q = 1; q < 4; q++)
        if (h[at[q]] > m) m = h[at[q]], winner = q;
    return winner;
}

static inline void ref_pool(const ref_net *net, const ref_layer *l, const real *h, real *out)
{
    for (int c = 0; c < l->C; c++)
        for (int y = 0; y < l->OH; y++)
            for (int x = 0; x < l->OW; x++) {
                int at[4];
                ref_window(l, c, y, x, at);
                real mean = (((h[at[0]] + h[at[1]]) + h[at[2]]) + h[at[3]]) * (real)0.25;
                out[(c * l->OH + y) * l->OW + x] =
                    ref_q(net, l->kind == REF_MAX ? h[at[ref_winner(h, at)]] : mean);
            }
}

static inline real ref_activate(int activation, real z, real *slope)
{
    real h;
    switch (activation) {
    case SVK_ACTIVATION_RELU: *slope = z > 0; return z > 0 ? z : 0;
    case SVK_ACTIVATION_TANH:
        h = svk_real_tanh(z);
        *slope = real_fma(-h, h, 1);
        return h;
    case SVK_ACTIVATION_SIGMOID:
        h = svk_real_sigmoid_of_exp(svk_real_exp(-z));
        *slope = real_fma(-h, h, h);
        return h;
    case SVK_ACTIVATION_SILU:
        return svk_real_silu_of_sigmoid(z, svk_real_sigmoid_of_exp(svk_real_exp(-z)), slope);
    default: return svk_real_gelu_of_tanh(z, svk_real_tanh(svk_real_gelu_inner(z)), slope);
    }
}

/* Of relu, tanh and sigmoid without dropout the slope is that of the rounded value. */
static inline real ref_slope_of_value(int activation, real h, real slope)
{
    switch (activation) {
    case SVK_ACTIVATION_RELU: return h > 0;
    case SVK_ACTIVATION_TANH: return real_fma(-h, h, 1);
    case SVK_ACTIVATION_SIGMOID: return real_fma(-h, h, h);
    default: return slope;
    }
}

/* number: of the sample over the run, short batches counted as whole ones. */
static inline real ref_factor(const ref_net *net, const ref_layer *l, int k, uint64_t number)
{
    const svi_model_spec *m = &net->arm->model;
    if (m->dropout == 0 || l->kind != REF_DENSE) return 1;
    int hidden = l->number - m->n_conv;
    uint64_t element = 4 * number * (uint64_t)((l->O + 3) / 4) + (uint64_t)k;
    real u = (real)svk_uniform(svk_draw(net->run->seed[SVK_SOURCE_DROPOUT], SVK_STREAM_DROPOUT,
                                        (uint32_t)hidden, element));
    return u < (real)m->dropout ? 0 : (real)(1 / (1 - m->dropout));
}

static inline void ref_forward(const ref_net *net, ref_sample *s, uint64_t number, bool is_training)
{
    const svi_model_spec *m = &net->arm->model;
    for (int i = 0; i < net->n_layers; i++) {
        const ref_layer *l = &net->layer[i];
        real *h = s->h[i + 1], *slope = s->slope[i + 1];
        if (ref_is_pool(l)) {
            ref_pool(net, l, s->h[i], h);
            for (int k = 0; k < net->width[i + 1]; k++) slope[k] = 1;
            continue;
        }
        ref_linear(net, l, s->h[i], h);
        for (int k = 0; k < net->width[i + 1] && i + 1 < net->n_layers; k++) {
            real factor = is_training ? ref_factor(net, l, k, number) : 1;
            real value = ref_activate(m->activation, h[k], &slope[k]);
            if (m->dropout > 0) value *= factor, slope[k] *= factor;
            h[k] = ref_q(net, value);
            if (m->dropout == 0) slope[k] = ref_slope_of_value(m->activation, h[k], slope[k]);
        }
    }
}

/* ---- backward ---- */

static inline void ref_output_delta(const ref_net *net, ref_sample *s)
{
    int n = net->width[net->n_layers], loss = net->arm->train.loss;
    const real *z = s->h[net->n_layers];
    real *delta = s->delta[net->n_layers], top = z[0], sum = 0;
    for (int j = 1; j < n; j++) top = z[j] > top ? z[j] : top;
    for (int j = 0; j < n && loss == SVK_LOSS_CROSS_ENTROPY; j++) {
        delta[j] = svk_real_exp(z[j] - top);
        sum = j == 0 ? delta[j] : sum + delta[j];
    }
    for (int j = 0; j < n; j++) {
        if (loss == SVK_LOSS_CROSS_ENTROPY)
            delta[j] = delta[j] / sum - (s->y == (real)j ? (real)1 : (real)0);
        else if (loss == SVK_LOSS_LOGISTIC)
            delta[j] = 1 / (1 + svk_real_exp(-z[j])) - s->y;
        else
            delta[j] = 2 * (z[j] - s->y);
        delta[j] = ref_q(net, delta[j] * (real)net->training.loss_scale);
    }
}

static inline real ref_back_conv(const ref_layer *l, const real *delta, int c, int y, int x)
{
    real s = 0;
    for (int o = 0; o < l->O; o++)
        for (int i = 0; i < l->K; i++)
            for (int j = 0; j < l->K; j++) {
                int row = y + l->P - i, column = x + l->P - j;
                if (row < 0 || row % l->t != 0 || row / l->t >= l->OH) continue;
                if (column < 0 || column % l->t != 0 || column / l->t >= l->OW) continue;
                real d = delta[(o * l->OH + row / l->t) * l->OW + column / l->t];
                s = real_fma(d, l->weight[o * l->n_in + (c * l->K + i) * l->K + j].q, s);
            }
    return s;
}

static inline real ref_back_pool(const ref_layer *l, const real *h, const real *delta, int c, int y,
                                 int x)
{
    int at[4];
    if (y / 2 >= l->OH || x / 2 >= l->OW) return 0;
    real d = delta[(c * l->OH + y / 2) * l->OW + x / 2];
    if (l->kind == REF_AVERAGE) return (real)0.25 * d;
    ref_window(l, c, y / 2, x / 2, at);
    return ref_winner(h, at) == y % 2 * 2 + x % 2 ? d : 0;
}

static inline real ref_back_dense(const ref_layer *l, const real *delta, int k)
{
    real s = 0;
    for (int j = 0; j < l->O; j++) s = real_fma(delta[j], l->weight[j * l->n_in + k].q, s);
    return s;
}

static inline void ref_backward(const ref_net *net, ref_sample *s)
{
    ref_output_delta(net, s);
    for (int i = net->n_layers - 1; i > 0; i--) {
        const ref_layer *l = &net->layer[i];
        const real *above = s->delta[i + 1];
        /* relu's gate gives +0 where its slope is 0, with and without dropout another zero */
        bool is_gate = net->arm->model.activation == SVK_ACTIVATION_RELU &&
                       net->arm->model.dropout == 0 && !ref_is_pool(&net->layer[i - 1]);
        for (int k = 0; k < net->width[i]; k++) {
            int c = k / (l->H * l->W), y = k / l->W % l->H, x = k % l->W;
            real sum = l->kind == REF_CONV    ? ref_back_conv(l, above, c, y, x)
                       : l->kind == REF_DENSE ? ref_back_dense(l, above, k)
                                              : ref_back_pool(l, s->h[i], above, c, y, x);
            if (is_gate)
                sum = s->slope[i][k] > 0 ? sum : 0;
            else if (!ref_is_pool(&net->layer[i - 1]))
                sum *= s->slope[i][k];
            s->delta[i][k] = ref_q(net, sum);
        }
    }
}

#endif
