/* Distribution functions: a thin C face of Boost.Math. cdf is P(X <= x); quantile is its inverse.
 * Pure functions without a status: a value outside the domain (p outside [0, 1], df <= 0, NaN)
 * gives NaN, and p of 0 or 1 gives the end of the support, which may be infinite. Evaluated in
 * binary64 throughout, never in long double. */
#ifndef SVI_QUANTILE_H
#define SVI_QUANTILE_H

#ifdef __cplusplus
extern "C" {
#endif

double svi_normal_cdf(double x);
double svi_normal_quantile(double p);

double svi_t_cdf(double x, double df);
double svi_t_quantile(double p, double df);

double svi_chi2_cdf(double x, double df);
double svi_chi2_quantile(double p, double df);

/* df1 of the numerator, df2 of the denominator. */
double svi_f_cdf(double x, double df1, double df2);
double svi_f_quantile(double p, double df1, double df2);

double svi_beta_cdf(double x, double a, double b);
double svi_beta_quantile(double p, double a, double b);

/* Noncentrality as in (Z + noncentrality) / sqrt(chi2_df / df). */
double svi_noncentral_t_cdf(double x, double df, double noncentrality);
double svi_noncentral_t_quantile(double p, double df, double noncentrality);

#ifdef __cplusplus
}
#endif

#endif
