/* Rows and their nearest centres, LANES rows a vector. The register tile: up to 4 vectors of rows
 * against 4 centres, each distance one chain of fma in ascending features. */
#ifndef SVK_KMEANS_TILE_H
#define SVK_KMEANS_TILE_H

#include <stddef.h>

#include "lanes.h"

/* Centres as the tile reads them. */
typedef struct centres {
    const real *p; /* [n][ld] */
    size_t ld;
    int n_features;
} centres;

/* For each row: the squared distance from the nearest centre, and that centre's number. */
typedef struct nearest {
    real *square, *centre; /* whole vectors */
} nearest;

/* Named, so that the compiler keeps them in registers. */
typedef struct square_tile {
    vreal d00, d01, d02, d03, d10, d11, d12, d13, d20, d21, d22, d23, d30, d31, d32, d33;
} square_tile;

SVK_FN vreal add_square(vreal x, vreal c, vreal d)
{
    vreal t = v_sub(x, c);
    return v_fma(t, t, d);
}

/* One feature: m x n distances. m and n are constants of the call. next: values from one vector of
 * rows to the next. */
SVK_FN void square_step(square_tile *t, int m, int n, const real *x, size_t next, const real *c,
                        size_t ld)
{
    vreal c0 = v_set1(c[0]), c1 = c0, c2 = c0, c3 = c0;
    if (n > 1) c1 = v_set1(c[ld]);
    if (n > 2) c2 = v_set1(c[2 * ld]);
    if (n > 3) c3 = v_set1(c[3 * ld]);
    vreal x0 = v_load(x);
    t->d00 = add_square(x0, c0, t->d00);
    if (n > 1) t->d01 = add_square(x0, c1, t->d01);
    if (n > 2) t->d02 = add_square(x0, c2, t->d02);
    if (n > 3) t->d03 = add_square(x0, c3, t->d03);
    if (m < 4) return;
    vreal x1 = v_load(x + next), x2 = v_load(x + 2 * next), x3 = v_load(x + 3 * next);
    t->d10 = add_square(x1, c0, t->d10);
    if (n > 1) t->d11 = add_square(x1, c1, t->d11);
    if (n > 2) t->d12 = add_square(x1, c2, t->d12);
    if (n > 3) t->d13 = add_square(x1, c3, t->d13);
    t->d20 = add_square(x2, c0, t->d20);
    if (n > 1) t->d21 = add_square(x2, c1, t->d21);
    if (n > 2) t->d22 = add_square(x2, c2, t->d22);
    if (n > 3) t->d23 = add_square(x2, c3, t->d23);
    t->d30 = add_square(x3, c0, t->d30);
    if (n > 1) t->d31 = add_square(x3, c1, t->d31);
    if (n > 2) t->d32 = add_square(x3, c2, t->d32);
    if (n > 3) t->d33 = add_square(x3, c3, t->d33);
}

/* A vector of rows meets n centres, the first of them numbered `first`. */
SVK_FN void keep_nearest(nearest out, size_t at, int n, int first, vreal d0, vreal d1, vreal d2,
                         vreal d3)
{
    const vreal d[4] = {d0, d1, d2, d3};
    vreal square = v_load(out.square + at), centre = v_load(out.centre + at);
    for (int j = 0; j < n; j++) {
        vmask is_nearer = v_mask_less(d[j], square);
        square = v_choose(is_nearer, d[j], square);
        centre = v_choose(is_nearer, v_set1((real)(first + j)), centre);
    }
    v_store(out.square + at, square);
    v_store(out.centre + at, centre);
}

/* m vectors of rows from x on against n centres from number `first` on. */
SVK_FN void meet_tile(int m, int n, const real *x, centres c, int first, nearest out)
{
    vreal zero = v_set1(0);
    square_tile t = {zero, zero, zero, zero, zero, zero, zero, zero,
                     zero, zero, zero, zero, zero, zero, zero, zero};
    const real *p = c.p + (size_t)first * c.ld;
    size_t next = (size_t)c.n_features * LANES;
    for (int f = 0; f < c.n_features; f++) square_step(&t, m, n, x + f * LANES, next, p + f, c.ld);
    keep_nearest(out, 0, n, first, t.d00, t.d01, t.d02, t.d03);
    if (m < 4) return;
    keep_nearest(out, LANES, n, first, t.d10, t.d11, t.d12, t.d13);
    keep_nearest(out, 2 * LANES, n, first, t.d20, t.d21, t.d22, t.d23);
    keep_nearest(out, 3 * LANES, n, first, t.d30, t.d31, t.d32, t.d33);
}

/* m vectors of rows against centres first .. last - 1. */
SVK_FN void meet_centres(int m, const real *x, centres c, int first, int last, nearest out)
{
    int j = first;
    if (TILE_COLUMNS == 4)
        for (; j + 4 <= last; j += 4) meet_tile(m, 4, x, c, j, out);
    for (; j + 2 <= last; j += 2) meet_tile(m, 2, x, c, j, out);
    if (j < last) meet_tile(m, 1, x, c, j, out);
}

/* Every row meets centres first .. last - 1, beside those that it met before. columns:
 * [n_vectors][n_features][LANES]. */
static void meet_all(const real *columns, size_t n_vectors, centres c, int first, int last,
                     nearest out)
{
    size_t v = 0;
    for (; v < n_vectors;) {
        const real *x = columns + v * (size_t)c.n_features * LANES;
        nearest here = {out.square + v * LANES, out.centre + v * LANES};
        int is_four = v + 4 <= n_vectors;
        if (is_four)
            meet_centres(4, x, c, first, last, here);
        else
            meet_centres(1, x, c, first, last, here);
        v += is_four ? 4 : 1;
    }
}

#endif
