/* Convolutions forward and backward, a pixel at a time: up to four channels of four samples are one
 * register tile, its chain runs over the taps of the kernel. What would lie outside the image is
 * left out.
 *
 * A chain is cut into runs of a few channels, and every pixel's run is made before the next begins:
 * so weights and pixels of a run stay in the first cache. Between runs the sums stand where the
 * result will. */
#ifndef SVK_CONV_LAYERS_H
#define SVK_CONV_LAYERS_H

#include "conv_taps.h"
#include "mlp_layers.h"

/* Taps of a run: with four channels and four samples 36 KiB. */
enum { RUN_TAPS = 72 };

/* Channels of a run, out of n: as many in each. */
static int run_channels(const svk_layer *layer, int n)
{
    int most = RUN_TAPS / (layer->kernel * layer->kernel), n_runs = (n + most - 1) / most;
    return (n + n_runs - 1) / n_runs;
}

/* n units, `apart` values from one to the next, for four samples. */
SVK_FN tile tile_load_units(const real *p, size_t apart, int n)
{
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    t.c00 = v_load(p), t.c10 = v_load(p + LANES);
    t.c20 = v_load(p + 2 * LANES), t.c30 = v_load(p + 3 * LANES);
    if (n < 2) return t;
    t.c01 = v_load(p + apart), t.c11 = v_load(p + apart + LANES);
    t.c21 = v_load(p + apart + 2 * LANES), t.c31 = v_load(p + apart + 3 * LANES);
    if (n < 4) return t;
    p += 2 * apart;
    t.c02 = v_load(p), t.c12 = v_load(p + LANES);
    t.c22 = v_load(p + 2 * LANES), t.c32 = v_load(p + 3 * LANES);
    t.c03 = v_load(p + apart), t.c13 = v_load(p + apart + LANES);
    t.c23 = v_load(p + apart + 2 * LANES), t.c33 = v_load(p + apart + 3 * LANES);
    return t;
}

SVK_FN tile tile_start_biases(const real *bias, int n)
{
    vreal b0 = v_load(bias), b1 = n > 1 ? v_load(bias + LANES) : b0;
    return tile_start(b0, b1, n > 2 ? v_load(bias + 2 * LANES) : b0,
                      n > 3 ? v_load(bias + 3 * LANES) : b0);
}

/* ---- forward ---- */

/* One tile of four samples, n output channels from j on, the inputs' channels first .. end - 1. */
typedef struct conv_run {
    const svk_layer *layer;
    const real *in;     /* channel 0 */
    const real *weight; /* output j, tap 0 */
    const real *bias;
    real *out; /* channel j */
    int first, end;
    int is_relu; /* applied after the last run */
} conv_run;

SVK_FN void conv_pixel(conv_run r, int n, svk_taps y, svk_taps x, real *out, vmask *ordered)
{
    const svk_layer *layer = r.layer;
    const size_t unit = 4 * LANES;
    const int kernel = layer->kernel, width = layer->in.width, height = layer->in.height;
    const size_t plane = (size_t)(layer->out.height * layer->out.width) * unit;
    tile t = r.first == 0 ? tile_start_biases(r.bias, n) : tile_load_units(out, plane, n);
    for (int c = r.first; c < r.end; c++)
        for (int k = y.begin; k < y.end; k++) {
            int row = y.at + k - y.begin;
            const real *a = r.in + (size_t)((c * height + row) * width + x.at) * unit;
            const real *b = r.weight + (size_t)((c * kernel + k) * kernel + x.begin) * unit;
            for (int i = x.begin; i < x.end; i++, a += unit, b += unit)
                tile_step_rows(&t, 0, 4, n, a, 1, b, 1);
        }
    int is_relu = r.is_relu && r.end == layer->in.channels;
    finish_unit(is_relu, t.c00, t.c10, t.c20, t.c30, out, ordered);
    if (n > 1) finish_unit(is_relu, t.c01, t.c11, t.c21, t.c31, out + plane, ordered);
    if (n > 2) finish_unit(is_relu, t.c02, t.c12, t.c22, t.c32, out + 2 * plane, ordered);
    if (n > 3) finish_unit(is_relu, t.c03, t.c13, t.c23, t.c33, out + 3 * plane, ordered);
}

SVK_FN void conv_pixels(conv_run r, int n, vmask *ordered)
{
    const svk_layer *layer = r.layer;
    real *out = r.out;
    for (int oy = 0; oy < layer->out.height; oy++) {
        svk_taps y = svk_taps_of_output(layer, layer->in.height, oy);
        for (int ox = 0; ox < layer->out.width; ox++, out += 4 * LANES)
            conv_pixel(r, n, y, svk_taps_of_output(layer, layer->in.width, ox), out, ordered);
    }
}

static void forward_conv_tile(const state *s, int l, int bt, int j, int n, vmask *ordered)
{
    const svk_layer *layer = &s->net->layer[l];
    int n_outputs = layer->out.height * layer->out.width,
        step = run_channels(layer, layer->in.channels);
    conv_run r = {.layer = layer,
                  .in = s->h[l] + value_at(s, l, 4 * (uint32_t)bt, 0),
                  .weight = s->weight[l].value + weight_at(s, l, j, 0),
                  .bias = s->bias[l].value + j * LANES,
                  .out = s->h[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, j * n_outputs),
                  .is_relu = s->is_plain_relu};
    for (; r.first < layer->in.channels; r.first = r.end) {
        r.end = r.first + step < layer->in.channels ? r.first + step : layer->in.channels;
        if (n == 4)
            conv_pixels(r, 4, ordered);
        else if (n == 2)
            conv_pixels(r, 2, ordered);
        else
            conv_pixels(r, 1, ordered);
    }
}

