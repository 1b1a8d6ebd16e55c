/* The register tile: up to 5 x 4 sums of products, each one chain of fma in ascending r.
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
    int has_ones; /* of the rows' operand: row 4 is all ones, so that its sums are those of b */
} operand;

/* Named, so that the compiler keeps them in registers; sums in an array it would spill, at a third
 * of the speed. */
typedef struct tile {
    vreal c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33;
    vreal c40, c41, c42, c43; /* of convolutions and biases */
} tile;

SVK_FN const real *operand_at(operand o, size_t r)
{
    return o.p + (o.is_cross ? (r >> 2) * o.group + (r & 3) : r * 4) * LANES;
}

/* Vectors between neighbours in the tile. */
SVK_FN size_t operand_apart(operand o) { return o.is_cross ? 4 : 1; }

/* The columns' operands of one r. */
typedef struct tile_columns {
    vreal b0, b1, b2, b3;
} tile_columns;

SVK_FN tile_columns tile_load_columns(int n, const real *b, size_t apart)
{
    vreal b0 = v_load(b);
    return (tile_columns){b0, n > 1 ? v_load(b + apart * LANES) : b0,
                          n > 2 ? v_load(b + 2 * apart * LANES) : b0,
                          n > 3 ? v_load(b + 3 * apart * LANES) : b0};
}

SVK_FN void tile_row(vreal *c0, vreal *c1, vreal *c2, vreal *c3, int n, const real *a,
                     tile_columns b)
{
    vreal v = v_load(a);
    v_add_product(c0, v, b.b0);
    if (n > 1) v_add_product(c1, v, b.b1);
    if (n > 2) v_add_product(c2, v, b.b2);
    if (n > 3) v_add_product(c3, v, b.b3);
}

/* One r of rows first .. end - 1. n is a constant of the call. */
SVK_FN void tile_step_rows(tile *t, int first, int end, int n, const real *a, size_t a_apart,
                           const real *b, size_t b_apart)
{
    tile_columns c = tile_load_columns(n, b, b_apart);
    size_t step = a_apart * LANES;
    if (first <= 0 && end > 0) tile_row(&t->c00, &t->c01, &t->c02, &t->c03, n, a, c);
    if (first <= 1 && end > 1) tile_row(&t->c10, &t->c11, &t->c12, &t->c13, n, a + step, c);
    if (first <= 2 && end > 2) tile_row(&t->c20, &t->c21, &t->c22, &t->c23, n, a + 2 * step, c);
    if (first <= 3 && end > 3) tile_row(&t->c30, &t->c31, &t->c32, &t->c33, n, a + 3 * step, c);
    if (first <= 4 && end > 4) tile_row(&t->c40, &t->c41, &t->c42, &t->c43, n, a + 4 * step, c);
}

/* One r: m x n multiply-adds. m and n are constants of the call. */
SVK_FN void tile_step(tile *t, int m, int n, operand a, const real *ap, operand b, const real *bp)
{
    tile_step_rows(t, 0, m, n, ap, operand_apart(a), bp, operand_apart(b));
    if (!a.has_ones) return;
    tile_columns c = tile_load_columns(n, bp, operand_apart(b));
    t->c40 = v_add(t->c40, c.b0);
    if (n > 1) t->c41 = v_add(t->c41, c.b1);
    if (n > 2) t->c42 = v_add(t->c42, c.b2);
    if (n > 3) t->c43 = v_add(t->c43, c.b3);
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
    return (tile){s0, s1, s2, s3, s0, s1, s2, s3, s0, s1, s2, s3, s0, s1, s2, s3, s0, s1, s2, s3};
}

/* The widest tile side that fits into what is left: 4, 2 or 1, at most `most`. */
SVK_FN int tile_side(int left, int most)
{
    if (left >= 4 && most >= 4) return 4;
    return left >= 2 ? 2 : 1;
}

#endif
