/* What a finished network scored: losses, accuracies, dead layers, norm, digest. Sums go to 32
 * chains by row or parameter number (metric_sum.h), one chain a thread of the first warp. Phases,
 * as in mlp_block.cuh. */
#ifndef SVK_MLP_SCORE_CUH
#define SVK_MLP_SCORE_CUH

#include "mlp_block.cuh"
#include "network_output.cuh"

/* Rows of train, val or test, and one thread's share of their sums. */
struct tally {
    uint32_t first_row, n_rows;
    double loss, spread, mean;
    uint32_t n_right;
    uint8_t *predictions; /* [n_rows], or NULL */
};

template <class FORM>
SVK_DEVICE tally tally_of(const block<FORM> &b, int part, uint8_t *predictions)
{
    const svk_training &t = *b.training;
    tally y = {};
    y.n_rows = part == 0 ? t.n_train : part == 1 ? t.n_val : b.n_test;
    y.first_row = part == 0 ? 0 : part == 1 ? t.n_train : t.n_train + t.n_val;
    y.predictions = part == 2 ? predictions : nullptr;
    return y;
}

template <class FORM> SVK_DEVICE void sum_targets(const block<FORM> &b, const tally &y)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    double sum = 0.0;
    for (uint32_t i = b.thread; i < y.n_rows; i += SVK_SUM_CHAINS) sum += b.target[y.first_row + i];
    b.state->chain[CHAINS_TARGET][b.thread] = sum;
}

template <class FORM>
SVK_DEVICE void tally_row(const block<FORM> &b, tally &y, uint32_t place,
                          const typename FORM::real *z)
{
    uint32_t row = y.first_row + place;
    int n_outputs = b.net->width[b.net->n_layers], guess;
    if (b.net->loss == SVK_LOSS_SQUARED) {
        double error = static_cast<double>(*z) - b.target[row], offset = b.target[row] - y.mean;
        y.loss = fma(error, error, y.loss);
        y.spread = fma(offset, offset, y.spread);
        return;
    }
    if (b.net->loss == SVK_LOSS_CROSS_ENTROPY) {
        y.loss += cross_entropy(z, 4, n_outputs, b.label[row]);
        guess = best_class(z, 4, n_outputs);
    } else {
        y.loss += svk_logistic_loss(static_cast<double>(*z), static_cast<double>(b.y[row]));
        guess = *z > 0;
    }
    y.n_right += guess == b.label[row];
    if (y.predictions != nullptr) y.predictions[place] = static_cast<uint8_t>(guess);
}

/* Rows c.first .. c.first + c.n - 1 of the part, whose outputs stand in the values. */
template <class FORM> SVK_DEVICE void tally_chunk(const block<FORM> &b, const chunk &c, tally &y)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    uint32_t stride = svk_quad_stride(width_of(b, b.net->n_layers));
    const typename block<FORM>::quads *outputs = b.values + b.layout->value[b.net->n_layers];
    uint32_t i = (b.thread - c.first) % SVK_SUM_CHAINS;
    for (; i < c.n; i += SVK_SUM_CHAINS)
        tally_row(b, y, c.first + i, outputs[i / 4 * stride].v + i % 4);
}

/* Where other runs have more test rows than this one. predictions: of all test rows, or NULL. */
template <class FORM> SVK_DEVICE void clear_unused(const block<FORM> &b, uint8_t *predictions)
{
    if (predictions == nullptr) return;
    for (uint32_t i = b.n_test + b.thread; i < b.training->n_test; i += b.n_threads)
        predictions[i] = 0;
}

template <class FORM> SVK_DEVICE void tally_store(const block<FORM> &b, const tally &y)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    b.state->chain[CHAINS_LOSS][b.thread] = y.loss;
    b.state->chain[CHAINS_SPREAD][b.thread] = y.spread;
    b.state->n_right[b.thread] = y.n_right;
}

/* One thread; part: 0 train, 1 val, 2 test. */
template <class FORM>
SVK_DEVICE void tally_result(const block<FORM> &b, const tally &y, int part, svk_result *result)
{
    double total = svk_sum_chains(b.state->chain[CHAINS_LOSS], 1),
           n = static_cast<double>(y.n_rows);
    svk_set_metric(result, SVK_METRIC_TRAIN_LOSS + part, total / n);
    if (b.net->loss != SVK_LOSS_SQUARED) {
        uint32_t n_right = 0;
        for (int i = 0; i < SVK_SUM_CHAINS; i++) n_right += b.state->n_right[i];
        svk_set_metric(result, SVK_METRIC_TRAIN_ACCURACY + part, static_cast<double>(n_right) / n);
    } else if (part == 2) {
        double spread = svk_sum_chains(b.state->chain[CHAINS_SPREAD], 1);
        svk_set_metric(result, SVK_METRIC_MSE, total / n);
        svk_set_metric(result, SVK_METRIC_R2, 1.0 - total / spread);
    }
}
static_assert(SVK_METRIC_TEST_LOSS == SVK_METRIC_TRAIN_LOSS + 2,
              "metrics of the parts follow one another");
