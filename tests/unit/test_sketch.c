/* Sketches and the exact sums in them: merged from any parts they are the same bits; mean and SD
 * are exact; quantiles keep their bound. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "philox.h"
#include "stats/sample_summary.h"
#include "stats/sketch.h"

enum { N_VALUES = 3000 };

static const double edges[] = {0.0,
                               -0.0,
                               0x1p-1074,
                               -0x1p-1074,
                               0x1.8p-1030,
                               1e-300,
                               -1e-300,
                               1.0,
                               -1.0,
                               0.1,
                               1e300,
                               -1e300,
                               0x1.fffffffffffffp1023,
                               -0x1.fffffffffffffp1023,
                               INFINITY,
                               NAN};
enum { N_EDGES = sizeof edges / sizeof *edges };

static uint32_t draw(uint64_t stream, uint64_t i) { return svk_draw(7, 9, (uint32_t)stream, i); }

/* Of every kind: signs, many powers of two, edges, repeated values. */
static double wild_value(uint64_t i)
{
    if (draw(0, i) % 10 == 0) return edges[draw(1, i) % N_EDGES];
    if (draw(0, i) % 10 == 1) return 0.9375;
    double fraction = (double)draw(2, i) * 0x1p-32 + (double)draw(3, i) * 0x1p-64;
    return ldexp((draw(4, i) & 1) != 0 ? fraction : -fraction, (int)(draw(5, i) % 400) - 200);
}

typedef struct bytes {
    unsigned char *at;
    size_t n;
} bytes;

static bytes write_sketch(svi_sketch *sketch)
{
    bytes b;
    sv_error error = {0};
    cr_assert_eq(svi_sketch_write(sketch, &b.at, &b.n, &error), SV_OK, "%s", error.message);
    return b;
}

static void must_equal(bytes a, bytes b, const char *what)
{
    cr_assert_eq(a.n, b.n, "%s: %zu and %zu bytes", what, a.n, b.n);
    cr_assert(memcmp(a.at, b.at, a.n) == 0, "%s", what);
}

static svi_sketch sketch_of(const double *values, size_t n)
{
    svi_sketch sketch = {0};
    for (size_t i = 0; i < n; i++) svi_sketch_add(&sketch, values[i]);
    return sketch;
}

Test(sketch, same_bits_from_any_parts)
{
    double values[N_VALUES];
    for (uint64_t i = 0; i < N_VALUES; i++) values[i] = wild_value(i);
    svi_sketch whole = sketch_of(values, N_VALUES);
    bytes expected = write_sketch(&whole);
    for (uint32_t n_parts = 1; n_parts < 12; n_parts++) {
        svi_sketch parts[12] = {0}, merged = {0};
        sv_error error = {0};
        for (uint32_t i = 0; i < N_VALUES; i++) /* in another order, too */
            svi_sketch_add(&parts[draw(10 + n_parts, i) % n_parts], values[N_VALUES - 1 - i]);
        for (uint32_t p = 0; p < n_parts; p++) {
            if (p % 2 == 0) {
                svi_sketch_merge(&merged, &parts[p]);
            } else {
                bytes b = write_sketch(&parts[p]);
                cr_assert_eq(svi_sketch_read(&merged, b.at, b.n, &error), SV_OK, "%s",
                             error.message);
                free(b.at);
            }
            svi_sketch_clear(&parts[p]);
        }
        bytes found = write_sketch(&merged);
        must_equal(found, expected, "merged and whole");
        cr_assert_eq(svi_sketch_mean(&merged), svi_sketch_mean(&whole));
        cr_assert_eq(svi_sketch_sd(&merged), svi_sketch_sd(&whole));
        svi_sketch_clear(&merged);
        free(found.at);
    }
    free(expected.at);
    svi_sketch_clear(&whole);
}

