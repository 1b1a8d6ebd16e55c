/* The general form's update: from the gradients of a batch to parameters, in a phase of its own.
 * Phases, as in mlp_block.cuh. */
#ifndef SVK_MLP_UPDATE_CUH
#define SVK_MLP_UPDATE_CUH

#include "mlp_gradient.cuh"
#include "mlp_score.cuh"

/* One thread: the scalars of a step. */
template <class FORM> SVK_DEVICE void make_scalars(const block<FORM> &b, uint64_t number)
{
    b.state->scalars[number % 2] = svk_step_make(b.training, number, &b.state->powers);
}

/* How gradients become parameters in one step. */
template <class REAL> struct optimizer {
    typename real_of<REAL>::update update;
    REAL inverse_scale, inverse_n; /* of a summed gradient, to be multiplied by one and the other */
    REAL rate_over_n, clip;        /* clip: 1 where the norm is small enough */
    int kind;                      /* SVK_OPTIMIZER_* */
    bool is_scaled, is_clipped, has_velocity, is_sum_used;
};

/* n: samples of the step. */
template <class REAL>
SVK_DEVICE optimizer<REAL> optimizer_make(const svk_training &t, const svk_step &scalars,
                                          uint32_t n, bool has_velocity)
{
    optimizer<REAL> o;
    o.update = real_of<REAL>::update_make(&t, scalars);
    o.inverse_scale = static_cast<REAL>(1.0 / t.loss_scale);
    o.inverse_n = REAL(1) / static_cast<REAL>(n);
    o.rate_over_n = static_cast<REAL>(scalars.rate) / static_cast<REAL>(n);
    o.clip = REAL(1);
    o.kind = t.optimizer;
    o.is_scaled = t.loss_scale != 1;
    o.is_clipped = t.clip_norm > 0;
    o.has_velocity = has_velocity;
    o.is_sum_used = !has_velocity && t.weight_decay == 0 && !o.is_clipped;
    return o;
}

template <class FORM>
SVK_DEVICE optimizer<typename FORM::real> optimizer_of(const block<FORM> &b, const step &s)
{
    return optimizer_make<typename FORM::real>(*b.training, b.state->scalars[s.number % 2], s.n,
                                               b.layout->has_velocity);
}

/* The mean gradient before clipping; the sum, where that is used. */
template <class REAL> SVK_DEVICE REAL mean_gradient(const optimizer<REAL> &o, REAL g)
{
    if (o.is_scaled) g *= o.inverse_scale;
    if (!o.is_sum_used) g *= o.inverse_n;
    return g;
}

/* The norm's 32 chains. */
template <class FORM> SVK_DEVICE void sum_gradient_squares(const block<FORM> &b, const step &s)
{
    if (b.thread >= SVK_SUM_CHAINS) return;
    optimizer<typename FORM::real> o = optimizer_of(b, s);
    uint32_t n = static_cast<uint32_t>(svk_net_n_parameters(b.net));
    double sum = 0.0;
    for (uint32_t i = b.thread; i < n; i += SVK_SUM_CHAINS) {
        double g = static_cast<double>(mean_gradient(o, parameter_at(b, b.gradients, i)));
        sum = fma(g, g, sum);
    }
    b.state->chain[CHAINS_NORM][b.thread] = sum;
}

template <class REAL>
SVK_DEVICE void update_parameter(const optimizer<REAL> &o, REAL *w, REAL *v, REAL *m, REAL g)
{
    g = mean_gradient(o, g);
    if (o.is_clipped) g *= o.clip;
    if (o.kind == SVK_OPTIMIZER_NESTEROV)
        real_update_nesterov(o.update, w, v, g);
    else if (o.kind == SVK_OPTIMIZER_ADAM || o.kind == SVK_OPTIMIZER_ADAMW)
        real_update_adam(o.update, w, v, m, g);
    else if (o.has_velocity)
        real_update_momentum(o.update, w, v, g);
    else if (o.is_sum_used)
        *w = real_fma(-o.rate_over_n, g, *w);
    else
        real_update_sgd(o.update, w, g);
}

/* A layer's weights, as operands of products. */
template <class FORM> SVK_DEVICE void round_quad(const block<FORM> &b, const parameter_quad &p)
{
    if (!b.layout->has_master) return;
    typename block<FORM>::quads w = b.masters[p.at];
#pragma unroll
    for (int q = 0; q < 4; q++) w.v[q] = p.is_bias ? w.v[q] : operand(b, w.v[q]);
    b.weights[p.at] = w;
}

/* All rounded copies, from the weights at the start or the best ones. */
template <class FORM> SVK_DEVICE void round_weights(const block<FORM> &b)
{
    for (int l = 0; l < b.net->n_layers; l++)
        for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads)
            round_quad(b, parameter_quad_at(b, l, i));
}

/* Clears gradients on the way: sums of atomics begin at zero. */
template <class FORM> SVK_DEVICE void update_all(const block<FORM> &b, const step &s)
{
    typedef typename FORM::real real;
    typedef typename block<FORM>::quads quads;
    optimizer<real> o = optimizer_of(b, s);
    if (o.is_clipped)
        o.clip = static_cast<real>(svk_clip_factor(
            sqrt(svk_sum_chains(b.state->chain[CHAINS_NORM], 1)), b.training->clip_norm));
    for (int l = 0; l < b.net->n_layers; l++) {
        uint32_t n_out = outputs_of(b, l);
        for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
            parameter_quad p = parameter_quad_at(b, l, i);
            if (p.is_bias && !b.net->has_bias) continue;
            quads &w = b.masters[p.at], &v = b.velocities[p.at], &m = b.seconds[p.at];
            const quads &g = b.gradients[p.at];
#pragma unroll 1
            for (uint32_t q = 0; q < 4 && p.j + q < n_out; q++)
                update_parameter(o, &w.v[q], &v.v[q], &m.v[q], g.v[q]);
            if (b.cleared != nullptr) b.cleared[p.at] = quads{};
            round_quad(b, p);
        }
    }
}

/* ---- early stopping ---- */

/* What decides; the same in every thread. */
struct patience {
    double best; /* validation loss */
    uint64_t n_waited;
};

template <class FORM>
SVK_DEVICE void copy_parameters(const block<FORM> &b, typename block<FORM>::quads *to,
                                const typename block<FORM>::quads *from)
{
    for (int l = 0; l < b.net->n_layers; l++)
        for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
            uint32_t at = parameter_quad_at(b, l, i).at;
            to[at] = from[at];
        }
}

/* After the chains of the validation loss are there. Returns whether the run is over. */
template <class FORM> SVK_DEVICE bool stop_decide(const block<FORM> &b, patience &p)
{
    double loss =
        svk_sum_chains(b.state->chain[CHAINS_LOSS], 1) / static_cast<double>(b.training->n_val);
    bool is_better = loss < p.best;
    p.n_waited = is_better ? 0 : p.n_waited + 1;
    if (!is_better) return p.n_waited >= b.training->patience;
    p.best = loss;
    copy_parameters(b, b.kept, b.masters);
    return false;
}

/* The best parameters take their place again, where there were any better than at the start. */
template <class FORM> SVK_DEVICE void stop_end(const block<FORM> &b, const patience &p)
{
    if (!svk_is_finite_f64(p.best)) return;
    copy_parameters(b, b.masters, b.kept);
    round_weights(b);
}

#endif
