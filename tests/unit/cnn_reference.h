/* Training of convolutional networks as docs/numerics.md states it. */
#ifndef CNN_REFERENCE_H
#define CNN_REFERENCE_H

#include <stdlib.h>
#include <string.h>

#include "cnn_reference_pass.h"
#include "cnn_reference_sum.h"
#include "data/instance.h"
#include "metric_sum.h"
#include "shuffle.h"

/* ---- the step ---- */

static inline void ref_round_weights(ref_net *net)
{
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        p->q = p->tensor % 2 == 0 ? ref_q(net, p->w) : p->w;
    }
}

static inline void ref_update(ref_net *net, uint64_t step, uint32_t n)
{
    const svk_training *t = &net->training;
    svk_step scalars = svk_step_make(t, step, &net->powers);
    svk_real_update u = svk_real_update_make(t, scalars);
    bool is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    bool is_plain = is_sgd && t->momentum == 0 && t->weight_decay == 0 && t->clip_norm == 0;
    real inverse_n = 1 / (real)n, per_row = (real)scalars.rate / (real)n, factor = 1;
    double chain[SVK_SUM_CHAINS] = {0};
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        if (t->loss_scale != 1) p->gradient *= (real)(1 / t->loss_scale);
        if (!is_plain) p->gradient *= inverse_n;
        chain[i % 32] = fma((double)p->gradient, (double)p->gradient, chain[i % 32]);
    }
    double norm = sqrt(svk_sum_chains(chain, 1));
    if (t->clip_norm > 0 && norm > t->clip_norm) factor = (real)(t->clip_norm / norm);
    for (size_t i = 0; i < net->n_parameters; i++) {
        ref_parameter *p = &net->parameter[i];
        real g = t->clip_norm > 0 ? p->gradient * factor : p->gradient;
        if (is_plain)
            p->w = real_fma(-per_row, g, p->w);
        else if (t->optimizer == SVK_OPTIMIZER_NESTEROV)
            svk_real_update_nesterov(u, &p->w, &p->velocity, g);
        else if (!is_sgd)
            svk_real_update_adam(u, &p->w, &p->velocity, &p->second, g);
        else if (t->momentum != 0)
            svk_real_update_momentum(u, &p->w, &p->velocity, g);
        else
            svk_real_update_sgd(u, &p->w, g);
    }
    ref_round_weights(net);
}

static inline void ref_load(const ref_net *net, const svi_instance *data, uint32_t row,
                            ref_sample *s)
{
    for (int f = 0; f < net->width[0]; f++)
        s->h[0][f] =
            ref_q(net, ((const real *)data->x)[(size_t)row * (size_t)data->ld + (size_t)f]);
    s->y = ((const real *)data->y)[row];
}

static inline uint32_t ref_row(const ref_net *net, uint32_t epoch, uint32_t place)
{
    uint64_t seed = net->run->seed[SVK_SOURCE_ORDER];
    uint8_t order[SVK_FISHER_YATES_MAX];
    if (net->training.n_train > SVK_FISHER_YATES_MAX) {
        svk_shuffle shuffle =
            svk_shuffle_make(seed, SVK_STREAM_ORDER, epoch, net->training.n_train);
        return svk_shuffle_at(&shuffle, place);
    }
    svk_fisher_yates(seed, SVK_STREAM_ORDER, epoch, 0, net->training.n_train, order);
    return order[place];
}

static inline void ref_step(ref_net *net, const svi_instance *data, uint64_t step)
{
    const svk_training *t = &net->training;
    uint32_t epoch = (uint32_t)(step / t->n_steps_per_epoch);
    uint32_t first = (uint32_t)(step % t->n_steps_per_epoch) * t->batch_size;
    uint32_t n = t->n_train - first < t->batch_size ? t->n_train - first : t->batch_size;
    for (uint32_t b = 0; b < n; b++) {
        ref_load(net, data, ref_row(net, epoch, first + b), &net->sample[b]);
        ref_forward(net, &net->sample[b], step * t->batch_size + b, true);
        ref_backward(net, &net->sample[b]);
    }
    for (int i = 0; i < net->n_layers; i++) {
        ref_layer *l = &net->layer[i];
        if (ref_is_pool(l)) continue;
        for (int j = 0; j < l->O; j++)
            for (int k = 0; k < l->n_in; k++)
                l->weight[j * l->n_in + k].gradient = ref_gradient(net, i, j, k, n, step);
        for (int j = 0; j < l->O && net->arm->model.bias != SVK_BIAS_NONE; j++)
            l->bias[j].gradient = ref_gradient(net, i, j, -1, n, step);
    }
    ref_update(net, step, n);
}

/* ---- from beginning to end ---- */

static inline void ref_make(ref_net *net, const svi_job *job, const svi_run *run)
{
    svk_net shape;
    size_t n_terms = 1;
    memset(net, 0, sizeof *net);
    net->arm = job->arm, net->numerics = job->numerics, net->run = run;
    cr_assert_eq(svi_job_net(job, &shape, &net->training, NULL), SV_OK);
    bool is_softmax = job->arm->train.loss == SVK_LOSS_CROSS_ENTROPY;
    ref_shape(net, job->dataset->n_features, is_softmax ? job->dataset->n_classes : 1);
    ref_start(net);
    ref_round_weights(net);
    net->powers = (svk_moment_powers){1, 1};
    net->sample = calloc(net->training.batch_size, sizeof *net->sample);
    for (uint32_t b = 0; b < net->training.batch_size; b++)
        for (int i = 0; i <= net->n_layers; i++) {
            size_t n = (size_t)net->width[i];
            net->sample[b].h[i] = calloc(n, sizeof(real));
            net->sample[b].slope[i] = calloc(n, sizeof(real));
            net->sample[b].delta[i] = calloc(n, sizeof(real));
            n_terms = n > n_terms ? n : n_terms;
        }
    n_terms *= net->training.batch_size;
    net->d = calloc(n_terms, sizeof(real));
    net->h = calloc(n_terms, sizeof(real));
    net->of = calloc(n_terms, sizeof(int));
}

static inline void ref_free(ref_net *net)
{
    for (uint32_t b = 0; b < net->training.batch_size; b++)
        for (int i = 0; i <= net->n_layers; i++) {
            free(net->sample[b].h[i]);
            free(net->sample[b].slope[i]);
            free(net->sample[b].delta[i]);
        }
    free(net->sample);
    free(net->parameter);
    free(net->d);
    free(net->h);
    free(net->of);
}

static inline void ref_train(ref_net *net, const svi_instance *data)
{
    for (uint64_t step = 0; step < net->training.n_steps; step++) ref_step(net, data, step);
}

/* The class that is named for a row; of one output whether it is above 0. */
static inline int ref_predict(ref_net *net, const svi_instance *data, uint32_t row)
{
    ref_sample *s = &net->sample[0];
    int n = net->width[net->n_layers], best = 0;
    ref_load(net, data, row, s);
    ref_forward(net, s, 0, false);
    const real *z = s->h[net->n_layers];
    for (int j = 1; j < n; j++) best = z[j] > z[best] ? j : best;
    return n == 1 ? z[0] > 0 : best;
}

#endif
