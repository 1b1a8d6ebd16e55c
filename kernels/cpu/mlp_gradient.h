/* Gradients of a chunk of samples, tile by tile; where nothing else is to happen to them they are
 * used at once. */
#ifndef SVK_MLP_GRADIENT_H
#define SVK_MLP_GRADIENT_H

#include "mlp_parts.h"
#include "mlp_terms.h"
#include "mlp_update.h"
#include "tile.h"

/* m rows of n values, laid out as the weights are: rows `apart` vectors from each other. */
SVK_FN tile tile_load(const real *p, size_t apart, int m, int n)
{
    vreal g[20];
    for (int i = 0; i < 20; i++)
        g[i] = i / 4 < m && i % 4 < n
                   ? v_load(p + ((size_t)(i / 4) * apart + (size_t)(i % 4)) * LANES)
                   : v_set1(0);
    return (tile){g[0],  g[1],  g[2],  g[3],  g[4],  g[5],  g[6],  g[7],  g[8],  g[9],
                  g[10], g[11], g[12], g[13], g[14], g[15], g[16], g[17], g[18], g[19]};
}

SVK_FN void store_tile(real *p, size_t apart, int m, int n, const vreal *g)
{
    for (int i = 0; i < m; i++)
        for (int q = 0; q < n; q++)
            v_store(p + ((size_t)i * apart + (size_t)q) * LANES, g[4 * i + q]);
}

/* Samples of a chunk; the first of a batch starts the chains. */
typedef struct chunk {
    uint32_t n;
    int is_first;
} chunk;

/* A tile of a layer's weights: m inputs from k on times n outputs from j on; with_bias: and the
 * outputs' biases. m, n and with_bias are constants of every call. */
typedef struct weight_tile {
    int l, k, j, m, n, with_bias;
} weight_tile;

/* The gradients of a tile: weight (i, q) at 4 i + q, bias q at 16 + q. */
enum { AT_BIAS = 16, TILE_GRADIENTS = 20 };

/* As the chunks before left them, laid out as the parameters are. */
SVK_FN tile tile_so_far(const state *s, weight_tile at)
{
    tile t = tile_load(s->weight[at.l].gradient + weight_at(s, at.l, at.j, at.k), 4, at.m, at.n);
    if (!at.with_bias) return t;
    const real *bias = s->bias[at.l].gradient + at.j * LANES;
    t.c40 = v_load(bias);
    if (at.n > 1) t.c41 = v_load(bias + LANES);
    if (at.n > 2) t.c42 = v_load(bias + 2 * LANES);
    if (at.n > 3) t.c43 = v_load(bias + 3 * LANES);
    return t;
}

SVK_FN void store_gradients(const state *s, weight_tile at, const vreal *g)
{
    store_tile(s->weight[at.l].gradient + weight_at(s, at.l, at.j, at.k), 4, at.m, at.n, g);
    if (at.with_bias) store_tile(s->bias[at.l].gradient + at.j * LANES, 4, 1, at.n, g + AT_BIAS);
}

/* The tile's gradients over samples begin .. end - 1. t: where they start. */
SVK_FN void tile_gradients(const state *s, weight_tile at, tile t, size_t begin, size_t end,
                           vreal *g)
{
    operand a = {s->h[at.l] + value_at(s, at.l, 0, at.k), group_stride(s->net->width[at.l]), 1,
                 at.with_bias};
    operand b = {s->delta[at.l + 1] + value_at(s, at.l + 1, 0, at.j),
                 group_stride(s->net->width[at.l + 1]), 1, 0};
    tile_multiply(&t, at.m, at.n, a, b, begin, end);
    g[0] = t.c00, g[1] = t.c01, g[2] = t.c02, g[3] = t.c03;
    g[4] = t.c10, g[5] = t.c11, g[6] = t.c12, g[7] = t.c13;
    g[8] = t.c20, g[9] = t.c21, g[10] = t.c22, g[11] = t.c23;
    g[12] = t.c30, g[13] = t.c31, g[14] = t.c32, g[15] = t.c33;
    g[16] = t.c40, g[17] = t.c41, g[18] = t.c42, g[19] = t.c43;
}

