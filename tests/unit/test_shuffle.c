/* The shuffles are permutations, and over many keys they have the statistics of random ones. Keys
 * are fixed, so each z-score is always the same; of some hundred, a fair shuffle puts none beyond
 * Z_LIMIT. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "shuffle.h"

#define Z_LIMIT 4.5

enum { MAX_N = 1 << 16, MAX_BINS = 64 };

/* As training does it: the order of epoch `part` under an order seed. */
static void draw_order(uint64_t seed, uint32_t part, uint32_t n, uint32_t *order)
{
    if (n > SVK_FISHER_YATES_MAX) {
        svk_shuffle s = svk_shuffle_make(seed, SVK_STREAM_ORDER, part, n);
        for (uint32_t i = 0; i < n; i++) order[i] = svk_shuffle_at(&s, i);
    } else {
        uint8_t small[SVK_FISHER_YATES_MAX];
        svk_fisher_yates(seed, SVK_STREAM_ORDER, part, 0, n, small);
        for (uint32_t i = 0; i < n; i++) order[i] = small[i];
    }
}

/* ---- what is measured on one order ---- */

static bool is_permutation(const uint32_t *order, uint32_t n)
{
    static uint8_t is_seen[MAX_N];
    memset(is_seen, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        if (order[i] >= n || is_seen[order[i]]) return false;
        is_seen[order[i]] = 1;
    }
    return true;
}

/* n minus the number of cycles is the number of swaps that make the order. */
static bool is_even(const uint32_t *order, uint32_t n)
{
    static uint8_t is_seen[MAX_N];
    uint32_t n_cycles = 0;
    memset(is_seen, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        n_cycles += !is_seen[i];
        for (uint32_t j = i; !is_seen[j]; j = order[j]) is_seen[j] = 1;
    }
    return (n - n_cycles) % 2 == 0;
}

/* Pairs in the wrong order, by merging; sorts values[0 .. n-1]. */
static uint64_t count_inversions(uint32_t *values, uint32_t n)
{
    static uint32_t merged[MAX_N];
    if (n < 2) return 0;
    uint32_t half = n / 2, a = 0, b = half;
    uint64_t count = count_inversions(values, half) + count_inversions(values + half, n - half);
    for (uint32_t i = 0; i < n; i++) {
        bool takes_second = a == half || (b < n && values[b] < values[a]);
        if (takes_second) count += half - a;
        merged[i] = takes_second ? values[b++] : values[a++];
    }
    memcpy(values, merged, n * sizeof *values);
    return count;
}

/* ---- z-scores over many keys ---- */

typedef struct statistics {
    uint32_t n, n_bins;
    uint64_t n_keys, n_even;
    uint64_t first_ahead, ends_ahead,
        middle_ahead; /* keys for which the one of two places shows the smaller value */
    double inversions,
        inversions_square; /* sums of the distance from the mean, and of its square */
    double fixed_points;
    uint64_t at_first[MAX_BINS], at_last[MAX_BINS]; /* values at the first and the last place */
    uint64_t place_of_0[MAX_BINS];
} statistics;

static double mean_inversions(double n) { return n * (n - 1.0) / 4.0; }
static double variance_inversions(double n) { return n * (n - 1.0) * (2.0 * n + 5.0) / 72.0; }

static uint32_t bin_of(const statistics *s, uint32_t value)
{
    return (uint32_t)((uint64_t)value * s->n_bins / s->n);
}

static void add_order(statistics *s, const uint32_t *order)
{
    static uint32_t work[MAX_N];
    uint32_t n = s->n, middle = n / 2;
    memcpy(work, order, n * sizeof *work);
    double distance = (double)count_inversions(work, n) - mean_inversions(n);
    s->inversions += distance;
    s->inversions_square += distance * distance;
    s->n_even += is_even(order, n);
    s->first_ahead += order[0] < order[1];
    s->ends_ahead += order[0] < order[n - 1];
    s->middle_ahead += order[middle - 1] < order[middle];
    s->at_first[bin_of(s, order[0])]++;
    s->at_last[bin_of(s, order[n - 1])]++;
    for (uint32_t i = 0; i < n; i++) {
        s->fixed_points += order[i] == i;
        if (order[i] == 0) s->place_of_0[bin_of(s, i)]++;
    }
    s->n_keys++;
}

static void expect_small(const statistics *s, const char *what, double z)
{
    cr_expect(fabs(z) < Z_LIMIT, "n = %u, %s: z = %.2f", (unsigned)s->n, what, z);
    cr_log_info("n = %u, %s: z = %.2f", (unsigned)s->n, what, z);
}

