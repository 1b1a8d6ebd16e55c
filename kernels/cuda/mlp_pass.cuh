/* Forward, backward and update. Every sum is one thread's chain in the contract's order
 * (docs/numerics.md); a thread works on a tile of four by four chains. Phases, as in mlp_block.cuh.
 */
#ifndef SVK_MLP_PASS_CUH
#define SVK_MLP_PASS_CUH

#include "mlp_block.cuh"
#include "network_output.h"
#include "optimizer.h"

/* ---- forward ---- */

/* Applied where the thread itself has just stored z; a loop, as the code of tanh is long. */
static __device__ __forceinline__ void apply_tanh(quad *z)
{
#pragma unroll 1
    for (int s = 0; s < 4; s++) z->v[s] = svk_tanh_f32(z->v[s]);
}

/* Four samples by four outputs; chains over the inputs, from the bias. */
static __device__ __forceinline__ void forward_tile(block &b, int l, uint32_t group, uint32_t j)
{
    uint32_t n_in = width_of(b, l), n_out = width_of(b, l + 1);
    bool is_hidden = l + 1 < b.net->n_layers;
    const quad *h = b.values + b.layout->value[l] + group * svk_quad_stride(n_in);
    const quad *weights = b.weights + b.layout->weight[l] + j / 4 * svk_quad_stride(n_in);
    quad *out = b.values + b.layout->value[l + 1] + group * svk_quad_stride(n_out) + j;
    quad bias = b.weights[b.layout->bias[l] + j / 4];
    uint32_t raised = 0;
    quad z[4];
#pragma unroll
    for (int q = 0; q < 4; q++) z[q] = quad{{bias.v[q], bias.v[q], bias.v[q], bias.v[q]}};
    for (uint32_t k = 0; k < n_in; k++) {
        quad x = h[k], w = weights[k];
#pragma unroll
        for (int q = 0; q < 4; q++)
#pragma unroll
            for (int s = 0; s < 4; s++) z[q].v[s] = fmaf(x.v[s], w.v[q], z[q].v[s]);
    }
#pragma unroll
    for (int q = 0; q < 4; q++) {
        if (j + q >= n_out) break;
#pragma unroll
        for (int s = 0; s < 4; s++) {
            float value = z[q].v[s];
            if (!(value == value)) raised |= FLAG_NAN;
            if (is_hidden && value > 0.0f) raised |= 1u << (l + 1);
            if (is_hidden && b.net->activation == SVK_ACTIVATION_RELU)
                z[q].v[s] = value > 0.0f ? value : 0.0f;
        }
        out[q] = z[q];
        if (is_hidden && b.net->activation == SVK_ACTIVATION_TANH) apply_tanh(out + q);
    }
    b.flags |= raised & b.watched;
}

static __device__ __forceinline__ void forward_layer(block &b, const chunk &c, int l)
{
    uint32_t n_groups = svk_groups_of_four(c.n),
             n_tiles = n_groups * svk_groups_of_four(width_of(b, l + 1));
    for (uint32_t i = b.thread; i < n_tiles; i += b.n_threads)
        forward_tile(b, l, i % n_groups, i / n_groups * 4);
}

/* ---- output deltas ---- */

/* In the place of the outputs. */
static __device__ __forceinline__ void output_delta(const block &b, const chunk &c)
{
    uint32_t n_outputs = width_of(b, b.net->n_layers), stride = svk_quad_stride(n_outputs);
    for (uint32_t i = b.thread; i < c.n; i += b.n_threads) {
        float *z = b.values[b.layout->value[b.net->n_layers] + i / 4 * stride].v + i % 4;
        uint32_t row = chunk_row(c, i);
        if (b.net->loss == SVK_LOSS_CROSS_ENTROPY)
            svk_softmax_delta_f32(z, 4, static_cast<int>(n_outputs), b.label[row]);
        else if (b.net->loss == SVK_LOSS_LOGISTIC)
            *z = svk_logistic_delta_f32(*z, b.y[row]);
        else
            *z = svk_squared_delta_f32(*z, b.y[row]);
    }
}

/* ---- backward ---- */

/* The four inputs of a tile lie apart, so that neighbouring threads read neighbouring quads. Past
 * the end: the first. */
static __device__ __forceinline__ uint32_t spread_input(uint32_t first, int i, uint32_t n_in)
{
    uint32_t k = first + static_cast<uint32_t>(i) * svk_groups_of_four(n_in);
    return k < n_in ? k : first;
}

static __device__ __forceinline__ bool has_input(uint32_t first, int i, uint32_t n_in)
{
    return first + static_cast<uint32_t>(i) * svk_groups_of_four(n_in) < n_in;
}

/* Four samples by four inputs of layer l; chains over its outputs, from zero. */
static __device__ __forceinline__ void backward_tile(const block &b, int l, uint32_t group,
                                                     uint32_t first)
{
    uint32_t n_in = width_of(b, l), n_out = width_of(b, l + 1);
    const quad *delta = b.values + b.layout->delta[l + 1] + group * svk_quad_stride(n_out);
    const quad *weights = b.weights + b.layout->weight[l];
    quad sum[4] = {};
    for (uint32_t j = 0; j < n_out; j += 4, weights += svk_quad_stride(n_in)) {
        quad w[4];
#pragma unroll
        for (int i = 0; i < 4; i++) w[i] = weights[spread_input(first, i, n_in)];
#pragma unroll
        for (int q = 0; q < 4; q++) {
            if (j + q >= n_out) break;
            quad d = delta[j + q];
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int s = 0; s < 4; s++) sum[i].v[s] = fmaf(d.v[s], w[i].v[q], sum[i].v[s]);
        }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (!has_input(first, i, n_in)) break;
        uint32_t at = group * svk_quad_stride(n_in) + spread_input(first, i, n_in);
        quad h = b.values[b.layout->value[l] + at];
#pragma unroll
        for (int s = 0; s < 4; s++) {
            if (b.net->activation == SVK_ACTIVATION_RELU)
                sum[i].v[s] = h.v[s] > 0.0f ? sum[i].v[s] : 0.0f;
            else
                sum[i].v[s] *= fmaf(-h.v[s], h.v[s], 1.0f);
        }
        b.values[b.layout->delta[l] + at] = sum[i];
    }
}

