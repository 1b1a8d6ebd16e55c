#include "stats/sorting.h"

#include <stdlib.h>
#include <string.h>

/* A radix sort by the bits of the values, least digit first. */
enum { DIGIT_BITS = 11, N_DIGITS = 6, N_BUCKETS = 1 << DIGIT_BITS, RADIX_N_MIN = 1000 };

/* Unsigned order of the keys is the order of the values; -0 stands before +0. */
static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
    uint64_t bits = key >> 63 != 0 ? key & ~(UINT64_C(1) << 63) : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static size_t digit_of(uint64_t key, int digit)
{
    return (size_t)(key >> (digit * DIGIT_BITS)) & (N_BUCKETS - 1);
}

/* Turns counts into the first place of each bucket; false where one bucket holds all. */
static bool find_places(size_t *count, size_t n)
{
    size_t sum = 0;
    for (size_t b = 0; b < N_BUCKETS; b++) {
        size_t here = count[b];
        if (here == n) return false;
        count[b] = sum;
        sum += here;
    }
    return true;
}

static void sort_keys(uint64_t **from, uint64_t **to, size_t n)
{
    for (int d = 0; d < N_DIGITS; d++) {
        size_t place[N_BUCKETS] = {0};
        for (size_t i = 0; i < n; i++) place[digit_of((*from)[i], d)]++;
        if (!find_places(place, n)) continue;
        for (size_t i = 0; i < n; i++) (*to)[place[digit_of((*from)[i], d)]++] = (*from)[i];
        uint64_t *sorted = *to;
        *to = *from;
        *from = sorted;
    }
}

/* Keys and where they came from, moved together; what `order` held at first is lost. */
static void sort_pairs(uint64_t *from, uint64_t *to, uint32_t *order, uint32_t *order_to, size_t n)
{
    uint32_t *const result = order;
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (int d = 0; d < N_DIGITS; d++) {
        size_t place[N_BUCKETS] = {0};
        for (size_t i = 0; i < n; i++) place[digit_of(from[i], d)]++;
        if (!find_places(place, n)) continue;
        for (size_t i = 0; i < n; i++) {
            size_t at = place[digit_of(from[i], d)]++;
            to[at] = from[i];
            order_to[at] = order[i];
        }
        uint64_t *sorted = to;
        to = from;
        from = sorted;
        uint32_t *sorted_order = order_to;
        order_to = order;
        order = sorted_order;
    }
    if (order != result) memcpy(result, order, n * sizeof *result);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Few values, or no room for a second array: the library's sort, which gives the same. */
void svi_sort(double *values, size_t n)
{
    uint64_t *space = n >= RADIX_N_MIN ? malloc(2 * n * sizeof *space) : NULL;
    if (space == NULL) {
        qsort(values, n, sizeof *values, ascending);
        return;
    }
    uint64_t *keys = space, *other = space + n;
    for (size_t i = 0; i < n; i++) keys[i] = key_of(values[i]);
    sort_keys(&keys, &other, n);
    for (size_t i = 0; i < n; i++) values[i] = value_of(keys[i]);
    free(space);
}

sv_status svi_sort_order(const double *values, size_t n, uint32_t *order, sv_error *error)
{
    uint64_t *keys = malloc(2 * n * sizeof *keys + 1);
    uint32_t *order_space = malloc(n * sizeof *order_space + 1);
    sv_status status = SV_OK;
    if (keys == NULL || order_space == NULL) {
        status = svi_fail_memory(error, 2 * n * sizeof *keys, "an order of values");
    } else {
        for (size_t i = 0; i < n; i++) keys[i] = key_of(values[i] == 0 ? 0 : values[i]);
        sort_pairs(keys, keys + n, order, order_space, n);
    }
    free(keys);
    free(order_space);
    return status;
}
