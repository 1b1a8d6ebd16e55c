/* One product of matrices on the tensor cores of a warp: c (16 x 8) += a (16 x K) b (K x 8), which
 * all lanes make together; PTX ISA, "Matrix Fragments for mma.m16n8k8" and "m16n8k16". With lane =
 * 4 * high + low: c[i] is row high + 8 * (i / 2), column 2 * low + i % 2; a[i] is row high + 8 * (i
 * % 2), b[i] column high; which terms they hold is said below. In which order and how rounded the
 * hardware adds the K products and c is its own. */
#ifndef SVK_MMA_SYNC_CUH
#define SVK_MMA_SYNC_CUH

#include "real.cuh"

enum { MMA_ROWS = 16, MMA_COLUMNS = 8 };

/* TF32, K = 8: a[i] term low + 4 * (i / 2), b[i] term low + 4 * i. */
struct mma_tf32 {
    enum { N_TERMS = 8 };
    /* term(t): the value of term t of the row or column, to be packed. */
    template <class TERM>
    static __device__ __forceinline__ uint32_t pack(uint32_t low, uint32_t half, TERM term)
    {
        return svk_bits_f32(svk_round_tf32(term(low + 4 * half)));
    }
    static __device__ __forceinline__ void multiply(float (&c)[4], const uint32_t (&a)[4],
                                                    const uint32_t (&b)[2])
    {
#ifdef __CUDACC__
        asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, "
                     "{%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
        emulated_mma_tf32(c, a, b);
#endif
    }
};

/* bfloat16, K = 16, two terms a register, the first in the low half: a[i] terms 2 * low + 8 * (i /
 * 2) and the next, b[i] terms 2 * low + 8 * i and the next. */
struct mma_bf16 {
    enum { N_TERMS = 16 };
    template <class TERM>
    static __device__ __forceinline__ uint32_t pack(uint32_t low, uint32_t half, TERM term)
    {
        uint32_t t = 2 * low + 8 * half;
        return svk_bits_f32(svk_round_bf16(term(t))) >> 16 |
               svk_bits_f32(svk_round_bf16(term(t + 1)));
    }
    static __device__ __forceinline__ void multiply(float (&c)[4], const uint32_t (&a)[4],
                                                    const uint32_t (&b)[2])
    {
#ifdef __CUDACC__
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, "
                     "{%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
        emulated_mma_bf16(c, a, b);
#endif
    }
};

#endif
