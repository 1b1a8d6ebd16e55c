/* The register tile: up to 4 x 4 sums of products, each one chain of fma in ascending r.
 *
 * Everything a product touches is packed in groups of four (mlp_state.h). Read along r with the
 * tile's index inside a group, an operand is a `panel`: r moves by a group's row of four vectors.
 * When the roles are swapped, so that the chain runs inside the groups, it is a `cross`: r moves by
 * one vector, and by `group` every fourth time. */
#ifndef SVK_TILE_H
#define SVK_TILE_H

#include "lanes.h"

/* One operand of a product. */
typedef struct operand {
    const real *p; /* vector of tile index 0 and chain index 0 */
    size_t group;  /* cross: vectors from one group of four chain indices to the next */
    int is_cross;
} operand;

/* Named, so that the compiler keeps them in registers; sums in an array it would spill, at a third
 * of the speed. */
typedef struct tile {
    vreal c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33;
} tile;

SVK_FN const real *operand_at(operand o, size_t r)
{
    return o.p + (o.is_cross ? (r >> 2) * o.group + (r & 3) : r * 4) * LANES;
}

SVK_FN vreal operand_load(operand o, const real *p, int i)
{
    return v_load(p + (o.is_cross ? i * 4 : i) * LANES);
}

/* One r: m x n multiply-adds. m and n are constants of the call. */
SVK_FN void tile_step(tile *t, int m, int n, operand a, const real *ap, operand b, const real *bp)
{
    vreal b0 = operand_load(b, bp, 0), b1 = b0, b2 = b0, b3 = b0;
    if (n > 1) b1 = operand_load(b, bp, 1);
    if (n > 2) b2 = operand_load(b, bp, 2);
    if (n > 3) b3 = operand_load(b, bp, 3);
    vreal a0 = operand_load(a, ap, 0);
    t->c00 = v_fma(a0, b0, t->c00);
    if (n > 1) t->c01 = v_fma(a0, b1, t->c01);
    if (n > 2) t->c02 = v_fma(a0, b2, t->c02);
    if (n > 3) t->c03 = v_fma(a0, b3, t->c03);
    if (m < 2) return;
    vreal a1 = operand_load(a, ap, 1);
    t->c10 = v_fma(a1, b0, t->c10);
    if (n > 1) t->c11 = v_fma(a1, b1, t->c11);
    if (n > 2) t->c12 = v_fma(a1, b2, t->c12);
    if (n > 3) t->c13 = v_fma(a1, b3, t->c13);
    if (m < 3) return;
    vreal a2 = operand_load(a, ap, 2);
    t->c20 = v_fma(a2, b0, t->c20);
    if (n > 1) t->c21 = v_fma(a2, b1, t->c21);
    if (n > 2) t->c22 = v_fma(a2, b2, t->c22);
    if (n > 3) t->c23 = v_fma(a2, b3, t->c23);
    if (m < 4) return;
    vreal a3 = operand_load(a, ap, 3);
    t->c30 = v_fma(a3, b0, t->c30);
    if (n > 1) t->c31 = v_fma(a3, b1, t->c31);
    if (n > 2) t->c32 = v_fma(a3, b2, t->c32);
    if (n > 3) t->c33 = v_fma(a3, b3, t->c33);
}

/* Four consecutive r that begin a group. */
SVK_FN void tile_group(tile *t, int m, int n, operand a, operand b, size_t r)
{
    const real *ap = operand_at(a, r), *bp = operand_at(b, r);
    size_t a_step = (a.is_cross ? 1 : 4) * LANES, b_step = (b.is_cross ? 1 : 4) * LANES;
    tile_step(t, m, n, a, ap, b, bp);
    tile_step(t, m, n, a, ap + a_step, b, bp + b_step);
    tile_step(t, m, n, a, ap + 2 * a_step, b, bp + 2 * b_step);
    tile_step(t, m, n, a, ap + 3 * a_step, b, bp + 3 * b_step);
}

/* Adds to sum (i, j) the chain over r in [begin, end) of a(i, r) * b(j, r), i < m, j < n. */
SVK_FN void tile_multiply(tile *t, int m, int n, operand a, operand b, size_t begin, size_t end)
{
    size_t r = begin;
    for (; (r & 3) != 0 && r < end; r++)
        tile_step(t, m, n, a, operand_at(a, r), b, operand_at(b, r));
    for (; r + 4 <= end; r += 4) tile_group(t, m, n, a, b, r);
    for (; r < end; r++) tile_step(t, m, n, a, operand_at(a, r), b, operand_at(b, r));
}

/* A tile whose column j starts at start[j]. */
SVK_FN tile tile_start(vreal s0, vreal s1, vreal s2, vreal s3)
{
    return (tile){s0, s1, s2, s3, s0, s1, s2, s3, s0, s1, s2, s3, s0, s1, s2, s3};
}

/* The widest tile side that fits into what is left: 4, 2 or 1, at most `most`. */
SVK_FN int tile_side(int left, int most)
{
    if (left >= 4 && most >= 4) return 4;
    return left >= 2 ? 2 : 1;
}

#endif
