#include <string.h>

#include "philox.h"
#include "stats/quantile.h"
#include "stats/rank_sum.h"
#include "stats/sorting.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

/* SciPy gives p; z must belong to it and point where the probability does. */
static void check_rank_sum(const json_t *item)
{
    size_t n, n_members, n_ranks;
    svi_rank_sum test;
    sv_error error;
    const char *name = golden_name(item, "name");
    double *values = golden_values(item, "values", &n), *ranks = malloc(n * sizeof *ranks);
    double *named = golden_values(item, "members", &n_members);
    double *expected = golden_values(item, "ranks", &n_ranks);
    size_t members[64];
    cr_assert(ranks != NULL && n_members <= 64 && n_ranks == n);
    for (size_t i = 0; i < n_members; i++) members[i] = (size_t)named[i];
    cr_assert_eq(svi_midranks(values, n, ranks, &error), SV_OK);
    for (size_t i = 0; i < n; i++) cr_expect(ranks[i] == expected[i]);
    cr_assert_eq(svi_rank_sum_test(ranks, n, members, n_members, &test, &error), SV_OK);
    cr_expect_eq(test.n_members, n_members);
    expect_near(test.rank_sum, golden_at(item, "rank_sum"), 0, name, "rank sum");
    expect_near(test.probability, golden_at(item, "probability"), tight, name, "probability");
    expect_near(test.p, golden_at(item, "p"), tight, name, "p");
    cr_expect((test.z > 0) == (test.probability > 0.5) || test.z == 0);
    free(values);
    free(ranks);
    free(named);
    free(expected);
}

Test(stats_ranks, agree_with_scipy)
{
    json_t *cases = golden_cases("ranks"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_rank_sum(item);
    json_decref(cases);
}

/* From few to many values, with ties, zeros of both signs and infinities. */
Test(stats_ranks, sorting_agrees_with_the_definition)
{
    enum { N_MAX = 5000 };
    static double values[N_MAX], sorted[N_MAX];
    static uint32_t order[N_MAX];
    static const double ends[] = {-INFINITY, INFINITY, -0.0, 0.0, -1e300, 5e-324};
    for (size_t n = 1; n <= N_MAX; n = n * 3 + 2) {
        for (size_t i = 0; i < n; i++) {
            uint32_t word = svk_draw(5, 6, (uint32_t)n, i);
            bool is_end = i % 97 < sizeof ends / sizeof *ends;
            values[i] = is_end ? ends[i % 97] : (double)(int32_t)word / (i % 3 == 0 ? 1e-8 : 1e9);
            if (i % 5 == 0) values[i] = floor(values[i] * 4);
        }
        memcpy(sorted, values, n * sizeof *sorted);
        svi_sort(sorted, n);
        cr_assert_eq(svi_sort_order(values, n, order, NULL), SV_OK);
        double sum = 0, sum_sorted = 0;
        for (size_t k = 0; k < n; k++) {
            cr_assert(sorted[k] == values[order[k]], "%zu values, place %zu", n, k);
            cr_assert(k == 0 || sorted[k - 1] <= sorted[k], "%zu values, place %zu", n, k);
            cr_assert(k == 0 || sorted[k - 1] < sorted[k] || order[k - 1] < order[k]);
            sum += order[k];
            sum_sorted += (double)k;
        }
        cr_expect(sum == sum_sorted);
    }
}

Test(stats_ranks, equal_values_say_nothing)
{
    const double values[] = {5, 5, 5, 5};
    const size_t members[] = {0, 2};
    double ranks[4];
    svi_rank_sum test;
    cr_assert_eq(svi_midranks(values, 4, ranks, NULL), SV_OK);
    for (int i = 0; i < 4; i++) cr_expect(ranks[i] == 2.5);
    cr_assert_eq(svi_rank_sum_test(ranks, 4, members, 2, &test, NULL), SV_OK);
    cr_expect(test.p == 1 && test.z == 0 && test.probability == 0.5);
}

Test(stats_ranks, refuse_wrong_members)
{
    const double ranks[] = {1, 2, 3, 4}, gap[] = {1, NAN};
    const size_t twice[] = {1, 1}, outside[] = {4}, all[] = {0, 1, 2, 3};
    double out[2];
    svi_rank_sum test;
    sv_error error;
    cr_expect_eq(svi_rank_sum_test(ranks, 4, twice, 2, &test, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "index 1 of 4"), "%s", error.message);
    cr_expect_eq(svi_rank_sum_test(ranks, 4, outside, 1, &test, &error), SV_ERR_DATA);
    cr_expect_eq(svi_rank_sum_test(ranks, 4, all, 4, &test, &error), SV_ERR_DATA);
    cr_expect_eq(svi_rank_sum_test(ranks, 4, all, 0, &test, &error), SV_ERR_DATA);
    cr_expect_eq(svi_midranks(gap, 2, out, &error), SV_ERR_DATA);
}

static double uniform(uint32_t study, uint32_t i)
{
    return ((double)svk_draw(31, 7, study, i) + 0.5) * 0x1p-32;
}

/* 30 members of 300, shifted so that they exceed the rest as often as is said to be found in four
 * cases of five. */
Test(stats_ranks, the_least_detectable_difference_is_found_in_four_cases_of_five)
{
    enum { N = 300, N_MEMBERS = 30, N_STUDIES = 1000 };
    double values[N], ranks[N], shift = 0;
    size_t member[N_MEMBERS], n_found = 0;
    svi_rank_sum test;
    for (size_t i = 0; i < N_MEMBERS; i++) member[i] = i;
    for (uint32_t study = 0; study < N_STUDIES; study++) {
        for (uint32_t i = 0; i < N; i++)
            values[i] = svi_normal_quantile(uniform(study, i)) + (i < N_MEMBERS ? shift : 0);
        cr_assert_eq(svi_midranks(values, N, ranks, NULL), SV_OK);
        cr_assert_eq(svi_rank_sum_test(ranks, N, member, N_MEMBERS, &test, NULL), SV_OK);
        if (study == 0) shift = sqrt(2) * svi_normal_quantile(0.5 + test.least_detectable);
        n_found += study > 0 && test.p < 0.05;
    }
    printf("found in %zu of %d\n", n_found, N_STUDIES - 1);
    cr_expect(n_found > 0.75 * N_STUDIES && n_found < 0.85 * N_STUDIES, "%zu", n_found);
}

Test(stats_ranks, five_of_ten_are_too_few_to_tell)
{
    double values[10], ranks[10];
    const size_t member[] = {0, 1, 2, 3, 4};
    svi_rank_sum test;
    for (size_t i = 0; i < 10; i++) values[i] = (double)(i * 7 % 10);
    cr_assert_eq(svi_midranks(values, 10, ranks, NULL), SV_OK);
    cr_assert_eq(svi_rank_sum_test(ranks, 10, member, 5, &test, NULL), SV_OK);
    cr_expect(test.least_detectable > 0.5, "%g", test.least_detectable);
}
