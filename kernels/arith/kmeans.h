/* k-means by Lloyd's algorithm: rows go to the nearest centre, centres to the mean of their rows,
 * until no row changes its centre. Parameters are the centres, [cluster][feature].
 *
 * Squared distance of a row and a centre: the chain of fma(t, t, d), t = x - c, features ascending,
 * from +0; the first of the smallest distances wins. A mean is the chain of additions over the
 * cluster's rows, ascending, from +0, divided by their number; a centre without rows stays where it
 * is. */
#ifndef SVK_KMEANS_H
#define SVK_KMEANS_H

#include "philox.h"

typedef struct svk_kmeans {
    uint32_t n_train, n_val, n_test; /* rows, in this order, in the table of x */
    uint32_t n_features, ld;         /* a row of x is ld values long */
    uint32_t n_clusters;             /* 1..SVK_MAX_CLUSTERS, at most n_train */
    int32_t start;                   /* SVK_START_* */
    uint64_t max_iterations;         /* moves of the centres, at most */
} svk_kmeans;

/* The draws of k-means++ (Arthur and Vassilvitskii, SODA 2007) are words of tensor 0 of the init
 * source: centre j has words 4j and 4j + 1. The first centre is the row below(word 0, n_train). */
SVK_FN svk_block svk_kmeans_draw(uint64_t seed, uint32_t centre)
{
    return svk_draw_block(seed, SVK_STREAM_INIT, 0, centre);
}

/* [0, 1) in steps of 2^-53. */
SVK_FN double svk_kmeans_uniform(svk_block draw)
{
    uint64_t bits = ((uint64_t)draw.word[0] << 32 | draw.word[1]) >> 11;
    return (double)(int64_t)bits * 0x1p-53;
}

/* The squared distances to the nearest centre are added up in segments of so many rows, so that
 * threads and vectors can share the work. */
enum { SVK_KMEANS_SEGMENT = 32 };

SVK_FN uint32_t svk_kmeans_n_segments(uint32_t n)
{
    return (n + SVK_KMEANS_SEGMENT - 1) / SVK_KMEANS_SEGMENT;
}

/* Sum of a segment of square[n]: one chain, rows ascending, from +0. */
SVK_FN double svk_kmeans_segment(const double *square, uint32_t n, uint32_t segment)
{
    uint32_t begin = segment * SVK_KMEANS_SEGMENT;
    uint32_t end = n - begin < SVK_KMEANS_SEGMENT ? n : begin + SVK_KMEANS_SEGMENT;
    double sum = 0.0;
    for (uint32_t i = begin; i < end; i++) sum += square[i];
    return sum;
}

/* The row of the next centre, with probability in proportion to square[n]. sum: of each segment.
 * The first segment, and in it the first row, whose running sum exceeds the target; the last row of
 * the segment with a distance where rounding leaves none. Any row is as good as another where no
 * segment does, since then all distances are zero (or some overflowed). */
SVK_FN uint32_t svk_kmeans_pick(const double *square, uint32_t n, const double *sum, svk_block draw)
{
    uint32_t n_segments = svk_kmeans_n_segments(n), segment = 0;
    double total = 0.0, before = 0.0;
    for (uint32_t s = 0; s < n_segments; s++) total += sum[s];
    double target = svk_kmeans_uniform(draw) * total;
    while (segment < n_segments && !(before + sum[segment] > target)) before += sum[segment++];
    if (segment == n_segments) return svk_below(draw.word[0], n);
    uint32_t row = segment * SVK_KMEANS_SEGMENT, last = row;
    uint32_t end = n - row < SVK_KMEANS_SEGMENT ? n : row + SVK_KMEANS_SEGMENT;
    for (; row < end; row++) {
        before += square[row];
        if (before > target) return row;
        if (square[row] > 0.0) last = row;
    }
    return last;
}

#endif