static vmask forward_conv(const state *s, int l, int begin, int end, vmask ordered)
{
    int j_count = s->net->layer[l].n_out;
    for (int bt = begin; bt < end; bt++)
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            forward_conv_tile(s, l, bt, j, n, &ordered);
        }
    return ordered;
}

/* ---- backward ---- */

/* One tile of four samples, n input channels, the outputs' channels first .. end - 1. */
typedef struct back_run {
    const svk_layer *layer;
    const real *delta;  /* of the outputs, channel 0 */
    const real *weight; /* output 0, tap 0 of the first input channel */
    size_t group;       /* values from one group of four outputs to the next */
    const real *h, *slope;
    real *out;
    int first, end;
    slope_source source; /* SLOPE_ONE before the last run */
} back_run;

SVK_FN void back_pixel(back_run r, int n, svk_taps y, svk_taps x, size_t at)
{
    const svk_layer *layer = r.layer;
    const size_t unit = 4 * LANES;
    const int kernel = layer->kernel, stride = layer->stride;
    const int width = layer->out.width, height = layer->out.height;
    const size_t plane = (size_t)(layer->in.height * layer->in.width) * unit;
    const size_t b_apart = (size_t)(kernel * kernel) * 4;
    vreal zero = v_set1(0);
    real *out = r.out + at;
    tile t = r.first == 0 ? tile_start(zero, zero, zero, zero) : tile_load_units(out, plane, n);
    for (int j = r.first; j < r.end; j++) {
        const real *weight = r.weight + (size_t)(j >> 2) * r.group + (size_t)(j & 3) * LANES;
        int row = y.at;
        for (int k = y.begin; k < y.end; k += stride, row--) {
            const real *a = r.delta + (size_t)((j * height + row) * width + x.at) * unit;
            const real *b = weight + (size_t)(k * kernel + x.begin) * unit;
            for (int i = x.begin; i < x.end; i += stride, a -= unit, b += (size_t)stride * unit)
                tile_step_rows(&t, 0, 4, n, a, 1, b, b_apart);
        }
    }
    const real *h = r.h + at, *slope = r.slope + at;
    finish_delta(r.source, h, slope, t.c00, t.c10, t.c20, t.c30, out);
    if (n > 1)
        finish_delta(r.source, h + plane, slope + plane, t.c01, t.c11, t.c21, t.c31, out + plane);
    if (n > 2)
        finish_delta(r.source, h + 2 * plane, slope + 2 * plane, t.c02, t.c12, t.c22, t.c32,
                     out + 2 * plane);
    if (n > 3)
        finish_delta(r.source, h + 3 * plane, slope + 3 * plane, t.c03, t.c13, t.c23, t.c33,
                     out + 3 * plane);
}

SVK_FN void back_pixels(back_run r, int n)
{
    const svk_layer *layer = r.layer;
    size_t at = 0;
    for (int iy = 0; iy < layer->in.height; iy++) {
        svk_taps y = svk_taps_of_input(layer, layer->out.height, iy);
        for (int ix = 0; ix < layer->in.width; ix++, at += 4 * LANES)
            back_pixel(r, n, y, svk_taps_of_input(layer, layer->out.width, ix), at);
    }
}

static void backward_conv_tile(const state *s, int l, int bt, int c, int n)
{
    const svk_layer *layer = &s->net->layer[l];
    int kernel = layer->kernel, n_inputs = layer->in.height * layer->in.width;
    int step = run_channels(layer, layer->n_out);
    slope_source source = s->slope_source[l];
    size_t at = value_at(s, l, 4 * (uint32_t)bt, c * n_inputs);
    const real *h = s->h[l] + at;
    back_run r = {.layer = layer,
                  .delta = s->delta[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, 0),
                  .weight = s->weight[l].value + weight_at(s, l, 0, c * kernel * kernel),
                  .group = group_stride(layer->n_in) * LANES,
                  .h = h,
                  .slope = source == SLOPE_STORED ? s->slope[l] + at : h,
                  .out = s->delta[l] + at};
    for (; r.first < layer->n_out; r.first = r.end) {
        r.end = r.first + step < layer->n_out ? r.first + step : layer->n_out;
        r.source = r.end == layer->n_out ? source : SLOPE_ONE;
        if (n == 4)
            back_pixels(r, 4);
        else if (n == 2)
            back_pixels(r, 2);
        else
            back_pixels(r, 1);
    }
}

static void backward_conv(const state *s, int l, int begin, int end)
{
    int c_count = s->net->layer[l].in.channels;
    for (int bt = begin; bt < end; bt++)
        for (int c = 0, n; c < c_count; c += n) {
            n = tile_side(c_count - c, TILE_COLUMNS);
            backward_conv_tile(s, l, bt, c, n);
        }
}

#endif