/* Whole numbers below 2^20 over 2^k: sums and squares fit 64 bits. */
static void check_small(uint64_t stream, int64_t offset, int k)
{
    svi_sketch sketch = {0};
    int64_t sum = 0, squares = 0, n = 997;
    for (int64_t i = 0; i < n; i++) {
        int64_t value = (int64_t)(draw(stream, (uint64_t)i) >> 12) - offset;
        svi_sketch_add(&sketch, ldexp((double)value, -k));
        sum += value;
        squares += value * value;
    }
    /* n squares - sum^2 < 2^61 */
    double mean = ldexp((double)sum / (double)n, -k);
    double sd = ldexp(sqrt((double)(n * squares - sum * sum) / ((double)n * (double)(n - 1))), -k);
    cr_assert_float_eq(svi_sketch_mean(&sketch), mean, 3e-16 * fabs(mean), "mean %.17g, %.17g",
                       svi_sketch_mean(&sketch), mean);
    cr_assert_float_eq(svi_sketch_sd(&sketch), sd, 3e-16 * sd, "SD %.17g, %.17g",
                       svi_sketch_sd(&sketch), sd);
    svi_sketch_clear(&sketch);
}

Test(sketch, mean_and_sd_are_those_of_whole_numbers)
{
    check_small(31, 0, 0);
    check_small(32, 1 << 19, 0);
    check_small(33, 1 << 20, 20);
    check_small(34, 1000, 500);
    check_small(35, 1000, -500);
    check_small(36, 77, 1060);
}

static void check_three(double a, double b, double c, double mean, double sd)
{
    double values[] = {a, b, c};
    svi_sketch sketch = sketch_of(values, 3);
    cr_assert_float_eq(svi_sketch_mean(&sketch), mean, 3e-16 * fabs(mean), "mean %.17g, %.17g",
                       svi_sketch_mean(&sketch), mean);
    cr_assert_float_eq(svi_sketch_sd(&sketch), sd, 5e-16 * sd, "SD %.17g, %.17g",
                       svi_sketch_sd(&sketch), sd);
    svi_sketch_clear(&sketch);
}

Test(sketch, nothing_is_lost_beside_large_numbers)
{
    const double largest = 0x1.fffffffffffffp1023;
    check_three(1e300, 3e-300, -1e300, 1e-300, 1e300);
    check_three(0x1p53 + 2, 0x1p53 + 4, 0x1p53 + 6, 0x1p53 + 4, 2);
    check_three(0.9375, 0.9375, 0.9375, 0.9375, 0);
    check_three(0x1p-1074, 0x1p-1074, 0x1p-1072, 0x1p-1073, ldexp(sqrt(3), -1074));
    check_three(largest, largest, largest, largest, 0);
    check_three(largest, 0, -largest, 0, largest);
    check_three(-2, -4, -6, -4, 2);
}

/* Exact whatever carries wait: more additions than a digit bears without carrying would overflow.
 */
Test(sketch, many_merges_carry)
{
    double values[] = {0x1.fffffffffffffp0, -0x1p-60};
    svi_sketch sketch = sketch_of(values, 2);
    for (int i = 0; i < 39; i++) {
        svi_sketch again = {0};
        svi_sketch_merge(&again, &sketch);
        svi_sketch_merge(&sketch, &again);
        svi_sketch_clear(&again);
    }
    cr_assert_eq(sketch.n, UINT64_C(2) << 39);
    cr_assert_eq(svi_sketch_mean(&sketch), (values[0] + values[1]) / 2);
    cr_assert_float_eq(svi_sketch_sd(&sketch), values[0] / 2, 1e-12);
    cr_assert_eq(svi_sketch_quantile(&sketch, 0.25), values[1]);
    svi_sketch_clear(&sketch);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_quantiles(double *values, size_t n)
{
    svi_sketch sketch = sketch_of(values, n);
    qsort(values, n, sizeof *values, compare);
    for (int i = 0; i <= 100; i++) {
        double p = i / 100.0, exact = svi_sorted_quantile(values, n, p);
        double place = p * (double)(n - 1);
        size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
        double bound = SVI_SKETCH_ERROR * fmax(fabs(values[below]), fabs(values[above]));
        double found = svi_sketch_quantile(&sketch, p);
        cr_assert_leq(fabs(found - exact), bound * (1 + 1e-12), "p %g of %zu: %.17g, %.17g", p, n,
                      found, exact);
    }
    cr_assert_eq(svi_sketch_min(&sketch), values[0]);
    cr_assert_eq(svi_sketch_max(&sketch), values[n - 1]);
    svi_sketch_clear(&sketch);
}

Test(sketch, quantiles_keep_their_bound)
{
    static const size_t sizes[] = {1, 2, 3, 10, N_VALUES};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint64_t kind = 0; kind < 3; kind++) {
            double values[N_VALUES];
            for (uint64_t i = 0; i < sizes[s]; i++) {
                double u = ((double)draw(50 + kind, i) + 0.5) * 0x1p-32;
                values[i] = kind == 0   ? 0.9 + 0.05 * floor(360 * u) / 360
                            : kind == 1 ? -log(u) * 1e-3
                                        : ldexp(u - 0.5, (int)(draw(60, i) % 12) - 6);
            }
            check_quantiles(values, sizes[s]);
        }
}

