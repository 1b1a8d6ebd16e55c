/* What networks score: losses, accuracies, dead layers, norm, digest. */
#ifndef SVK_MLP_TALLY_H
#define SVK_MLP_TALLY_H

#include "mlp_state.h"

/* Part 0, 1, 2 of the rows: train, val, test. */
static uint32_t tally_n_rows(const state *s, int part)
{
    const svk_training *t = s->training;
    return part == 0 ? t->n_train : part == 1 ? t->n_val : t->n_test;
}

static uint32_t tally_first_row(const state *s, int part)
{
    const svk_training *t = s->training;
    return part == 0 ? 0 : part == 1 ? t->n_train : t->n_train + t->n_val;
}

static void mean_of_targets(state *s, int part)
{
    uint32_t n = tally_n_rows(s, part), first = tally_first_row(s, part);
    for (int l = 0; l < LANES; l++) {
        double chain[SVK_SUM_CHAINS] = {0};
        for (uint32_t i = 0; i < n; i++) chain[i % SVK_SUM_CHAINS] += s->lanes[l].target[first + i];
        s->mean[l] = svk_sum_chains(chain, 1) / (double)n;
    }
}

static void tally_begin(state *s, int part)
{
    memset(s->chain, 0, 2 * SVK_SUM_CHAINS * LANES * sizeof *s->chain);
    memset(s->n_right, 0, LANES * sizeof *s->n_right);
    if (s->net->loss == SVK_LOSS_SQUARED && tally_n_rows(s, part) > 0) mean_of_targets(s, part);
}

/* svk_cross_entropy_f32 and the first largest output, for all lanes at once. */
static void tally_cross_entropy(const state *s, const real *z, double *chain, uint32_t row,
                                uint8_t *guess)
{
    int n_classes = s->net->width[s->net->n_layers];
    double top[LANES], sum[LANES];
    int32_t best[LANES];
    FOR_LANES(l)
    {
        top[l] = (double)z[l];
        best[l] = 0;
    }
    for (int j = 1; j < n_classes; j++) {
        const real *zj = z + j * 4 * LANES;
        FOR_LANES(l)
        {
            best[l] = (double)zj[l] > top[l] ? j : best[l];
            top[l] = (double)zj[l] > top[l] ? (double)zj[l] : top[l];
        }
    }
    FOR_LANES(l) sum[l] = svk_exp_f64((double)z[l] - top[l]);
    for (int j = 1; j < n_classes; j++) {
        const real *zj = z + j * 4 * LANES;
        FOR_LANES(l) sum[l] += svk_exp_f64((double)zj[l] - top[l]);
    }
    FOR_LANES(l) sum[l] = svk_log_f64(sum[l]);
    for (int l = 0; l < LANES; l++) {
        int32_t label = s->lanes[l].label[row];
        chain[l] += sum[l] - ((double)z[label * 4 * LANES + l] - top[l]);
        guess[l] = (uint8_t)best[l];
    }
}

static void tally_logistic(const real *z, double *chain, const real *y, uint8_t *guess)
{
    /* apart, as the compiler does not make vectors of both at once */
    FOR_LANES(l) chain[l] += svk_logistic_loss((double)z[l], (double)y[l]);
    FOR_LANES(l) guess[l] = z[l] > 0;
}

static void tally_squared(state *s, const real *z, double *chain, uint32_t row)
{
    for (int l = 0; l < LANES; l++) {
        double error = (double)z[l] - s->lanes[l].target[row];
        double offset = s->lanes[l].target[row] - s->mean[l];
        chain[l] = fma(error, error, chain[l]);
        chain[SVK_SUM_CHAINS * LANES + l] = fma(offset, offset, chain[SVK_SUM_CHAINS * LANES + l]);
    }
}

/* Of tiles begin .. end - 1. */
static void mark_alive(state *s, int begin, int end)
{
    for (int layer = 1; layer < s->net->n_layers; layer++) {
        int n_units = s->net->width[layer];
        vmask alive = v_mask_none();
        for (int bt = begin; bt < end; bt++)
            for (int i = 0; i < 4 * n_units; i++)
                alive = v_mask_positive(
                    alive,
                    v_load(s->h[layer] + value_at(s, layer, 4 * (uint32_t)bt, 0) + i * LANES));
        for (int l = 0; l < LANES; l++) s->alive[l] |= (uint32_t)v_mask_lane(alive, l) << layer;
    }
}

