/* Operands of products in the narrow precisions. */
#ifndef SVK_ROUND_LANES_H
#define SVK_ROUND_LANES_H

#include "lanes.h"
#include "rounding.h"

/* Rounds n values; fp32 and fp64 leave them as they are. */
static void round_values(int precision, real *p, size_t n)
{
#if SVK_REAL_BITS == 32
    switch (precision) {
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
    (void)precision, (void)p, (void)n;
#endif
}

#endif
