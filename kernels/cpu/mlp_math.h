/* exp, tanh and the logistic function of many values, in place, by the contract or by this
 * machine's library. */
#ifndef SVK_MLP_MATH_H
#define SVK_MLP_MATH_H

#include "device_math.h"
#include "mlp_state.h"

SVK_FN void take_exp(const state *s, real *restrict v, size_t n)
{
    if (s->training->math == SVK_MATH_DEVICE)
        svk_real_device_exp(v, n);
    else
        for (size_t i = 0; i < n; i++) v[i] = svk_real_exp(v[i]);
}

SVK_FN void take_tanh(const state *s, real *restrict v, size_t n)
{
    if (s->training->math == SVK_MATH_DEVICE)
        svk_real_device_tanh(v, n);
    else
        for (size_t i = 0; i < n; i++) v[i] = svk_real_tanh(v[i]);
}

SVK_FN void take_sigmoid(const state *s, real *restrict v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = -v[i];
    take_exp(s, v, n);
    for (size_t i = 0; i < n; i++) v[i] = svk_real_sigmoid_of_exp(v[i]);
}

#endif