Test(sketch, the_bound_is_reached)
{
    /* the last value of a bucket, inside the extremes */
    double last = 1 + 0x1.fep-12, values[] = {0.5, last, last, last, 2};
    svi_sketch sketch = sketch_of(values, 5);
    double error = fabs(svi_sketch_quantile(&sketch, 0.5) - last);
    cr_assert_gt(error, 0.9 * SVI_SKETCH_ERROR);
    svi_sketch_clear(&sketch);
}

Test(sketch, small_whole_numbers_are_exact)
{
    double values[2001];
    for (int i = 0; i <= 2000; i++) values[i] = i - 1000;
    svi_sketch sketch = sketch_of(values, 2001);
    for (int i = 0; i <= 2000; i++)
        cr_assert_eq(svi_sketch_quantile(&sketch, i / 2000.0),
                     svi_sorted_quantile(values, 2001, i / 2000.0), "%d", i);
    svi_sketch_clear(&sketch);
}

Test(sketch, nothing_to_say)
{
    svi_sketch sketch = {0};
    cr_assert(isnan(svi_sketch_mean(&sketch)));
    svi_sketch_add(&sketch, NAN);
    svi_sketch_add(&sketch, -INFINITY);
    cr_assert_eq(sketch.n_not_finite, 2);
    cr_assert(isnan(svi_sketch_min(&sketch)));
    cr_assert(isnan(svi_sketch_quantile(&sketch, 0.5)));
    svi_sketch_add(&sketch, 3);
    cr_assert_eq(svi_sketch_mean(&sketch), 3);
    cr_assert(isnan(svi_sketch_sd(&sketch)));
    svi_sketch_clear(&sketch);
    svi_sketch_add(&sketch, 5); /* a cleared sketch starts anew */
    cr_assert(svi_sketch_mean(&sketch) == 5 && sketch.n == 1 && sketch.n_not_finite == 0);
    svi_sketch_clear(&sketch);
}

Test(sketch, other_bytes_are_refused)
{
    double values[20];
    for (uint64_t i = 0; i < 20; i++) values[i] = wild_value(i);
    svi_sketch sketch = sketch_of(values, 20);
    bytes b = write_sketch(&sketch);
    for (size_t n = 0; n < b.n; n++) {
        svi_sketch other = {0};
        sv_error error = {0};
        cr_assert_eq(svi_sketch_read(&other, b.at, n, &error), SV_ERR_DATA, "%zu bytes", n);
        cr_assert_eq(other.n, 0);
        svi_sketch_clear(&other);
    }
    for (size_t i = 0; i < 10 * b.n; i++) { /* must not crash, whatever it says */
        svi_sketch other = {0};
        unsigned char kept = b.at[i % b.n];
        b.at[i % b.n] = (unsigned char)draw(70, i);
        svi_sketch_read(&other, b.at, b.n, NULL);
        b.at[i % b.n] = kept;
        svi_sketch_clear(&other);
    }
    svi_sketch_clear(&sketch);
    free(b.at);
}

/* No leading zeros of the sums, no extremes of nothing. */
Test(sketch, little_takes_few_bytes)
{
    svi_sketch sketch = {0};
    bytes b = write_sketch(&sketch);
    cr_expect(b.n == 2, "%zu bytes of an empty sketch", b.n);
    free(b.at);
    svi_sketch_add(&sketch, 1);
    b = write_sketch(&sketch);
    cr_expect(b.n < 48, "%zu bytes of one value", b.n);
    free(b.at);
    svi_sketch_clear(&sketch);
}
