/* exp and tanh of the C library that the program runs with, in place, for `math: device`: what they
 * give is the library's and the processor's affair. The same functions whatever the vectors' width.
 */
#ifndef SVK_DEVICE_MATH_H
#define SVK_DEVICE_MATH_H

#include <stddef.h>

void svk_device_exp_f32(float *v, size_t n);
void svk_device_exp_f64(double *v, size_t n);
void svk_device_tanh_f32(float *v, size_t n);
void svk_device_tanh_f64(double *v, size_t n);

#endif
