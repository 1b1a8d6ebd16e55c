/* Forward and backward. Every sum is one thread's chain in the contract's order (docs/numerics.md);
 * a thread works on a tile of four by four chains. Phases, as in mlp_block.cuh. */
#ifndef SVK_MLP_PASS_CUH
#define SVK_MLP_PASS_CUH

#include "mlp_block.cuh"
#include "network_output.cuh"

/* ---- hidden units ---- */

/* Applied where the thread itself has just stored z; a loop, as the code of tanh is long. */
template <class MATH, class QUAD> SVK_DEVICE void apply_tanh(QUAD *z)
{
#pragma unroll 1
    for (int s = 0; s < 4; s++) z->v[s] = MATH::tanh_of(z->v[s]);
}

/* The value of a unit in the place of its sum; the slope too, if slope is not NULL. */
template <class MATH, class REAL> SVK_DEVICE void activate(int activation, REAL *h, REAL *slope)
{
    REAL z = *h, value, rise;
    switch (activation) {
    case SVK_ACTIVATION_RELU:
        value = z > REAL(0) ? z : REAL(0);
        rise = z > REAL(0) ? REAL(1) : REAL(0);
        break;
    case SVK_ACTIVATION_TANH:
        value = MATH::tanh_of(z);
        rise = real_fma(-value, value, REAL(1));
        break;
    case SVK_ACTIVATION_SIGMOID:
        value = real_sigmoid<MATH>(z);
        rise = real_fma(-value, value, value);
        break;
    case SVK_ACTIVATION_SILU: value = real_silu_of_sigmoid(z, real_sigmoid<MATH>(z), &rise); break;
    default: value = real_gelu_of_tanh(z, MATH::tanh_of(real_gelu_inner(z)), &rise);
    }
    *h = value;
    if (slope != nullptr) *slope = rise;
}

/* Drops some of four dense units from j on, for four samples of a group; h and slope: of unit j. */
template <class FORM>
SVK_DEVICE void drop_units(const block<FORM> &b, const chunk &c, int layer, uint32_t group,
                           uint32_t j, typename block<FORM>::quads *h,
                           typename block<FORM>::quads *slope)
{
    typedef typename FORM::real real;
    uint32_t width = width_of(b, layer);
    const real least = static_cast<real>(b.net->dropout),
               scale = static_cast<real>(1.0 / (1.0 - b.net->dropout));
#pragma unroll 1
    for (uint32_t s = 0; s < 4; s++) {
        uint64_t row = (c.sample + 4 * group + s) * svk_groups_of_four(width);
        svk_block w =
            svk_draw_block(b.seed_dropout, SVK_STREAM_DROPOUT,
                           static_cast<uint32_t>(layer - 1 - b.net->n_image_layers), row + j / 4);
#pragma unroll
        for (uint32_t q = 0; q < 4; q++) {
            if (j + q >= width) break;
            real factor = static_cast<real>(svk_uniform(w.word[q])) >= least ? scale : real(0);
            h[q].v[s] *= factor;
            slope[q].v[s] *= factor;
        }
    }
}

/* From the sums of n units by four samples, which stand in the values, to what the next layer
 * reads. unit: the first of them, the others follow `apart` units after one another. */
template <class FORM>
SVK_DEVICE void finish_units(block<FORM> &b, const chunk &c, int layer, uint32_t group,
                             uint32_t unit, uint32_t n, uint32_t apart)
{
    typedef typename block<FORM>::quads quads;
    uint32_t at = group * svk_quad_stride(width_of(b, layer)) + unit, raised = 0;
    quads *h = b.values + b.layout->value[layer] + at;
    quads *slope = b.layout->has_slope ? b.values + b.layout->slope[layer] + at : nullptr;
#pragma unroll 1
    for (uint32_t i = 0; i < 4 * n; i++)
        activate<typename FORM::math>(b.net->activation, &h[i / 4 * apart].v[i % 4],
                                      slope != nullptr ? &slope[i / 4 * apart].v[i % 4] : nullptr);
    if (c.row != nullptr && b.net->dropout > 0 && kind_of(b, layer - 1) == SVK_LAYER_DENSE)
        drop_units(b, c, layer, group, unit, h, slope);
#pragma unroll 1
    for (uint32_t i = 0; i < 4 * n; i++) {
        typename FORM::real value = operand(b, h[i / 4 * apart].v[i % 4]);
        h[i / 4 * apart].v[i % 4] = value;
        if (value > typename FORM::real(0)) raised |= 1u << layer;
    }
    b.flags |= raised & b.watched;
}

