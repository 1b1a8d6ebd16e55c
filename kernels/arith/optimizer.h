/* One step of an optimizer for one parameter, in binary32. g: the sum of the samples' gradients. */
#ifndef SVK_OPTIMIZER_H
#define SVK_OPTIMIZER_H

#include "net.h"

/* step: learning rate / number of samples, one division. Returns the new weight. */
SVK_FN float svk_sgd_f32(float w, float g, float step) { return fmaf(-step, g, w); }

/* inverse_n: 1 / number of samples. Returns the new velocity; the weight then takes svk_sgd_f32(w,
 * velocity, rate). */
SVK_FN float svk_momentum_f32(float velocity, float g, float momentum, float inverse_n)
{
    return svk_flush_f32(fmaf(momentum, velocity, inverse_n * g));
}

#endif
