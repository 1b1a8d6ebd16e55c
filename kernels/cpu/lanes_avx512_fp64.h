/* Eight seeds in binary64 in an AVX-512 register. */
#ifndef SVK_LANES_AVX512_FP64_H
#define SVK_LANES_AVX512_FP64_H

#include <immintrin.h>

enum { LANES = 8, TILE_COLUMNS = 4 };
typedef __m512d vreal;

SVK_FN vreal v_load(const real *p) { return _mm512_load_pd(p); }
SVK_FN void v_store(real *p, vreal v) { _mm512_store_pd(p, v); }
SVK_FN vreal v_set1(real x) { return _mm512_set1_pd(x); }
SVK_FN vreal v_add(vreal a, vreal b) { return _mm512_add_pd(a, b); }
SVK_FN vreal v_sub(vreal a, vreal b) { return _mm512_sub_pd(a, b); }
SVK_FN vreal v_mul(vreal a, vreal b) { return _mm512_mul_pd(a, b); }
SVK_FN vreal v_div(vreal a, vreal b) { return _mm512_div_pd(a, b); }
SVK_FN vreal v_fma(vreal a, vreal b, vreal c) { return _mm512_fmadd_pd(a, b, c); }
/* *sum += a * b in one fma. By name, as the compiler would rather write the sum to another register
 * and move it back, which costs a tile a sixth of its speed. */
SVK_FN void v_add_product(vreal *sum, vreal a, vreal b)
{
    __asm__("vfmadd231pd %2, %1, %0" : "+v"(*sum) : "v"(a), "v"(b));
}
SVK_FN vreal v_fnma(vreal a, vreal b, vreal c) { return _mm512_fnmadd_pd(a, b, c); }
/* a > b ? a : b, which is what the instruction does, NaN and signed zeros included */
SVK_FN vreal v_greater(vreal a, vreal b) { return _mm512_max_pd(a, b); }
typedef __mmask8 vmask;
/* gate > 0 ? a : +0 */
SVK_FN vreal v_gate(vreal gate, vreal a)
{
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(gate, _mm512_setzero_pd(), _CMP_GT_OQ), a);
}
/* |v| < 2^-100 ? +0 : v, NaN kept */
SVK_FN vreal v_flush(vreal v)
{
    __m512d tiny = _mm512_set1_pd((double)SVK_TINY);
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(_mm512_abs_pd(v), tiny, _CMP_NLT_UQ), v);
}
SVK_FN vmask v_mask_none(void) { return 0; }
SVK_FN vmask v_mask_all(void) { return 0xff; }
/* m and neither a nor b is NaN */
SVK_FN vmask v_mask_ordered(vmask m, vreal a, vreal b)
{
    return _mm512_mask_cmp_pd_mask(m, a, b, _CMP_ORD_Q);
}
SVK_FN vmask v_mask_positive(vmask m, vreal a)
{
    return _kor_mask8(m, _mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_GT_OQ));
}
SVK_FN vmask v_mask_less(vreal a, vreal b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
/* m ? a : b */
SVK_FN vreal v_choose(vmask m, vreal a, vreal b) { return _mm512_mask_mov_pd(b, m, a); }
SVK_FN int v_mask_lane(vmask m, int lane) { return m >> lane & 1; }

/* Rows i, 2+i, 4+i, 6+i side by side, two values of each. */
SVK_FN __m512d rows_of_parts(const real *const *row, int i, int offset)
{
    __m512d v = _mm512_castpd128_pd512(_mm_loadu_pd(row[i] + offset));
    v = _mm512_insertf64x2(v, _mm_loadu_pd(row[2 + i] + offset), 1);
    v = _mm512_insertf64x2(v, _mm_loadu_pd(row[4 + i] + offset), 2);
    return _mm512_insertf64x2(v, _mm_loadu_pd(row[6 + i] + offset), 3);
}

/* n values from each lane's address, an even number; out[i] holds value i of every lane. */
SVK_FN void v_load_rows(const real *const *row, int offset, int n, vreal *out)
{
    for (int i = 0; i < n; i += 2) {
        __m512d r0 = rows_of_parts(row, 0, offset + i), r1 = rows_of_parts(row, 1, offset + i);
        out[i] = _mm512_unpacklo_pd(r0, r1);
        out[i + 1] = _mm512_unpackhi_pd(r0, r1);
    }
}

#endif
