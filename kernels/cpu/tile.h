/* The register tile: up to 4 x 4 sums of products, each one chain of fma in ascending r.
 *
 * Everything a product touches is packed in groups of four: element (i, r) of an operand with R values of r a group
 * stands at vector (i / 4 * R + r) * 4 + i % 4. Read along r with i fixed in one group that is a `panel`; when the roles
 * are swapped, so that the tile's index runs over r and the chain over i, it is a `cross`. */
#ifndef SVK_TILE_H
#define SVK_TILE_H

#include "lanes.h"

/* One operand of a product. */
typedef struct operand {
    const real *p;      /* vector of tile index 0 and chain index 0 */
    size_t group;       /* cross: vectors from one group of four chain indices to the next */
    int is_cross;
} operand;

SVK_FN const real *operand_at(operand o, size_t r)
{
    return o.p + (o.is_cross ? (r >> 2) * o.group + (r & 3) : r * 4) * LANES;
}

SVK_FN vreal operand_load(operand o, const real *p, int i)
{
    return v_load(p + (o.is_cross ? i * 4 : i) * LANES);
}

/* c[i * 4 + j] = fma chain over r in [begin, end) of a(i, r) * b(j, r), i < m, j < n. m and n are constants of the call,
 * so that the named sums stay in registers (an array of them does not). */
SVK_FN void tile_multiply(int m, int n, vreal *c, operand a, operand b, size_t begin, size_t end)
{
    vreal c00 = c[0], c01 = c[1], c02 = c[2], c03 = c[3];
    vreal c10 = c[4], c11 = c[5], c12 = c[6], c13 = c[7];
    vreal c20 = c[8], c21 = c[9], c22 = c[10], c23 = c[11];
    vreal c30 = c[12], c31 = c[13], c32 = c[14], c33 = c[15];
    for (size_t r = begin; r < end; r++) {
        const real *ap = operand_at(a, r), *bp = operand_at(b, r);
        vreal b0 = operand_load(b, bp, 0), b1 = b0, b2 = b0, b3 = b0;
        if (n > 1) b1 = operand_load(b, bp, 1);
        if (n > 2) b2 = operand_load(b, bp, 2);
        if (n > 3) b3 = operand_load(b, bp, 3);
        vreal a0 = operand_load(a, ap, 0);
        c00 = v_fma(a0, b0, c00);
        if (n > 1) c01 = v_fma(a0, b1, c01);
        if (n > 2) c02 = v_fma(a0, b2, c02);
        if (n > 3) c03 = v_fma(a0, b3, c03);
        if (m > 1) {
            vreal a1 = operand_load(a, ap, 1);
            c10 = v_fma(a1, b0, c10);
            if (n > 1) c11 = v_fma(a1, b1, c11);
            if (n > 2) c12 = v_fma(a1, b2, c12);
            if (n > 3) c13 = v_fma(a1, b3, c13);
        }
        if (m > 2) {
            vreal a2 = operand_load(a, ap, 2);
            c20 = v_fma(a2, b0, c20);
            if (n > 1) c21 = v_fma(a2, b1, c21);
            if (n > 2) c22 = v_fma(a2, b2, c22);
            if (n > 3) c23 = v_fma(a2, b3, c23);
        }
        if (m > 3) {
            vreal a3 = operand_load(a, ap, 3);
            c30 = v_fma(a3, b0, c30);
            if (n > 1) c31 = v_fma(a3, b1, c31);
            if (n > 2) c32 = v_fma(a3, b2, c32);
            if (n > 3) c33 = v_fma(a3, b3, c33);
        }
    }
    c[0] = c00, c[1] = c01, c[2] = c02, c[3] = c03;
    c[4] = c10, c[5] = c11, c[6] = c12, c[7] = c13;
    c[8] = c20, c[9] = c21, c[10] = c22, c[11] = c23;
    c[12] = c30, c[13] = c31, c[14] = c32, c[15] = c33;
}

/* The widest tile side that fits into what is left: 4, 2 or 1, at most `most`. */
SVK_FN int tile_side(int left, int most)
{
    if (left >= 4 && most >= 4) return 4;
    return left >= 2 ? 2 : 1;
}

#endif
