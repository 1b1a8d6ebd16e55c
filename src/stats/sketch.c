#include "stats/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SHIFT = 52 - SVI_SKETCH_BITS };

static const uint64_t sign_bit = UINT64_C(1) << 63;

/* The bits of a number as an integer in the same order: -0 comes before +0. */
static uint64_t order_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

static double value_of(uint64_t order)
{
    uint64_t bits = (order & sign_bit) != 0 ? order & ~sign_bit : ~order;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Index of the first page whose number is not below. */
static size_t find_page(const svi_sketch *sketch, uint32_t number)
{
    size_t low = 0, high = sketch->n_pages;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sketch->pages[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t *svi_sketch_page_counts(svi_sketch *sketch, uint32_t number)
{
    size_t i = find_page(sketch, number), n = sketch->n_pages;
    if (i < n && sketch->pages[i].number == number) return sketch->pages[i].count;
    svi_sketch_page *pages = realloc(sketch->pages, (n + 1) * sizeof *pages);
    if (pages != NULL) sketch->pages = pages;
    uint64_t *count = calloc(SVI_SKETCH_PAGE, sizeof *count);
    if (pages == NULL || count == NULL) {
        sketch->has_failed = true;
        free(count);
        return NULL;
    }
    memmove(&pages[i + 1], &pages[i], (n - i) * sizeof *pages);
    pages[i] = (svi_sketch_page){number, count};
    sketch->n_pages++;
    return count;
}

static void note_extremes(svi_sketch *sketch, uint64_t low, uint64_t high)
{
    if (sketch->n == 0 || low < sketch->low) sketch->low = low;
    if (sketch->n == 0 || high > sketch->high) sketch->high = high;
}

void svi_sketch_add(svi_sketch *sketch, double value)
{
    if (!isfinite(value)) {
        sketch->n_not_finite++;
        return;
    }
    uint64_t order = order_of(value), key = order >> KEY_SHIFT;
    uint64_t *count = svi_sketch_page_counts(sketch, (uint32_t)(key >> SVI_SKETCH_BITS));
    if (count == NULL) return;
    count[key & (SVI_SKETCH_PAGE - 1)]++;
    note_extremes(sketch, order, order);
    svi_sum_add(&sketch->sum, value);
    svi_sum_add_square(&sketch->squares, value);
    sketch->n++;
}

void svi_sketch_merge(svi_sketch *sketch, const svi_sketch *other)
{
    sketch->n_not_finite += other->n_not_finite;
    if (other->n == 0) return;
    for (size_t p = 0; p < other->n_pages; p++) {
        uint64_t *count = svi_sketch_page_counts(sketch, other->pages[p].number);
        for (int i = 0; count != NULL && i < SVI_SKETCH_PAGE; i++)
            count[i] += other->pages[p].count[i];
    }
    note_extremes(sketch, other->low, other->high);
    svi_sum_merge(&sketch->sum, &other->sum);
    svi_sum_merge(&sketch->squares, &other->squares);
    sketch->n += other->n;
}

sv_status svi_sketch_check(const svi_sketch *sketch, sv_error *error)
{
    if (!sketch->has_failed) return SV_OK;
    return svi_fail_memory(error, SVI_SKETCH_PAGE * sizeof(uint64_t), "a histogram");
}

void svi_sketch_clear(svi_sketch *sketch)
{
    for (size_t p = 0; p < sketch->n_pages; p++) free(sketch->pages[p].count);
    free(sketch->pages);
    memset(sketch, 0, sizeof *sketch);
}

/* ---- what it says ---- */

double svi_sketch_min(const svi_sketch *sketch)
{
    return sketch->n == 0 ? NAN : value_of(sketch->low);
}

double svi_sketch_max(const svi_sketch *sketch)
{
    return sketch->n == 0 ? NAN : value_of(sketch->high);
}

double svi_sketch_mean(svi_sketch *sketch)
{
    return sketch->n == 0 ? NAN : svi_sum_mean(&sketch->sum, sketch->n);
}

double svi_sketch_sd(svi_sketch *sketch)
{
    return sketch->n < 2 ? NAN : svi_sum_sd(&sketch->sum, &sketch->squares, sketch->n);
}

/* The end of a bucket that is nearer to zero, or the extreme that lies before it. */
static double end_of(const svi_sketch *sketch, uint32_t page, uint32_t i)
{
    uint64_t key = (uint64_t)page << SVI_SKETCH_BITS | i;
    uint64_t order = key << KEY_SHIFT;
    if ((order & sign_bit) == 0) order |= (UINT64_C(1) << KEY_SHIFT) - 1; /* negative values */
    if (order < sketch->low) order = sketch->low;
    if (order > sketch->high) order = sketch->high;
    return value_of(order);
}

static size_t n_filled(const svi_sketch *sketch)
{
    size_t n = 0;
    for (size_t p = 0; p < sketch->n_pages; p++)
        for (int i = 0; i < SVI_SKETCH_PAGE; i++) n += sketch->pages[p].count[i] > 0;
    return n;
}

sv_status svi_sketch_values(const svi_sketch *sketch, svi_value_count **values, size_t *n,
                            sv_error *error)
{
    size_t n_bytes = n_filled(sketch) * sizeof **values;
    *n = 0;
    *values = malloc(n_bytes);
    if (*values == NULL) return svi_fail_memory(error, n_bytes, "a histogram");
    for (size_t p = 0; p < sketch->n_pages; p++)
        for (uint32_t i = 0; i < SVI_SKETCH_PAGE; i++) {
            uint64_t count = sketch->pages[p].count[i];
            if (count == 0) continue;
            (*values)[(*n)++] =
                (svi_value_count){end_of(sketch, sketch->pages[p].number, i), count};
        }
    return SV_OK;
}

double svi_sketch_at_rank(const svi_sketch *sketch, uint64_t rank)
{
    uint64_t n_below = 0;
    if (rank == 0) return svi_sketch_min(sketch);
    for (size_t p = 0; p < sketch->n_pages; p++)
        for (uint32_t i = 0; i < SVI_SKETCH_PAGE; i++) {
            n_below += sketch->pages[p].count[i];
            if (n_below > rank) return end_of(sketch, sketch->pages[p].number, i);
        }
    return svi_sketch_max(sketch);
}

double svi_sketch_quantile(const svi_sketch *sketch, double probability)
{
    if (sketch->n == 0) return NAN;
    double place = probability * (double)(sketch->n - 1);
    uint64_t below = (uint64_t)place;
    if (below + 1 >= sketch->n) return svi_sketch_max(sketch);
    double low = svi_sketch_at_rank(sketch, below), high = svi_sketch_at_rank(sketch, below + 1);
    return low + (place - (double)below) * (high - low);
}
