/* Convolutional networks as docs/numerics.md states them: one sample, one unit, one product at a
 * time. SVK_REAL_BITS says in which precision. */
#ifndef CNN_REFERENCE_H
#define CNN_REFERENCE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "backend/job_shape.h"
#include "binned_sum.h"
#include "data/instance.h"
#include "fixed_sum.h"
#include "lanes.h"
#include "metric_sum.h"
#include "rounding.h"
#include "shuffle.h"

enum { REF_MOST_LAYERS = 2 * SVK_MAX_CONV + SVK_MAX_HIDDEN + 1 };

typedef enum ref_kind { REF_CONV, REF_MAX, REF_AVERAGE, REF_DENSE } ref_kind;

/* One parameter and what belongs to it. */
typedef struct ref_parameter {
    real w, q; /* kept, and as an operand */
    real gradient, velocity, second;
    int tensor;
} ref_parameter;

typedef struct ref_layer {
    ref_kind kind;
    int C, H, W, O, OH, OW; /* images in and out; dense: C and O units */
    int K, t, P;
    int n_in, number; /* of the layers with parameters */
    ref_parameter *weight, *bias;
} ref_layer;

/* Values of one sample. */
typedef struct ref_sample {
    real *h[REF_MOST_LAYERS + 1], *slope[REF_MOST_LAYERS + 1], *delta[REF_MOST_LAYERS + 1];
    real y;
} ref_sample;

typedef struct ref_net {
    const svi_arm_spec *arm;
    const svi_numerics_spec *numerics;
    const svi_run *run;
    svk_training training;
    int n_layers;
    ref_layer layer[REF_MOST_LAYERS];
    int width[REF_MOST_LAYERS + 1];
    ref_parameter *parameter; /* all of them, in order */
    size_t n_parameters;
    ref_sample *sample; /* [batch_size] */
    real *d, *h;        /* terms of one parameter: pairs, and the sample of each */
    int *of;
    svk_moment_powers powers;
    bool is_saturated;
} ref_net;

static inline real ref_q(const ref_net *net, real x)
{
#if SVK_REAL_BITS == 32
    switch (net->numerics->precision) {
    case SVK_PRECISION_TF32: return svk_round_tf32(x);
    case SVK_PRECISION_BF16: return svk_round_bf16(x);
    case SVK_PRECISION_FP16: return svk_round_fp16(x);
    default: return x;
    }
#else
    (void)net;
    return x;
#endif
}

/* ---- shape ---- */

static inline bool ref_is_pool(const ref_layer *l)
{
    return l->kind == REF_MAX || l->kind == REF_AVERAGE;
}

static inline void ref_add(ref_net *net, ref_layer layer)
{
    net->layer[net->n_layers++] = layer;
    net->width[net->n_layers] = layer.O * layer.OH * layer.OW;
}

static inline void ref_add_dense(ref_net *net, int n_out)
{
    int n = net->width[net->n_layers];
    ref_add(net, (ref_layer){REF_DENSE, n, 1, 1, n_out, 1, 1, 1, 1, 0, n, 0, NULL, NULL});
}

static inline void ref_shape(ref_net *net, int n_features, int n_outputs)
{
    const svi_model_spec *m = &net->arm->model;
    int C = m->image[0], H = m->image[1], W = m->image[2];
    if (C == 0) C = 1, H = W = (int)lround(sqrt(n_features));
    net->width[0] = C * H * W;
    for (int i = 0; i < m->n_conv; i++) {
        const svi_conv_spec *c = &m->conv[i];
        int P = c->padding == SVK_PADDING_SAME ? (c->kernel - 1) / 2 : 0;
        int OH = (H + 2 * P - c->kernel) / c->stride + 1;
        int OW = (W + 2 * P - c->kernel) / c->stride + 1;
        ref_add(net, (ref_layer){REF_CONV, C, H, W, c->channels, OH, OW, c->kernel, c->stride, P,
                                 C * c->kernel * c->kernel, 0, NULL, NULL});
        C = c->channels, H = OH, W = OW;
        if (c->pool == SVK_POOL_NONE) continue;
        ref_kind kind = c->pool == SVK_POOL_MAX ? REF_MAX : REF_AVERAGE;
        ref_add(net, (ref_layer){kind, C, H, W, C, H / 2, W / 2, 2, 2, 0, 0, 0, NULL, NULL});
        H /= 2, W /= 2;
    }
    for (int i = 0; i < m->n_hidden; i++) ref_add_dense(net, m->hidden[i]);
    ref_add_dense(net, n_outputs);
}