/* All samples of the chunk, combined. */
SVK_FN void chunk_gradients(const state *s, chunk c, weight_tile at, vreal *g)
{
    vreal zero = v_set1(0);
    tile start = tile_start(zero, zero, zero, zero);
    if (s->batch.n_parts == 1) {
        if (!c.is_first) start = tile_so_far(s, at);
        tile_gradients(s, at, start, 0, c.n, g);
        return;
    }
    for (int p = 0; p < s->batch.n_parts; p++) {
        tile_gradients(s, at, start, s->batch.begin[p], s->batch.begin[p + 1], g);
        for (int i = 0; i < 16; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
    }
    combine_parts(s, 16, g);
}

SVK_FN void update_tile(const state *s, fused_update u, weight_tile at, const vreal *g)
{
    const tensor *weight = &s->weight[at.l], *bias = &s->bias[at.l];
    size_t first = weight_at(s, at.l, at.j, at.k), first_bias = (size_t)at.j * LANES;
#pragma GCC unroll 4
    for (int i = 0; i < at.m; i++) {
#pragma GCC unroll 4
        for (int q = 0; q < at.n; q++)
            update(u, weight, first + (size_t)(4 * i + q) * LANES, g[4 * i + q]);
    }
    for (int q = 0; at.with_bias && q < at.n; q++)
        update(u, bias, first_bias + (size_t)q * LANES, g[AT_BIAS + q]);
}

SVK_FN void gradient_tile(const state *s, fused_update u, chunk c, weight_tile at)
{
    vreal g[TILE_GRADIENTS];
    chunk_gradients(s, c, at, g);
    if (!s->is_fused)
        store_gradients(s, at, g);
    else if (u.has_momentum)
        update_tile(s, u, at, g);
    else
        update_tile(s, (fused_update){u.momentum, u.inverse_n, u.minus_rate, 0}, at, g);
}

/* m and with_bias are constants of the call. */
SVK_FN void gradient_columns(const state *s, fused_update u, chunk c, int l, int k, int m,
                             int with_bias)
{
    int j_count = s->net->width[l + 1];
    for (int j = 0, n; j < j_count; j += n) {
        n = tile_side(j_count - j, TILE_COLUMNS);
        if (n == 4)
            gradient_tile(s, u, c, (weight_tile){l, k, j, m, 4, with_bias});
        else if (n == 2)
            gradient_tile(s, u, c, (weight_tile){l, k, j, m, 2, with_bias});
        else
            gradient_tile(s, u, c, (weight_tile){l, k, j, m, 1, with_bias});
    }
}

/* with_bias is a constant of the call. Returns the number of inputs. */
SVK_FN int gradient_rows(const state *s, fused_update u, chunk c, int l, int k, int with_bias)
{
    int m = tile_side(s->net->width[l] - k, 4);
    if (m == 4)
        gradient_columns(s, u, c, l, k, 4, with_bias);
    else if (m == 2)
        gradient_columns(s, u, c, l, k, 2, with_bias);
    else
        gradient_columns(s, u, c, l, k, 1, with_bias);
    return m;
}

/* The first inputs' tiles take the biases along, which saves a pass over the deltas. */
static void gradient_weights(state *s, chunk c, int l, int with_bias)
{
    fused_update u = fused_update_of(s);
    draw_part_orders(s, s->net->layer[l].tensor);
    int k = with_bias ? gradient_rows(s, u, c, l, 0, 1) : 0;
    while (k < s->net->width[l]) k += gradient_rows(s, u, c, l, k, 0);
}

/* Adds to g[0 .. 7] the deltas of eight units (or those that there are) over samples begin .. end -
 * 1. Eight chains hide the latency of an addition. */
SVK_FN void bias_gradients(const state *s, int l, int j, uint32_t begin, uint32_t end, vreal *g)
{
    size_t group = group_stride(s->net->width[l + 1]) * LANES;
    const real *d = s->delta[l + 1] + value_at(s, l + 1, 0, j);
    for (uint32_t b = begin; b < end; b++) {
        const real *sample = d + (b >> 2) * group + (b & 3) * LANES;
        /* beyond the last unit lies padding or the next group: read, never used */
        for (int i = 0; i < 8; i++) g[i] = v_add(g[i], v_load(sample + i * 4 * LANES));
    }
}

/* Gradients of eight biases of a layer from unit j on, in parts. */
SVK_FN void combined_bias_gradients(const state *s, int l, int j, vreal *g)
{
    for (int p = 0; p < s->batch.n_parts; p++) {
        for (int i = 0; i < 8; i++) g[i] = v_set1(0);
        bias_gradients(s, l, j, (uint32_t)s->batch.begin[p], (uint32_t)s->batch.begin[p + 1], g);
        for (int i = 0; i < 8; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
    }
    combine_parts(s, 8, g);
}

static void gradient_biases(state *s, int l)
{
    int j_count = s->net->width[l + 1];
    const tensor *t = &s->bias[l];
    fused_update u = fused_update_of(s);
    draw_part_orders(s, s->net->layer[l].tensor + 1);
    for (int j = 0; j < j_count; j += 8) {
        int n = j_count - j < 8 ? j_count - j : 8;
        vreal g[8];
        combined_bias_gradients(s, l, j, g);
        for (int i = 0; i < n; i++) {
            size_t at = (size_t)(j + i) * LANES;
            if (s->is_fused)
                update(u, t, at, g[i]);
            else
                v_store(t->gradient + at, g[i]);
        }
    }
}

/* Of dense layers. */
static void gradients(state *s, chunk c)
{
    for (int l = s->net->n_layers - 1; l >= s->net->n_image_layers; l--) {
        if (is_sum_of_terms(s->training)) {
            gradient_of_terms(s, l, c.n);
            continue;
        }
        int in_parts = s->batch.n_parts > 1;
        gradient_weights(s, c, l, s->net->has_bias && !in_parts);
        if (s->net->has_bias && in_parts) gradient_biases(s, l);
    }
}

#endif
