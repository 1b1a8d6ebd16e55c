/* Activations whose slope is not a function of their value alone, or that need exp: the value of a
 * unit and its slope from the sum z before it, in stated operations (docs/numerics.md). Not
 * correctly rounded, but the bits are fixed. */
#ifndef SVK_ACTIVATION_H
#define SVK_ACTIVATION_H

#include "elementary.h"

/* The logistic function. Its slope is svk_sigmoid_slope of the value. */
SVK_FN float svk_sigmoid_f32(float z) { return 1.0f / (1.0f + svk_exp_f32(-z)); }

SVK_FN double svk_sigmoid_f64(double z) { return 1.0 / (1.0 + svk_exp_f64(-z)); }

SVK_FN float svk_sigmoid_slope_f32(float h) { return fmaf(-h, h, h); }

SVK_FN double svk_sigmoid_slope_f64(double h) { return fma(-h, h, h); }

/* z times the logistic function of z (Elfwing, Uchibe, Doya 2018). */
SVK_FN float svk_silu_f32(float z, float *slope)
{
    float s = svk_sigmoid_f32(z);
    *slope = s * fmaf(z, 1.0f - s, 1.0f);
    return z * s;
}

SVK_FN double svk_silu_f64(double z, double *slope)
{
    double s = svk_sigmoid_f64(z);
    *slope = s * fma(z, 1.0 - s, 1.0);
    return z * s;
}

/* sqrt(2/pi), and the cubic's coefficient with its triple: the tanh form of Hendrycks and Gimpel
 * (2016), 0.5 z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))). */
#define SVK_GELU_SCALE 0x1.9884533d43651p-1
#define SVK_GELU_CUBIC 0.044715
#define SVK_GELU_CUBIC_SLOPE 0.134145

SVK_FN float svk_gelu_f32(float z, float *slope)
{
    const float scale = (float)SVK_GELU_SCALE, cubic = (float)SVK_GELU_CUBIC;
    float square = z * z, half = 0.5f * z;
    float t = svk_tanh_f32(scale * fmaf(cubic * square, z, z));
    float inner = scale * fmaf((float)SVK_GELU_CUBIC_SLOPE, square, 1.0f);
    *slope = fmaf(half * fmaf(-t, t, 1.0f), inner, fmaf(0.5f, t, 0.5f));
    return fmaf(half, t, half);
}

SVK_FN double svk_gelu_f64(double z, double *slope)
{
    double square = z * z, half = 0.5 * z;
    double t = svk_tanh_f64(SVK_GELU_SCALE * fma(SVK_GELU_CUBIC * square, z, z));
    double inner = SVK_GELU_SCALE * fma(SVK_GELU_CUBIC_SLOPE, square, 1.0);
    *slope = fma(half * fma(-t, t, 1.0), inner, fma(0.5, t, 0.5));
    return fma(half, t, half);
}

#endif
