/* k-means in one thread block: what it keeps, and its phases. Every thread of the block calls a
 * phase, no thread waits inside it; the kernel puts the barriers between them. Rows are dealt out
 * to the threads, clusters to the warps; every sum is one thread's chain (kmeans.h). */
#ifndef SVK_KMEANS_CUH
#define SVK_KMEANS_CUH

#include <cuda_runtime.h>

#include "cuda_kernels.h"
#include "metric_sum.h"
#include "real.cuh"
#include "shuffle.h"

enum { KMEANS_WARP = 32 };
#define KMEANS_ALL_LANES 0xffffffffu

/* Of even and odd assignments: some threads may still read the last one's. */
struct kmeans_tally {
    uint32_t n_members[SVK_MAX_CLUSTERS];
    uint32_t has_changed;
};

struct kmeans_state {
    double chain[2][SVK_SUM_CHAINS];
    svk_shuffle shuffle;
    uint32_t digest[4];
    uint32_t is_infinite; /* a coordinate is not finite */
    uint32_t picked;      /* row of the next centre */
    kmeans_tally tally[2];
    uint8_t was_empty[SVK_MAX_CLUSTERS];
    uint8_t small_order[SVK_FISHER_YATES_MAX];
};

static_assert(sizeof(kmeans_state) <= SVK_KMEANS_STATE_BYTES,
              "the layout must leave room for the state");

/* A run at work. The state and, where they fit, the centres stand in shared memory, the rest in the
 * workspace. */
template <class REAL> struct kmeans_block {
    const svk_kmeans *shape;
    kmeans_state *state;
    REAL *centre;      /* [n_clusters][ld] */
    double *square;    /* [n_most]: of the rows last met */
    double *segment;   /* k-means++: sums of squares */
    uint32_t *member;  /* [n_train]: rows, cluster by cluster */
    uint32_t *cluster; /* [n_train] */
    const REAL *x;     /* the run's table */
    uint64_t seed_init;
    uint32_t n_test, thread, n_threads;
};

/* Four features side by side. */
template <class REAL> struct alignas(16) feature_quad {
    REAL v[4];
};

/* The next n_bytes of a piece of memory, up to a multiple of 16. */
template <class VALUE> SVK_DEVICE VALUE *kmeans_carve(unsigned char *&at, uint64_t n_bytes)
{
    VALUE *p = reinterpret_cast<VALUE *>(at);
    at += svk_kmeans_padded(n_bytes);
    return p;
}

template <class REAL>
SVK_DEVICE void kmeans_begin(kmeans_block<REAL> &b, const svk_cuda_kmeans &job,
                             unsigned char *shared)
{
    const svk_kmeans &s = job.shape;
    unsigned char *work =
        static_cast<unsigned char *>(job.wave.workspace) + blockIdx.x * job.layout.workspace_bytes;
    uint64_t centre_bytes = static_cast<uint64_t>(s.n_clusters) * s.ld * sizeof(REAL);
    uint32_t n_most = svk_kmeans_rows_most(&s);
    b.shape = &job.shape;
    b.state = kmeans_carve<kmeans_state>(shared, SVK_KMEANS_STATE_BYTES);
    if (job.layout.has_shared_centres) /* no choice of a reference: that would need an address */
        b.centre = kmeans_carve<REAL>(shared, centre_bytes);
    else
        b.centre = kmeans_carve<REAL>(work, centre_bytes);
    b.square = kmeans_carve<double>(work, n_most * sizeof(double));
    b.segment = kmeans_carve<double>(work, svk_kmeans_n_segments(s.n_train) * sizeof(double));
    b.member = kmeans_carve<uint32_t>(work, s.n_train * sizeof(uint32_t));
    b.cluster = kmeans_carve<uint32_t>(work, s.n_train * sizeof(uint32_t));
    b.thread = threadIdx.x;
    b.n_threads = blockDim.x;
}

