/* Forward and backward through dense layers, and what follows any layer's sums. Layers are told
 * which tiles of four samples to work on: begin .. end - 1. */
#ifndef SVK_MLP_LAYERS_H
#define SVK_MLP_LAYERS_H

#include "mlp_math.h"
#include "mlp_rounding.h"
#include "tile.h"

/* ---- forward ---- */

/* Four samples of unit j, summed up: marks NaN, applies relu, stores. */
SVK_FN void finish_unit(int is_relu, vreal z0, vreal z1, vreal z2, vreal z3, real *out,
                        vmask *ordered)
{
    *ordered = v_mask_ordered(v_mask_ordered(*ordered, z0, z1), z2, z3);
    vreal zero = v_set1(0);
    v_store(out, is_relu ? v_greater(z0, zero) : z0);
    v_store(out + LANES, is_relu ? v_greater(z1, zero) : z1);
    v_store(out + 2 * LANES, is_relu ? v_greater(z2, zero) : z2);
    v_store(out + 3 * LANES, is_relu ? v_greater(z3, zero) : z3);
}

SVK_FN void forward_tile(const state *s, int is_relu, int l, int bt, int j, int n, vmask *ordered)
{
    int k_count = s->net->width[l];
    const real *bias = s->bias[l].value + j * LANES;
    vreal b0 = v_load(bias), b1 = n > 1 ? v_load(bias + LANES) : b0;
    vreal b2 = n > 2 ? v_load(bias + 2 * LANES) : b0, b3 = n > 3 ? v_load(bias + 3 * LANES) : b0;
    tile t = tile_start(b0, b1, b2, b3);
    operand a = {.p = s->h[l] + value_at(s, l, 4 * (uint32_t)bt, 0)};
    operand b = {.p = s->weight[l].value + weight_at(s, l, j, 0)};
    tile_multiply(&t, 4, n, a, b, 0, (size_t)k_count);
    real *out = s->h[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, j);
    finish_unit(is_relu, t.c00, t.c10, t.c20, t.c30, out, ordered);
    if (n > 1) finish_unit(is_relu, t.c01, t.c11, t.c21, t.c31, out + 4 * LANES, ordered);
    if (n > 2) finish_unit(is_relu, t.c02, t.c12, t.c22, t.c32, out + 8 * LANES, ordered);
    if (n > 3) finish_unit(is_relu, t.c03, t.c13, t.c23, t.c33, out + 12 * LANES, ordered);
}

/* n values of hidden units, and their slopes if slope is not NULL, as it is not for silu and gelu.
 */
static void activate(const state *s, real *restrict h, real *restrict slope, size_t n)
{
    switch (s->net->activation) {
    case SVK_ACTIVATION_RELU:
        for (size_t i = 0; slope != NULL && i < n; i++) slope[i] = h[i] > 0 ? (real)1 : (real)0;
        for (size_t i = 0; i < n; i++) h[i] = h[i] > 0 ? h[i] : (real)0;
        break;
    case SVK_ACTIVATION_TANH:
        take_tanh(s, h, n);
        for (size_t i = 0; slope != NULL && i < n; i++) slope[i] = real_fma(-h[i], h[i], 1);
        break;
    case SVK_ACTIVATION_SIGMOID:
        take_sigmoid(s, h, n);
        for (size_t i = 0; slope != NULL && i < n; i++) slope[i] = real_fma(-h[i], h[i], h[i]);
        break;
    case SVK_ACTIVATION_SILU:
        for (size_t i = 0; i < n; i++) slope[i] = h[i];
        take_sigmoid(s, h, n);
        for (size_t i = 0; i < n; i++) h[i] = svk_real_silu_of_sigmoid(slope[i], h[i], &slope[i]);
        break;
    default:
        for (size_t i = 0; i < n; i++) slope[i] = h[i];
        for (size_t i = 0; i < n; i++) h[i] = svk_real_gelu_inner(h[i]);
        take_tanh(s, h, n);
        for (size_t i = 0; i < n; i++) h[i] = svk_real_gelu_of_tanh(slope[i], h[i], &slope[i]);
    }
}

/* Drops units of values `layer` for one sample: word k of its row in the mask keeps unit k or not.
 * Rows are a multiple of four words, so that a block serves four units. Hidden dense layers are
 * numbered from 0. */
static void drop_units(const state *s, int layer, uint32_t b, real *h, real *slope)
{
    int width = s->net->width[layer];
    uint32_t number = (uint32_t)(layer - s->net->n_image_layers) - 1;
    uint64_t row = (s->first_sample + b) * (uint64_t)((width + 3) / 4);
    const real least = (real)s->net->dropout, scale = (real)(1.0 / (1.0 - s->net->dropout));
    for (int k = 0; k < width; k += 4, row++) {
        _Alignas(64) uint32_t word[4][LANES];
        FOR_LANES(l)
        {
            svk_block block =
                svk_draw_block(s->lanes[l].seed_dropout, SVK_STREAM_DROPOUT, number, row);
            for (int i = 0; i < 4; i++) word[i][l] = block.word[i];
        }
        for (int i = 0; i < 4 && k + i < width; i++) {
            size_t at = (size_t)(k + i) * 4 * LANES;
            FOR_LANES(l)
            {
                real factor = (real)svk_uniform(word[i][l]) >= least ? scale : (real)0;
                h[at + (size_t)l] *= factor;
                slope[at + (size_t)l] *= factor;
            }
        }
    }
}

/* What happens to the sums of a hidden layer, unless it is relu alone. Units of images are not
 * dropped. */
