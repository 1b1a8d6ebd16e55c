#include "stats/quantile.h"

#include <limits>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace
{

using namespace boost::math::policies;

/* Errors become NaN or an infinity, and long double, which differs between machines, is not used.
 */
using in_double =
    policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
           evaluation_error<ignore_error>, promote_double<false>>;

template <class Function> double guarded(Function function) noexcept
{
    try {
        return function();
    } catch (...) {
        return std::numeric_limits<double>::quiet_NaN();
    }
}

template <template <class, class> class Distribution, class... Parameter>
double cdf_of(double x, Parameter... parameter) noexcept
{
    return guarded(
        [=] { return boost::math::cdf(Distribution<double, in_double>(parameter...), x); });
}

template <template <class, class> class Distribution, class... Parameter>
double quantile_of(double p, Parameter... parameter) noexcept
{
    return guarded(
        [=] { return boost::math::quantile(Distribution<double, in_double>(parameter...), p); });
}

} // namespace

using boost::math::beta_distribution;
using boost::math::chi_squared_distribution;
using boost::math::fisher_f_distribution;
using boost::math::non_central_t_distribution;
using boost::math::normal_distribution;
using boost::math::students_t_distribution;

double svi_normal_cdf(double x) { return cdf_of<normal_distribution>(x, 0.0, 1.0); }

double svi_normal_quantile(double p) { return quantile_of<normal_distribution>(p, 0.0, 1.0); }

double svi_t_cdf(double x, double df) { return cdf_of<students_t_distribution>(x, df); }

double svi_t_quantile(double p, double df) { return quantile_of<students_t_distribution>(p, df); }

double svi_chi2_cdf(double x, double df) { return cdf_of<chi_squared_distribution>(x, df); }

double svi_chi2_quantile(double p, double df)
{
    return quantile_of<chi_squared_distribution>(p, df);
}

double svi_f_cdf(double x, double df1, double df2)
{
    return cdf_of<fisher_f_distribution>(x, df1, df2);
}

double svi_f_quantile(double p, double df1, double df2)
{
    return quantile_of<fisher_f_distribution>(p, df1, df2);
}

double svi_beta_cdf(double x, double a, double b) { return cdf_of<beta_distribution>(x, a, b); }

double svi_beta_quantile(double p, double a, double b)
{
    return quantile_of<beta_distribution>(p, a, b);
}

double svi_noncentral_t_cdf(double x, double df, double noncentrality)
{
    return cdf_of<non_central_t_distribution>(x, df, noncentrality);
}

double svi_noncentral_t_quantile(double p, double df, double noncentrality)
{
    return quantile_of<non_central_t_distribution>(p, df, noncentrality);
}
