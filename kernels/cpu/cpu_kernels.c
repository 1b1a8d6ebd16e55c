#include "cpu_kernels.h"

#include <string.h>

/* Instruction set, precision, suffix of its functions, lanes. */
#if defined(SVK_HAS_X86)
#define X86_VARIANTS(X)                                                                            \
    X("avx512", FP32, avx512_fp32, 16)                                                             \
    X("avx512", FP64, avx512_fp64, 8)                                                              \
    X("avx2", FP32, avx2_fp32, 8)                                                                  \
    X("avx2", FP64, avx2_fp64, 4)
#else
#define X86_VARIANTS(X)
#endif
#define VARIANTS(X)                                                                                \
    X86_VARIANTS(X)                                                                                \
    X("plain", FP32, plain_fp32, 1)                                                                \
    X("plain", FP64, plain_fp64, 1)

#define DECLARE(simd, precision, suffix, lanes)                                                    \
    size_t svk_mlp_workspace_size_##suffix(const svk_net *, const svk_training *);                 \
    void svk_mlp_train_##suffix(const svk_net *, const svk_training *, const svk_lane *, void *,   \
                                svk_result *);                                                     \
    size_t svk_fit_workspace_size_##suffix(const svk_net *, const svk_training *);                 \
    void svk_fit_##suffix(const svk_net *, const svk_training *, uint32_t, const svk_fit_lane *,   \
                          void *, svk_result *);                                                   \
    void svk_poly_start_##suffix(const svk_polynomial *, const uint64_t *, size_t, double *);      \
    void svk_poly_descend_##suffix(const svk_polynomial *, const double *, size_t, double *);      \
    void svk_poly_results_##suffix(const svk_polynomial *, uint64_t, const double *, size_t,       \
                                   svk_result *);                                                  \
    size_t svk_kmeans_table_size_##suffix(const svk_kmeans *);                                     \
    size_t svk_kmeans_workspace_size_##suffix(const svk_kmeans *);                                 \
    void svk_kmeans_pack_##suffix(const svk_kmeans *, const void *, void *);                       \
    void svk_kmeans_train_##suffix(const svk_kmeans *, const svk_kmeans_seed *, void *,            \
                                   svk_result *);                                                  \
    void svk_fma_peak_##suffix(uint64_t);
VARIANTS(DECLARE)
#undef DECLARE

static const svk_cpu_kernels variants[] = {
#define ROW(simd, precision, suffix, lanes)                                                        \
    {simd,                                                                                         \
     SVK_PRECISION_##precision,                                                                    \
     lanes,                                                                                        \
     svk_mlp_workspace_size_##suffix,                                                              \
     svk_mlp_train_##suffix,                                                                       \
     svk_fit_workspace_size_##suffix,                                                              \
     svk_fit_##suffix,                                                                             \
     svk_poly_start_##suffix,                                                                      \
     svk_poly_descend_##suffix,                                                                    \
     svk_poly_results_##suffix,                                                                    \
     svk_kmeans_table_size_##suffix,                                                               \
     svk_kmeans_workspace_size_##suffix,                                                           \
     svk_kmeans_pack_##suffix,                                                                     \
     svk_kmeans_train_##suffix,                                                                    \
     svk_fma_peak_##suffix},
    VARIANTS(ROW)
#undef ROW
};

static int is_available(const char *simd)
{
#if defined(SVK_HAS_X86)
    if (strcmp(simd, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("fma");
    if (strcmp(simd, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return strcmp(simd, "plain") == 0;
}

const svk_cpu_kernels *svk_cpu_kernels_find(const char *simd, int precision)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        if (strcmp(variants[i].simd, simd) == 0 &&
            variants[i].precision == SVK_KEPT_PRECISION(precision) && is_available(simd))
            return &variants[i];
    return NULL;
}

const char *svk_cpu_best_simd(void)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        if (is_available(variants[i].simd)) return variants[i].simd;
    return "plain";
}
