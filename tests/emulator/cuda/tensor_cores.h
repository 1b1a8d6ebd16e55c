/* mma.sync.aligned.m16n8k8 (TF32) and m16n8k16 (bfloat16): c (16 x 8) += a b, by a whole warp.
 *
 * How the hardware adds is unknown, and its bits are not to be had here. This stand-in adds the
 * products one after the other, terms ascending, to c, each by an fma in binary32; so a kernel that
 * puts every operand in its place gives the bits of the contract's chain. */
#ifndef EMULATED_TENSOR_CORES_H
#define EMULATED_TENSOR_CORES_H

#include <cstdint>

namespace emulator
{

/* What a lane brings, in the registers of the PTX ISA, and takes away in c. */
struct mma_lane {
    uint32_t a[4], b[2];
    float c[4];
};

/* [32]: all lanes of a warp. */
void multiply_tf32(mma_lane *const *lane);
void multiply_bf16(mma_lane *const *lane);

} // namespace emulator

#endif
