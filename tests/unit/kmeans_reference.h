/* k-means as docs/numerics.md states it: one row, one centre, one feature at a time. */
#ifndef KMEANS_REFERENCE_H
#define KMEANS_REFERENCE_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/instance.h"
#include "shuffle.h"

enum { REFERENCE_MOST_CLUSTERS = 64 };

typedef struct reference {
    const svi_instance *data;
    int n_clusters;
    bool is_fp32;
    double *centre; /* [n_clusters][n_features] */
    int *cluster;   /* [n_train] */
    double inertia, test_inertia;
    uint64_t n_steps;
    bool was_empty[REFERENCE_MOST_CLUSTERS];
} reference;

static inline double ref_value(const reference *r, uint64_t row, int f)
{
    size_t at = row * (size_t)r->data->ld + (size_t)f;
    return r->is_fp32 ? (double)((float *)r->data->x)[at] : ((double *)r->data->x)[at];
}

/* One operation of the precision; binary64 holds enough for + - / of binary32 to be rounded twice
 * without harm. */
static inline double ref_round(const reference *r, double x)
{
    return r->is_fp32 ? (double)(float)x : x;
}

static inline double ref_distance(const reference *r, uint64_t row, int j)
{
    double d = 0;
    for (int f = 0; f < r->data->n_features; f++) {
        double t = ref_round(r, ref_value(r, row, f) - r->centre[j * r->data->n_features + f]);
        d = r->is_fp32 ? (double)fmaf((float)t, (float)t, (float)d) : fma(t, t, d);
    }
    return d;
}

/* Of the first n_centres. */
static inline double ref_nearest(const reference *r, uint64_t row, int n_centres, int *cluster)
{
    double least = INFINITY;
    *cluster = 0;
    for (int j = 0; j < n_centres; j++) {
        double d = ref_distance(r, row, j);
        if (d < least) {
            least = d;
            *cluster = j;
        }
    }
    return least;
}

static inline void ref_put(reference *r, int j, uint64_t row)
{
    for (int f = 0; f < r->data->n_features; f++)
        r->centre[j * r->data->n_features + f] = ref_value(r, row, f);
}

/* Place `place` of the shuffle of 0..n-1. */
static inline uint32_t ref_shuffled(uint64_t seed, uint32_t n, uint32_t place)
{
    uint8_t order[SVK_FISHER_YATES_MAX];
    if (n > SVK_FISHER_YATES_MAX) {
        svk_shuffle shuffle = svk_shuffle_make(seed, SVK_STREAM_INIT, 0, n);
        return svk_shuffle_at(&shuffle, place);
    }
    svk_fisher_yates(seed, SVK_STREAM_INIT, 0, 0, n, order);
    return order[place];
}

static inline uint64_t ref_search(const double *d, uint64_t n, double u, uint32_t word)
{
    double total = 0, before = 0;
    for (uint64_t first = 0; first < n; first += 32) {
        double sum = 0;
        for (uint64_t i = first; i < n && i < first + 32; i++) sum += d[i];
        total += sum;
    }
    for (uint64_t first = 0; first < n; first += 32) {
        double sum = 0, within = before;
        for (uint64_t i = first; i < n && i < first + 32; i++) sum += d[i];
        if (!(before + sum > u * total)) {
            before += sum;
            continue;
        }
        uint64_t last = first;
        for (uint64_t i = first; i < n && i < first + 32; i++) {
            within += d[i];
            if (within > u * total) return i;
            if (d[i] > 0) last = i;
        }
        return last;
    }
    return (uint64_t)word * n >> 32;
}

static inline void ref_start(reference *r, int start, uint64_t seed)
{
    uint64_t n = r->data->n_train;
    double *d = calloc(n, sizeof *d);
    for (int j = 0; j < r->n_clusters; j++) {
        uint32_t first = svk_draw(seed, SVK_STREAM_INIT, 0, 4 * (uint64_t)j);
        uint32_t second = svk_draw(seed, SVK_STREAM_INIT, 0, 4 * (uint64_t)j + 1);
        double u = ldexp(ldexp((double)first, 21) + (double)(second >> 11), -53);
        uint64_t row = (uint64_t)first * n >> 32;
        int ignored;
        for (uint64_t i = 0; i < n; i++) d[i] = ref_nearest(r, i, j, &ignored);
        if (j > 0) row = ref_search(d, n, u, first);
        if (start == SVK_START_RANDOM) row = ref_shuffled(seed, (uint32_t)n, (uint32_t)j);
        ref_put(r, j, row);
    }
    free(d);
}

/* Returns whether a row has changed its cluster. */
static inline bool ref_assign(reference *r)
{
    bool has_changed = false;
    int n_members[REFERENCE_MOST_CLUSTERS] = {0};
    for (uint64_t i = 0; i < r->data->n_train; i++) {
        int cluster;
        ref_nearest(r, i, r->n_clusters, &cluster);
        has_changed |= cluster != r->cluster[i];
        r->cluster[i] = cluster;
        n_members[cluster]++;
    }
    for (int j = 0; j < r->n_clusters; j++) r->was_empty[j] |= n_members[j] == 0;
    return has_changed;
}

static inline void ref_move(reference *r)
{
    for (int j = 0; j < r->n_clusters; j++)
        for (int f = 0; f < r->data->n_features; f++) {
            double sum = 0, n = 0;
            for (uint64_t i = 0; i < r->data->n_train; i++) {
                if (r->cluster[i] != j) continue;
                sum = ref_round(r, sum + ref_value(r, i, f));
                n++;
            }
            if (n > 0) r->centre[j * r->data->n_features + f] = ref_round(r, sum / n);
        }
}

static inline double ref_inertia(const reference *r, uint64_t first, uint64_t n)
{
    double chain[32] = {0};
    int ignored;
    for (uint64_t i = 0; i < n; i++)
        chain[i % 32] += ref_nearest(r, first + i, r->n_clusters, &ignored);
    for (int c = 1; c < 32; c++) chain[0] += chain[c];
    return chain[0];
}

static inline reference ref_run(const svi_instance *data, const svi_arm_spec *arm, uint64_t seed)
{
    reference r = {.data = data,
                   .n_clusters = arm->model.n_clusters,
                   .is_fp32 = data->precision == SVK_PRECISION_FP32};
    r.centre = calloc((size_t)(r.n_clusters * data->n_features), sizeof *r.centre);
    r.cluster = calloc(data->n_train, sizeof *r.cluster);
    cr_assert(r.centre != NULL && r.cluster != NULL && r.n_clusters <= REFERENCE_MOST_CLUSTERS);
    ref_start(&r, arm->model.start_centres, seed);
    ref_assign(&r);
    for (bool has_changed = true; has_changed && r.n_steps < arm->train.max_iterations;) {
        ref_move(&r);
        r.n_steps++;
        has_changed = ref_assign(&r);
    }
    r.inertia = ref_inertia(&r, 0, data->n_train);
    r.test_inertia = ref_inertia(&r, data->n_train + data->n_val, data->n_test);
    return r;
}

static inline void ref_free(reference *r)
{
    free(r->centre);
    free(r->cluster);
}

#endif
