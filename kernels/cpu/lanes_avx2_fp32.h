/* Eight seeds in an AVX2 register. */
#ifndef SVK_LANES_AVX2_FP32_H
#define SVK_LANES_AVX2_FP32_H

#include <immintrin.h>

enum { LANES = 8, TILE_COLUMNS = 2 };
typedef __m256 vreal;

SVK_FN vreal v_load(const real *p) { return _mm256_load_ps(p); }
SVK_FN void v_store(real *p, vreal v) { _mm256_store_ps(p, v); }
SVK_FN vreal v_set1(real x) { return _mm256_set1_ps(x); }
SVK_FN vreal v_add(vreal a, vreal b) { return _mm256_add_ps(a, b); }
SVK_FN vreal v_sub(vreal a, vreal b) { return _mm256_sub_ps(a, b); }
SVK_FN vreal v_mul(vreal a, vreal b) { return _mm256_mul_ps(a, b); }
SVK_FN vreal v_div(vreal a, vreal b) { return _mm256_div_ps(a, b); }
SVK_FN vreal v_fma(vreal a, vreal b, vreal c) { return _mm256_fmadd_ps(a, b, c); }
/* *sum += a * b in one fma, by name as in the wider registers. */
SVK_FN void v_add_product(vreal *sum, vreal a, vreal b)
{
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(*sum) : "x"(a), "x"(b));
}
SVK_FN vreal v_fnma(vreal a, vreal b, vreal c) { return _mm256_fnmadd_ps(a, b, c); }
/* a > b ? a : b, which is what the instruction does, NaN and signed zeros included */
SVK_FN vreal v_greater(vreal a, vreal b) { return _mm256_max_ps(a, b); }
typedef __m256 vmask;
/* gate > 0 ? a : +0 */
SVK_FN vreal v_gate(vreal gate, vreal a)
{
    return _mm256_and_ps(_mm256_cmp_ps(gate, _mm256_setzero_ps(), _CMP_GT_OQ), a);
}
/* |v| < 2^-100 ? +0 : v, NaN kept */
SVK_FN vreal v_flush(vreal v)
{
    __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
    return _mm256_and_ps(_mm256_cmp_ps(size, _mm256_set1_ps(SVK_TINY), _CMP_NLT_UQ), v);
}
SVK_FN vmask v_mask_none(void) { return _mm256_setzero_ps(); }
SVK_FN vmask v_mask_all(void)
{
    return _mm256_cmp_ps(_mm256_setzero_ps(), _mm256_setzero_ps(), _CMP_EQ_OQ);
}
/* m and neither a nor b is NaN */
SVK_FN vmask v_mask_ordered(vmask m, vreal a, vreal b)
{
    return _mm256_and_ps(m, _mm256_cmp_ps(a, b, _CMP_ORD_Q));
}
SVK_FN vmask v_mask_positive(vmask m, vreal a)
{
    return _mm256_or_ps(m, _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ));
}
SVK_FN vmask v_mask_less(vreal a, vreal b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
/* m ? a : b */
SVK_FN vreal v_choose(vmask m, vreal a, vreal b) { return _mm256_blendv_ps(b, a, m); }
SVK_FN int v_mask_lane(vmask m, int lane) { return _mm256_movemask_ps(m) >> lane & 1; }

SVK_FN __m256 rows_of_parts(const real *const *row, int i, int offset)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(row[i] + offset)),
                                _mm_loadu_ps(row[4 + i] + offset), 1);
}

SVK_FN void load_rows4(const real *const *row, int offset, vreal out[4])
{
    __m256 r0 = rows_of_parts(row, 0, offset), r1 = rows_of_parts(row, 1, offset);
    __m256 r2 = rows_of_parts(row, 2, offset), r3 = rows_of_parts(row, 3, offset);
    __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1);
    __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3);
    out[0] = _mm256_shuffle_ps(t0, t2, 0x44);
    out[1] = _mm256_shuffle_ps(t0, t2, 0xee);
    out[2] = _mm256_shuffle_ps(t1, t3, 0x44);
    out[3] = _mm256_shuffle_ps(t1, t3, 0xee);
}

/* n values from each lane's address, a multiple of 4; out[i] holds value i of every lane. */
SVK_FN void v_load_rows(const real *const *row, int offset, int n, vreal *out)
{
    for (int i = 0; i < n; i += 4) load_rows4(row, offset + i, out + i);
}

#endif
