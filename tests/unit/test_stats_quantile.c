#include <string.h>

#include "stats/quantile.h"
#include "test_stats_golden.h"

static double evaluate(const char *family, bool is_cdf, double at, const double *p)
{
    if (strcmp(family, "normal") == 0) return is_cdf ? svi_normal_cdf(at) : svi_normal_quantile(at);
    if (strcmp(family, "t") == 0) return is_cdf ? svi_t_cdf(at, p[0]) : svi_t_quantile(at, p[0]);
    if (strcmp(family, "chi2") == 0) {
        return is_cdf ? svi_chi2_cdf(at, p[0]) : svi_chi2_quantile(at, p[0]);
    }
    if (strcmp(family, "f") == 0) {
        return is_cdf ? svi_f_cdf(at, p[0], p[1]) : svi_f_quantile(at, p[0], p[1]);
    }
    if (strcmp(family, "beta") == 0) {
        return is_cdf ? svi_beta_cdf(at, p[0], p[1]) : svi_beta_quantile(at, p[0], p[1]);
    }
    cr_assert_str_eq(family, "noncentral_t");
    return is_cdf ? svi_noncentral_t_cdf(at, p[0], p[1])
                  : svi_noncentral_t_quantile(at, p[0], p[1]);
}

Test(stats_quantile, agrees_with_scipy)
{
    json_t *cases = golden_cases("distributions"), *item;
    size_t i, n;
    json_array_foreach(cases, i, item)
    {
        double *parameters = golden_values(item, "parameters", &n);
        const char *family = golden_name(item, "family"), *name = golden_name(item, "kind");
        double actual =
            evaluate(family, strcmp(name, "cdf") == 0, golden_at(item, "at"), parameters);
        expect_near(actual, golden_at(item, "expected"), 1e-9, family, name);
        free(parameters);
    }
    json_decref(cases);
}

Test(stats_quantile, ends_of_the_support)
{
    cr_expect(svi_normal_quantile(0) == -INFINITY);
    cr_expect(svi_normal_quantile(1) == INFINITY);
    cr_expect(svi_chi2_quantile(0, 5) == 0);
    cr_expect(svi_beta_quantile(1, 2, 3) == 1);
    cr_expect(svi_t_cdf(INFINITY, 4) == 1);
}

Test(stats_quantile, outside_the_domain_is_nan)
{
    cr_expect(isnan(svi_normal_quantile(1.5)));
    cr_expect(isnan(svi_normal_cdf(NAN)));
    cr_expect(isnan(svi_t_quantile(0.5, 0)));
    cr_expect(isnan(svi_t_cdf(1, -3)));
    cr_expect(isnan(svi_chi2_quantile(0.5, NAN)));
    cr_expect(isnan(svi_chi2_cdf(-1, 3)));
    cr_expect(isnan(svi_f_quantile(-0.1, 2, 3)));
    cr_expect(isnan(svi_f_cdf(1, 0, 3)));
    cr_expect(isnan(svi_beta_cdf(2, 1, 1)));
    cr_expect(isnan(svi_beta_quantile(0.5, -1, 1)));
    cr_expect(isnan(svi_noncentral_t_cdf(1, -1, 0)));
    cr_expect(isnan(svi_noncentral_t_quantile(2, 5, 1)));
}