/* ---- forward ---- */

/* The sums of layer l by n units, as in finish_units, for four samples. */
template <class FORM>
SVK_DEVICE void finish_forward(block<FORM> &b, const chunk &c, int l, uint32_t group, uint32_t unit,
                               uint32_t n, uint32_t apart, typename block<FORM>::quads (&z)[4])
{
    typedef typename FORM::real real;
    bool is_hidden = l + 1 < b.net->n_layers;
    typename block<FORM>::quads *out =
        b.values + b.layout->value[l + 1] + group * svk_quad_stride(width_of(b, l + 1)) + unit;
    uint32_t raised = 0;
#pragma unroll
    for (uint32_t q = 0; q < 4; q++) {
        if (q >= n) break;
#pragma unroll
        for (uint32_t s = 0; s < 4; s++) {
            real value = z[q].v[s];
            /* with dropout a sample that only fills up a group is none of the batch's */
            if (!(value == value) && (!FORM::IS_GENERAL || 4 * group + s < c.n)) raised |= FLAG_NAN;
            if constexpr (FORM::IS_GENERAL) continue;
            if (is_hidden && value > 0.0f) raised |= 1u << (l + 1);
            if (is_hidden && b.net->activation == SVK_ACTIVATION_RELU)
                z[q].v[s] = value > 0.0f ? value : 0.0f;
        }
        out[q * apart] = z[q];
        if (!FORM::IS_GENERAL && is_hidden && b.net->activation == SVK_ACTIVATION_TANH)
            apply_tanh<typename FORM::math>(out + q * apart);
    }
    b.flags |= raised & b.watched;
    if constexpr (FORM::IS_GENERAL)
        if (is_hidden) finish_units(b, c, l + 1, group, unit, n < 4 ? n : 4, apart);
}

/* The biases of four outputs, for four samples. */
template <class FORM>
SVK_DEVICE void start_sums(const block<FORM> &b, int l, uint32_t j,
                           typename block<FORM>::quads (&z)[4])
{
    typename block<FORM>::quads bias = b.weights[b.layout->bias[l] + j / 4];
#pragma unroll
    for (int q = 0; q < 4; q++) z[q] = {{bias.v[q], bias.v[q], bias.v[q], bias.v[q]}};
}

/* One more term of the sums of four outputs. */
template <class REAL>
SVK_DEVICE void add_input(const quad<REAL> &x, const quad<REAL> &w, quad<REAL> (&z)[4])
{
#pragma unroll
    for (int q = 0; q < 4; q++)
#pragma unroll
        for (int s = 0; s < 4; s++) z[q].v[s] = real_fma(x.v[s], w.v[q], z[q].v[s]);
}

/* Four samples by four outputs; chains over the inputs, from the bias. */
template <class FORM>
SVK_DEVICE void forward_tile(block<FORM> &b, const chunk &c, int l, uint32_t group, uint32_t j)
{
    uint32_t n_in = width_of(b, l);
    typedef typename block<FORM>::quads quad;
    const quad *h = b.values + b.layout->value[l] + group * svk_quad_stride(n_in);
    const quad *weights = b.weights + b.layout->weight[l] + j / 4 * svk_quad_stride(n_in);
    quad z[4];
    start_sums(b, l, j, z);
    for (uint32_t k = 0; k < n_in; k++) add_input(h[k], weights[k], z);
    finish_forward(b, c, l, group, j, width_of(b, l + 1) - j, 1, z);
}

template <class FORM> SVK_DEVICE void forward_layer(block<FORM> &b, const chunk &c, int l)
{
    uint32_t n_groups = svk_groups_of_four(c.n),
             n_tiles = n_groups * svk_groups_of_four(width_of(b, l + 1));
    for (uint32_t i = b.thread; i < n_tiles; i += b.n_threads)
        forward_tile(b, c, l, i % n_groups, i / n_groups * 4);
}

/* ---- output deltas ---- */

/* The deltas of one sample times the loss scale, as operands of products. */
template <class FORM> SVK_DEVICE void scale_delta(const block<FORM> &b, typename FORM::real *z)
{
    typedef typename FORM::real real;
    const real scale = static_cast<real>(b.training->loss_scale);
    for (uint32_t j = 0; j < width_of(b, b.net->n_layers); j++)
        z[4 * j] = operand(b, z[4 * j] * scale);
}

