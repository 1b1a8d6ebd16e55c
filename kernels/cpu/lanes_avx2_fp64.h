/* Four seeds in binary64 in an AVX2 register. */
#ifndef SVK_LANES_AVX2_FP64_H
#define SVK_LANES_AVX2_FP64_H

#include <immintrin.h>

enum { LANES = 4, TILE_COLUMNS = 2 };
typedef __m256d vreal;

SVK_FN vreal v_load(const real *p) { return _mm256_load_pd(p); }
SVK_FN void v_store(real *p, vreal v) { _mm256_store_pd(p, v); }
SVK_FN vreal v_set1(real x) { return _mm256_set1_pd(x); }
SVK_FN vreal v_add(vreal a, vreal b) { return _mm256_add_pd(a, b); }
SVK_FN vreal v_sub(vreal a, vreal b) { return _mm256_sub_pd(a, b); }
SVK_FN vreal v_mul(vreal a, vreal b) { return _mm256_mul_pd(a, b); }
SVK_FN vreal v_div(vreal a, vreal b) { return _mm256_div_pd(a, b); }
SVK_FN vreal v_fma(vreal a, vreal b, vreal c) { return _mm256_fmadd_pd(a, b, c); }
/* *sum += a * b in one fma, by name as in the wider registers. */
SVK_FN void v_add_product(vreal *sum, vreal a, vreal b)
{
    __asm__("vfmadd231pd %2, %1, %0" : "+x"(*sum) : "x"(a), "x"(b));
}
SVK_FN vreal v_fnma(vreal a, vreal b, vreal c) { return _mm256_fnmadd_pd(a, b, c); }
/* a > b ? a : b, which is what the instruction does, NaN and signed zeros included */
SVK_FN vreal v_greater(vreal a, vreal b) { return _mm256_max_pd(a, b); }
typedef __m256d vmask;
/* gate > 0 ? a : +0 */
SVK_FN vreal v_gate(vreal gate, vreal a)
{
    return _mm256_and_pd(_mm256_cmp_pd(gate, _mm256_setzero_pd(), _CMP_GT_OQ), a);
}
/* |v| < 2^-100 ? +0 : v, NaN kept */
SVK_FN vreal v_flush(vreal v)
{
    __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), v);
    return _mm256_and_pd(_mm256_cmp_pd(size, _mm256_set1_pd((double)SVK_TINY), _CMP_NLT_UQ), v);
}
SVK_FN vmask v_mask_none(void) { return _mm256_setzero_pd(); }
SVK_FN vmask v_mask_all(void)
{
    return _mm256_cmp_pd(_mm256_setzero_pd(), _mm256_setzero_pd(), _CMP_EQ_OQ);
}
/* m and neither a nor b is NaN */
SVK_FN vmask v_mask_ordered(vmask m, vreal a, vreal b)
{
    return _mm256_and_pd(m, _mm256_cmp_pd(a, b, _CMP_ORD_Q));
}
SVK_FN vmask v_mask_positive(vmask m, vreal a)
{
    return _mm256_or_pd(m, _mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_GT_OQ));
}
SVK_FN vmask v_mask_less(vreal a, vreal b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
/* m ? a : b */
SVK_FN vreal v_choose(vmask m, vreal a, vreal b) { return _mm256_blendv_pd(b, a, m); }
SVK_FN int v_mask_lane(vmask m, int lane) { return _mm256_movemask_pd(m) >> lane & 1; }

/* n values from each lane's address, an even number; out[i] holds value i of every lane. */
SVK_FN void v_load_rows(const real *const *row, int offset, int n, vreal *out)
{
    for (int i = 0; i < n; i += 2) {
        __m256d r0 = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(row[0] + offset + i)),
                                          _mm_loadu_pd(row[2] + offset + i), 1);
        __m256d r1 = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(row[1] + offset + i)),
                                          _mm_loadu_pd(row[3] + offset + i), 1);
        out[i] = _mm256_unpacklo_pd(r0, r1);
        out[i + 1] = _mm256_unpackhi_pd(r0, r1);
    }
}

#endif
