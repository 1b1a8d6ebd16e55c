/* Forward and backward through all layers. */
#ifndef SVK_MLP_PASSES_H
#define SVK_MLP_PASSES_H

#include "conv_layers.h"
#include "mlp_layers.h"
#include "pool_layers.h"

static void round_values(const state *s, int l, real *values, int begin, int end)
{
    for (int bt = begin; bt < end && s->is_rounded; bt++)
        round_operands(s, values + value_at(s, l, 4 * (uint32_t)bt, 0),
                       4 * (size_t)s->net->width[l]);
}

static vmask forward(const state *s, int begin, int end, int is_training, vmask ordered)
{
    int last = s->net->n_layers;
    round_values(s, 0, s->h[0], begin, end);
    for (int l = 0; l < last; l++) {
        const svk_layer *layer = &s->net->layer[l];
        if (is_pool(layer)) {
            forward_pool(s, l, begin, end);
            round_values(s, l + 1, s->h[l + 1], begin, end);
            continue;
        }
        ordered = layer->kind == SVK_LAYER_CONV ? forward_conv(s, l, begin, end, ordered)
                                                : forward_layer(s, l, begin, end, ordered);
        if (l + 1 < last && !s->is_plain_relu) finish_layer(s, l + 1, begin, end, is_training);
    }
    return ordered;
}

/* Deltas of all hidden layers, from those of the outputs. */
static void backward(const state *s, int begin, int end)
{
    for (int l = s->net->n_layers - 1; l > 0; l--) {
        const svk_layer *layer = &s->net->layer[l];
        if (is_pool(layer))
            backward_pool(s, l, begin, end);
        else if (layer->kind == SVK_LAYER_CONV)
            backward_conv(s, l, begin, end);
        else
            backward_layer(s, l, begin, end);
        round_values(s, l, s->delta[l], begin, end);
    }
}

#endif
