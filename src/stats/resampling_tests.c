#include "stats/resampling_tests.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/draw_streams.h"

/* C(2n, n), or 0 where it is above most. */
static size_t count_permutations(size_t n, size_t most)
{
    double count = 1;
    for (size_t i = 1; i <= n; i++) count = count * (double)(n + i) / (double)i;
    return count <= (double)most ? (size_t)(count + 0.5) : 0;
}

/* Steps to the next choice of n of 2n places; false after the last. */
static bool next_choice(size_t *place, size_t n)
{
    size_t k = n;
    while (k > 0 && place[k - 1] == n + k - 1) k--;
    if (k == 0) return false;
    place[k - 1]++;
    for (; k < n; k++) place[k] = place[k - 1] + 1;
    return true;
}

static void fill_all(svi_resampler *r, size_t *place)
{
    size_t count = 0;
    for (size_t k = 0; k < r->n; k++) place[k] = k;
    do {
        for (size_t i = 0; i < 2 * r->n; i++) r->swap[i * r->n_permutations + count] = -1;
        for (size_t k = 0; k < r->n; k++) r->swap[place[k] * r->n_permutations + count] = 1;
        count++;
    } while (next_choice(place, r->n));
}

/* The first n of a Fisher-Yates shuffle of 2n places. */
static void fill_drawn(svi_resampler *r, size_t *place)
{
    for (size_t p = 0; p < r->n_permutations; p++) {
        for (size_t i = 0; i < 2 * r->n; i++) {
            place[i] = i;
            r->swap[i * r->n_permutations + p] = -1;
        }
        for (size_t k = 0; k < r->n; k++) {
            uint32_t word = svk_draw(SVI_STATS_KEY, SVI_STREAM_PERMUTATION, (uint32_t)p, k);
            size_t at = k + svk_below(word, (uint32_t)(2 * r->n - k)), kept = place[at];
            place[at] = place[k];
            r->swap[kept * r->n_permutations + p] = 1;
        }
    }
}

static void fill_weights(svi_resampler *r, double *weight, uint32_t stream)
{
    for (size_t s = 0; s < r->n_resamples; s++) {
        for (size_t k = 0; k < r->n; k++) {
            uint32_t word = svk_draw(SVI_STATS_KEY, stream, (uint32_t)s, k);
            weight[svk_below(word, (uint32_t)r->n) * r->n_resamples + s] += 1;
        }
    }
}

static sv_status allocate(svi_resampler *r, size_t **place, sv_error *error)
{
    size_t most = r->n_permutations > r->n_resamples ? r->n_permutations : r->n_resamples;
    r->swap = malloc(2 * r->n * r->n_permutations * sizeof *r->swap);
    r->weight_a = calloc(r->n * r->n_resamples, sizeof *r->weight_a);
    r->weight_b = calloc(r->n * r->n_resamples, sizeof *r->weight_b);
    r->sum = malloc(most * sizeof *r->sum);
    *place = malloc(2 * r->n * sizeof **place);
    bool has_memory = r->swap != NULL && r->weight_a != NULL && r->weight_b != NULL &&
                      r->sum != NULL && *place != NULL;
    return has_memory ? SV_OK
                      : svi_fail_memory(error, 4 * r->n * most * sizeof(double), "resamples");
}

sv_status svi_resampler_make(size_t n, size_t n_resamples, double alpha, svi_resampler *resampler,
                             sv_error *error)
{
    size_t n_all = count_permutations(n, n_resamples), *place = NULL;
    *resampler = (svi_resampler){.n = n,
                                 .n_permutations = n_all > 0 ? n_all : n_resamples,
                                 .has_all = n_all > 0,
                                 .n_resamples = n_resamples,
                                 .alpha = alpha};
    sv_status status = allocate(resampler, &place, error);
    if (status == SV_OK) {
        (resampler->has_all ? fill_all : fill_drawn)(resampler, place);
        fill_weights(resampler, resampler->weight_a, SVI_STREAM_RESAMPLE_A);
        fill_weights(resampler, resampler->weight_b, SVI_STREAM_RESAMPLE_B);
    } else {
        svi_resampler_clear(resampler);
    }
    free(place);
    return status;
}

void svi_resampler_clear(svi_resampler *resampler)
{
    free(resampler->swap);
    free(resampler->weight_a);
    free(resampler->weight_b);
    free(resampler->sum);
    *resampler = (svi_resampler){0};
}

/* sum[s] += factor * values[i] * weight[i][s]; the loop over s is the inner one, so that it is
 * vector code. */
static void add_products(const double *values, size_t n, double factor, const double *weight,
                         size_t n_sums, double *sum)
{
    for (size_t i = 0; i < n; i++) {
        double value = factor * values[i];
        const double *of_value = weight + i * n_sums;
        for (size_t s = 0; s < n_sums; s++) sum[s] += value * of_value[s];
    }
}

bool svi_permutation_rejects(svi_resampler *r, const double *a, const double *b)
{
    double observed = 0, size = 0;
    size_t n_as_far = 0;
    for (size_t i = 0; i < r->n; i++) {
        observed += a[i] - b[i];
        size = fmax(size, fmax(fabs(a[i]), fabs(b[i])));
    }
    memset(r->sum, 0, r->n_permutations * sizeof *r->sum);
    add_products(a, r->n, 1, r->swap, r->n_permutations, r->sum);
    add_products(b, r->n, 1, r->swap + r->n * r->n_permutations, r->n_permutations, r->sum);
    double far = fabs(observed) - 0x1p-48 * size * (double)r->n; /* equal but for rounding */
    for (size_t p = 0; p < r->n_permutations; p++) n_as_far += fabs(r->sum[p]) >= far;
    double of = (double)r->n_permutations + (r->has_all ? 0 : 1);
    return ((double)n_as_far + (r->has_all ? 0 : 1)) / of <= r->alpha;
}

bool svi_bootstrap_rejects(svi_resampler *r, const double *a, const double *b)
{
    size_t n_below = 0, n_above = 0;
    memset(r->sum, 0, r->n_resamples * sizeof *r->sum);
    add_products(a, r->n, 1, r->weight_a, r->n_resamples, r->sum);
    add_products(b, r->n, -1, r->weight_b, r->n_resamples, r->sum);
    for (size_t s = 0; s < r->n_resamples; s++) {
        n_below += r->sum[s] <= 0;
        n_above += r->sum[s] >= 0;
    }
    double fewest = (double)(n_below < n_above ? n_below : n_above);
    return fewest < r->alpha / 2 * (double)r->n_resamples;
}
