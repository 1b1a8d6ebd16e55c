/* Convolutions and pools, forward and backward. A thread works on four samples by four channels at
 * one pixel, or on four samples of one unit of a pool. Neighbouring threads have neighbouring
 * pixels, so that they read neighbouring quads of values and the same weights. Phases, as in
 * mlp_block.cuh. */
#ifndef SVK_IMAGE_PASS_CUH
#define SVK_IMAGE_PASS_CUH

#include "mlp_pass.cuh"

/* Four samples by four channels from `channel` on, at a pixel. */
struct image_tile {
    uint32_t group, channel;
    int y, x;
};

SVK_DEVICE uint32_t n_pixels(const svk_image &i)
{
    return static_cast<uint32_t>(i.height * i.width);
}

SVK_DEVICE uint32_t n_image_tiles(const svk_image &image, uint32_t n_groups)
{
    return n_pixels(image) * n_groups * svk_groups_of_four(static_cast<uint32_t>(image.channels));
}

SVK_DEVICE image_tile image_tile_at(const svk_image &image, uint32_t n_groups, uint32_t i)
{
    uint32_t pixel = i % n_pixels(image), rest = i / n_pixels(image);
    uint32_t width = static_cast<uint32_t>(image.width);
    return image_tile{rest % n_groups, rest / n_groups * 4, static_cast<int>(pixel / width),
                      static_cast<int>(pixel % width)};
}

SVK_DEVICE uint32_t unit_at(const svk_image &image, int channel, int y, int x)
{
    return static_cast<uint32_t>((channel * image.height + y) * image.width + x);
}

/* ---- convolutions ---- */

/* Chains over the taps, from the bias. */
template <class FORM>
SVK_DEVICE void forward_conv_tile(block<FORM> &b, const chunk &c, int l, const image_tile &t)
{
    typedef typename block<FORM>::quads quads;
    const svk_layer &layer = b.net->layer[l];
    const svk_taps rows = svk_taps_of_output(&layer, layer.in.height, t.y),
                   columns = svk_taps_of_output(&layer, layer.in.width, t.x);
    const quads *h = b.values + b.layout->value[l] + t.group * svk_quad_stride(width_of(b, l));
    const quads *weights =
        b.weights + b.layout->weight[l] + t.channel / 4 * svk_quad_stride(inputs_of(b, l));
    quads z[4];
    start_sums(b, l, t.channel, z);
    for (int in = 0; in < layer.in.channels; in++)
        for (int i = rows.begin; i < rows.end; i++) {
            const quads *x = h + unit_at(layer.in, in, rows.at + i - rows.begin, columns.at);
            const quads *w = weights + (in * layer.kernel + i) * layer.kernel;
            for (int j = columns.begin; j < columns.end; j++) add_input(*x++, w[j], z);
        }
    finish_forward(b, c, l, t.group, unit_at(layer.out, static_cast<int>(t.channel), t.y, t.x),
                   outputs_of(b, l) - t.channel, n_pixels(layer.out), z);
}

template <class FORM> SVK_DEVICE void forward_conv(block<FORM> &b, const chunk &c, int l)
{
    const svk_image &image = b.net->layer[l].out;
    uint32_t n_groups = svk_groups_of_four(c.n);
    for (uint32_t i = b.thread; i < n_image_tiles(image, n_groups); i += b.n_threads)
        forward_conv_tile(b, c, l, image_tile_at(image, n_groups, i));
}

/* Chains over the outputs, from zero: channels, then taps. Channels past the last take the first
 * one's weights. */
template <class FORM>
SVK_DEVICE void backward_conv_tile(const block<FORM> &b, int l, const image_tile &t)
{
    typedef typename block<FORM>::quads quads;
    const svk_layer &layer = b.net->layer[l];
    const svk_taps rows = svk_taps_of_input(&layer, layer.out.height, t.y),
                   columns = svk_taps_of_input(&layer, layer.out.width, t.x);
    const quads *delta =
        b.values + b.layout->delta[l + 1] + t.group * svk_quad_stride(width_of(b, l + 1));
    const uint32_t area = static_cast<uint32_t>(layer.kernel * layer.kernel),
                   n_channels = static_cast<uint32_t>(layer.in.channels);
    quads sum[4] = {};
    for (int j = 0; j < layer.n_out; j++) {
        const quads *weights = b.weights + b.layout->weight[l] +
                               static_cast<uint32_t>(j) / 4 * svk_quad_stride(inputs_of(b, l));
        int row = rows.at;
        for (int i = rows.begin; i < rows.end; i += layer.stride, row--) {
            const quads *d = delta + unit_at(layer.out, j, row, columns.at);
            for (int k = columns.begin; k < columns.end; k += layer.stride) {
                const quads e = *d--;
                const quads *w = weights + i * layer.kernel + k;
#pragma unroll
                for (uint32_t q = 0; q < 4; q++) {
                    uint32_t in = t.channel + q < n_channels ? t.channel + q : t.channel;
                    typename FORM::real weight = w[in * area].v[j % 4];
#pragma unroll
                    for (int s = 0; s < 4; s++) sum[q].v[s] = real_fma(e.v[s], weight, sum[q].v[s]);
                }
            }
        }
    }
#pragma unroll
    for (uint32_t q = 0; q < 4; q++) {
        if (t.channel + q >= n_channels) break;
        finish_delta(b, l, t.group, unit_at(layer.in, static_cast<int>(t.channel + q), t.y, t.x),
                     sum[q]);
    }
}