static inline double ref_scale(const svi_model_spec *m, double in, double out)
{
    switch (m->init) {
    case SVK_INIT_KAIMING_UNIFORM: return sqrt(6 / in);
    case SVK_INIT_KAIMING_NORMAL: return sqrt(2 / in);
    case SVK_INIT_GLOROT_UNIFORM: return sqrt(6 / (in + out));
    case SVK_INIT_GLOROT_NORMAL: return sqrt(2 / (in + out));
    default: return m->init_scale;
    }
}

static inline real ref_initial(const ref_net *net, int tensor, int element, bool is_normal,
                               double scale)
{
    uint64_t seed = net->run->seed[SVK_SOURCE_INIT], e = (uint64_t)element;
    uint64_t first = is_normal ? 2 * e : e;
    return svk_real_initial_of_words(svk_draw(seed, SVK_STREAM_INIT, (uint32_t)tensor, first),
                                     svk_draw(seed, SVK_STREAM_INIT, (uint32_t)tensor, first + 1),
                                     is_normal, scale);
}

static inline void ref_start_layer(ref_net *net, ref_layer *l, ref_parameter *p)
{
    const svi_model_spec *m = &net->arm->model;
    bool is_normal = m->init == SVK_INIT_KAIMING_NORMAL || m->init == SVK_INIT_GLOROT_NORMAL ||
                     m->init == SVK_INIT_NORMAL;
    double scale = ref_scale(m, l->n_in, l->O * l->K * l->K), bias = 1 / sqrt((double)l->n_in);
    l->weight = p;
    l->bias = p + l->O * l->n_in;
    for (int e = 0; e < l->O * l->n_in; e++) {
        l->weight[e].tensor = 2 * l->number;
        l->weight[e].w = ref_initial(net, 2 * l->number, e, is_normal, scale);
    }
    for (int e = 0; e < l->O && m->bias != SVK_BIAS_NONE; e++) {
        l->bias[e].tensor = 2 * l->number + 1;
        if (m->bias == SVK_BIAS_DEFAULT)
            l->bias[e].w = ref_initial(net, 2 * l->number + 1, e, false, bias);
    }
}

static inline void ref_start(ref_net *net)
{
    bool has_bias = net->arm->model.bias != SVK_BIAS_NONE;
    int number = 0;
    for (int i = 0; i < net->n_layers; i++)
        if (!ref_is_pool(&net->layer[i]))
            net->n_parameters += (size_t)(net->layer[i].O * (net->layer[i].n_in + has_bias));
    /* one beyond: where there are no biases the pointer to them leads nowhere else */
    net->parameter = calloc(net->n_parameters + 1, sizeof *net->parameter);
    ref_parameter *p = net->parameter;
    for (int i = 0; i < net->n_layers; i++) {
        ref_layer *l = &net->layer[i];
        if (ref_is_pool(l)) continue;
        l->number = number++;
        ref_start_layer(net, l, p);
        p += l->O * (l->n_in + has_bias);
    }
}

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
        h = svk_real_sigmoid(z);
        *slope = real_fma(-h, h, h);
        return h;
    case SVK_ACTIVATION_SILU: return svk_real_silu(z, slope);
    default: return svk_real_gelu(z, slope);
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

/* ---- gradient: all terms of one parameter, then their sum ---- */

