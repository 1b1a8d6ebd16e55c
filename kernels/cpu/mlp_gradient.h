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

/* The tile's gradients, row by row, as 16 vectors: parts of it, or all. before: the chains so far,
 * laid out as the weights are, or NULL. */
SVK_FN void tile_gradients(const state *s, int l, int k, int j, int m, int n, const real *before,
                           size_t begin, size_t end, vreal *g)
{
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    if (before != NULL) t = tile_load(before, 4, m, n);
    operand a = {s->h[l] + value_at(s, l, 0, k), group_stride(s->net->width[l]), 1};
    operand b = {s->delta[l + 1] + value_at(s, l + 1, 0, j), group_stride(s->net->width[l + 1]), 1};
    tile_multiply(&t, m, n, a, b, begin, end);
    g[0] = t.c00, g[1] = t.c01, g[2] = t.c02, g[3] = t.c03;
    g[4] = t.c10, g[5] = t.c11, g[6] = t.c12, g[7] = t.c13;
    g[8] = t.c20, g[9] = t.c21, g[10] = t.c22, g[11] = t.c23;
    g[12] = t.c30, g[13] = t.c31, g[14] = t.c32, g[15] = t.c33;
}

/* All samples of the chunk, combined. */
SVK_FN void chunk_gradients(const state *s, chunk c, int l, int k, int j, int m, int n, vreal *g)
{
    if (s->batch.n_parts == 1) {
        const real *before = c.is_first ? NULL : s->weight[l].gradient + weight_at(s, l, j, k);
        tile_gradients(s, l, k, j, m, n, before, 0, c.n, g);
        return;
    }
    for (int p = 0; p < s->batch.n_parts; p++) {
        tile_gradients(s, l, k, j, m, n, NULL, s->batch.begin[p], s->batch.begin[p + 1], g);
        for (int i = 0; i < 16; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
    }
    combine_parts(s, 16, g);
}

SVK_FN void gradient_tile(const state *s, fused_update u, chunk c, int l, int k, int j, int m,
                          int n)
{
    vreal g[16];
    const tensor *t = &s->weight[l];
    size_t at = weight_at(s, l, j, k);
    if (!s->is_fused) {
        chunk_gradients(s, c, l, k, j, m, n, g);
        store_tile(t->gradient + at, 4, m, n, g);
    } else if (u.has_momentum) {
        chunk_gradients(s, c, l, k, j, m, n, g);
        update_tile(u, t->value + at, t->velocity + at, m, n, g);
    } else {
        chunk_gradients(s, c, l, k, j, m, n, g);
        update_tile((fused_update){u.momentum, u.inverse_n, u.minus_rate, 0}, t->value + at, NULL,
                    m, n, g);
    }
}

SVK_FN void gradient_rows(const state *s, fused_update u, chunk c, int l, int k, int j, int n)
{
    int left = s->net->width[l] - k;
    if (left >= 4) {
        gradient_tile(s, u, c, l, k, j, 4, n);
        return;
    }
    for (int i = 0; i < left; i++) gradient_tile(s, u, c, l, k + i, j, 1, n);
}

static void gradient_weights(state *s, chunk c, int l)
{
    fused_update u = fused_update_of(s);
    draw_part_orders(s, s->net->layer[l].tensor);
    int k_count = s->net->width[l], j_count = s->net->width[l + 1];
    for (int k = 0; k < k_count; k += 4) {
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            if (n == 4)
                gradient_rows(s, u, c, l, k, j, 4);
            else if (n == 2)
                gradient_rows(s, u, c, l, k, j, 2);
            else
                gradient_rows(s, u, c, l, k, j, 1);
        }
    }
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

/* Gradients of eight biases of a layer from unit j on. */
SVK_FN void chunk_bias_gradients(const state *s, chunk c, int l, int j, int n, vreal *g)
{
    const real *before = c.is_first ? NULL : s->bias[l].gradient + j * LANES;
    for (int i = 0; i < 8; i++)
        g[i] = before == NULL || i >= n ? v_set1(0) : v_load(before + i * LANES);
    if (s->batch.n_parts == 1) {
        bias_gradients(s, l, j, 0, c.n, g);
        return;
    }
    for (int p = 0; p < s->batch.n_parts; p++) {
        for (int i = 0; i < 8; i++) g[i] = v_set1(0);
        bias_gradients(s, l, j, (uint32_t)s->batch.begin[p], (uint32_t)s->batch.begin[p + 1], g);
        for (int i = 0; i < 8; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
    }
    combine_parts(s, 8, g);
}

static void gradient_biases(state *s, chunk c, int l)
{
    int j_count = s->net->width[l + 1];
    const tensor *t = &s->bias[l];
    fused_update u = fused_update_of(s);
    draw_part_orders(s, s->net->layer[l].tensor + 1);
    for (int j = 0; j < j_count; j += 8) {
        int n = j_count - j < 8 ? j_count - j : 8;
        vreal g[8];
        chunk_bias_gradients(s, c, l, j, n, g);
        for (int i = 0; i < n; i++) {
            size_t at = (size_t)(j + i) * LANES;
            if (s->is_fused)
                update(u, t->value + at, u.has_momentum ? t->velocity + at : NULL, g[i]);
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
        gradient_weights(s, c, l);
        if (s->net->has_bias) gradient_biases(s, c, l);
    }
}

#endif
