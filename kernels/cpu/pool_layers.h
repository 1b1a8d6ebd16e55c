/* Pooling of 2 x 2 windows side by side; a last odd row or column is in none. Tiles of four samples
 * begin .. end - 1. */
#ifndef SVK_POOL_LAYERS_H
#define SVK_POOL_LAYERS_H

#include "mlp_layers.h"

/* Units of a window, row by row. */
enum { WINDOW = 4 };

/* Where the window of output (y, x) begins among the units of its channel. */
static int window_at(const svk_layer *layer, int y, int x)
{
    return 2 * y * layer->in.width + 2 * x;
}

/* One sample of a window; the units of its second row begin `row` values after the first. */
SVK_FN void load_window(const real *h, size_t row, vreal v[WINDOW])
{
    const size_t unit = 4 * LANES;
    v[0] = v_load(h), v[1] = v_load(h + unit);
    v[2] = v_load(h + row), v[3] = v_load(h + row + unit);
}

SVK_FN vreal pool_window(int kind, const vreal v[WINDOW])
{
    if (kind == SVK_LAYER_MAX_POOL) return v_greater(v[3], v_greater(v[2], v_greater(v[1], v[0])));
    return v_mul(v_add(v_add(v_add(v[0], v[1]), v[2]), v[3]), v_set1((real)0.25));
}

/* What the delta d of a window's output is to its units: all of it for the first largest. */
SVK_FN void unpool_max(vreal d, const vreal v[WINDOW], vreal s[WINDOW])
{
    vreal zero = v_set1(0), top = v[0];
    s[0] = d;
    for (int i = 1; i < WINDOW; i++) {
        vmask is_larger = v_mask_less(top, v[i]);
        for (int q = 0; q < i; q++) s[q] = v_choose(is_larger, zero, s[q]);
        s[i] = v_choose(is_larger, d, zero);
        top = v_greater(v[i], top);
    }
}

SVK_FN void pool_channel(const svk_layer *layer, int kind, const real *in, real *out)
{
    const size_t unit = 4 * LANES, row = (size_t)layer->in.width * unit;
    for (int y = 0; y < layer->out.height; y++)
        for (int x = 0; x < layer->out.width; x++, out += unit) {
            const real *h = in + (size_t)window_at(layer, y, x) * unit;
            for (int i = 0; i < 4; i++) {
                vreal v[WINDOW];
                load_window(h + i * LANES, row, v);
                v_store(out + i * LANES, pool_window(kind, v));
            }
        }
}

static void forward_pool(const state *s, int l, int begin, int end)
{
    const svk_layer *layer = &s->net->layer[l];
    int n_in = layer->in.height * layer->in.width, n_out = layer->out.height * layer->out.width;
    for (int bt = begin; bt < end; bt++)
        for (int c = 0; c < layer->in.channels; c++) {
            const real *in = s->h[l] + value_at(s, l, 4 * (uint32_t)bt, c * n_in);
            real *out = s->h[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, c * n_out);
            if (layer->kind == SVK_LAYER_MAX_POOL)
                pool_channel(layer, SVK_LAYER_MAX_POOL, in, out);
            else
                pool_channel(layer, SVK_LAYER_AVERAGE_POOL, in, out);
        }
}

/* The units of a channel: values, slopes (or values again), deltas to fill. */
typedef struct channel {
    const real *h, *slope;
    real *delta;
} channel;

SVK_FN void finish_pixel(slope_source source, channel c, size_t at, const vreal s[4])
{
    finish_delta(source, c.h + at, c.slope + at, s[0], s[1], s[2], s[3], c.delta + at);
}

SVK_FN void unpool_window(int kind, slope_source source, channel c, size_t at, size_t row,
                          const real *d)
{
    const size_t unit = 4 * LANES, place[WINDOW] = {at, at + unit, at + row, at + row + unit};
    vreal s[WINDOW][4];
    for (int i = 0; i < 4; i++) {
        vreal v[WINDOW], part[WINDOW], whole = v_load(d + i * LANES);
        if (kind == SVK_LAYER_MAX_POOL) {
            load_window(c.h + at + i * LANES, row, v);
            unpool_max(whole, v, part);
        }
        for (int q = 0; q < WINDOW; q++)
            s[q][i] = kind == SVK_LAYER_MAX_POOL ? part[q] : v_mul(v_set1((real)0.25), whole);
    }
    for (int q = 0; q < WINDOW; q++) finish_pixel(source, c, place[q], s[q]);
}

/* Units in no window. */
static void unpool_edges(const svk_layer *layer, slope_source source, channel c)
{
    const vreal zero = v_set1(0), none[4] = {zero, zero, zero, zero};
    int height = layer->in.height, width = layer->in.width;
    for (int y = 0; y < height; y++)
        for (int x = y < 2 * layer->out.height ? 2 * layer->out.width : 0; x < width; x++)
            finish_pixel(source, c, (size_t)(y * width + x) * 4 * LANES, none);
}

SVK_FN void unpool_channel(const svk_layer *layer, int kind, slope_source source, channel c,
                           const real *d)
{
    const size_t unit = 4 * LANES, row = (size_t)layer->in.width * unit;
    for (int y = 0; y < layer->out.height; y++)
        for (int x = 0; x < layer->out.width; x++, d += unit)
            unpool_window(kind, source, c, (size_t)window_at(layer, y, x) * unit, row, d);
    unpool_edges(layer, source, c);
}

static void backward_pool(const state *s, int l, int begin, int end)
{
    const svk_layer *layer = &s->net->layer[l];
    slope_source source = s->slope_source[l];
    int n_in = layer->in.height * layer->in.width, n_out = layer->out.height * layer->out.width;
    for (int bt = begin; bt < end; bt++)
        for (int number = 0; number < layer->in.channels; number++) {
            size_t at = value_at(s, l, 4 * (uint32_t)bt, number * n_in);
            const real *h = s->h[l] + at;
            channel c = {h, source == SLOPE_STORED ? s->slope[l] + at : h, s->delta[l] + at};
            const real *d = s->delta[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, number * n_out);
            if (layer->kind == SVK_LAYER_MAX_POOL && source == SLOPE_GATE)
                unpool_channel(layer, SVK_LAYER_MAX_POOL, SLOPE_GATE, c, d);
            else
                unpool_channel(layer, layer->kind, source, c, d);
        }
}

#endif
