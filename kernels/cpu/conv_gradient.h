/* Gradients of convolutions. They grow block by block while the values of the block are there: as
 * chains in the tensors' gradients, as one chain a part, or as sums of single terms; once the batch
 * is through they are finished. */
#ifndef SVK_CONV_GRADIENT_H
#define SVK_CONV_GRADIENT_H

#include "conv_layers.h"
#include "mlp_gradient.h"

static int n_pixels(svk_image i) { return i.height * i.width; }

/* ---- chains ---- */

/* A column of a kernel: taps of one input channel above each other. On a line of outputs all of
 * them have the same places, but at the upper and lower edge of the image some stand outside. */
typedef struct kernel_column {
    const svk_layer *layer;
    const real *d, *h; /* of one sample: channel j of the outputs, the channel of the inputs */
    svk_reach x;       /* outputs of a line on which the column stands inside */
    int column;
} kernel_column;

/* One line of outputs, taps first .. end - 1 of the column; h at tap 0 of the first output. */
SVK_FN void add_line(tile *t, int first, int end, int n, const kernel_column *k, const real *h,
                     const real *d)
{
    const size_t unit = 4 * LANES, step = (size_t)k->layer->stride * unit;
    const size_t h_apart = (size_t)k->layer->in.width * 4;
    const size_t d_apart = (size_t)n_pixels(k->layer->out) * 4;
    for (int i = k->x.begin; i < k->x.end; i++, h += step, d += unit)
        tile_step_rows(t, first, end, n, h, h_apart, d, d_apart);
}

SVK_FN void add_kernel_column(tile *t, int kernel, int n, const kernel_column *k)
{
    const svk_layer *layer = k->layer;
    const ptrdiff_t unit = 4 * LANES;
    int ix = k->x.begin * layer->stride + k->column - layer->padding;
    for (int oy = 0; oy < layer->out.height; oy++) {
        svk_taps y = svk_taps_of_output(layer, layer->in.height, oy);
        int iy = oy * layer->stride - layer->padding;
        const real *h = k->h + (iy * layer->in.width + ix) * unit;
        const real *d = k->d + (oy * layer->out.width + k->x.begin) * unit;
        if (y.begin == 0 && y.end == kernel)
            add_line(t, 0, kernel, n, k, h, d);
        else
            add_line(t, y.begin, y.end, n, k, h, d);
    }
}

SVK_FN void store_column(real *p, size_t apart, int m, int n, tile t)
{
    vreal g[20] = {t.c00, t.c01, t.c02, t.c03, t.c10, t.c11, t.c12, t.c13, t.c20, t.c21,
                   t.c22, t.c23, t.c30, t.c31, t.c32, t.c33, t.c40, t.c41, t.c42, t.c43};
    store_tile(p, apart, m, n, g);
}

/* Chains of a column, for output channels j .. j + n - 1 and samples begin .. end - 1. */
SVK_FN void kernel_column_gradients(const state *s, int l, int kernel, int n, int j, int channel,
                                    int column, uint32_t begin, uint32_t end, real *sums)
{
    const svk_layer *layer = &s->net->layer[l];
    const size_t apart = (size_t)kernel * 4;
    kernel_column k = {.layer = layer,
                       .x = svk_reach_of_tap(layer, layer->in.width, layer->out.width, column),
                       .column = column};
    real *at = sums + weight_at(s, l, j, channel * kernel * kernel + column);
    tile t = tile_load(at, apart, kernel, n);
    for (uint32_t b = begin; b < end; b++) {
        k.d = s->delta[l + 1] + value_at(s, l + 1, b, j * n_pixels(layer->out));
        k.h = s->h[l] + value_at(s, l, b, channel * n_pixels(layer->in));
        add_kernel_column(&t, kernel, n, &k);
    }
    store_column(at, apart, kernel, n, t);
}

SVK_FN void kernel_gradients(const state *s, int l, int kernel, int n, int j, uint32_t begin,
                             uint32_t end, real *sums)
{
    for (int channel = 0; channel < s->net->layer[l].in.channels; channel++)
        for (int column = 0; column < kernel; column++)
            kernel_column_gradients(s, l, kernel, n, j, channel, column, begin, end, sums);
}