/* A share that should be one half. */
static void expect_half(const statistics *s, const char *what, uint64_t count)
{
    double n_keys = (double)s->n_keys;
    expect_small(s, what, ((double)count - n_keys / 2.0) / sqrt(n_keys / 4.0));
}

/* Chi-square against values uniform on 0 .. n-1, as a z-score. */
static void expect_uniform(const statistics *s, const char *what, const uint64_t *count)
{
    double chi_square = 0.0, df = s->n_bins - 1.0;
    uint32_t first = 0;
    for (uint32_t bin = 0; bin < s->n_bins; bin++) {
        uint32_t end = first;
        while (end < s->n && bin_of(s, end) == bin) end++;
        double expected = (double)s->n_keys * (double)(end - first) / (double)s->n;
        double difference = (double)count[bin] - expected;
        chi_square += difference * difference / expected;
        first = end;
    }
    expect_small(s, what, (chi_square - df) / sqrt(2.0 * df));
}

static void expect_random(const statistics *s)
{
    double n_keys = (double)s->n_keys, variance = variance_inversions(s->n);
    expect_small(s, "mean of the inversions", s->inversions / sqrt(n_keys * variance));
    expect_small(s, "variance of the inversions",
                 (s->inversions_square / n_keys / variance - 1.0) / sqrt(2.0 / n_keys));
    expect_small(s, "fixed points", (s->fixed_points - n_keys) / sqrt(n_keys));
    expect_half(s, "even permutations", s->n_even);
    expect_half(s, "first two places", s->first_ahead);
    expect_half(s, "first and last place", s->ends_ahead);
    expect_half(s, "middle two places", s->middle_ahead);
    expect_uniform(s, "value at the first place", s->at_first);
    expect_uniform(s, "value at the last place", s->at_last);
    expect_uniform(s, "place of item 0", s->place_of_0);
}

/* n_keys seeds in a row, and as many epochs of one seed. */
static void check_size(uint32_t n, uint64_t n_keys)
{
    static uint32_t order[MAX_N];
    for (int by_epoch = 0; by_epoch < 2; by_epoch++) {
        statistics s = {.n = n, .n_bins = n < MAX_BINS ? n : MAX_BINS};
        for (uint64_t key = 0; key < n_keys; key++) {
            if (by_epoch)
                draw_order(1, (uint32_t)key, n, order);
            else
                draw_order(key, 0, n, order);
            cr_assert(is_permutation(order, n), "n = %u, key %u", (unsigned)n, (unsigned)key);
            add_order(&s, order);
        }
        expect_random(&s);
    }
}

Test(shuffle, just_above_fisher_yates) { check_size(65, 20000); }
Test(shuffle, a_hundred) { check_size(100, 20000); }
Test(shuffle, power_of_two) { check_size(256, 10000); }
Test(shuffle, above_power_of_two) { check_size(257, 10000); }
Test(shuffle, a_thousand) { check_size(1000, 3000); }
Test(shuffle, training_rows_of_the_digits) { check_size(1438, 3000); }
Test(shuffle, large_power_of_two) { check_size(1 << 16, 100); }

Test(shuffle, fisher_yates)
{
    check_size(5, 20000);
    check_size(17, 20000);
    check_size(64, 20000);
}

Test(shuffle, all_orders_of_three)
{
    const uint64_t n_keys = 60000;
    uint64_t count[27] = {0};
    uint32_t order[3];
    double chi_square = 0.0;
    int n_orders = 0;
    for (uint64_t key = 0; key < n_keys; key++) {
        draw_order(key, 0, 3, order);
        cr_assert(is_permutation(order, 3));
        count[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    for (int i = 0; i < 27; i++) {
        double difference = (double)count[i] - (double)n_keys / 6.0;
        if (count[i] > 0) chi_square += difference * difference / ((double)n_keys / 6.0);
        n_orders += count[i] > 0;
    }
    cr_expect_eq(n_orders, 6);
    /* 5 degrees of freedom: beyond 30 in one of 80,000 */
    cr_expect_lt(chi_square, 30.0);
}

Test(shuffle, one_and_two_items)
{
    uint32_t order[2] = {9, 9};
    uint64_t n_turned = 0;
    draw_order(7, 0, 1, order);
    cr_expect_eq(order[0], 0);
    for (uint64_t key = 0; key < 1000; key++) {
        draw_order(key, 0, 2, order);
        cr_assert(is_permutation(order, 2));
        n_turned += order[0];
    }
    cr_expect_gt(n_turned, 430);
    cr_expect_lt(n_turned, 570);
}
