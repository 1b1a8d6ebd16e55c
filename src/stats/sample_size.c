#include "stats/sample_size.h"

#include <math.h>

#include "stats/arm_compare.h"
#include "stats/quantile.h"

static const double n_most = 1e9;

static double variance_of_pair(const svi_power_question *q)
{
    double variance = q->sd_a * q->sd_a + q->sd_b * q->sd_b;
    return q->is_paired ? variance - 2 * q->rho * q->sd_a * q->sd_b : variance;
}

double svi_power_df(const svi_power_question *q, double n)
{
    if (q->is_paired) return n - 1;
    return svi_welch_df(q->sd_a * q->sd_a, n - 1, q->sd_b * q->sd_b, n - 1);
}

static sv_status check(const svi_power_question *q, sv_error *error)
{
    bool has_spread = q->sd_a >= 0 && q->sd_b >= 0 && isfinite(q->sd_a) && isfinite(q->sd_b);
    bool has_rho = !q->is_paired || (q->rho >= -1 && q->rho <= 1);
    if (has_spread && has_rho && isfinite(q->difference) && q->alpha > 0 && q->alpha < 1)
        return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "number of seeds for a difference of %g with SDs %g and %g, correlation %g, "
                    "alpha %g: SDs are 0 or more, the correlation is from -1 to 1, alpha is "
                    "between 0 and 1",
                    q->difference, q->sd_a, q->sd_b, q->rho, q->alpha);
}

sv_status svi_power_error(const svi_power_question *question, double n, double *standard_error,
                          sv_error *error)
{
    SVI_TRY(check(question, error));
    *standard_error = sqrt(fmax(0, variance_of_pair(question)) / n);
    return SV_OK;
}

static sv_status check_power(double alpha, double power, sv_error *error)
{
    if (power > alpha && power < 1) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE, "power %g at alpha %g: give alpha < power < 1", power,
                    alpha);
}

static double t_power(const svi_power_question *q, double n)
{
    double variance = variance_of_pair(q);
    if (!(variance > 0)) return q->difference != 0 ? 1 : q->alpha;
    double df = svi_power_df(q, n), shift = fabs(q->difference) * sqrt(n / variance);
    double critical = svi_t_quantile(1 - q->alpha / 2, df);
    return 1 - svi_noncentral_t_cdf(critical, df, shift) +
           svi_noncentral_t_cdf(-critical, df, shift);
}

static double equivalence_power(const svi_power_question *q, double margin, double n)
{
    double variance = variance_of_pair(q);
    if (!(variance > 0)) return 1;
    double df = svi_power_df(q, n), shift = margin * sqrt(n / variance);
    double critical = svi_t_quantile(1 - q->alpha, df);
    return 1 - 2 * svi_noncentral_t_cdf(critical, df, shift);
}

sv_status svi_power(const svi_power_question *question, double n, double *power, sv_error *error)
{
    SVI_TRY(check(question, error));
    if (!(n >= 2)) return svi_fail(error, SV_ERR_USAGE, "power with %g seeds: give 2 or more", n);
    *power = t_power(question, n);
    return SV_OK;
}

/* margin above 0: of the equivalence tests. */
static double power_of(const svi_power_question *q, double margin, double n)
{
    return margin > 0 ? equivalence_power(q, margin, n) : t_power(q, n);
}

static double smallest_n(const svi_power_question *q, double margin, double power)
{
    double low = 1, high = 2;
    while (power_of(q, margin, high) < power && high < n_most) {
        low = high;
        high *= 2;
    }
    if (high >= n_most) return INFINITY;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        *(power_of(q, margin, middle) < power ? &low : &high) = middle;
    }
    return high;
}

sv_status svi_seeds_for_power(const svi_power_question *question, double power, double *n,
                              sv_error *error)
{
    SVI_TRY(check(question, error));
    SVI_TRY(check_power(question->alpha, power, error));
    *n = question->difference != 0 ? smallest_n(question, 0, power) : INFINITY;
    return SV_OK;
}

sv_status svi_seeds_by_normal(const svi_power_question *question, double power, double *n,
                              sv_error *error)
{
    SVI_TRY(check(question, error));
    SVI_TRY(check_power(question->alpha, power, error));
    double z = svi_normal_quantile(1 - question->alpha / 2) + svi_normal_quantile(power);
    double ratio = z / question->difference;
    *n = question->difference != 0 ? ceil(ratio * ratio * variance_of_pair(question)) : INFINITY;
    return SV_OK;
}

sv_status svi_seeds_for_equivalence(const svi_power_question *question, double margin, double power,
                                    double *n, sv_error *error)
{
    SVI_TRY(check(question, error));
    SVI_TRY(check_power(question->alpha, power, error));
    if (!(margin > 0) || !isfinite(margin)) {
        return svi_fail(error, SV_ERR_USAGE, "equivalence margin %g: give one above 0", margin);
    }
    *n = smallest_n(question, margin, power);
    return SV_OK;
}

sv_status svi_seeds_for_superiority(double probability, double alpha, double power, double *n,
                                    sv_error *error)
{
    SVI_TRY(check_power(alpha, power, error));
    if (!(probability >= 0 && probability <= 1) || !(alpha > 0)) {
        return svi_fail(error, SV_ERR_USAGE, "P(A > B) = %g at alpha %g: give probabilities",
                        probability, alpha);
    }
    double z = svi_normal_quantile(1 - alpha / 2) + svi_normal_quantile(power);
    double distance = probability - 0.5;
    *n = distance != 0 ? ceil(z * z / (6 * distance * distance)) : INFINITY;
    return SV_OK;
}