/* Chains of n biases from j on: all pixels of samples begin .. end - 1. */
SVK_FN void conv_bias_gradients(const state *s, int l, int n, int j, uint32_t begin, uint32_t end,
                                real *sums)
{
    const size_t count = (size_t)n_pixels(s->net->layer[l].out), apart = count * 4;
    tile_columns g = tile_load_columns(n, sums + j * LANES, 1);
    for (uint32_t b = begin; b < end; b++) {
        const real *d = s->delta[l + 1] + value_at(s, l + 1, b, j * (int)count);
        for (size_t i = 0; i < count; i++, d += 4 * LANES) {
            tile_columns v = tile_load_columns(n, d, apart);
            g.b0 = v_add(g.b0, v.b0), g.b1 = v_add(g.b1, v.b1);
            g.b2 = v_add(g.b2, v.b2), g.b3 = v_add(g.b3, v.b3);
        }
    }
    v_store(sums + j * LANES, g.b0);
    if (n > 1) v_store(sums + (j + 1) * LANES, g.b1);
    if (n > 2) v_store(sums + (j + 2) * LANES, g.b2), v_store(sums + (j + 3) * LANES, g.b3);
}

SVK_FN void conv_tile_gradients(const state *s, int l, int n, int j, uint32_t begin, uint32_t end,
                                real *weights, real *biases)
{
    if (s->net->layer[l].kernel == 3)
        kernel_gradients(s, l, 3, n, j, begin, end, weights);
    else
        kernel_gradients(s, l, 5, n, j, begin, end, weights);
    if (s->net->has_bias) conv_bias_gradients(s, l, n, j, begin, end, biases);
}

/* Continues the chains at weights and biases. */
static void conv_chains(const state *s, int l, uint32_t begin, uint32_t end, real *weights,
                        real *biases)
{
    int j_count = s->net->layer[l].n_out;
    for (int j = 0, n; j < j_count; j += n) {
        n = tile_side(j_count - j, TILE_COLUMNS);
        if (n == 4)
            conv_tile_gradients(s, l, 4, j, begin, end, weights, biases);
        else if (n == 2)
            conv_tile_gradients(s, l, 2, j, begin, end, weights, biases);
        else
            conv_tile_gradients(s, l, 1, j, begin, end, weights, biases);
    }
}

/* ---- single terms ---- */

/* Terms of the weight of output j at a tap: (channel, row, column). Samples are counted from
 * `first`, the first of the block. */
static term_source terms_of_tap(const state *s, int l, uint32_t first, int j, int channel, int row,
                                int column)
{
    const svk_layer *layer = &s->net->layer[l];
    const int unit = 4 * LANES, stride = layer->stride;
    svk_reach y = svk_reach_of_tap(layer, layer->in.height, layer->out.height, row);
    svk_reach x = svk_reach_of_tap(layer, layer->in.width, layer->out.width, column);
    int iy = y.begin * stride + row - layer->padding;
    int ix = x.begin * stride + column - layer->padding;
    int d_unit = j * n_pixels(layer->out) + y.begin * layer->out.width + x.begin;
    int h_unit = channel * n_pixels(layer->in) + iy * layer->in.width + ix;
    return (term_source){.d = s->delta[l + 1] + value_at(s, l + 1, first, d_unit),
                         .h = s->h[l] + value_at(s, l, first, h_unit),
                         .d_group = group_stride(s->net->width[l + 1]) * LANES,
                         .h_group = group_stride(s->net->width[l]) * LANES,
                         .n_rows = y.end - y.begin,
                         .n_columns = x.end - x.begin,
                         .d_row = (size_t)(layer->out.width * unit),
                         .h_row = (size_t)(stride * layer->in.width * unit),
                         .h_column = (size_t)(stride * unit)};
}

static term_source terms_of_bias(const state *s, int l, uint32_t first, int j)
{
    const svk_layer *layer = &s->net->layer[l];
    int unit = j * n_pixels(layer->out);
    return (term_source){.d = s->delta[l + 1] + value_at(s, l + 1, first, unit),
                         .h = s->ones,
                         .d_group = group_stride(s->net->width[l + 1]) * LANES,
                         .n_rows = 1,
                         .n_columns = n_pixels(layer->out)};
}

