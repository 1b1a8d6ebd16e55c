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

const svk_data_kernels *svk_data_kernels_find(const char *simd)
{
    static const svk_data_kernels *const variants[] = {
#define ROW(simd) &svk_data_kernels_##simd,
        VARIANTS(ROW)
#undef ROW
    };
    if (svk_cpu_kernels_find(simd, SVK_PRECISION_FP64) == NULL) return NULL;
    size_t i = 0;
    while (strcmp(variants[i]->simd, simd) != 0) i++;
    return variants[i];
}

const svk_data_kernels *svk_data_kernels_best(void)
{
    return svk_data_kernels_find(svk_cpu_best_simd());
}
