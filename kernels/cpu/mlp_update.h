/* From gradients to parameters: a tile at a time for plain stochastic gradient descent, in a pass
 * over everything for the rest. */
#ifndef SVK_MLP_UPDATE_H
#define SVK_MLP_UPDATE_H

#include "mlp_rounding.h"

/* ---- a tile at a time ---- */

/* A step's constants, in registers: read through the state they would be fetched anew after every
 * store. */
typedef struct fused_update {
    vreal momentum, inverse_n, minus_rate;
    int has_momentum;
} fused_update;

SVK_FN fused_update fused_update_of(const state *s)
{
    real rate = s->has_momentum ? s->rate : s->rate_over_n;
    return (fused_update){v_set1(s->momentum), v_set1(s->inverse_n), v_set1(-rate),
                          s->has_momentum};
}

/* The parameter of t at a number of values. */
SVK_FN void update(fused_update u, const tensor *t, size_t at, vreal g)
{
    real *w = t->value + at;
    if (u.has_momentum) {
        real *v = t->velocity + at;
        g = v_flush(v_fma(u.momentum, v_load(v), v_mul(u.inverse_n, g)));
        v_store(v, g);
    }
    v_store(w, v_fma(u.minus_rate, g, v_load(w)));
}

/* ---- everything in a pass ---- */

/* Summed gradients become means. */
static void average(const state *s, const tensor *t)
{
    real inverse_n = s->inverse_n;
    for (size_t i = 0; i < t->n * LANES; i++) t->gradient[i] *= inverse_n;
}

/* The loss scale is taken out again. */
static void unscale(const state *s, const tensor *t)
{
    real inverse = (real)(1.0 / s->training->loss_scale);
    for (size_t i = 0; i < t->n * LANES; i++) t->gradient[i] *= inverse;
}

static void add_squares(double (*chain)[LANES], uint64_t index, const real *g)
{
    double *sum = chain[index % SVK_SUM_CHAINS];
    FOR_LANES(l) sum[l] = fma((double)g[l], (double)g[l], sum[l]);
}

/* Gradients of a run whose norm is too large are scaled down to the norm that is allowed. The norm
 * is summed in the order of the parameters. */
static void clip_gradients(const state *s)
{
    double chain[SVK_SUM_CHAINS][LANES];
    real factor[LANES];
    uint64_t index = 0;
    memset(chain, 0, sizeof chain);
    for (int layer = 0; layer < s->net->n_layers; layer++) {
        int n_in = s->net->layer[layer].n_in, n_out = s->net->layer[layer].n_out;
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                add_squares(chain, index++, s->weight[layer].gradient + weight_at(s, layer, j, k));
        for (int j = 0; s->net->has_bias && j < n_out; j++)
            add_squares(chain, index++, s->bias[layer].gradient + j * LANES);
    }
    for (int l = 0; l < LANES; l++)
        factor[l] = (real)svk_clip_factor(sqrt(svk_sum_chains(&chain[0][l], LANES)),
                                          s->training->clip_norm);
    for (int layer = 0; layer < s->net->n_layers; layer++) {
        const tensor *both[2] = {&s->weight[layer], &s->bias[layer]};
        for (int which = 0; which < 2; which++)
            for (size_t i = 0; i < both[which]->n; i++)
                FOR_LANES(l) both[which]->gradient[i * LANES + (size_t)l] *= factor[l];
    }
}

static void update_tensor(const state *s, const tensor *t)
{
    const svk_training *training = s->training;
    const svk_real_update u = s->update;
    const real step = s->rate_over_n;
    real *restrict w = t->master, *restrict v = t->velocity, *restrict m = t->second;
    const real *restrict g = t->gradient;
    size_t n = t->n * LANES;
    if (training->optimizer == SVK_OPTIMIZER_NESTEROV)
        for (size_t i = 0; i < n; i++) svk_real_update_nesterov(u, &w[i], &v[i], g[i]);
    else if (svk_has_moments(training))
        for (size_t i = 0; i < n; i++) svk_real_update_adam(u, &w[i], &v[i], &m[i], g[i]);
    else if (s->has_momentum)
        for (size_t i = 0; i < n; i++) svk_real_update_momentum(u, &w[i], &v[i], g[i]);
    else if (s->is_sum_used)
        for (size_t i = 0; i < n; i++) w[i] = real_fma(-step, g[i], w[i]);
    else
        for (size_t i = 0; i < n; i++) svk_real_update_sgd(u, &w[i], g[i]);
}

/* Everything that follows once the gradients of a batch are summed: for all layers, or where tiles
 * are updated at once for those of images. */
static void update_all(const state *s)
{
    int n_layers = s->is_fused ? s->net->n_image_layers : s->net->n_layers;
    for (int l = 0; l < n_layers; l++) {
        const tensor *both[2] = {&s->weight[l], &s->bias[l]};
        for (int which = 0; which < 2; which++) {
            if (s->training->loss_scale != 1) unscale(s, both[which]);
            if (!s->is_sum_used) average(s, both[which]);
        }
    }
    if (s->training->clip_norm > 0) clip_gradients(s);
    for (int l = 0; l < n_layers; l++) {
        update_tensor(s, &s->weight[l]);
        if (s->net->has_bias) update_tensor(s, &s->bias[l]);
        round_weights(s, l);
    }
}

#endif
