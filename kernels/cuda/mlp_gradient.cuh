/* The gradient of a batch as one chain a parameter, and the plain form's update with it. Phases, as
 * in mlp_block.cuh. */
#ifndef SVK_MLP_GRADIENT_CUH
#define SVK_MLP_GRADIENT_CUH

#include "image_pass.cuh"

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

/* ---- quad by quad, of whatever layer ---- */

/* Where the products of a quad of parameters stand: for each sample, rows of pairs of a delta of
 * its first output and an input. A dense layer has one pair a sample. In units of values. */
struct pairs {
    uint32_t d, d_apart; /* the first; from one output of the quad to the next */
    uint32_t h;
    int n_rows, n_columns;
    int d_row, h_row, h_column; /* from one row or column to the next; deltas' columns touch */
};

template <class FORM>
SVK_DEVICE pairs pairs_of(const block<FORM> &b, int l, const parameter_quad &p)
{
    if constexpr (FORM::HAS_IMAGES) {
        const svk_layer &layer = b.net->layer[l];
        if (layer.kind == SVK_LAYER_CONV && p.is_bias)
            return pairs{p.j * n_pixels(layer.out), n_pixels(layer.out), 0, layer.out.height,
                         layer.out.width,           layer.out.width,     0, 0};
        if (layer.kind == SVK_LAYER_CONV) {
            int tap = static_cast<int>(p.k), row = tap / layer.kernel % layer.kernel,
                column = tap % layer.kernel, channel = tap / layer.kernel / layer.kernel;
            svk_reach y = svk_reach_of_tap(&layer, layer.in.height, layer.out.height, row),
                      x = svk_reach_of_tap(&layer, layer.in.width, layer.out.width, column);
            return pairs{unit_at(layer.out, static_cast<int>(p.j), y.begin, x.begin),
                         n_pixels(layer.out),
                         unit_at(layer.in, channel, y.begin * layer.stride + row - layer.padding,
                                 x.begin * layer.stride + column - layer.padding),
                         y.end - y.begin,
                         x.end - x.begin,
                         layer.out.width,
                         layer.stride * layer.in.width,
                         layer.stride};
        }
    }
    return pairs{p.j, 1, p.is_bias ? 0 : p.k, 1, 1, 0, 0, 0};
}

/* The first delta of an output for a sample, and its input; others are whole quads away. */
template <class FORM>
SVK_DEVICE const typename FORM::real *delta_of(const block<FORM> &b, int l, const pairs &t,
                                               uint32_t sample, uint32_t output)
{
    uint32_t group = sample / 4 * svk_quad_stride(width_of(b, l + 1));
    return b.values[b.layout->delta[l + 1] + group + t.d + output * t.d_apart].v + sample % 4;
}

template <class FORM>
SVK_DEVICE const typename FORM::real *input_of(const block<FORM> &b, int l, const pairs &t,
                                               uint32_t sample)
{
    return b.values[b.layout->value[l] + sample / 4 * svk_quad_stride(width_of(b, l)) + t.h].v +
           sample % 4;
}

/* The quad's chains over samples begin .. end - 1 go on from sum. Outputs past the last take the
 * first one's deltas. */
template <class FORM>
SVK_DEVICE void chain_quad(const block<FORM> &b, int l, const parameter_quad &p, uint32_t begin,
                           uint32_t end, typename block<FORM>::quads &sum)
{
    typedef typename FORM::real real;
    const pairs t = pairs_of(b, l, p);
    uint32_t n_out = outputs_of(b, l), apart[4];
#pragma unroll
    for (uint32_t q = 0; q < 4; q++) apart[q] = p.j + q < n_out ? 4 * q * t.d_apart : 0;
    for (uint32_t i = begin; i < end; i++) {
        const real *d = delta_of(b, l, t, i, 0), *h = input_of(b, l, t, i);
        for (int y = 0; y < t.n_rows; y++, d += 4 * t.d_row, h += 4 * t.h_row)
            for (int x = 0; x < t.n_columns; x++) {
                real in = p.is_bias ? real(1) : h[4 * x * t.h_column];
#pragma unroll
                for (uint32_t q = 0; q < 4; q++) {
                    real e = d[apart[q] + 4 * x];
                    sum.v[q] = p.is_bias ? sum.v[q] + e : real_fma(in, e, sum.v[q]);
                }
            }
    }
}

/* One chain a parameter of a convolution. */
template <class FORM>
SVK_DEVICE void gradient_conv(const block<FORM> &b, const chunk &c, const step &s, int l)
{
    for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
        parameter_quad p = parameter_quad_at(b, l, i);
        if (p.is_bias && !b.net->has_bias) continue;
        typename block<FORM>::quads sum = {};
        if (!s.is_first) sum = b.gradients[p.at];
        chain_quad(b, l, p, 0, c.n, sum);
        b.gradients[p.at] = sum;
    }
}

/* ---- dense layers by tiles ---- */

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
