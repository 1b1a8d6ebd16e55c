/* Networks on their way: kept, so that others can be compared with them, compared, and moved by a
 * few units in the last place. */
#ifndef SVK_MLP_DISTANCE_H
#define SVK_MLP_DISTANCE_H

#include "distance.h"
#include "mlp_rounding.h"
#include "mlp_tally.h"

/* Where a parameter stands, the lanes side by side. */
static real *parameter_at(const state *s, uint64_t index)
{
    for (int layer = 0; layer < s->net->n_layers; layer++) {
        uint64_t n_in = (uint64_t)s->net->layer[layer].n_in;
        uint64_t n_out = (uint64_t)s->net->layer[layer].n_out, n_weights = n_in * n_out;
        if (index < n_weights)
            return s->weight[layer].master +
                   weight_at(s, layer, (int)(index / n_in), (int)(index % n_in));
        index -= n_weights;
        if (!s->net->has_bias) continue;
        if (index < n_out) return s->bias[layer].value + index * LANES;
        index -= n_out;
    }
    return NULL;
}

/* The parameters of one lane, in their order. */
static void copy_parameters(const state *s, int lane, real *out)
{
    for (int layer = 0; layer < s->net->n_layers; layer++) {
        int n_in = s->net->layer[layer].n_in, n_out = s->net->layer[layer].n_out;
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                *out++ = s->weight[layer].master[weight_at(s, layer, j, k) + (size_t)lane];
        for (int j = 0; s->net->has_bias && j < n_out; j++)
            *out++ = s->bias[layer].value[j * LANES + lane];
    }
}

static void keep_checkpoint(const state *s, int lane, uint64_t c, const svk_result *now)
{
    const svk_lane *at = &s->lanes[lane];
    uint64_t n = svk_net_n_parameters(s->net), n_test = s->training->n_test;
    copy_parameters(s, lane, (real *)at->kept.parameters + c * n);
    at->kept.results[c] = *now;
    if (at->kept.predictions != NULL)
        memcpy(at->kept.predictions + c * n_test, at->predictions, n_test);
}

static uint32_t count_changed(const uint8_t *guess, const uint8_t *other, uint32_t n)
{
    uint32_t n_changed = 0;
    for (uint32_t i = 0; i < n; i++) n_changed += guess[i] != other[i];
    return n_changed;
}

static void compare_checkpoint(state *s, int lane, uint64_t c, const svk_result *now)
{
    const svk_lane *at = &s->lanes[lane];
    svk_distance *d = &at->distance[c];
    double chain[SVK_SUM_CHAINS] = {0};
    uint64_t n = svk_net_n_parameters(s->net);
    const real *other = (const real *)at->reference->parameters + c * n, *own = s->compared;
    copy_parameters(s, lane, s->compared);
    memset(d, 0, sizeof *d);
    for (uint64_t i = 0; i < n; i++) {
        double apart = (double)own[i] - (double)other[i], *sum = &chain[i % SVK_SUM_CHAINS];
        *sum = fma(apart, apart, *sum);
        svk_distance_add(d, svk_real_canonical_bits(own[i]), svk_real_canonical_bits(other[i]),
                         SVK_REAL_BITS);
    }
    const uint8_t *guess = at->reference->predictions;
    uint32_t n_test = guess != NULL ? s->training->n_test : 0, n_changed = 0;
    if (n_test > 0) n_changed = count_changed(at->predictions, guess + c * n_test, n_test);
    svk_distance_finish(d, chain, now, &at->reference->results[c], n_changed, n_test);
}

/* What a lane is at checkpoint c. */
static void record_checkpoint(state *s, int lane, uint64_t c, const svk_result *now)
{
    if (s->lanes[lane].curve != NULL) s->lanes[lane].curve[c] = *now;
    if (s->lanes[lane].kept.parameters != NULL) keep_checkpoint(s, lane, c, now);
    if (s->lanes[lane].reference != NULL) compare_checkpoint(s, lane, c, now);
}

/* Where the probe's step has come: its parameter moves up. */
static void move_probed(const state *s, uint64_t step)
{
    const svk_training *t = s->training;
    if (t->probe_ulps == 0 || t->probe_step != step) return;
    real *p = parameter_at(s, t->probe_parameter);
    for (int l = 0; l < LANES; l++)
        if (svk_is_probed(t, s->lanes[l].seed_init, step) && svk_is_finite_f64((double)p[l]))
            p[l] = svk_real_from_bits(
                svk_bits_above(svk_real_canonical_bits(p[l]), t->probe_ulps, SVK_REAL_BITS));
    if (s->is_rounded)
        for (int layer = 0; layer < s->net->n_layers; layer++) round_weights(s, layer);
}

#endif
