/* Convolutional networks as docs/numerics.md states them: one sample, one unit, one product at a
 * time. SVK_REAL_BITS says in which precision. */
#ifndef CNN_REFERENCE_NET_H
#define CNN_REFERENCE_NET_H

#include <criterion/criterion.h>

#include "backend/job_shape.h"
#include "lanes.h"
#include "rounding.h"

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

#endif
