/* The gradient of a batch as one chain a parameter, and the plain form's update with it. Phases, as
 * in mlp_block.cuh. */
#ifndef SVK_MLP_GRADIENT_CUH
#define SVK_MLP_GRADIENT_CUH

#include "mlp_pass.cuh"

/* Of one step. is_first, is_last: whether the chunk begins, ends the batch. The rates are those of
 * the plain form. */
struct step {
    float rate, momentum, inverse_n, rate_over_n;
    bool is_first, is_last;
    uint32_t n; /* samples of the batch */
    uint64_t number;
};

/* n outputs of a quad of parameters. */
template <class FORM>
SVK_DEVICE void update(const block<FORM> &b, const step &s, uint32_t at, const quad<float> &g,
                       uint32_t n)
{
    quad<float> w = b.weights[at];
    if (b.layout->has_velocity) {
        quad<float> v = b.velocities[at];
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

template <class FORM>
SVK_DEVICE void finish_sum(const block<FORM> &b, const step &s, uint32_t at,
                           const typename block<FORM>::quads &g, uint32_t n)
{
    if constexpr (!FORM::IS_GENERAL)
        if (s.is_last) {
            update(b, s, at, g, n);
            return;
        }
    b.gradients[at] = g;
}

/* Four inputs by four outputs of layer l; chains over the samples, from zero or from where the last
 * chunk left off. */
template <class FORM>
SVK_DEVICE void gradient_tile(const block<FORM> &b, const chunk &c, const step &s, int l,
                              uint32_t j, uint32_t first)
{
    typedef typename block<FORM>::quads quad;
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
                for (int q = 0; q < 4; q++)
                    sum[i].v[q] = real_fma(x[i].v[e], d[q].v[e], sum[i].v[q]);
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
template <class FORM>
SVK_DEVICE void gradient_bias(const block<FORM> &b, const chunk &c, const step &s, int l,
                              uint32_t j)
{
    typedef typename block<FORM>::quads quad;
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

template <class FORM>
SVK_DEVICE void gradient_layer(const block<FORM> &b, const chunk &c, const step &s, int l)
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
