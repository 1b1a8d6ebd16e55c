/* Stress delays: waiting for drawn times, so that warps and blocks come in other orders. No result
 * of a path in the program's order hangs on them. */
#ifndef SVK_DELAY_CUH
#define SVK_DELAY_CUH

#include "mlp_block.cuh"

/* Cycles at most, powers of two: what a block waits before its run (some 50 us) and a warp before
 * it adds (some 5 us, as long as a small step). */
enum { DELAY_OF_BLOCK = 1 << 16, DELAY_OF_WARP = 1 << 13 };

/* The draws of a block. */
enum { DELAY_AT_START, DELAY_BEFORE_PART };

/* step, part: which one; what: DELAY_AT_START or DELAY_BEFORE_PART. Every lane of a warp draws and
 * waits the same. */
template <class FORM>
SVK_DEVICE void delay(const block<FORM> &b, uint64_t step, uint32_t part, uint32_t what,
                      uint32_t most)
{
    if (!b.training->has_delays) return;
    svk_block drawn =
        svk_philox(static_cast<uint32_t>(b.delay_key), static_cast<uint32_t>(b.delay_key >> 32),
                   static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32), part, what);
    long long begun = clock64(), n_cycles = drawn.word[0] & (most - 1);
    while (clock64() - begun < n_cycles) {
    }
}

#endif