template <class REAL>
SVK_DEVICE void kmeans_take_run(kmeans_block<REAL> &b, const svk_cuda_kmeans &job, uint64_t run)
{
    const svk_cuda_run &r = job.wave.runs[run];
    const svk_cuda_tables &tables = job.wave.tables;
    b.seed_init = r.seed_init;
    b.n_test = r.n_test;
    b.x = reinterpret_cast<const REAL *>(tables.base + r.table * tables.size_bytes);
}

template <class REAL> SVK_DEVICE const REAL *row_of(const kmeans_block<REAL> &b, uint32_t row)
{
    return b.x + static_cast<size_t>(row) * b.shape->ld;
}

/* ---- distances ---- */

/* Squared distances of a row from n (at most 4) centres, the first at c; a chain each over the
 * features. */
template <class REAL>
SVK_DEVICE void measure(const kmeans_block<REAL> &b, const REAL *x, const REAL *c, uint32_t n,
                        REAL d[4])
{
    typedef feature_quad<REAL> quads;
    uint32_t ld = b.shape->ld, n_features = b.shape->n_features;
#pragma unroll
    for (int q = 0; q < 4; q++) d[q] = REAL(0);
    for (uint32_t f = 0; f < n_features; f += 4) {
        quads row = *reinterpret_cast<const quads *>(x + f);
#pragma unroll
        for (uint32_t q = 0; q < 4; q++) {
            if (q >= n) break;
            quads centre = *reinterpret_cast<const quads *>(c + q * ld + f);
#pragma unroll
            for (uint32_t i = 0; i < 4; i++) {
                if (f + i >= n_features) break;
                REAL t = row.v[i] - centre.v[i];
                d[q] = real_fma(t, t, d[q]);
            }
        }
    }
}

/* The first of the centres first .. last - 1 that is nearer than *square; *nearest is left alone
 * where none is. */
template <class REAL>
SVK_DEVICE void find_nearest(const kmeans_block<REAL> &b, const REAL *x, uint32_t first,
                             uint32_t last, REAL *square, uint32_t *nearest)
{
    for (uint32_t j = first; j < last; j += 4) {
        uint32_t n = last - j < 4 ? last - j : 4;
        REAL d[4];
        measure(b, x, b.centre + static_cast<size_t>(j) * b.shape->ld, n, d);
#pragma unroll
        for (uint32_t q = 0; q < 4; q++) {
            if (q >= n || !(d[q] < *square)) continue;
            *square = d[q];
            *nearest = j + q;
        }
    }
}

template <class REAL> SVK_DEVICE REAL infinite()
{
    return static_cast<REAL>(svk_from_bits_f64(UINT64_C(0x7ff) << 52));
}

/* ---- the start ---- */

template <class REAL>
SVK_DEVICE void put_centre(const kmeans_block<REAL> &b, uint32_t centre, uint32_t row)
{
    REAL *c = b.centre + static_cast<size_t>(centre) * b.shape->ld;
    for (uint32_t f = b.thread; f < b.shape->ld; f += b.n_threads) c[f] = row_of(b, row)[f];
}

/* One thread: the order from which random centres are taken. */
template <class REAL> SVK_DEVICE void draw_order(const kmeans_block<REAL> &b)
{
    uint32_t n = b.shape->n_train;
    if (n > SVK_FISHER_YATES_MAX)
        b.state->shuffle = svk_shuffle_make(b.seed_init, SVK_STREAM_INIT, 0, n);
    else
        svk_fisher_yates(b.seed_init, SVK_STREAM_INIT, 0, 0, n, b.state->small_order);
}

template <class REAL> SVK_DEVICE void put_random_centres(const kmeans_block<REAL> &b)
{
    bool is_small = b.shape->n_train <= SVK_FISHER_YATES_MAX;
    for (uint32_t j = 0; j < b.shape->n_clusters; j++)
        put_centre(b, j, is_small ? b.state->small_order[j] : svk_shuffle_at(&b.state->shuffle, j));
}

