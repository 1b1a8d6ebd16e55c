/* Activations that need exp or tanh, from its value on: the value of a unit and its slope from the
 * sum z before it, in stated operations (docs/numerics.md). Not correctly rounded, but the bits are
 * fixed by those of exp and tanh. */
#ifndef SVK_ACTIVATION_H
#define SVK_ACTIVATION_H

#include "elementary.h"

/* The logistic function of z, from exp(-z). Its slope is fma(-h, h, h) of the value h. */
SVK_FN float svk_sigmoid_of_exp_f32(float e) { return 1.0f / (1.0f + e); }

SVK_FN double svk_sigmoid_of_exp_f64(double e) { return 1.0 / (1.0 + e); }

/* z times s, the logistic function of z (Elfwing, Uchibe, Doya 2018). */
SVK_FN float svk_silu_of_sigmoid_f32(float z, float s, float *slope)
{
    *slope = s * fmaf(z, 1.0f - s, 1.0f);
    return z * s;
}

SVK_FN double svk_silu_of_sigmoid_f64(double z, double s, double *slope)
{
    *slope = s * fma(z, 1.0 - s, 1.0);
    return z * s;
}

/* sqrt(2/pi), and the cubic's coefficient with its triple: the tanh form of Hendrycks and Gimpel
 * (2016), 0.5 z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))). */
#define SVK_GELU_SCALE 0x1.9884533d43651p-1
#define SVK_GELU_CUBIC 0.044715
#define SVK_GELU_CUBIC_SLOPE 0.134145

/* What the tanh is taken of. */
SVK_FN float svk_gelu_inner_f32(float z)
{
    return (float)SVK_GELU_SCALE * fmaf((float)SVK_GELU_CUBIC * (z * z), z, z);
}

SVK_FN double svk_gelu_inner_f64(double z)
{
    return SVK_GELU_SCALE * fma(SVK_GELU_CUBIC * (z * z), z, z);
}

/* t: that tanh. */
SVK_FN float svk_gelu_of_tanh_f32(float z, float t, float *slope)
{
    float square = z * z, half = 0.5f * z;
    float inner = (float)SVK_GELU_SCALE * fmaf((float)SVK_GELU_CUBIC_SLOPE, square, 1.0f);
    *slope = fmaf(half * fmaf(-t, t, 1.0f), inner, fmaf(0.5f, t, 0.5f));
    return fmaf(half, t, half);
}

SVK_FN double svk_gelu_of_tanh_f64(double z, double t, double *slope)
{
    double square = z * z, half = 0.5 * z;
    double inner = SVK_GELU_SCALE * fma(SVK_GELU_CUBIC_SLOPE, square, 1.0);
    *slope = fma(half * fma(-t, t, 1.0), inner, fma(0.5, t, 0.5));
    return fma(half, t, half);
}

#endif
