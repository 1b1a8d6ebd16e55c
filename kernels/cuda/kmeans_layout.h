/* Where a thread block keeps one run of k-means. Plain numbers, made on the host, read by the
 * kernel. */
#ifndef SVK_KMEANS_LAYOUT_H
#define SVK_KMEANS_LAYOUT_H

#include "kmeans.h"

enum { SVK_KMEANS_THREADS = 256, SVK_KMEANS_STATE_BYTES = 3040 };

typedef struct svk_kmeans_layout {
    int32_t is_double;
    int32_t has_shared_centres; /* else they stand in the workspace */
    uint32_t shared_bytes;      /* dynamic shared memory of a block */
    uint64_t workspace_bytes;   /* global memory of a block */
} svk_kmeans_layout;

/* Rows that are met together. */
SVK_FN uint32_t svk_kmeans_rows_most(const svk_kmeans *s)
{
    return s->n_train > s->n_test ? s->n_train : s->n_test;
}

SVK_FN uint64_t svk_kmeans_padded(uint64_t size_bytes) { return (size_bytes + 15) / 16 * 16; }

/* shared_limit: the dynamic shared memory that a block may have. */
SVK_FN void svk_kmeans_layout_make(svk_kmeans_layout *a, const svk_kmeans *s, int is_double,
                                   uint32_t shared_limit)
{
    uint64_t value_bytes = is_double ? sizeof(double) : sizeof(float);
    uint64_t centres = svk_kmeans_padded((uint64_t)s->n_clusters * s->ld * value_bytes);
    a->is_double = is_double;
    a->has_shared_centres = SVK_KMEANS_STATE_BYTES + centres <= shared_limit;
    a->shared_bytes = SVK_KMEANS_STATE_BYTES + (a->has_shared_centres ? (uint32_t)centres : 0);
    a->workspace_bytes = (a->has_shared_centres ? 0 : centres) +
                         svk_kmeans_padded(svk_kmeans_rows_most(s) * sizeof(double)) +
                         svk_kmeans_padded(svk_kmeans_n_segments(s->n_train) * sizeof(double)) +
                         2 * svk_kmeans_padded(s->n_train * sizeof(uint32_t));
}

#endif