static void finish_layer(const state *s, int layer, int begin, int end, int is_training)
{
    size_t n = 4 * (size_t)s->net->width[layer];
    int has_dropout = is_training && s->net->dropout > 0 && layer > s->net->n_image_layers;
    for (int bt = begin; bt < end; bt++) {
        size_t at = value_at(s, layer, 4 * (uint32_t)bt, 0);
        real *h = s->h[layer] + at;
        real *slope = s->slope[layer] != NULL ? s->slope[layer] + at : NULL;
        activate(s, h, slope, n * LANES);
        for (uint32_t i = 0; i < 4 && has_dropout; i++)
            drop_units(s, layer, 4 * (uint32_t)bt + i, h + i * LANES, slope + i * LANES);
        if (s->is_rounded) round_operands(s, h, n);
    }
}

SVK_FN void forward_columns(const state *s, int l, int bt, int j, int n, vmask *ordered)
{
    if (l + 1 < s->net->n_layers && s->is_plain_relu)
        forward_tile(s, 1, l, bt, j, n, ordered);
    else
        forward_tile(s, 0, l, bt, j, n, ordered);
}

static vmask forward_layer(const state *s, int l, int begin, int end, vmask ordered)
{
    int j_count = s->net->width[l + 1];
    for (int j = 0, n; j < j_count; j += n) {
        n = tile_side(j_count - j, TILE_COLUMNS);
        for (int bt = begin; bt < end; bt++) {
            if (n == 4)
                forward_columns(s, l, bt, j, 4, &ordered);
            else if (n == 2)
                forward_columns(s, l, bt, j, 2, &ordered);
            else
                forward_columns(s, l, bt, j, 1, &ordered);
        }
    }
    return ordered;
}

/* ---- backward ---- */

/* source is a constant of the call. */
SVK_FN vreal finished_delta(slope_source source, vreal h, const real *slope, vreal sum)
{
    if (source == SLOPE_ONE) return sum;
    if (source == SLOPE_GATE) return v_gate(h, sum);
    if (source == SLOPE_TANH) return v_mul(sum, v_fnma(h, h, v_set1(1)));
    if (source == SLOPE_SIGMOID) return v_mul(sum, v_fnma(h, h, h));
    return v_mul(sum, v_load(slope));
}

/* Four samples of a unit: the sum s times the slope of the activation, which is made of the value h
 * or stored. */
SVK_FN void finish_delta(slope_source source, const real *h, const real *slope, vreal s0, vreal s1,
                         vreal s2, vreal s3, real *out)
{
    v_store(out, finished_delta(source, v_load(h), slope, s0));
    v_store(out + LANES, finished_delta(source, v_load(h + LANES), slope + LANES, s1));
    v_store(out + 2 * LANES, finished_delta(source, v_load(h + 2 * LANES), slope + 2 * LANES, s2));
    v_store(out + 3 * LANES, finished_delta(source, v_load(h + 3 * LANES), slope + 3 * LANES, s3));
}

SVK_FN void backward_tile(const state *s, slope_source source, int l, int bt, int k, int n,
                          int j_count)
{
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    operand a = {.p = s->delta[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, 0)};
    operand b = {s->weight[l].value + weight_at(s, l, 0, k), group_stride(s->net->width[l]), 1, 0};
    tile_multiply(&t, 4, n, a, b, 0, (size_t)j_count);
    size_t at = value_at(s, l, 4 * (uint32_t)bt, k);
    const real *h = s->h[l] + at, *slope = source == SLOPE_STORED ? s->slope[l] + at : h;
    real *out = s->delta[l] + at;
    const int unit = 4 * LANES;
    finish_delta(source, h, slope, t.c00, t.c10, t.c20, t.c30, out);
    if (n > 1) finish_delta(source, h + unit, slope + unit, t.c01, t.c11, t.c21, t.c31, out + unit);
    if (n > 2)
        finish_delta(source, h + 2 * unit, slope + 2 * unit, t.c02, t.c12, t.c22, t.c32,
                     out + 2 * unit);
    if (n > 3)
        finish_delta(source, h + 3 * unit, slope + 3 * unit, t.c03, t.c13, t.c23, t.c33,
                     out + 3 * unit);
}

SVK_FN void backward_any(const state *s, int l, int bt, int k, int n, int j_count)
{
    slope_source source = s->slope_source[l];
    if (source == SLOPE_ONE)
        backward_tile(s, SLOPE_ONE, l, bt, k, n, j_count);
    else if (source == SLOPE_TANH)
        backward_tile(s, SLOPE_TANH, l, bt, k, n, j_count);
    else if (source == SLOPE_SIGMOID)
        backward_tile(s, SLOPE_SIGMOID, l, bt, k, n, j_count);
    else
        backward_tile(s, SLOPE_STORED, l, bt, k, n, j_count);
}

/* Relu and a single output are common, and its chain of one product is worth a loop without loops
 * inside. */
SVK_FN void backward_columns(const state *s, int l, int bt, int k, int n)
{
    int j_count = s->net->width[l + 1];
    if (s->slope_source[l] != SLOPE_GATE)
        backward_any(s, l, bt, k, n, j_count);
    else if (j_count == 1)
        backward_tile(s, SLOPE_GATE, l, bt, k, n, 1);
    else
        backward_tile(s, SLOPE_GATE, l, bt, k, n, j_count);
}

static void backward_layer(const state *s, int l, int begin, int end)
{
    int k_count = s->net->width[l];
    for (int k = 0, n; k < k_count; k += n) {
        n = tile_side(k_count - k, TILE_COLUMNS);
        for (int bt = begin; bt < end; bt++) {
            if (n == 4)
                backward_columns(s, l, bt, k, 4);
            else if (n == 2)
                backward_columns(s, l, bt, k, 2);
            else
                backward_columns(s, l, bt, k, 1);
        }
    }
}

#endif