static_assert(SVK_METRIC_TEST_ACCURACY == SVK_METRIC_TRAIN_ACCURACY + 2,
              "metrics of the parts follow one another");

/* ---- parameters ---- */

/* The general form's: parameters of a run that was trained elsewhere. */
template <class FORM> SVK_DEVICE void take_given(block<FORM> &b)
{
    for (int l = 0; l < b.net->n_layers; l++) {
        uint32_t n_in = width_of(b, l), n_out = width_of(b, l + 1);
        for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
            parameter_quad p = parameter_quad_at(b, l, i);
            if (p.is_bias && !b.net->has_bias) continue;
            for (uint32_t q = 0; q < 4 && p.j + q < n_out; q++) {
                uint64_t at =
                    p.is_bias ? b.given->tensors.bias[l] + b.run * n_out + p.j + q
                              : b.given->tensors.weight[l] + (b.run * n_out + p.j + q) * n_in + p.k;
                b.masters[p.at].v[q] = static_cast<typename FORM::real>(b.given->parameters[at]);
            }
        }
    }
    if (b.given->has_nan[b.run] != 0) b.flags |= FLAG_NAN;
}

/* The parameter of this number, from one of the copies; numbers go layer by layer, weights
 * [out][in], then biases. */
template <class FORM>
SVK_DEVICE typename FORM::real &parameter_at(const block<FORM> &b,
                                             typename block<FORM>::quads *from, uint32_t index)
{
    for (int l = 0;; l++) {
        uint32_t n_in = inputs_of(b, l), n_out = outputs_of(b, l);
        if (index < n_in * n_out) {
            uint32_t j = index / n_in, k = index % n_in;
            return from[b.layout->weight[l] + j / 4 * svk_quad_stride(n_in) + k].v[j % 4];
        }
        index -= n_in * n_out;
        if (b.net->has_bias && index < n_out)
            return from[b.layout->bias[l] + index / 4].v[index % 4];
        index -= b.net->has_bias ? n_out : 0;
    }
}

/* Before what follows adds to them; by the thread that has read those of the last result. */
template <class FORM> SVK_DEVICE void clear_findings(const block<FORM> &b)
{
    if (b.thread != 0) return;
    for (int word = 0; word < 4; word++) b.state->digest[word] = 0;
    b.state->flags = 0;
}

/* parameters: [n_parameters] of the run, or NULL. */
template <class FORM> SVK_DEVICE void digest_parameters(block<FORM> &b, double *parameters)
{
    uint32_t n = static_cast<uint32_t>(svk_net_n_parameters(b.net)), digest[4] = {};
    for (uint32_t i = b.thread; i < n; i += b.n_threads) {
        typename FORM::real w = parameter_at(b, b.masters, i);
        svk_block term = svk_digest_term(i, real_canonical_bits(w));
#pragma unroll
        for (int word = 0; word < 4; word++) digest[word] += term.word[word];
        if (!svk_is_finite_f64(static_cast<double>(w))) b.flags |= FLAG_NOT_FINITE;
        if (parameters != nullptr) parameters[i] = static_cast<double>(w);
    }
#pragma unroll
    for (int word = 0; word < 4; word++) atomicAdd(&b.state->digest[word], digest[word]);
    atomicOr(&b.state->flags, b.flags);
}

template <class FORM> SVK_DEVICE void sum_squares(const block<FORM> &b)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    uint32_t n = static_cast<uint32_t>(svk_net_n_parameters(b.net));
    double sum = 0.0;
    for (uint32_t i = b.thread; i < n; i += SVK_SUM_CHAINS) {
        double w = static_cast<double>(parameter_at(b, b.masters, i));
        sum = fma(w, w, sum);
    }
    b.state->chain[CHAINS_NORM][b.thread] = sum;
}

/* One thread. n_steps: that were trained. */
template <class FORM>
SVK_DEVICE void finish_result(const block<FORM> &b, uint64_t n_steps, svk_result *result)
{
    uint32_t flags = b.state->flags, all_alive = ((1u << b.net->n_layers) - 1u) & ~1u;
    for (int word = 0; word < 4; word++) result->digest[word] = b.state->digest[word];
    int is_sound = (flags & (FLAG_NAN | FLAG_NOT_FINITE)) == 0 && svk_has_finite_losses(result);
    result->status = !is_sound                       ? SVK_RUN_DIVERGED
                     : (flags & FLAG_SATURATED) != 0 ? SVK_RUN_SATURATED
                                                     : SVK_RUN_OK;
    svk_set_metric(result, SVK_METRIC_WEIGHT_NORM,
                   sqrt(svk_sum_chains(b.state->chain[CHAINS_NORM], 1)));
    svk_set_metric(result, SVK_METRIC_STEPS, static_cast<double>(n_steps));
    if (b.net->activation == SVK_ACTIVATION_RELU && b.net->n_layers > 1)
        svk_set_metric(result, SVK_METRIC_DEAD, (flags & all_alive) != all_alive);
}

#endif
