/* What MPFR says: the correctly rounded binary32 of a function, and the error of a binary64 in
 * units in the last place. */
#ifndef MPFR_REFERENCE_H
#define MPFR_REFERENCE_H

#include <math.h>
#include <mpfr.h>

typedef int (*mpfr_function)(mpfr_t y, const mpfr_t x, mpfr_rnd_t rounding);

enum { REFERENCE_BITS = 160 };

/* Leaves MPFR's exponent range at that of binary32, its results rounded to 24 bits, subnormals
 * included. */
static inline float reference_f32(mpfr_function function, float x)
{
    mpfr_t in, out;
    mpfr_set_emin(-148);
    mpfr_set_emax(128);
    mpfr_init2(in, 24);
    mpfr_init2(out, 24);
    mpfr_set_flt(in, x, MPFR_RNDN);
    int inexact = function(out, in, MPFR_RNDN);
    mpfr_subnormalize(out, inexact, MPFR_RNDN);
    float y = mpfr_get_flt(out, MPFR_RNDN);
    mpfr_clear(in);
    mpfr_clear(out);
    return y;
}

/* |y - function(x)| in units in the last place of function(x), a subnormal's unit being 2^-1074.
 * Infinite when one of the two is infinite or NaN and the other is not. */
static inline double error_ulp_f64(mpfr_function function, double x, double y)
{
    mpfr_t exact, difference;
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    mpfr_init2(exact, REFERENCE_BITS);
    mpfr_init2(difference, REFERENCE_BITS);
    mpfr_set_d(exact, x, MPFR_RNDN);
    function(exact, exact, MPFR_RNDN);
    double rounded = mpfr_get_d(exact, MPFR_RNDN), error = 0.0;
    if (!isfinite(rounded) || !isfinite(y)) {
        error = rounded == y || (isnan(rounded) && isnan(y)) ? 0.0 : INFINITY;
    } else if (!mpfr_zero_p(exact)) {
        long exponent = (long)mpfr_get_exp(exact) - 53;
        mpfr_sub_d(difference, exact, y, MPFR_RNDN);
        mpfr_mul_2si(difference, difference, exponent < -1074 ? 1074 : -exponent, MPFR_RNDN);
        error = fabs(mpfr_get_d(difference, MPFR_RNDN));
    } else {
        error = y == 0.0 ? 0.0 : INFINITY;
    }
    mpfr_clear(exact);
    mpfr_clear(difference);
    return error;
}

#endif
