/* Early stopping: each lane stops on its own, and what is kept is its best. The others go on, so a
 * lane that has stopped is trained on and its later parameters forgotten. */
#ifndef SVK_MLP_STOP_H
#define SVK_MLP_STOP_H

#include "mlp_evaluate.h"

/* Before the first step. */
static void stop_begin(state *s)
{
    for (int l = 0; l < LANES; l++) s->best_loss[l] = svk_from_bits_f64(UINT64_C(0x7ff) << 52);
}

/* Parameters of the lanes marked, from one copy of every tensor to another. */
static void copy_lanes(real *to, const real *from, size_t n, const uint8_t *is_copied)
{
    for (size_t i = 0; i < n; i++) FOR_LANES(l)
        {
            size_t at = i * LANES + (size_t)l;
            to[at] = is_copied[l] ? from[at] : to[at];
        }
}

static int all_stopped(const state *s)
{
    int n = 0;
    for (int l = 0; l < LANES; l++) n += s->is_stopped[l];
    return n == LANES;
}

/* After n_steps steps. ordered: the lanes that never met a NaN. Returns whether all lanes have
 * stopped. */
static int stop_check(state *s, uint64_t n_steps, vmask ordered)
{
    const svk_training *t = s->training;
    if (n_steps % t->n_steps_apart != 0 && n_steps != t->n_steps) return 0;
    svk_result scores[LANES];
    uint8_t is_better[LANES];
    memset(scores, 0, sizeof scores);
    evaluate_part(s, 1, scores);
    for (int l = 0; l < LANES; l++) {
        double loss = scores[l].metric[SVK_METRIC_VAL_LOSS];
        is_better[l] = !s->is_stopped[l] && loss < s->best_loss[l];
        if (s->is_stopped[l]) continue;
        s->n_waited[l] = is_better[l] ? 0 : s->n_waited[l] + 1;
        if (is_better[l]) s->best_loss[l] = loss;
        if (s->n_waited[l] < t->patience) continue;
        s->is_stopped[l] = 1;
        s->n_steps_run[l] = n_steps;
        s->has_nan[l] = !v_mask_lane(ordered, l);
    }
    for (int l = 0; l < s->net->n_layers; l++) {
        copy_lanes(s->weight[l].kept, s->weight[l].master, s->weight[l].n, is_better);
        copy_lanes(s->bias[l].kept, s->bias[l].value, s->bias[l].n, is_better);
    }
    return all_stopped(s);
}

/* The best parameters take their place again, where there were any better than at the start. */
static void stop_end(const state *s)
{
    uint8_t has_best[LANES];
    for (int l = 0; l < LANES; l++) has_best[l] = s->best_loss[l] - s->best_loss[l] == 0;
    for (int l = 0; l < s->net->n_layers; l++) {
        copy_lanes(s->weight[l].master, s->weight[l].kept, s->weight[l].n, has_best);
        copy_lanes(s->bias[l].value, s->bias[l].kept, s->bias[l].n, has_best);
        round_weights(s, l);
    }
}

#endif