static inline size_t ref_terms(ref_net *net, int i, int j, int k, uint32_t n)
{
    const ref_layer *l = &net->layer[i];
    size_t count = 0;
    for (uint32_t b = 0; b < n; b++)
        for (int y = 0; y < l->OH; y++)
            for (int x = 0; x < l->OW; x++) {
                int c = k / (l->K * l->K), row = k / l->K % l->K, column = k % l->K;
                int at = k < 0 || l->kind == REF_DENSE ? k : ref_input(l, y, x, c, row, column);
                if (k >= 0 && at < 0) continue;
                net->d[count] = net->sample[b].delta[i + 1][(j * l->OH + y) * l->OW + x];
                net->h[count] = k < 0 ? 0 : net->sample[b].h[i][at];
                net->of[count++] = (int)b;
            }
    return count;
}

/* The chain over the terms of samples first .. end - 1. */
static inline real ref_chain(const ref_net *net, size_t count, bool is_bias, uint32_t first,
                             uint32_t end)
{
    real g = 0;
    for (size_t i = 0; i < count; i++)
        if ((uint32_t)net->of[i] >= first && (uint32_t)net->of[i] < end)
            g = is_bias ? g + net->d[i] : real_fma(net->d[i], net->h[i], g);
    return g;
}

static inline real ref_tree(const real *part, const bool *is_there, int n, bool *is_any)
{
    if (n == 1) {
        *is_any = is_there[0];
        return part[0];
    }
    bool left, right;
    real a = ref_tree(part, is_there, n / 2, &left);
    real b = ref_tree(part + n / 2, is_there + n / 2, n / 2, &right);
    *is_any = left || right;
    return left && right ? a + b : left ? a : b;
}

static inline real ref_butterfly(real *part, bool *is_there, int n)
{
    for (int half = n / 2; half > 0; half /= 2)
        for (int p = 0; p < half; p++) {
            if (!is_there[p + half]) continue;
            part[p] = is_there[p] ? part[p] + part[p + half] : part[p + half];
            is_there[p] = true;
        }
    return part[0];
}

static inline real ref_in_order(const real *part, const bool *is_there, int n, const uint8_t *order,
                                bool is_compensated)
{
    real sum = 0, lost = 0;
    bool is_first = true;
    for (int i = 0; i < n; i++) {
        int p = order != NULL ? order[i] : i;
        if (!is_there[p]) continue;
        real v = part[p], t = is_first ? v : sum + v;
        if (!is_first && is_compensated)
            lost += (sum < 0 ? -sum : sum) >= (v < 0 ? -v : v) ? (sum - t) + v : (v - t) + sum;
        sum = t;
        is_first = false;
    }
    return is_compensated ? sum + lost : sum;
}

static inline real ref_sum_parts(const ref_net *net, size_t count, bool is_bias, uint32_t n,
                                 int tensor, uint64_t step)
{
    int S = net->numerics->n_parts;
    real part[SVK_MAX_PARTS];
    bool is_there[SVK_MAX_PARTS], is_any;
    uint8_t order[SVK_MAX_PARTS];
    for (int p = 0; p < S; p++) {
        uint32_t first = (uint32_t)((uint64_t)p * n / (uint64_t)S);
        uint32_t end = (uint32_t)(((uint64_t)p + 1) * n / (uint64_t)S);
        part[p] = ref_chain(net, count, is_bias, first, end);
        is_there[p] = first < end;
    }
    switch (net->numerics->path) {
    case SVK_PATH_TREE: return ref_tree(part, is_there, S, &is_any);
    case SVK_PATH_BUTTERFLY: return ref_butterfly(part, is_there, S);
    case SVK_PATH_COMPENSATED: return ref_in_order(part, is_there, S, NULL, true);
    default:
        svk_fisher_yates(svi_job_schedule_seed(net->run), SVK_STREAM_SCHEDULE, (uint32_t)tensor,
                         32 * step, (uint32_t)S, order);
        return ref_in_order(part, is_there, S, order, false);
    }
}