/* In the place of the outputs. */
template <class FORM> SVK_DEVICE void output_delta(const block<FORM> &b, const chunk &c)
{
    typedef typename FORM::real real;
    uint32_t n_outputs = width_of(b, b.net->n_layers), stride = svk_quad_stride(n_outputs);
    for (uint32_t i = b.thread; i < c.n; i += b.n_threads) {
        real *z = b.values[b.layout->value[b.net->n_layers] + i / 4 * stride].v + i % 4;
        uint32_t row = chunk_row(c, i);
        if (b.net->loss == SVK_LOSS_CROSS_ENTROPY)
            softmax_delta<typename FORM::math>(z, 4, static_cast<int>(n_outputs), b.label[row]);
        else if (b.net->loss == SVK_LOSS_LOGISTIC)
            *z = logistic_delta<typename FORM::math>(*z, b.y[row]);
        else
            *z = squared_delta(*z, b.y[row]);
        if constexpr (FORM::IS_GENERAL)
            if (b.layout->has_master) scale_delta(b, z);
    }
}

/* ---- backward ---- */

/* The four inputs of a tile lie apart, so that neighbouring threads read neighbouring quads. Past
 * the end: the first. */
SVK_DEVICE uint32_t spread_input(uint32_t first, int i, uint32_t n_in)
{
    uint32_t k = first + static_cast<uint32_t>(i) * svk_groups_of_four(n_in);
    return k < n_in ? k : first;
}

SVK_DEVICE bool has_input(uint32_t first, int i, uint32_t n_in)
{
    return first + static_cast<uint32_t>(i) * svk_groups_of_four(n_in) < n_in;
}

/* The sum that comes back to a unit times the slope of its activation, which is made of the value h
 * or was stored. */
template <class FORM, class REAL>
SVK_DEVICE REAL sloped(const block<FORM> &b, REAL sum, REAL h, REAL slope)
{
    if (b.layout->has_slope) return sum * slope;
    if (b.net->activation == SVK_ACTIVATION_RELU) return h > REAL(0) ? sum : REAL(0);
    if (b.net->activation == SVK_ACTIVATION_TANH) return sum * real_fma(-h, h, REAL(1));
    return sum * real_fma(-h, h, h);
}

/* The sums that come back to value `unit` of layer l, for four samples, as its deltas. */
template <class FORM>
SVK_DEVICE void finish_delta(const block<FORM> &b, int l, uint32_t group, uint32_t unit,
                             typename block<FORM>::quads sum)
{
    typedef typename block<FORM>::quads quads;
    uint32_t at = group * svk_quad_stride(width_of(b, l)) + unit;
    quads h = b.values[b.layout->value[l] + at], slope = h;
    bool is_pooled = false;
    if constexpr (FORM::HAS_IMAGES) is_pooled = svk_is_pooled(b.net, l);
    if constexpr (FORM::IS_GENERAL)
        if (b.layout->has_slope && !is_pooled) slope = b.values[b.layout->slope[l] + at];
#pragma unroll
    for (int s = 0; s < 4; s++) {
        if constexpr (FORM::IS_GENERAL) {
            if (!is_pooled) sum.v[s] = sloped(b, sum.v[s], h.v[s], slope.v[s]);
            sum.v[s] = operand(b, sum.v[s]);
        } else if (b.net->activation == SVK_ACTIVATION_RELU) {
            sum.v[s] = h.v[s] > 0.0f ? sum.v[s] : 0.0f;
        } else {
            sum.v[s] *= real_fma(-h.v[s], h.v[s], 1.0f);
        }
    }
    b.values[b.layout->delta[l] + at] = sum;
}

/* Four samples by four inputs of layer l; chains over its outputs, from zero. */
template <class FORM>
SVK_DEVICE void backward_tile(const block<FORM> &b, int l, uint32_t group, uint32_t first)
{
    typedef typename block<FORM>::quads quad;
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
                for (int s = 0; s < 4; s++) sum[i].v[s] = real_fma(d.v[s], w[i].v[q], sum[i].v[s]);
        }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (!has_input(first, i, n_in)) break;
        finish_delta(b, l, group, spread_input(first, i, n_in), sum[i]);
    }
}

template <class FORM> SVK_DEVICE void backward_layer(const block<FORM> &b, const chunk &c, int l)
{
    uint32_t n_groups = svk_groups_of_four(c.n),
             n_tiles = n_groups * svk_groups_of_four(width_of(b, l));
    for (uint32_t i = b.thread; i < n_tiles; i += b.n_threads)
        backward_tile(b, l, i % n_groups, i / n_groups);
}

#endif
