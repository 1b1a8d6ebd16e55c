/* One seed at a time, in portable C. */
#ifndef SVK_LANES_PLAIN_H
#define SVK_LANES_PLAIN_H

enum { LANES = 1, TILE_COLUMNS = 4 };
typedef real vreal;
typedef int vmask;

SVK_FN vreal v_load(const real *p) { return *p; }
SVK_FN void v_store(real *p, vreal v) { *p = v; }
SVK_FN vreal v_set1(real x) { return x; }
SVK_FN vreal v_add(vreal a, vreal b) { return a + b; }
SVK_FN vreal v_sub(vreal a, vreal b) { return a - b; }
SVK_FN vreal v_mul(vreal a, vreal b) { return a * b; }
SVK_FN vreal v_div(vreal a, vreal b) { return a / b; }
SVK_FN vreal v_fma(vreal a, vreal b, vreal c) { return real_fma(a, b, c); }
SVK_FN void v_add_product(vreal *sum, vreal a, vreal b) { *sum = real_fma(a, b, *sum); }
SVK_FN vreal v_fnma(vreal a, vreal b, vreal c) { return real_fma(-a, b, c); }
/* a > b ? a : b */
SVK_FN vreal v_greater(vreal a, vreal b) { return a > b ? a : b; }
/* gate > 0 ? a : +0 */
SVK_FN vreal v_gate(vreal gate, vreal a) { return gate > 0 ? a : 0; }
/* |v| < 2^-100 ? +0 : v, NaN kept */
SVK_FN vreal v_flush(vreal v) { return real_flush(v); }
SVK_FN vmask v_mask_none(void) { return 0; }
SVK_FN vmask v_mask_all(void) { return 1; }
/* m and neither a nor b is NaN */
SVK_FN vmask v_mask_ordered(vmask m, vreal a, vreal b) { return m & (a == a) & (b == b); }
SVK_FN vmask v_mask_positive(vmask m, vreal a) { return m | (a > 0); }
SVK_FN vmask v_mask_less(vreal a, vreal b) { return a < b; }
/* m ? a : b */
SVK_FN vreal v_choose(vmask m, vreal a, vreal b) { return m ? a : b; }
SVK_FN int v_mask_lane(vmask m, int lane) { return m >> lane & 1; }

/* n values from the lane's address. */
SVK_FN void v_load_rows(const real *const *row, int offset, int n, vreal *out)
{
    for (int i = 0; i < n; i++) out[i] = row[0][offset + i];
}

#endif