/* Rows first .. first + n - 1 of a part, whose outputs stand in h[n_layers]. */
static void tally_rows(state *s, int part, uint32_t first, uint32_t n)
{
    int last = s->net->n_layers;
    for (uint32_t b = 0; b < n; b++) {
        const real *z = s->h[last] + value_at(s, last, b, 0);
        double *chain = s->chain + (first + b) % SVK_SUM_CHAINS * LANES;
        uint32_t row = tally_first_row(s, part) + first + b;
        uint8_t guess[LANES];
        if (s->net->loss == SVK_LOSS_SQUARED) {
            tally_squared(s, z, chain, row);
            continue;
        }
        if (s->net->loss == SVK_LOSS_CROSS_ENTROPY)
            tally_cross_entropy(s, z, chain, row, guess);
        else
            tally_logistic(z, chain, s->y + (size_t)b * LANES, guess);
        for (int l = 0; l < LANES; l++) {
            s->n_right[l] += guess[l] == s->lanes[l].label[row];
            if (part == 2 && s->lanes[l].predictions != NULL)
                s->lanes[l].predictions[first + b] = guess[l];
        }
    }
}

static void tally_end(const state *s, int part, svk_result *results)
{
    static const int loss_metric[3] = {SVK_METRIC_TRAIN_LOSS, SVK_METRIC_VAL_LOSS,
                                       SVK_METRIC_TEST_LOSS};
    static const int accuracy_metric[3] = {SVK_METRIC_TRAIN_ACCURACY, SVK_METRIC_VAL_ACCURACY,
                                           SVK_METRIC_TEST_ACCURACY};
    uint32_t n = tally_n_rows(s, part);
    if (n == 0) return;
    for (int l = 0; l < LANES; l++) {
        double total = svk_sum_chains(s->chain + l, LANES);
        svk_set_metric(&results[l], loss_metric[part], total / (double)n);
        if (s->net->loss != SVK_LOSS_SQUARED) {
            svk_set_metric(&results[l], accuracy_metric[part], (double)s->n_right[l] / (double)n);
        } else if (part == 2) {
            double spread = svk_sum_chains(s->chain + SVK_SUM_CHAINS * LANES + l, LANES);
            svk_set_metric(&results[l], SVK_METRIC_MSE, total / (double)n);
            svk_set_metric(&results[l], SVK_METRIC_R2, 1.0 - total / spread);
        }
    }
}

/* ---- parameters: norm, digest, export ---- */

typedef struct parameter_sums {
    double chain[SVK_SUM_CHAINS][LANES];
    uint32_t digest[4][LANES];
    uint32_t is_finite[LANES];
} parameter_sums;

static void add_parameter(const state *s, parameter_sums *sums, uint64_t index, const real *p)
{
    double *chain = sums->chain[index % SVK_SUM_CHAINS];
    FOR_LANES(l)
    {
        svk_block term = svk_digest_term(index, svk_real_canonical_bits(p[l]));
        for (int w = 0; w < 4; w++) sums->digest[w][l] += term.word[w];
        chain[l] = fma((double)p[l], (double)p[l], chain[l]);
        sums->is_finite[l] &= (uint32_t)svk_is_finite_f64((double)p[l]);
    }
    for (int l = 0; l < LANES; l++)
        if (s->lanes[l].parameters != NULL) s->lanes[l].parameters[index] = (double)p[l];
}

static void add_all_parameters(const state *s, parameter_sums *sums)
{
    uint64_t index = 0;
    memset(sums, 0, sizeof *sums);
    for (int l = 0; l < LANES; l++) sums->is_finite[l] = 1;
    for (int layer = 0; layer < s->net->n_layers; layer++) {
        int n_in = s->net->layer[layer].n_in, n_out = s->net->layer[layer].n_out;
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                add_parameter(s, sums, index++,
                              s->weight[layer].master + weight_at(s, layer, j, k));
        for (int j = 0; s->net->has_bias && j < n_out; j++)
            add_parameter(s, sums, index++, s->bias[layer].value + j * LANES);
    }
}

static void state_finish(const state *s, svk_result *results)
{
    parameter_sums sums;
    uint32_t all_alive = ((1u << s->net->n_layers) - 1u) & ~1u;
    add_all_parameters(s, &sums);
    for (int l = 0; l < LANES; l++) {
        svk_result *r = &results[l];
        for (int w = 0; w < 4; w++) r->digest[w] = sums.digest[w][l];
        r->status = s->has_nan[l] || !sums.is_finite[l] || !svk_has_finite_losses(r)
                        ? SVK_RUN_DIVERGED
                    : s->is_saturated[l] ? SVK_RUN_SATURATED
                                         : SVK_RUN_OK;
        svk_set_metric(r, SVK_METRIC_WEIGHT_NORM, sqrt(svk_sum_chains(&sums.chain[0][l], LANES)));
        svk_set_metric(r, SVK_METRIC_STEPS, (double)s->n_steps_run[l]);
        if (s->net->activation == SVK_ACTIVATION_RELU && s->net->n_layers > 1)
            svk_set_metric(r, SVK_METRIC_DEAD, (s->alive[l] & all_alive) != all_alive);
    }
}

#endif
