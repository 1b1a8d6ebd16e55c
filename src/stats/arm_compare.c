#include "stats/arm_compare.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"
#include "stats/quantile.h"

/* Completes *out from its difference, standard error and degrees of freedom. */
static void fill_t(svi_difference *out, double level)
{
    double half = svi_t_quantile((1 + level) / 2, out->df) * out->standard_error;
    out->interval = (svi_interval){out->difference - half, out->difference + half};
    if (out->standard_error > 0) {
        out->t = out->difference / out->standard_error;
        out->p = 2 * svi_t_cdf(-fabs(out->t), out->df);
    } else {
        out->t = out->difference == 0 ? 0 : copysign(INFINITY, out->difference);
        out->p = out->difference == 0 ? 1 : 0;
    }
}

static double correlation(const double *a, const double *b, size_t n, const svi_moments *of_a,
                          const svi_moments *of_b)
{
    if (!(of_a->m2 > 0) || !(of_b->m2 > 0)) return NAN;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - of_a->mean) * (b[i] - of_b->mean);
    return sum / (sqrt(of_a->m2) * sqrt(of_b->m2));
}

static sv_status check_arms(const double *a, size_t n_a, const double *b, size_t n_b, double level,
                            sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    SVI_TRY(svi_sample_check(a, n_a, 2, "first arm of a comparison", error));
    return svi_sample_check(b, n_b, 2, "second arm of a comparison", error);
}

sv_status svi_compare_paired(const double *a, const double *b, size_t n, double level,
                             svi_difference *out, sv_error *error)
{
    SVI_TRY(check_arms(a, n, b, n, level, error));
    double *differences = malloc(n * sizeof *differences);
    if (differences == NULL) return svi_fail_memory(error, n * sizeof *differences, "differences");
    for (size_t i = 0; i < n; i++) differences[i] = a[i] - b[i];
    svi_moments of_d = svi_moments_of(differences, n);
    free(differences);
    svi_moments of_a = svi_moments_of(a, n), of_b = svi_moments_of(b, n);
    double sd = svi_moments_sd(&of_d);
    *out = (svi_difference){
        .difference = of_d.mean,
        .standard_error = sd / sqrt((double)n),
        .df = (double)n - 1,
        .sd = sd,
        .correlation = correlation(a, b, n, &of_a, &of_b),
    };
    fill_t(out, level);
    return SV_OK;
}

sv_status svi_compare_welch(const double *a, size_t n_a, const double *b, size_t n_b, double level,
                            svi_difference *out, sv_error *error)
{
    SVI_TRY(check_arms(a, n_a, b, n_b, level, error));
    svi_moments of_a = svi_moments_of(a, n_a), of_b = svi_moments_of(b, n_b);
    double df_a = (double)n_a - 1, df_b = (double)n_b - 1;
    double v_a = of_a.m2 / df_a / (double)n_a, v_b = of_b.m2 / df_b / (double)n_b;
    *out = (svi_difference){
        .difference = of_a.mean - of_b.mean,
        .standard_error = sqrt(v_a + v_b),
        .df = svi_welch_df(v_a, df_a, v_b, df_b),
        .sd = NAN,
        .correlation = NAN,
    };
    fill_t(out, level);
    return SV_OK;
}

double svi_welch_df(double variance_a, double df_a, double variance_b, double df_b)
{
    double variance = variance_a + variance_b;
    if (!(variance > 0)) return df_a + df_b;
    double share_a = variance_a / variance, share_b = variance_b / variance;
    return 1 / (share_a * share_a / df_a + share_b * share_b / df_b);
}

sv_status svi_equivalence_p(const svi_difference *difference, double margin, double *p,
                            sv_error *error)
{
    if (!(margin > 0) || !isfinite(margin)) {
        return svi_fail(
            error, SV_ERR_USAGE,
            "equivalence margin %g: give the largest difference that counts as equal, above 0",
            margin);
    }
    double slack = margin - fabs(difference->difference);
    if (difference->standard_error > 0) {
        *p = svi_t_cdf(-slack / difference->standard_error, difference->df);
    } else {
        *p = slack > 0 ? 0 : 1;
    }
    return SV_OK;
}

static double power_at(double noncentrality, double df, double critical)
{
    return 1 - svi_noncentral_t_cdf(critical, df, noncentrality) +
           svi_noncentral_t_cdf(-critical, df, noncentrality);
}

sv_status svi_least_detectable(const svi_difference *difference, double alpha, double power,
                               double *effect, sv_error *error)
{
    if (!(alpha > 0 && alpha < power && power < 1)) {
        return svi_fail(
            error, SV_ERR_USAGE,
            "least detectable effect at alpha %g and power %g: give 0 < alpha < power < 1", alpha,
            power);
    }
    double df = difference->df, critical = svi_t_quantile(1 - alpha / 2, df);
    double low = 0, high = 1;
    while (power_at(high, df, critical) < power) high *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        bool is_enough = power_at(middle, df, critical) >= power;
        *(is_enough ? &high : &low) = middle;
    }
    if (!isfinite(power_at(high, df, critical))) {
        return svi_fail(
            error, SV_ERR_USAGE,
            "least detectable effect at alpha %g and power %g cannot be computed for %g "
            "degrees of freedom; ask for less power",
            alpha, power, df);
    }
    *effect = high * difference->standard_error;
    return SV_OK;
}
