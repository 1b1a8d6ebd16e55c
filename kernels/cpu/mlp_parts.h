/* How the parts of a minibatch gradient are combined. Empty parts are not added. */
#ifndef SVK_MLP_PARTS_H
#define SVK_MLP_PARTS_H

#include "mlp_state.h"
#include "part_sum.h"

#if SVK_REAL_BITS == 32
#define combine_butterfly svk_combine_butterfly_f32
#define combine_compensated svk_combine_compensated_f32
#else
#define combine_butterfly svk_combine_butterfly_f64
#define combine_compensated svk_combine_compensated_f64
#endif

static int is_present(const state *s, int part)
{
    return s->batch.begin[part] < s->batch.begin[part + 1];
}

/* Adjacent pairs, then pairs of pairs: the sum of parts 0 .. n_parts-1 at element `at` of the parts
 * buffer. */
static vreal combine_tree(const state *s, int at)
{
    vreal sum[SVK_MAX_PARTS];
    int is_there[SVK_MAX_PARTS];
    int n = s->batch.n_parts;
    for (int p = 0; p < n; p++) {
        is_there[p] = is_present(s, p);
        sum[p] = v_load(s->parts + (p * 16 + at) * LANES);
    }
    for (; n > 1; n /= 2)
        for (int p = 0; p < n / 2; p++) {
            int left = is_there[2 * p], right = is_there[2 * p + 1];
            if (left && right)
                sum[p] = v_add(sum[2 * p], sum[2 * p + 1]);
            else
                sum[p] = left ? sum[2 * p] : sum[2 * p + 1];
            is_there[p] = left || right;
        }
    return sum[0];
}

/* The orders of the parts in this step for one tensor: one for every lane, or the first lane's for
 * all. */
static void draw_part_orders(state *s, int tensor_number)
{
    if (s->training->path != SVK_PATH_DRAWN) return;
    int n_orders = s->is_schedule_shared ? 1 : LANES;
    for (int l = 0; l < n_orders; l++)
        svk_fisher_yates(s->lanes[l].seed_schedule, SVK_STREAM_SCHEDULE, (uint32_t)tensor_number,
                         s->step_number * SVK_MAX_PARTS, (uint32_t)s->batch.n_parts,
                         s->part_order[l]);
}

/* One order a lane, the same for all tensors of the step. */
static void take_arrivals(state *s)
{
    if (s->training->path != SVK_PATH_ARRIVAL) return;
    for (int l = 0; l < LANES; l++)
        svk_arrival_take(&s->arrivals[l], s->part_order[l], s->batch.n_parts);
}

static vreal combine_in_order(const state *s, int at)
{
    const uint8_t *order = s->part_order[0];
    vreal sum = v_set1(0);
    int is_first = 1;
    for (int i = 0; i < s->batch.n_parts; i++) {
        if (!is_present(s, order[i])) continue;
        vreal part = v_load(s->parts + (order[i] * 16 + at) * LANES);
        sum = is_first ? part : v_add(sum, part);
        is_first = 0;
    }
    return sum;
}

/* Each lane in its own order. */
static vreal combine_in_orders(const state *s, int at)
{
    _Alignas(64) real sum[LANES];
    for (int l = 0; l < LANES; l++) {
        int is_first = 1;
        sum[l] = 0;
        for (int i = 0; i < s->batch.n_parts; i++) {
            int p = s->part_order[l][i];
            if (!is_present(s, p)) continue;
            real part = s->parts[(p * 16 + at) * LANES + l];
            sum[l] = is_first ? part : sum[l] + part;
            is_first = 0;
        }
    }
    return v_load(sum);
}

static uint32_t present_parts(const state *s)
{
    uint32_t present = 0;
    for (int p = 0; p < s->batch.n_parts; p++) present |= (uint32_t)is_present(s, p) << p;
    return present;
}

/* c[0 .. n-1] = the parts of n elements combined along the run's path. */
static void combine_parts(const state *s, int n, vreal *c)
{
    int path = s->training->path;
    if (path == SVK_PATH_BUTTERFLY)
        combine_butterfly(s->parts, s->batch.n_parts, 16 * LANES, present_parts(s));
    if (path == SVK_PATH_COMPENSATED)
        combine_compensated(s->parts, s->batch.n_parts, 16 * LANES, present_parts(s), s->lost);
    for (int at = 0; at < n; at++) {
        if (path == SVK_PATH_TREE)
            c[at] = combine_tree(s, at);
        else if (path == SVK_PATH_BUTTERFLY || path == SVK_PATH_COMPENSATED)
            c[at] = v_load(s->parts + at * LANES);
        else if (s->is_schedule_shared)
            c[at] = combine_in_order(s, at);
        else
            c[at] = combine_in_orders(s, at);
    }
}

#endif
