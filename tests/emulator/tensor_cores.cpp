#include "tensor_cores.h"

#include <cmath>
#include <cstring>

namespace emulator
{

enum { LANES = 32, TERMS_OF_TF32 = 8, TERMS_OF_BF16 = 16 };

static float value_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Term k of a row of a, and of a column of b. The lower 13 bits of an operand are not read. */
struct tf32 {
    static float a(mma_lane *const *lane, int row, int k)
    {
        return value_of(lane[row % 8 * 4 + k % 4]->a[row / 8 + k / 4 * 2] & 0xffffe000u);
    }
    static float b(mma_lane *const *lane, int column, int k)
    {
        return value_of(lane[column * 4 + k % 4]->b[k / 4] & 0xffffe000u);
    }
};

/* Two terms a register, the first in the lower half. */
struct bf16 {
    static float half(uint32_t pair, int k)
    {
        return value_of(k % 2 == 0 ? pair << 16 : pair & 0xffff0000u);
    }
    static float a(mma_lane *const *lane, int row, int k)
    {
        return half(lane[row % 8 * 4 + k % 8 / 2]->a[row / 8 + k / 8 * 2], k);
    }
    static float b(mma_lane *const *lane, int column, int k)
    {
        return half(lane[column * 4 + k % 8 / 2]->b[k / 8], k);
    }
};

template <class OPERANDS> static void add_products(mma_lane *const *lane, int n_terms)
{
    for (int i = 0; i < LANES; i++)
        for (int q = 0; q < 4; q++) {
            int row = i / 4 + q / 2 * 8, column = i % 4 * 2 + q % 2;
            for (int k = 0; k < n_terms; k++)
                lane[i]->c[q] = std::fmaf(OPERANDS::a(lane, row, k), OPERANDS::b(lane, column, k),
                                          lane[i]->c[q]);
        }
}

void multiply_tf32(mma_lane *const *lane) { add_products<tf32>(lane, TERMS_OF_TF32); }

void multiply_bf16(mma_lane *const *lane) { add_products<bf16>(lane, TERMS_OF_BF16); }

} // namespace emulator
