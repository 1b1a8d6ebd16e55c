#include "data_kernels.h"

#include <string.h>

#include "cpu_kernels.h"

#if defined(SVK_HAS_X86)
#define VARIANTS(X) X(avx512) X(avx2) X(plain)
#else
#define VARIANTS(X) X(plain)
#endif

#define DECLARE(simd) extern const svk_data_kernels svk_data_kernels_##simd;
VARIANTS(DECLARE)
#undef DECLARE

const svk_data_kernels *svk_data_kernels_best(void)
{
    static const svk_data_kernels *const variants[] = {
#define ROW(simd) &svk_data_kernels_##simd,
        VARIANTS(ROW)
#undef ROW
    };
    const char *best = svk_cpu_best_simd();
    size_t i = 0;
    while (strcmp(variants[i]->simd, best) != 0) i++;
    return variants[i];
}