template <class FORM> SVK_DEVICE void backward_conv(const block<FORM> &b, const chunk &c, int l)
{
    const svk_image &image = b.net->layer[l].in;
    uint32_t n_groups = svk_groups_of_four(c.n);
    for (uint32_t i = b.thread; i < n_image_tiles(image, n_groups); i += b.n_threads)
        backward_conv_tile(b, l, image_tile_at(image, n_groups, i));
}

/* ---- pools ---- */

/* The four values of a window, row by row; h: of its first. */
template <class REAL> struct window {
    quad<REAL> v[4];
};

template <class REAL> SVK_DEVICE window<REAL> window_at(const quad<REAL> *h, int width)
{
    return window<REAL>{{h[0], h[1], h[width], h[width + 1]}};
}

/* Which of a window's values the largest was last set to. */
template <class REAL> SVK_DEVICE int winner_of(const window<REAL> &w, int s)
{
    REAL top = w.v[0].v[s];
    int winner = 0;
#pragma unroll
    for (int i = 1; i < 4; i++) {
        winner = w.v[i].v[s] > top ? i : winner;
        top = w.v[i].v[s] > top ? w.v[i].v[s] : top;
    }
    return winner;
}

template <class REAL> SVK_DEVICE REAL pooled(const window<REAL> &w, int s, bool is_max)
{
    REAL a = w.v[0].v[s], b = w.v[1].v[s], c = w.v[2].v[s], d = w.v[3].v[s];
    if (!is_max) return (((a + b) + c) + d) * REAL(0.25);
    a = b > a ? b : a;
    a = c > a ? c : a;
    return d > a ? d : a;
}

/* A unit of an image for four samples: a thread's share of a pool. */
struct image_unit {
    uint32_t group, number;
    int channel, y, x;
};

SVK_DEVICE image_unit image_unit_at(const svk_image &image, uint32_t n_units, uint32_t i)
{
    int number = static_cast<int>(i % n_units), size = image.height * image.width;
    return image_unit{i / n_units, i % n_units, number / size, number % size / image.width,
                      number % image.width};
}

template <class FORM> SVK_DEVICE void forward_pool(block<FORM> &b, const chunk &c, int l)
{
    typedef typename FORM::real real;
    typedef typename block<FORM>::quads quads;
    const svk_layer &layer = b.net->layer[l];
    uint32_t n_units = width_of(b, l + 1), raised = 0;
    for (uint32_t i = b.thread; i < svk_groups_of_four(c.n) * n_units; i += b.n_threads) {
        image_unit u = image_unit_at(layer.out, n_units, i);
        window<real> w =
            window_at(b.values + b.layout->value[l] + u.group * svk_quad_stride(width_of(b, l)) +
                          unit_at(layer.in, u.channel, 2 * u.y, 2 * u.x),
                      layer.in.width);
        quads out;
#pragma unroll
        for (int s = 0; s < 4; s++) {
            out.v[s] = operand(b, pooled(w, s, layer.kind == SVK_LAYER_MAX_POOL));
            if (out.v[s] > real(0)) raised |= 1u << (l + 1);
        }
        b.values[b.layout->value[l + 1] + u.group * svk_quad_stride(n_units) + u.number] = out;
    }
    b.flags |= raised & b.watched;
}

/* Of the values that the pool takes; what is in no window gets zero. */
template <class FORM> SVK_DEVICE void backward_pool(const block<FORM> &b, const chunk &c, int l)
{
    typedef typename FORM::real real;
    typedef typename block<FORM>::quads quads;
    const svk_layer &layer = b.net->layer[l];
    uint32_t n_units = width_of(b, l), n_out = width_of(b, l + 1);
    for (uint32_t i = b.thread; i < svk_groups_of_four(c.n) * n_units; i += b.n_threads) {
        image_unit u = image_unit_at(layer.in, n_units, i);
        quads sum = {};
        if (u.y / 2 < layer.out.height && u.x / 2 < layer.out.width) {
            window<real> w =
                window_at(b.values + b.layout->value[l] + u.group * svk_quad_stride(n_units) +
                              unit_at(layer.in, u.channel, u.y / 2 * 2, u.x / 2 * 2),
                          layer.in.width);
            quads d = b.values[b.layout->delta[l + 1] + u.group * svk_quad_stride(n_out) +
                               unit_at(layer.out, u.channel, u.y / 2, u.x / 2)];
#pragma unroll
            for (int s = 0; s < 4; s++) {
                bool is_winner = winner_of(w, s) == u.y % 2 * 2 + u.x % 2;
                if (layer.kind != SVK_LAYER_MAX_POOL)
                    sum.v[s] = real(0.25) * d.v[s];
                else
                    sum.v[s] = is_winner ? d.v[s] : real(0);
            }
        }
        finish_delta(b, l, u.group, u.number, sum);
    }
}

/* ---- any layer ---- */

template <class FORM> SVK_DEVICE void forward_any(block<FORM> &b, const chunk &c, int l)
{
    if constexpr (FORM::HAS_IMAGES) {
        if (l < b.net->n_image_layers) {
            if (kind_of(b, l) == SVK_LAYER_CONV)
                forward_conv(b, c, l);
            else
                forward_pool(b, c, l);
            return;
        }
    }
    forward_layer(b, c, l);
}

template <class FORM> SVK_DEVICE void backward_any(const block<FORM> &b, const chunk &c, int l)
{
    if constexpr (FORM::HAS_IMAGES) {
        if (l < b.net->n_image_layers) {
            if (kind_of(b, l) == SVK_LAYER_CONV)
                backward_conv(b, c, l);
            else
                backward_pool(b, c, l);
            return;
        }
    }
    backward_layer(b, c, l);
}

#endif