static inline real ref_sum_terms(ref_net *net, size_t count, bool is_bias)
{
    svk_binned bins;
    double sum = 0, grain = ldexp(1, net->numerics->fixed_scale);
    bool is_fp32 = SVK_REAL_BITS == 32;
    svk_binned_clear(&bins, is_fp32 ? SVK_BINS_FP32 : SVK_BINS_FP64);
    for (size_t i = 0; i < count; i++) {
        real term = is_bias ? net->d[i] : net->d[i] * net->h[i];
        double grains = (double)term * grain;
        if (!(fabs(grains) <= 0x1p42)) net->is_saturated = true;
        svk_binned_add(&bins, (double)term);
        sum += rint(grains < 0x1p42 ? (grains > -0x1p42 ? grains : -0x1p42) : 0x1p42);
    }
    /* whole numbers below 2^53 in these tests: the order does not matter here either */
    if (net->numerics->path == SVK_PATH_FIXED) return (real)sum * (real)(1 / grain);
    return is_fp32 ? (real)(bins.bin[0] + bins.bin[1])
                   : (real)svk_binned_total_f64(bins.bin[0], bins.bin[1], bins.bin[2]);
}

static inline real ref_gradient(ref_net *net, int i, int j, int k, uint32_t n, uint64_t step)
{
    size_t count = ref_terms(net, i, j, k, n);
    int path = net->numerics->path, tensor = 2 * net->layer[i].number + (k < 0);
    if (path == SVK_PATH_SERIAL) return ref_chain(net, count, k < 0, 0, n);
    if (path == SVK_PATH_BINNED || path == SVK_PATH_FIXED) return ref_sum_terms(net, count, k < 0);
    return ref_sum_parts(net, count, k < 0, n, tensor, step);
}

/* ---- the step ---- */

static inline void ref_round_weights(ref_net *net)
{
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        p->q = p->tensor % 2 == 0 ? ref_q(net, p->w) : p->w;
    }
}

static inline void ref_update(ref_net *net, uint64_t step, uint32_t n)
{
    const svk_training *t = &net->training;
    svk_step scalars = svk_step_make(t, step, &net->powers);
    svk_real_update u = svk_real_update_make(t, scalars);
    bool is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    bool is_plain = is_sgd && t->momentum == 0 && t->weight_decay == 0 && t->clip_norm == 0;
    real inverse_n = 1 / (real)n, per_row = (real)scalars.rate / (real)n, factor = 1;
    double chain[SVK_SUM_CHAINS] = {0};
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        if (t->loss_scale != 1) p->gradient *= (real)(1 / t->loss_scale);
        if (!is_plain) p->gradient *= inverse_n;
        chain[i % 32] = fma((double)p->gradient, (double)p->gradient, chain[i % 32]);
    }
    double norm = sqrt(svk_sum_chains(chain, 1));
    if (t->clip_norm > 0 && norm > t->clip_norm) factor = (real)(t->clip_norm / norm);
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        real g = t->clip_norm > 0 ? p->gradient * factor : p->gradient;
        if (is_plain)
            p->w = real_fma(-per_row, g, p->w);
        else if (t->optimizer == SVK_OPTIMIZER_NESTEROV)
            svk_real_update_nesterov(u, &p->w, &p->velocity, g);
        else if (!is_sgd)
            svk_real_update_adam(u, &p->w, &p->velocity, &p->second, g);
        else if (t->momentum != 0)
            svk_real_update_momentum(u, &p->w, &p->velocity, g);
        else
            svk_real_update_sgd(u, &p->w, g);
    }
    ref_round_weights(net);
}

static inline void ref_load(const ref_net *net, const svi_instance *data, uint32_t row,
                            ref_sample *s)
{
    for (int f = 0; f < net->width[0]; f++)
        s->h[0][f] =
            ref_q(net, ((const real *)data->x)[(size_t)row * (size_t)data->ld + (size_t)f]);
    s->y = ((const real *)data->y)[row];
}

static inline uint32_t ref_row(const ref_net *net, uint32_t epoch, uint32_t place)
{
    uint64_t seed = net->run->seed[SVK_SOURCE_ORDER];
    uint8_t order[SVK_FISHER_YATES_MAX];
    if (net->training.n_train > SVK_FISHER_YATES_MAX) {
        svk_shuffle shuffle =
            svk_shuffle_make(seed, SVK_STREAM_ORDER, epoch, net->training.n_train);
        return svk_shuffle_at(&shuffle, place);
    }
    svk_fisher_yates(seed, SVK_STREAM_ORDER, epoch, 0, net->training.n_train, order);
    return order[place];
}

