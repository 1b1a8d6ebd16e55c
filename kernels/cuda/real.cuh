/* The shared arithmetic under one name for binary32 and binary64. */
#ifndef SVK_REAL_CUH
#define SVK_REAL_CUH

#include "activation.h"
#include "binned_sum.h"
#include "distance.h"
#include "fixed_sum.h"
#include "optimizer.h"
#include "part_sum.h"
#include "polynomial.h"
#include "rounding.h"

#define SVK_DEVICE static __device__ __forceinline__

SVK_DEVICE float real_fma(float a, float b, float c) { return fmaf(a, b, c); }
SVK_DEVICE double real_fma(double a, double b, double c) { return fma(a, b, c); }
SVK_DEVICE float real_flush(float v) { return svk_flush_f32(v); }
SVK_DEVICE double real_flush(double v) { return svk_flush_f64(v); }
SVK_DEVICE float real_sigmoid_of_exp(float e) { return svk_sigmoid_of_exp_f32(e); }
SVK_DEVICE double real_sigmoid_of_exp(double e) { return svk_sigmoid_of_exp_f64(e); }
SVK_DEVICE float real_silu_of_sigmoid(float z, float s, float *slope)
{
    return svk_silu_of_sigmoid_f32(z, s, slope);
}
SVK_DEVICE double real_silu_of_sigmoid(double z, double s, double *slope)
{
    return svk_silu_of_sigmoid_f64(z, s, slope);
}
SVK_DEVICE float real_gelu_inner(float z) { return svk_gelu_inner_f32(z); }
SVK_DEVICE double real_gelu_inner(double z) { return svk_gelu_inner_f64(z); }
SVK_DEVICE float real_gelu_of_tanh(float z, float t, float *slope)
{
    return svk_gelu_of_tanh_f32(z, t, slope);
}
SVK_DEVICE double real_gelu_of_tanh(double z, double t, double *slope)
{
    return svk_gelu_of_tanh_f64(z, t, slope);
}

/* exp and tanh by the contract; device_math.cuh has those of CUDA's library. */
struct contract_math {
    static __device__ __forceinline__ float exp_of(float x) { return svk_exp_f32(x); }
    static __device__ __forceinline__ double exp_of(double x) { return svk_exp_f64(x); }
    static __device__ __forceinline__ float tanh_of(float x) { return svk_tanh_f32(x); }
    static __device__ __forceinline__ double tanh_of(double x) { return svk_tanh_f64(x); }
};

template <class MATH, class REAL> SVK_DEVICE REAL real_sigmoid(REAL z)
{
    return real_sigmoid_of_exp(MATH::exp_of(-z));
}

SVK_DEVICE uint64_t real_canonical_bits(float x) { return svk_canonical_bits_f32(x); }
SVK_DEVICE uint64_t real_canonical_bits(double x) { return svk_canonical_bits_f64(x); }

SVK_DEVICE void real_neumaier(float *sum, float *lost, float term)
{
    svk_neumaier_f32(sum, lost, term);
}
SVK_DEVICE void real_neumaier(double *sum, double *lost, double term)
{
    svk_neumaier_f64(sum, lost, term);
}

/* x rounded to what operands of products have: SVK_PRECISION_*. */
SVK_DEVICE float real_operand(float x, int precision)
{
    if (precision == SVK_PRECISION_TF32) return svk_round_tf32(x);
    if (precision == SVK_PRECISION_BF16) return svk_round_bf16(x);
    if (precision == SVK_PRECISION_FP16) return svk_round_fp16(x);
    return x;
}
SVK_DEVICE double real_operand(double x, int) { return x; }

/* What differs by more than a name. */
template <class REAL> struct real_of;