/* k-means++: every row meets one more centre. */
template <class REAL> SVK_DEVICE void meet_centre(const kmeans_block<REAL> &b, uint32_t centre)
{
    for (uint32_t i = b.thread; i < b.shape->n_train; i += b.n_threads) {
        REAL square = centre == 0 ? infinite<REAL>() : static_cast<REAL>(b.square[i]);
        uint32_t nearest = 0;
        find_nearest(b, row_of(b, i), centre, centre + 1, &square, &nearest);
        b.square[i] = static_cast<double>(square);
    }
}

template <class REAL> SVK_DEVICE void sum_segments(const kmeans_block<REAL> &b)
{
    uint32_t n = b.shape->n_train;
    for (uint32_t g = b.thread; g < svk_kmeans_n_segments(n); g += b.n_threads)
        b.segment[g] = svk_kmeans_segment(b.square, n, g);
}

/* ---- Lloyd's two steps ---- */

/* Rows go to their nearest centres. number: of the assignment, from 0. */
template <class REAL> SVK_DEVICE void assign_rows(const kmeans_block<REAL> &b, uint64_t number)
{
    kmeans_tally &y = b.state->tally[number % 2];
    for (uint32_t i = b.thread; i < b.shape->n_train; i += b.n_threads) {
        REAL square = infinite<REAL>();
        uint32_t nearest = 0;
        find_nearest(b, row_of(b, i), 0, b.shape->n_clusters, &square, &nearest);
        b.square[i] = static_cast<double>(square);
        atomicAdd(&y.n_members[nearest], 1u);
        if (number > 0 && b.cluster[i] != nearest) atomicOr(&y.has_changed, 1u);
        b.cluster[i] = nearest;
    }
}

/* Notes empty clusters, clears the other tally, and lists the rows of every cluster in ascending
 * order, a warp at a time. */
template <class REAL> SVK_DEVICE void list_members(const kmeans_block<REAL> &b, uint64_t number)
{
    const kmeans_tally &y = b.state->tally[number % 2];
    kmeans_tally &next = b.state->tally[(number + 1) % 2];
    uint32_t n_clusters = b.shape->n_clusters, n = b.shape->n_train;
    uint32_t lane = b.thread % KMEANS_WARP, before = (1u << lane) - 1u;
    for (uint32_t j = b.thread; j < n_clusters; j += b.n_threads) {
        if (y.n_members[j] == 0) b.state->was_empty[j] = 1;
        next.n_members[j] = 0;
    }
    if (b.thread == 0) next.has_changed = 0;
    for (uint32_t j = b.thread / KMEANS_WARP; j < n_clusters; j += b.n_threads / KMEANS_WARP) {
        uint32_t at = 0;
        for (uint32_t c = 0; c < j; c++) at += y.n_members[c];
        for (uint32_t first = 0; first < n; first += KMEANS_WARP) {
            bool is_mine = first + lane < n && b.cluster[first + lane] == j;
            uint32_t mine = __ballot_sync(KMEANS_ALL_LANES, is_mine);
            if (is_mine) b.member[at + static_cast<uint32_t>(__popc(mine & before))] = first + lane;
            at += static_cast<uint32_t>(__popc(mine));
        }
    }
}

/* Centres go to the means of their rows; one thread a coordinate. */
template <class REAL> SVK_DEVICE void move_centres(const kmeans_block<REAL> &b, uint64_t number)
{
    const uint32_t *n_members = b.state->tally[number % 2].n_members;
    uint32_t n_features = b.shape->n_features, cluster = 0, at = 0;
    for (uint32_t i = b.thread; i < b.shape->n_clusters * n_features; i += b.n_threads) {
        for (; cluster < i / n_features; cluster++) at += n_members[cluster];
        uint32_t f = i % n_features, n = n_members[cluster];
        REAL sum = REAL(0);
#pragma unroll 4
        for (uint32_t m = 0; m < n; m++) sum = sum + row_of(b, b.member[at + m])[f];
        if (n > 0)
            b.centre[static_cast<size_t>(cluster) * b.shape->ld + f] = sum / static_cast<REAL>(n);
    }
}

/* ---- what is left of it ---- */

