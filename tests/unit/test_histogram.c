/* Bins: what they cover, and that steps in the values do not show as combs. */
#include <criterion/criterion.h>
#include <math.h>

#include "stats/histogram.h"

enum { N = 2000 };

static svi_bins bins_of(const double *values, size_t n, uint64_t *counts, uint64_t outside[2])
{
    svi_bins bins = svi_bins_choose(values, n);
    cr_assert(bins.n_bins >= 1 && bins.n_bins <= SVI_N_BINS_MAX);
    outside[0] = outside[1] = 0;
    for (size_t i = 0; i < SVI_N_BINS_MAX; i++) counts[i] = 0;
    svi_bins_count(&bins, values, n, counts, &outside[0], &outside[1]);
    return bins;
}

static uint64_t total(const uint64_t *counts)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SVI_N_BINS_MAX; i++) sum += counts[i];
    return sum;
}

Test(histogram, covers_all_values)
{
    double values[N];
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    for (size_t n = 1; n <= N; n = n * 3 + 1) {
        for (size_t i = 0; i < n; i++) values[i] = sqrt((double)i);
        bins_of(values, n, counts, outside);
        cr_assert_eq(outside[0] + outside[1], 0);
        cr_assert_eq(total(counts), n);
    }
}

/* Accuracies on 359 points: each bin holds as many possible values as any other. */
Test(histogram, shares_of_points_make_no_comb)
{
    double values[N];
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    for (size_t n_steps = 3; n_steps <= 360; n_steps += 7) {
        for (size_t i = 0; i < N; i++) values[i] = (float)(100 + i * n_steps / N) / 700.0F;
        svi_bins bins = bins_of(values, N, counts, outside);
        double steps = bins.width * 700;
        cr_assert_float_eq(steps, round(steps), 1e-3, "%zu steps: %g a bin", n_steps, steps);
        for (size_t i = 1; i + 1 < bins.n_bins; i++)
            cr_assert(fabs((double)counts[i] - (double)counts[1]) <= steps + 1,
                      "%zu steps: bin %zu has %d of %d", n_steps, i, (int)counts[i],
                      (int)counts[1]);
    }
}

Test(histogram, leaves_far_values_outside_and_counts_them)
{
    double values[N];
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    for (size_t i = 0; i < N; i++) values[i] = (double)i / N;
    values[0] = -1000;
    values[N - 2] = 500;
    values[N - 1] = 1e9;
    svi_bins bins = bins_of(values, N, counts, outside);
    cr_assert(bins.low > -1 && bins.low + (double)bins.n_bins * bins.width < 2);
    cr_assert(outside[0] >= 1 && outside[1] >= 2 && outside[0] + outside[1] < N / 50);
    cr_assert_eq(total(counts) + outside[0] + outside[1], N);
}

Test(histogram, equal_values_share_one_bin)
{
    double values[5] = {3, 3, 3, 3, 3};
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    svi_bins bins = bins_of(values, 5, counts, outside);
    cr_assert_eq(bins.n_bins, 1);
    cr_assert_eq(counts[0], 5);
}

/* One run of 57 that diverged does not push the others into one bin. */
Test(histogram, one_far_value_of_few_is_left_outside)
{
    double values[57];
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    values[0] = 10;
    for (size_t i = 1; i < 57; i++) values[i] = 90 + 0.03 * (double)i;
    svi_bins bins = bins_of(values, 57, counts, outside);
    cr_expect(outside[0] == 1 && outside[1] == 0 && bins.low > 89 && bins.n_bins > 10);
}

/* Runs that fall into two groups are shown in two groups. */
Test(histogram, a_tenth_of_the_values_is_no_outlier)
{
    double values[100];
    uint64_t counts[SVI_N_BINS_MAX], outside[2];
    for (size_t i = 0; i < 100; i++) values[i] = (i < 10 ? 10 : 90) + 0.01 * (double)i;
    bins_of(values, 100, counts, outside);
    cr_expect_eq(outside[0] + outside[1], 0);
}
