/* As many multiply-adds as the processor can do: twelve independent chains, which covers four
 * cycles of latency on two or three units. The yardstick for the training kernels. */
#include "cpu_kernels.h"
#include "lanes.h"

/* clang-format off */
#define EACH_CHAIN(DO)                                                                             \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
/* clang-format on */

void SVK_VARIANT(svk_fma_peak)(uint64_t n_iterations)
{
    vreal factor = v_set1((real)0.999), addend = v_set1((real)0.001);
#define START(i) vreal c##i = v_set1((real)(i + 1));
#define ADVANCE(i) c##i = v_fma(c##i, factor, addend);
#define COLLECT(i) sum = v_add(sum, c##i);
    EACH_CHAIN(START)
    for (uint64_t i = 0; i < n_iterations; i++) {
        EACH_CHAIN(ADVANCE)
    }
    _Alignas(64) real total[LANES];
    vreal sum = v_set1(0);
    EACH_CHAIN(COLLECT)
    v_store(total, sum);
    volatile real used = total[0]; /* or the compiler would see that nobody needs the sums */
    (void)used;
}