/* The 32 chains of an inertia over the squares of n rows. */
template <class REAL>
SVK_DEVICE void sum_squares(const kmeans_block<REAL> &b, uint32_t n, double *chain)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    double sum = 0.0;
    for (uint32_t i = b.thread; i < n; i += SVK_SUM_CHAINS) sum += b.square[i];
    chain[b.thread] = sum;
}

template <class REAL> SVK_DEVICE REAL coordinate(const kmeans_block<REAL> &b, uint32_t i)
{
    uint32_t n_features = b.shape->n_features;
    return b.centre[static_cast<size_t>(i / n_features) * b.shape->ld + i % n_features];
}

/* Digest, norm and copies of the centres; the norm's chains go to `chain`. */
template <class REAL>
SVK_DEVICE void report_centres(const kmeans_block<REAL> &b, double *chain, double *parameters)
{
    uint32_t n = b.shape->n_clusters * b.shape->n_features, digest[4] = {}, is_infinite = 0;
    for (uint32_t i = b.thread; i < n; i += b.n_threads) {
        REAL w = coordinate(b, i);
        svk_block term = svk_digest_term(i, real_canonical_bits(w));
#pragma unroll
        for (int word = 0; word < 4; word++) digest[word] += term.word[word];
        if (!svk_is_finite_f64(static_cast<double>(w))) is_infinite = 1;
        if (parameters != nullptr) parameters[i] = static_cast<double>(w);
    }
#pragma unroll
    for (int word = 0; word < 4; word++) atomicAdd(&b.state->digest[word], digest[word]);
    atomicOr(&b.state->is_infinite, is_infinite);
    if (b.thread >= SVK_SUM_CHAINS) return;
    double sum = 0.0;
    for (uint32_t i = b.thread; i < n; i += SVK_SUM_CHAINS) {
        double w = static_cast<double>(coordinate(b, i));
        sum = fma(w, w, sum);
    }
    chain[b.thread] = sum;
}

/* One thread, after the chains of inertia and norm are there. */
template <class REAL>
SVK_DEVICE void report_training(const kmeans_block<REAL> &b, uint64_t n_steps, svk_result *result)
{
    const kmeans_state &s = *b.state;
    double inertia = svk_sum_chains(s.chain[0], 1);
    uint32_t n_empty = 0;
    *result = svk_result{};
    for (uint32_t j = 0; j < b.shape->n_clusters; j++) n_empty += s.was_empty[j];
    for (int word = 0; word < 4; word++) result->digest[word] = s.digest[word];
    result->status =
        svk_is_finite_f64(inertia) && s.is_infinite == 0 ? SVK_RUN_OK : SVK_RUN_DIVERGED;
    svk_set_metric(result, SVK_METRIC_INERTIA, inertia);
    svk_set_metric(result, SVK_METRIC_STEPS, static_cast<double>(n_steps));
    svk_set_metric(result, SVK_METRIC_EMPTY_CLUSTERS, static_cast<double>(n_empty));
    svk_set_metric(result, SVK_METRIC_WEIGHT_NORM, sqrt(svk_sum_chains(s.chain[1], 1)));
}

/* Test rows meet the final centres. What other runs have more of them counts as cluster 0. */
template <class REAL>
SVK_DEVICE void assign_test_rows(const kmeans_block<REAL> &b, uint8_t *predictions)
{
    uint32_t first = b.shape->n_train + b.shape->n_val;
    for (uint32_t i = b.thread; i < b.n_test; i += b.n_threads) {
        REAL square = infinite<REAL>();
        uint32_t nearest = 0;
        find_nearest(b, row_of(b, first + i), 0, b.shape->n_clusters, &square, &nearest);
        b.square[i] = static_cast<double>(square);
        if (predictions != nullptr) predictions[i] = static_cast<uint8_t>(nearest);
    }
    if (predictions == nullptr) return;
    for (uint32_t i = b.n_test + b.thread; i < b.shape->n_test; i += b.n_threads)
        predictions[i] = 0;
}

#endif
