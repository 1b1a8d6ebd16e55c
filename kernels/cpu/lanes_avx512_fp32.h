/* Sixteen seeds in an AVX-512 register. */
#ifndef SVK_LANES_AVX512_FP32_H
#define SVK_LANES_AVX512_FP32_H

#include <immintrin.h>

enum { LANES = 16, TILE_COLUMNS = 4 };
typedef __m512 vreal;

SVK_FN vreal v_load(const real *p) { return _mm512_load_ps(p); }
SVK_FN void v_store(real *p, vreal v) { _mm512_store_ps(p, v); }
SVK_FN vreal v_set1(real x) { return _mm512_set1_ps(x); }
SVK_FN vreal v_add(vreal a, vreal b) { return _mm512_add_ps(a, b); }
SVK_FN vreal v_sub(vreal a, vreal b) { return _mm512_sub_ps(a, b); }
SVK_FN vreal v_mul(vreal a, vreal b) { return _mm512_mul_ps(a, b); }
SVK_FN vreal v_div(vreal a, vreal b) { return _mm512_div_ps(a, b); }
SVK_FN vreal v_fma(vreal a, vreal b, vreal c) { return _mm512_fmadd_ps(a, b, c); }
SVK_FN vreal v_fnma(vreal a, vreal b, vreal c) { return _mm512_fnmadd_ps(a, b, c); }
/* a > b ? a : b, which is what the instruction does, NaN and signed zeros included */
SVK_FN vreal v_greater(vreal a, vreal b) { return _mm512_max_ps(a, b); }
typedef __mmask16 vmask;
/* gate > 0 ? a : +0 */
SVK_FN vreal v_gate(vreal gate, vreal a)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(gate, _mm512_setzero_ps(), _CMP_GT_OQ), a);
}
/* |v| < 2^-100 ? +0 : v, NaN kept */
SVK_FN vreal v_flush(vreal v)
{
    __m512 tiny = _mm512_set1_ps(SVK_VELOCITY_TINY);
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(v), tiny, _CMP_NLT_UQ), v);
}
SVK_FN vmask v_mask_none(void) { return 0; }
SVK_FN vmask v_mask_all(void) { return 0xffff; }
/* m and neither a nor b is NaN */
SVK_FN vmask v_mask_ordered(vmask m, vreal a, vreal b)
{
    return _mm512_mask_cmp_ps_mask(m, a, b, _CMP_ORD_Q);
}
SVK_FN vmask v_mask_positive(vmask m, vreal a)
{
    return _kor_mask16(m, _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ));
}
SVK_FN vmask v_mask_less(vreal a, vreal b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
/* m ? a : b */
SVK_FN vreal v_choose(vmask m, vreal a, vreal b) { return _mm512_mask_mov_ps(b, m, a); }
SVK_FN int v_mask_lane(vmask m, int lane) { return m >> lane & 1; }

/* Rows i, 4+i, 8+i, 12+i side by side: each 128-bit part then holds four lanes to transpose. */
SVK_FN __m512 rows_of_parts(const real *const *row, int i, int offset)
{
    __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(row[i] + offset));
    v = _mm512_insertf32x4(v, _mm_loadu_ps(row[4 + i] + offset), 1);
    v = _mm512_insertf32x4(v, _mm_loadu_ps(row[8 + i] + offset), 2);
    return _mm512_insertf32x4(v, _mm_loadu_ps(row[12 + i] + offset), 3);
}

/* Four values from each lane's address; out[i] holds value i of every lane. */
SVK_FN void v_load_rows4(const real *const *row, int offset, vreal out[4])
{
    __m512 r0 = rows_of_parts(row, 0, offset), r1 = rows_of_parts(row, 1, offset);
    __m512 r2 = rows_of_parts(row, 2, offset), r3 = rows_of_parts(row, 3, offset);
    __m512 t0 = _mm512_unpacklo_ps(r0, r1), t1 = _mm512_unpackhi_ps(r0, r1);
    __m512 t2 = _mm512_unpacklo_ps(r2, r3), t3 = _mm512_unpackhi_ps(r2, r3);
    out[0] = _mm512_shuffle_ps(t0, t2, 0x44);
    out[1] = _mm512_shuffle_ps(t0, t2, 0xee);
    out[2] = _mm512_shuffle_ps(t1, t3, 0x44);
    out[3] = _mm512_shuffle_ps(t1, t3, 0xee);
}

#endif
