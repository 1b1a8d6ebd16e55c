/* Vectors of LANES values, one seed a lane. Each kernel source is compiled once for every
 * instruction set and precision; SVK_SIMD_AVX512, SVK_SIMD_AVX2 or neither, and SVK_REAL_BITS (32
 * or 64) come from the build.
 *
 * Every operation is one IEEE operation in each lane, so the bits do not depend on the width. */
#ifndef SVK_LANES_H
#define SVK_LANES_H

#include "activation.h"
#include "optimizer.h"

#if SVK_REAL_BITS == 32
typedef float real;
#define real_fma fmaf
#define real_flush svk_flush_f32
#define svk_real_exp svk_exp_f32
#define svk_real_tanh svk_tanh_f32
#define svk_real_sigmoid_of_exp svk_sigmoid_of_exp_f32
#define svk_real_silu_of_sigmoid svk_silu_of_sigmoid_f32
#define svk_real_gelu_inner svk_gelu_inner_f32
#define svk_real_gelu_of_tanh svk_gelu_of_tanh_f32
#define svk_real_device_exp svk_device_exp_f32
#define svk_real_device_tanh svk_device_tanh_f32
#define svk_real_update svk_update_f32
#define svk_real_update_make svk_update_make_f32
#define svk_real_update_sgd svk_update_sgd_f32
#define svk_real_update_momentum svk_update_momentum_f32
#define svk_real_update_nesterov svk_update_nesterov_f32
#define svk_real_update_adam svk_update_adam_f32
#define svk_real_initial_of_words svk_initial_of_words_f32
#define svk_real_canonical_bits svk_canonical_bits_f32
#define svk_real_from_bits(bits) svk_from_bits_f32((uint32_t)(bits))
#define svk_real_poly_start svk_poly_start_f32
#else
typedef double real;
#define real_fma fma
#define real_flush svk_flush_f64
#define svk_real_exp svk_exp_f64
#define svk_real_tanh svk_tanh_f64
#define svk_real_sigmoid_of_exp svk_sigmoid_of_exp_f64
#define svk_real_silu_of_sigmoid svk_silu_of_sigmoid_f64
#define svk_real_gelu_inner svk_gelu_inner_f64
#define svk_real_gelu_of_tanh svk_gelu_of_tanh_f64
#define svk_real_device_exp svk_device_exp_f64
#define svk_real_device_tanh svk_device_tanh_f64
#define svk_real_update svk_update_f64
#define svk_real_update_make svk_update_make_f64
#define svk_real_update_sgd svk_update_sgd_f64
#define svk_real_update_momentum svk_update_momentum_f64
#define svk_real_update_nesterov svk_update_nesterov_f64
#define svk_real_update_adam svk_update_adam_f64
#define svk_real_initial_of_words svk_initial_of_words_f64
#define svk_real_canonical_bits svk_canonical_bits_f64
#define svk_real_from_bits(bits) svk_from_bits_f64(bits)
#define svk_real_poly_start svk_poly_start_f64
#endif

#if defined(SVK_SIMD_AVX512) && SVK_REAL_BITS == 32
#include "lanes_avx512_fp32.h"
#define SVK_VARIANT(name) name##_avx512_fp32
#elif defined(SVK_SIMD_AVX512)
#include "lanes_avx512_fp64.h"
#define SVK_VARIANT(name) name##_avx512_fp64
#elif defined(SVK_SIMD_AVX2) && SVK_REAL_BITS == 32
#include "lanes_avx2_fp32.h"
#define SVK_VARIANT(name) name##_avx2_fp32
#elif defined(SVK_SIMD_AVX2)
#include "lanes_avx2_fp64.h"
#define SVK_VARIANT(name) name##_avx2_fp64
#elif SVK_REAL_BITS == 32
#include "lanes_plain.h"
#define SVK_VARIANT(name) name##_plain_fp32
#else
#include "lanes_plain.h"
#define SVK_VARIANT(name) name##_plain_fp64
#endif

/* A loop over the lanes that the compiler turns into vector code. */
#define FOR_LANES(l) for (int l = 0; l < LANES; l++)

#endif
