/* One parameter's step in one precision; included by optimizer.h once for each. w: the parameter,
 * g: the mean gradient of the batch (clipped, if it is), v: velocity or first moment, s: second
 * moment. Both start at +0, and what is below SVK_TINY in magnitude is made +0. */

/* The scalars of a step, rounded. */
typedef struct SVK_IN_REAL(svk_update) {
    SVK_REAL rate, root, keep_apart; /* keep_apart: adamw's -rate * weight_decay, else 0 */
    SVK_REAL momentum, beta1, rest1, beta2, rest2, epsilon; /* rest: 1 - beta */
    SVK_REAL decay;                                         /* weight decay in the gradient */
    int has_decay;
} SVK_IN_REAL(svk_update);

SVK_FN SVK_IN_REAL(svk_update) SVK_IN_REAL(svk_update_make)(const svk_training *t, svk_step step)
{
    SVK_IN_REAL(svk_update) u;
    int is_apart = t->optimizer == SVK_OPTIMIZER_ADAMW;
    u.rate = (SVK_REAL)step.rate;
    u.root = (SVK_REAL)step.root;
    u.keep_apart = (SVK_REAL)-step.decay_apart;
    u.momentum = (SVK_REAL)t->momentum;
    u.decay = (SVK_REAL)t->weight_decay;
    u.has_decay = t->weight_decay != 0.0 && !is_apart;
    u.beta1 = (SVK_REAL)t->beta1;
    u.rest1 = (SVK_REAL)(1.0 - t->beta1);
    u.beta2 = (SVK_REAL)t->beta2;
    u.rest2 = (SVK_REAL)(1.0 - t->beta2);
    u.epsilon = (SVK_REAL)t->epsilon;
    return u;
}

SVK_FN SVK_REAL SVK_IN_REAL(svk_decayed)(SVK_IN_REAL(svk_update) u, SVK_REAL w, SVK_REAL g)
{
    SVK_REAL decayed = SVK_REAL_FMA(u.decay, w, g);
    return u.has_decay ? decayed : g;
}

/* v = momentum * v + inverse_n * g: the velocity, from the summed gradient. */
SVK_FN SVK_REAL SVK_IN_REAL(svk_momentum)(SVK_REAL v, SVK_REAL g, SVK_REAL momentum,
                                          SVK_REAL inverse_n)
{
    return SVK_IN_REAL(svk_flush)(SVK_REAL_FMA(momentum, v, inverse_n * g));
}

SVK_FN void SVK_IN_REAL(svk_update_sgd)(SVK_IN_REAL(svk_update) u, SVK_REAL *w, SVK_REAL g)
{
    g = SVK_IN_REAL(svk_decayed)(u, *w, g);
    *w = SVK_REAL_FMA(-u.rate, g, *w);
}

SVK_FN void SVK_IN_REAL(svk_update_momentum)(SVK_IN_REAL(svk_update) u, SVK_REAL *w, SVK_REAL *v,
                                             SVK_REAL g)
{
    g = SVK_IN_REAL(svk_decayed)(u, *w, g);
    *v = SVK_IN_REAL(svk_flush)(SVK_REAL_FMA(u.momentum, *v, g));
    *w = SVK_REAL_FMA(-u.rate, *v, *w);
}

SVK_FN void SVK_IN_REAL(svk_update_nesterov)(SVK_IN_REAL(svk_update) u, SVK_REAL *w, SVK_REAL *v,
                                             SVK_REAL g)
{
    g = SVK_IN_REAL(svk_decayed)(u, *w, g);
    *v = SVK_IN_REAL(svk_flush)(SVK_REAL_FMA(u.momentum, *v, g));
    *w = SVK_REAL_FMA(-u.rate, SVK_REAL_FMA(u.momentum, *v, g), *w);
}

/* adam, and adamw where keep_apart is not zero (Kingma and Ba 2015; Loshchilov and Hutter 2019). */
SVK_FN void SVK_IN_REAL(svk_update_adam)(SVK_IN_REAL(svk_update) u, SVK_REAL *w, SVK_REAL *v,
                                         SVK_REAL *s, SVK_REAL g)
{
    SVK_REAL kept = SVK_REAL_FMA(u.keep_apart, *w, *w);
    g = SVK_IN_REAL(svk_decayed)(u, *w, g);
    *v = SVK_IN_REAL(svk_flush)(SVK_REAL_FMA(u.beta1, *v, u.rest1 * g));
    *s = SVK_IN_REAL(svk_flush)(SVK_REAL_FMA(u.beta2, *s, (u.rest2 * g) * g));
    SVK_REAL divisor = SVK_REAL_FMA(SVK_REAL_SQRT(*s), u.root, u.epsilon);
    *w = SVK_REAL_FMA(-u.rate, *v / divisor, kept);
}