/* Terms of n samples from `first` on, the first of the block. */
static void conv_terms(state *s, int l, uint32_t first, uint32_t n)
{
    _Alignas(64) real_flag saturated[LANES] = {0};
    const svk_layer *layer = &s->net->layer[l];
    int kernel = layer->kernel, area = kernel * kernel;
    for (int j = 0; j < layer->n_out; j++) {
        for (int k = 0; k < layer->n_in; k++) {
            term_source from =
                terms_of_tap(s, l, first, j, k / area, k % area / kernel, k % kernel);
            add_terms(s, &from, 0, n, s->weight[l].sums + weight_at(s, l, j, k) / LANES, saturated);
        }
        if (!s->net->has_bias) continue;
        term_source from = terms_of_bias(s, l, first, j);
        add_terms(s, &from, 0, n, s->bias[l].sums + j, saturated);
    }
    for (int i = 0; i < LANES; i++)
        if (!s->is_stopped[i]) s->is_saturated[i] |= saturated[i] != 0;
}

/* ---- from the first block of a batch to the last ---- */

static void begin_sums(const state *s, const tensor *t)
{
    if (t->parts != NULL)
        memset(t->parts, 0, (size_t)s->batch.n_parts * t->n * LANES * sizeof(real));
    else if (t->sums != NULL)
        for (size_t i = 0; i < t->n; i++) term_sum_begin(&t->sums[i]);
    else
        memset(t->gradient, 0, t->n * LANES * sizeof(real));
}

static void begin_image_gradients(const state *s)
{
    for (int l = 0; l < s->net->n_image_layers; l++) {
        if (is_pool(&s->net->layer[l])) continue;
        begin_sums(s, &s->weight[l]);
        begin_sums(s, &s->bias[l]);
    }
}

/* Samples first .. end - 1 of the chunk, which are a block. */
static void conv_gradients(state *s, int l, uint32_t first, uint32_t end)
{
    const tensor *w = &s->weight[l], *b = &s->bias[l];
    if (w->sums != NULL) {
        conv_terms(s, l, first, end - first);
        return;
    }
    if (w->parts == NULL) {
        conv_chains(s, l, first, end, w->gradient, b->gradient);
        return;
    }
    for (int p = 0; p < s->batch.n_parts; p++) {
        size_t from = s->batch.begin[p], to = s->batch.begin[p + 1], part = (size_t)p * LANES;
        from = from > first ? from : first;
        to = to < end ? to : end;
        if (from < to)
            conv_chains(s, l, (uint32_t)from, (uint32_t)to, w->parts + part * w->n,
                        b->parts + part * b->n);
    }
}

/* Tiles begin .. end - 1 of the chunk's n samples. */
static void image_gradients(state *s, int begin, int end, uint32_t n)
{
    uint32_t last = 4 * (uint32_t)end < n ? 4 * (uint32_t)end : n;
    for (int l = 0; l < s->net->n_image_layers; l++)
        if (!is_pool(&s->net->layer[l])) conv_gradients(s, l, 4 * (uint32_t)begin, last);
}

static void end_parts(state *s, const tensor *t, int tensor_number)
{
    draw_part_orders(s, tensor_number);
    for (size_t at = 0; at < t->n; at += 4) {
        vreal g[4];
        for (int p = 0; p < s->batch.n_parts; p++)
            memcpy(s->parts + p * 16 * LANES, t->parts + ((size_t)p * t->n + at) * LANES,
                   4 * LANES * sizeof(real));
        combine_parts(s, 4, g);
        for (int i = 0; i < 4; i++) v_store(t->gradient + (at + (size_t)i) * LANES, g[i]);
    }
}

static void end_sums(state *s, const tensor *t, int tensor_number)
{
    if (t->parts != NULL) end_parts(s, t, tensor_number);
    for (size_t i = 0; t->sums != NULL && i < t->n; i++)
        term_sum_end(s, &t->sums[i], t->gradient + i * LANES);
}

static void end_image_gradients(state *s)
{
    for (int l = 0; l < s->net->n_image_layers; l++) {
        const svk_layer *layer = &s->net->layer[l];
        if (is_pool(layer)) continue;
        end_sums(s, &s->weight[l], layer->tensor);
        if (s->net->has_bias) end_sums(s, &s->bias[l], layer->tensor + 1);
    }
}

#endif
