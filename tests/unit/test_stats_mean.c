/* The error of a grid's mean, against the formula worked by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "stats/crossed_mean.h"

Test(stats_mean, two_factors)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 10, .df = 3},
                                        {.factors = 2, .mean_square = 6, .df = 2},
                                        {.factors = 3, .mean_square = 2, .df = 6},
                                        {.factors = 0, .mean_square = 99, .df = 12}};
    svi_mean_error mean = svi_crossed_mean_error(components, 4, 5, 24);
    cr_expect_float_eq(mean.mean, 5, 0);
    cr_expect_float_eq(mean.variance, 14.0 / 24, 1e-15);
    cr_expect_float_eq(mean.df, 196 / (100.0 / 3 + 36.0 / 2 + 4.0 / 6), 1e-12);
}

Test(stats_mean, a_large_interaction_leaves_the_largest_factor)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 3, .df = 3},
                                        {.factors = 2, .mean_square = 4, .df = 2},
                                        {.factors = 3, .mean_square = 8, .df = 6}};
    svi_mean_error mean = svi_crossed_mean_error(components, 3, 0, 12);
    cr_expect_float_eq(mean.variance, 4.0 / 12, 1e-15);
    cr_expect_float_eq(mean.df, 2, 0);
}

/* One factor: the standard error of the seeds' means. */
Test(stats_mean, one_factor_with_replicates)
{
    const svi_component components[] = {{.factors = 1, .mean_square = 10, .df = 3},
                                        {.factors = 0, .mean_square = 1, .df = 4}};
    svi_mean_error mean = svi_crossed_mean_error(components, 2, 0, 8);
    cr_expect_float_eq(mean.variance, 10.0 / 8, 1e-15);
    cr_expect_float_eq(mean.df, 3, 0);
    svi_interval interval = svi_mean_error_interval(&mean, 0.95);
    cr_expect_float_eq(interval.high, 3.182446305284263 * sqrt(1.25), 1e-9);
}

Test(stats_mean, a_difference_without_any_spread)
{
    svi_difference difference;
    svi_difference_from(0, 0, 3, 0.95, &difference);
    cr_expect_float_eq(difference.p, 1, 0);
    svi_difference_from(0.5, 0, 3, 0.95, &difference);
    cr_expect_float_eq(difference.p, 0, 0);
    cr_expect_float_eq(difference.interval.low, 0.5, 0);
}

/* Three groups that share no seed: the means 1.5, 3.5 and 7 have the variance 7.75. */
Test(stats_mean, groups_are_known_by_their_means)
{
    const double values[] = {1, 2, 3, 4, 5, 9};
    svi_mean_error found = svi_grouped_mean_error(values, 3, 2);
    cr_expect_float_eq(found.mean, 4, 1e-14);
    cr_expect_float_eq(found.variance, 7.75 / 3, 1e-14);
    cr_expect_eq(found.df, 2);
}