static inline void ref_step(ref_net *net, const svi_instance *data, uint64_t step)
{
    const svk_training *t = &net->training;
    uint32_t epoch = (uint32_t)(step / t->n_steps_per_epoch);
    uint32_t first = (uint32_t)(step % t->n_steps_per_epoch) * t->batch_size;
    uint32_t n = t->n_train - first < t->batch_size ? t->n_train - first : t->batch_size;
    for (uint32_t b = 0; b < n; b++) {
        ref_load(net, data, ref_row(net, epoch, first + b), &net->sample[b]);
        ref_forward(net, &net->sample[b], step * t->batch_size + b, true);
        ref_backward(net, &net->sample[b]);
    }
    for (int i = 0; i < net->n_layers; i++) {
        ref_layer *l = &net->layer[i];
        if (ref_is_pool(l)) continue;
        for (int j = 0; j < l->O; j++)
            for (int k = 0; k < l->n_in; k++)
                l->weight[j * l->n_in + k].gradient = ref_gradient(net, i, j, k, n, step);
        for (int j = 0; j < l->O && net->arm->model.bias != SVK_BIAS_NONE; j++)
            l->bias[j].gradient = ref_gradient(net, i, j, -1, n, step);
    }
    ref_update(net, step, n);
}

/* ---- from beginning to end ---- */

static inline void ref_make(ref_net *net, const svi_job *job, const svi_run *run)
{
    svk_net shape;
    size_t n_terms = 1;
    memset(net, 0, sizeof *net);
    net->arm = job->arm, net->numerics = job->numerics, net->run = run;
    cr_assert_eq(svi_job_net(job, &shape, &net->training, NULL), SV_OK);
    bool is_softmax = job->arm->train.loss == SVK_LOSS_CROSS_ENTROPY;
    ref_shape(net, job->dataset->n_features, is_softmax ? job->dataset->n_classes : 1);
    ref_start(net);
    ref_round_weights(net);
    net->powers = (svk_moment_powers){1, 1};
    net->sample = calloc(net->training.batch_size, sizeof *net->sample);
    for (uint32_t b = 0; b < net->training.batch_size; b++)
        for (int i = 0; i <= net->n_layers; i++) {
            size_t n = (size_t)net->width[i];
            net->sample[b].h[i] = calloc(n, sizeof(real));
            net->sample[b].slope[i] = calloc(n, sizeof(real));
            net->sample[b].delta[i] = calloc(n, sizeof(real));
            n_terms = n > n_terms ? n : n_terms;
        }
    n_terms *= net->training.batch_size;
    net->d = calloc(n_terms, sizeof(real));
    net->h = calloc(n_terms, sizeof(real));
    net->of = calloc(n_terms, sizeof(int));
}

static inline void ref_free(ref_net *net)
{
    for (uint32_t b = 0; b < net->training.batch_size; b++)
        for (int i = 0; i <= net->n_layers; i++) {
            free(net->sample[b].h[i]);
            free(net->sample[b].slope[i]);
            free(net->sample[b].delta[i]);
        }
    free(net->sample);
    free(net->parameter);
    free(net->d);
    free(net->h);
    free(net->of);
}

static inline void ref_train(ref_net *net, const svi_instance *data)
{
    for (uint64_t step = 0; step < net->training.n_steps; step++) ref_step(net, data, step);
}

/* The class that is named for a row; of one output whether it is above 0. */
static inline int ref_predict(ref_net *net, const svi_instance *data, uint32_t row)
{
    ref_sample *s = &net->sample[0];
    int n = net->width[net->n_layers], best = 0;
    ref_load(net, data, row, s);
    ref_forward(net, s, 0, false);
    const real *z = s->h[net->n_layers];
    for (int j = 1; j < n; j++) best = z[j] > z[best] ? j : best;
    return n == 1 ? z[0] > 0 : best;
}

#endif
