#include "device_math.h"

#include <math.h>

void svk_device_exp_f32(float *v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = expf(v[i]);
}

void svk_device_exp_f64(double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = exp(v[i]);
}

void svk_device_tanh_f32(float *v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = tanhf(v[i]);
}

void svk_device_tanh_f64(double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = tanh(v[i]);
}