template <> struct real_of<float> {
    typedef svk_update_f32 update;
    typedef int32_t flag;
    typedef uint32_t bits;
    static constexpr int N_BINS = SVK_BINS_FP32;
    static __device__ __forceinline__ update update_make(const svk_training *t, svk_step s)
    {
        return svk_update_make_f32(t, s);
    }
    static __device__ __forceinline__ float initial(uint32_t word0, uint32_t word1, int is_normal,
                                                    double scale)
    {
        return svk_initial_of_words_f32(word0, word1, is_normal, scale);
    }
    static __device__ __forceinline__ float poly_start(const svk_polynomial *p, uint64_t seed)
    {
        return svk_poly_start_f32(p, seed);
    }
    static __device__ __forceinline__ float above(float x, uint32_t ulps)
    {
        return svk_from_bits_f32(
            static_cast<uint32_t>(svk_bits_above(svk_canonical_bits_f32(x), ulps, 32)));
    }
    static __device__ __forceinline__ bits size_of(float x) { return svk_bits_f32(x) << 1 >> 1; }
    static __device__ __forceinline__ int32_t bin_of(bits size)
    {
        return svk_bin_of_f32(svk_from_bits_f32(size));
    }
    static __device__ __forceinline__ float binned_total(const double *bin)
    {
        return svk_binned_total_f32(bin[0], bin[1]);
    }
    static __device__ __forceinline__ int64_t fixed_deposit(float term, float range, double factor,
                                                            flag *is_saturated)
    {
        return svk_fixed_deposit_f32(term, range, factor, is_saturated);
    }
    static __device__ __forceinline__ float fixed_total(int64_t sum, float inverse)
    {
        return svk_fixed_total_f32(sum, inverse);
    }
};

template <> struct real_of<double> {
    typedef svk_update_f64 update;
    typedef int64_t flag;
    typedef uint64_t bits;
    static constexpr int N_BINS = SVK_BINS_FP64;
    static __device__ __forceinline__ update update_make(const svk_training *t, svk_step s)
    {
        return svk_update_make_f64(t, s);
    }
    static __device__ __forceinline__ double initial(uint32_t word0, uint32_t word1, int is_normal,
                                                     double scale)
    {
        return svk_initial_of_words_f64(word0, word1, is_normal, scale);
    }
    static __device__ __forceinline__ double poly_start(const svk_polynomial *p, uint64_t seed)
    {
        return svk_poly_start_f64(p, seed);
    }
    static __device__ __forceinline__ double above(double x, uint32_t ulps)
    {
        return svk_from_bits_f64(svk_bits_above(svk_canonical_bits_f64(x), ulps, 64));
    }
    static __device__ __forceinline__ bits size_of(double x) { return svk_bits_f64(x) << 1 >> 1; }
    static __device__ __forceinline__ int32_t bin_of(bits size)
    {
        return svk_bin_of_f64(svk_from_bits_f64(size));
    }
    static __device__ __forceinline__ double binned_total(const double *bin)
    {
        return svk_binned_total_f64(bin[0], bin[1], bin[2]);
    }
    static __device__ __forceinline__ int64_t fixed_deposit(double term, double range,
                                                            double factor, flag *is_saturated)
    {
        return svk_fixed_deposit_f64(term, range, factor, is_saturated);
    }
    static __device__ __forceinline__ double fixed_total(int64_t sum, double inverse)
    {
        return svk_fixed_total_f64(sum, inverse);
    }
};

/* ---- one parameter's step; g: the mean gradient ---- */

SVK_DEVICE void real_update_sgd(const svk_update_f32 &u, float *w, float g)
{
    svk_update_sgd_f32(u, w, g);
}
SVK_DEVICE void real_update_sgd(const svk_update_f64 &u, double *w, double g)
{
    svk_update_sgd_f64(u, w, g);
}
SVK_DEVICE void real_update_momentum(const svk_update_f32 &u, float *w, float *v, float g)
{
    svk_update_momentum_f32(u, w, v, g);
}
SVK_DEVICE void real_update_momentum(const svk_update_f64 &u, double *w, double *v, double g)
{
    svk_update_momentum_f64(u, w, v, g);
}
SVK_DEVICE void real_update_nesterov(const svk_update_f32 &u, float *w, float *v, float g)
{
    svk_update_nesterov_f32(u, w, v, g);
}
SVK_DEVICE void real_update_nesterov(const svk_update_f64 &u, double *w, double *v, double g)
{
    svk_update_nesterov_f64(u, w, v, g);
}
SVK_DEVICE void real_update_adam(const svk_update_f32 &u, float *w, float *v, float *s, float g)
{
    svk_update_adam_f32(u, w, v, s, g);
}
SVK_DEVICE void real_update_adam(const svk_update_f64 &u, double *w, double *v, double *s, double g)
{
    svk_update_adam_f64(u, w, v, s, g);
}

#endif
