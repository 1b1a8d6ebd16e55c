#include <string.h>

#include "stats/holm.h"
#include "stats/published.h"
#include "stats/sample_size.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_means(const json_t *item)
{
    double n, power, target = golden_at(item, "power");
    svi_power_question question = {.difference = golden_at(item, "difference"),
                                   .sd_a = golden_at(item, "sd_a"),
                                   .sd_b = golden_at(item, "sd_b"),
                                   .is_paired = golden_flag(item, "is_paired"),
                                   .rho = golden_at(item, "rho"),
                                   .alpha = 0.05};
    cr_assert_eq(svi_seeds_for_power(&question, target, &n, NULL), SV_OK);
    cr_expect_eq(n, golden_at(item, "n"), "%g seeds for %g", n, golden_at(item, "n"));
    cr_assert_eq(svi_power(&question, n, &power, NULL), SV_OK);
    expect_near(power, golden_at(item, "power_at_n"), tight, "seeds", "power");
    cr_assert_eq(svi_seeds_by_normal(&question, target, &n, NULL), SV_OK);
    cr_expect_eq(n, golden_at(item, "normal"));
}

static void check_case(const json_t *item)
{
    double n, power = golden_at(item, "power");
    if (strcmp(golden_name(item, "kind"), "means") == 0) {
        check_means(item);
        return;
    }
    if (strcmp(golden_name(item, "kind"), "equivalence") == 0) {
        svi_power_question question = {
            .sd_a = golden_at(item, "sd"), .sd_b = golden_at(item, "sd"), .alpha = 0.05};
        cr_assert_eq(
            svi_seeds_for_equivalence(&question, golden_at(item, "margin"), power, &n, NULL),
            SV_OK);
    } else {
        cr_assert_eq(
            svi_seeds_for_superiority(golden_at(item, "probability"), 0.05, power, &n, NULL),
            SV_OK);
    }
    cr_expect_eq(n, golden_at(item, "n"), "%g seeds for %g", n, golden_at(item, "n"));
}

Test(stats_sample_size, agrees_with_statsmodels)
{
    json_t *cases = golden_cases("sample_size"), *item;
    size_t i;
    json_array_foreach(cases, i, item) check_case(item);
    json_decref(cases);
}

/* At a difference of two SDs the textbook's formula says 4, and 6 are needed. */
Test(stats_sample_size, the_normal_formula_is_too_small)
{
    const svi_power_question question = {.difference = 2, .sd_a = 1, .sd_b = 1, .alpha = 0.05};
    double n, normal;
    cr_assert_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_OK);
    cr_assert_eq(svi_seeds_by_normal(&question, 0.8, &normal, NULL), SV_OK);
    cr_expect(n == 6 && normal == 4, "%g, %g", n, normal);
}

Test(stats_sample_size, edges)
{
    svi_power_question question = {.difference = 0, .sd_a = 1, .sd_b = 1, .alpha = 0.05};
    double n;
    cr_assert_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_OK);
    cr_expect(isinf(n));
    question.difference = 1e-9;
    cr_assert_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_OK);
    cr_expect(isinf(n));
    question.difference = 0.01; /* far enough out for the normal limit to hold */
    cr_assert_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_OK);
    cr_expect(n >= 156978 && n <= 156981, "%g", n);
    question.sd_a = question.sd_b = 0;
    cr_assert_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_OK);
    cr_expect_eq(n, 2);
    cr_expect_eq(svi_seeds_for_power(&question, 0.01, &n, NULL), SV_ERR_USAGE);
    question.sd_a = -1;
    cr_expect_eq(svi_seeds_for_power(&question, 0.8, &n, NULL), SV_ERR_USAGE);
}

static svi_published published_at(const json_t *item, const char *key)
{
    const json_t *three = json_object_get(item, key);
    return (svi_published){json_number_value(json_array_get(three, 0)),
                           json_number_value(json_array_get(three, 1)),
                           (uint64_t)json_number_value(json_array_get(three, 2))};
}

Test(stats_published, agrees_with_scipy)
{
    json_t *cases = golden_cases("published"), *item;
    size_t i;
    json_array_foreach(cases, i, item)
    {
        svi_published a = published_at(item, "a"), b = published_at(item, "b");
        svi_agreement_of_two found;
        cr_assert_eq(
            svi_compare_published(&a, &b, 0.95, golden_at(item, "margin"), 0.8, &found, NULL),
            SV_OK);
        expect_near(found.difference.difference, golden_at(item, "difference"), tight, "published",
                    "difference");
        expect_near(found.difference.p, golden_at(item, "p"), tight, "published", "p");
        expect_near(found.difference.df, golden_at(item, "df"), tight, "published", "df");
        expect_interval(found.difference.interval, golden_interval(item, "interval"), tight,
                        "published", "interval");
        expect_near(found.equivalence_p, golden_at(item, "equivalence_p"), tight, "published",
                    "equivalence");
        expect_near(found.least_detectable, golden_at(item, "least_detectable"), tight, "published",
                    "least detectable");
    }
    json_decref(cases);
}

Test(stats_published, one_run_has_no_spread)
{
    const svi_published one = {0.9, 0, 1}, five = {0.9, 0.1, 5};
    svi_agreement_of_two found;
    sv_error error;
    cr_expect_eq(svi_compare_published(&one, &five, 0.95, 0, 0.8, &found, &error), SV_ERR_USAGE);
    cr_assert_eq(svi_compare_published(&five, &five, 0.95, 0, 0.8, &found, &error), SV_OK);
    cr_expect(isinf(found.n_to_settle) && isnan(found.equivalence_p) && found.difference.p == 1);
}

Test(stats_holm, agrees_with_statsmodels)
{
    json_t *cases = golden_cases("holm"), *item;
    size_t i, n, n_expected;
    json_array_foreach(cases, i, item)
    {
        double *p = golden_values(item, "p", &n), adjusted[20];
        double *expected = golden_values(item, "adjusted", &n_expected);
        cr_assert(n == n_expected && n <= 20);
        cr_assert_eq(svi_holm(p, n, adjusted, NULL), SV_OK);
        for (size_t k = 0; k < n; k++) expect_near(adjusted[k], expected[k], tight, "Holm", "p");
        free(p);
        free(expected);
    }
    json_decref(cases);
}

Test(stats_holm, what_has_no_p_is_not_counted)
{
    const double p[] = {0.02, NAN, 0.03};
    double adjusted[3];
    cr_assert_eq(svi_holm(p, 3, adjusted, NULL), SV_OK);
    cr_expect(adjusted[0] == 0.04 && isnan(adjusted[1]) && adjusted[2] == 0.04);
}