static __device__ __forceinline__ void backward_layer(const block &b, const chunk &c, int l)
{
    uint32_t n_groups = svk_groups_of_four(c.n),
             n_tiles = n_groups * svk_groups_of_four(width_of(b, l));
    for (uint32_t i = b.thread; i < n_tiles; i += b.n_threads)
        backward_tile(b, l, i % n_groups, i / n_groups);
}

/* ---- gradient and update ---- */

/* Of one step. is_first, is_last: whether the chunk begins, ends the batch. */
struct step {
    float rate, momentum, inverse_n, rate_over_n;
    bool is_first, is_last;
};

/* n outputs of a quad of parameters. */
static __device__ __forceinline__ void update(const block &b, const step &s, uint32_t at,
                                              const quad &g, uint32_t n)
{
    quad w = b.weights[at];
    if (b.layout->has_velocity) {
        quad v = b.velocities[at];
#pragma unroll
        for (uint32_t q = 0; q < 4; q++) {
            if (q >= n) break;
            v.v[q] = svk_momentum_f32(v.v[q], g.v[q], s.momentum, s.inverse_n);
            w.v[q] = svk_sgd_f32(w.v[q], v.v[q], s.rate);
        }
        b.velocities[at] = v;
    } else {
#pragma unroll
        for (uint32_t q = 0; q < 4; q++)
            if (q < n) w.v[q] = svk_sgd_f32(w.v[q], g.v[q], s.rate_over_n);
    }
    b.weights[at] = w;
}

static __device__ __forceinline__ void finish_sum(const block &b, const step &s, uint32_t at,
                                                  const quad &g, uint32_t n)
{
    if (s.is_last)
        update(b, s, at, g, n);
    else
        b.gradients[at] = g;
}

/* Four inputs by four outputs of layer l; chains over the samples, from zero or from where the last
 * chunk left off. */
static __device__ __forceinline__ void gradient_tile(const block &b, const chunk &c, const step &s,
                                                     int l, uint32_t j, uint32_t first)
{
    uint32_t n_in = width_of(b, l), n_out = width_of(b, l + 1);
    uint32_t base = b.layout->weight[l] + j / 4 * svk_quad_stride(n_in);
    const quad *h = b.values + b.layout->value[l], *delta = b.values + b.layout->delta[l + 1];
    quad sum[4] = {};
#pragma unroll
    for (int i = 0; i < 4; i++)
        if (!s.is_first) sum[i] = b.gradients[base + spread_input(first, i, n_in)];
    for (uint32_t sample = 0; sample < c.n; sample += 4) {
        quad x[4], d[4];
#pragma unroll
        for (int i = 0; i < 4; i++) x[i] = h[spread_input(first, i, n_in)];
#pragma unroll
        for (int q = 0; q < 4; q++) d[q] = delta[j + q < n_out ? j + q : j];
#pragma unroll
        for (int e = 0; e < 4; e++) {
            if (sample + e >= c.n) break;
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int q = 0; q < 4; q++) sum[i].v[q] = fmaf(x[i].v[e], d[q].v[e], sum[i].v[q]);
        }
        h += svk_quad_stride(n_in);
        delta += svk_quad_stride(n_out);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (!has_input(first, i, n_in)) break;
        finish_sum(b, s, base + spread_input(first, i, n_in), sum[i], n_out - j);
    }
}

/* The biases of four outputs: chains of plain additions. */
static __device__ __forceinline__ void gradient_bias(const block &b, const chunk &c, const step &s,
                                                     int l, uint32_t j)
{
    uint32_t n_out = width_of(b, l + 1), at = b.layout->bias[l] + j / 4;
    const quad *delta = b.values + b.layout->delta[l + 1];
    quad sum = {};
    if (!s.is_first) sum = b.gradients[at];
    for (uint32_t sample = 0; sample < c.n; sample++) {
        const quad *d = delta + sample / 4 * svk_quad_stride(n_out);
#pragma unroll
        for (int q = 0; q < 4; q++) sum.v[q] += d[j + q < n_out ? j + q : j].v[sample % 4];
    }
    finish_sum(b, s, at, sum, n_out - j);
}

static __device__ __forceinline__ void gradient_layer(const block &b, const chunk &c, const step &s,
                                                      int l)
{
    uint32_t n_inputs = svk_groups_of_four(width_of(b, l)),
             n_outputs = svk_groups_of_four(width_of(b, l + 1));
    uint32_t n_tiles = n_inputs * n_outputs, n_biases = b.net->has_bias ? n_outputs : 0;
    for (uint32_t i = b.thread; i < n_tiles + n_biases; i += b.n_threads) {
        if (i < n_tiles)
            gradient_tile(b, c, s, l, i / n_inputs * 4, i % n_inputs);
        else
            gradient_bias(b, c, s, l, (i - n_tiles) * 4);
    }
}

#endif
