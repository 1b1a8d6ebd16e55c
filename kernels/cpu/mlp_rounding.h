/* Operands of products in fewer bits. */
#ifndef SVK_MLP_ROUNDING_H
#define SVK_MLP_ROUNDING_H

#include <string.h>

#include "mlp_state.h"
#include "rounding.h"

/* Operands of products are rounded where they are made. */
static void round_operands(const state *s, real *p, size_t n_vectors)
{
#if SVK_REAL_BITS == 32
    size_t n = n_vectors * LANES;
    switch (s->training->precision) {
    case SVK_PRECISION_TF32:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_tf32(p[i]);
        break;
    case SVK_PRECISION_BF16:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_bf16(p[i]);
        break;
    case SVK_PRECISION_FP16:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_fp16(p[i]);
        break;
    }
#else
    (void)s, (void)p, (void)n_vectors;
#endif
}

/* Makes the copy of a layer's weights that forward and backward read. */
static void round_weights(const state *s, int l)
{
    const tensor *t = &s->weight[l];
    if (!s->is_rounded) return;
    memcpy(t->value, t->master, t->n * LANES * sizeof(real));
    round_operands(s, t->value, t->n);
}

#endif
