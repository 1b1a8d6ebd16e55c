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
/* *sum += a * b in one fma. By name, as the compiler would rather write the sum to another register
 * and move it back, which costs a tile a sixth of its speed. */
SVK_FN void v_add_product(vreal *sum, vreal a, vreal b)
{
    __asm__("vfmadd231ps %2, %1, %0" : "+v"(*sum) : "v"(a), "v"(b));
}
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
    __m512 tiny = _mm512_set1_ps(SVK_TINY);
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

/* Rows i, 4+i, 8+i, 12+i side by side, four values of each in one vector: each 128-bit part then
 * holds four lanes to transpose. The addresses are fetched once for all n values. */
SVK_FN void load_parts(const real *const *row, int i, int offset, int n, __m512 *part)
{
    const real *row0 = row[i] + offset, *row1 = row[4 + i] + offset;
    const real *row2 = row[8 + i] + offset, *row3 = row[12 + i] + offset;
#pragma GCC unroll 4
    for (int f = 0; f < n; f += 4) {
        __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(row0 + f));
        v = _mm512_insertf32x4(v, _mm_loadu_ps(row1 + f), 1);
        v = _mm512_insertf32x4(v, _mm_loadu_ps(row2 + f), 2);
        part[f] = _mm512_insertf32x4(v, _mm_loadu_ps(row3 + f), 3);
    }
}

SVK_FN void transpose4(const __m512 *r, vreal *out)
{
    __m512 t0 = _mm512_unpacklo_ps(r[0], r[1]), t1 = _mm512_unpackhi_ps(r[0], r[1]);
    __m512 t2 = _mm512_unpacklo_ps(r[2], r[3]), t3 = _mm512_unpackhi_ps(r[2], r[3]);
    out[0] = _mm512_shuffle_ps(t0, t2, 0x44);
    out[1] = _mm512_shuffle_ps(t0, t2, 0xee);
    out[2] = _mm512_shuffle_ps(t1, t3, 0x44);
    out[3] = _mm512_shuffle_ps(t1, t3, 0xee);
}

/* n values from each lane's address, 4 or 16; out[i] holds value i of every lane. */
SVK_FN void v_load_rows(const real *const *row, int offset, int n, vreal *out)
{
    __m512 part[16];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) load_parts(row, i, offset, n, part + i);
#pragma GCC unroll 4
    for (int f = 0; f < n; f += 4) transpose4(part + f, out + f);
}

#endif
