/* How an optimizer turns the summed gradient of a batch into a step: the scalars of a step, made
 * once in binary64, and the update of one parameter, in binary32 and binary64. */
#ifndef SVK_OPTIMIZER_H
#define SVK_OPTIMIZER_H

#include "schedule.h"

/* What is carried from step to step: beta1^t and beta2^t. Both start at 1. */
typedef struct svk_moment_powers {
    double beta1, beta2;
} svk_moment_powers;

/* The scalars of one step, to be rounded to the precision of the run. */
typedef struct svk_step {
    double rate;        /* of sgd and its kin; adam: rate / (1 - beta1^t) */
    double root;        /* adam: 1 / sqrt(1 - beta2^t) */
    double decay_apart; /* adamw: rate * weight_decay */
} svk_step;

SVK_FN int svk_has_moments(const svk_training *t)
{
    return t->optimizer == SVK_OPTIMIZER_ADAM || t->optimizer == SVK_OPTIMIZER_ADAMW;
}

/* Advances the powers to this step. */
SVK_FN svk_step svk_step_make(const svk_training *t, uint64_t step, svk_moment_powers *powers)
{
    svk_step s = {svk_learning_rate(t, step), 1.0, 0.0};
    if (!svk_has_moments(t)) return s;
    powers->beta1 *= t->beta1;
    powers->beta2 *= t->beta2;
    if (t->optimizer == SVK_OPTIMIZER_ADAMW) s.decay_apart = s.rate * t->weight_decay;
    s.rate = s.rate / (1.0 - powers->beta1);
    s.root = 1.0 / sqrt(1.0 - powers->beta2);
    return s;
}

/* 1, or what the mean gradient is multiplied by when its norm is larger than allowed. */
SVK_FN double svk_clip_factor(double norm, double most)
{
    return most > 0.0 && norm > most ? most / norm : 1.0;
}

/* A step without momentum, weight decay or clipping. step: rate / number of samples, one
 * division. */
SVK_FN float svk_sgd_f32(float w, float g, float step) { return fmaf(-step, g, w); }
SVK_FN double svk_sgd_f64(double w, double g, double step) { return fma(-step, g, w); }

#define SVK_REAL float
#define SVK_IN_REAL(name) name##_f32
#define SVK_REAL_FMA fmaf
#define SVK_REAL_SQRT sqrtf
#include "optimizer_real.h"
#undef SVK_REAL
#undef SVK_IN_REAL
#undef SVK_REAL_FMA
#undef SVK_REAL_SQRT

#define SVK_REAL double
#define SVK_IN_REAL(name) name##_f64
#define SVK_REAL_FMA fma
#define SVK_REAL_SQRT sqrt
#include "optimizer_real.h"
#undef SVK_REAL
#undef SVK_IN_REAL
#undef SVK_REAL_FMA
#undef SVK_REAL_SQRT

#endif
