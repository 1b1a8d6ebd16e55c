/* Trains LANES networks at once, one seed a lane. The order of every sum is the contract's
 * (docs/numerics.md); tiles, blocks and lanes only choose which independent sums are worked on
 * together. */
#include "conv_gradient.h"
#include "cpu_kernels.h"
#include "mlp_distance.h"
#include "mlp_gradient.h"
#include "mlp_loss.h"
#include "mlp_start.h"
#include "mlp_stop.h"

/* The rows of a step: places first .. first + n - 1 of an epoch. */
typedef struct batch_rows {
    uint32_t epoch, first, n;
} batch_rows;

/* Fixes rows, step size and parts of a step. */
static batch_rows state_begin_step(state *s, uint64_t step)
{
    const svk_training *t = s->training;
    batch_rows rows = {(uint32_t)(step / t->n_steps_per_epoch),
                       (uint32_t)(step % t->n_steps_per_epoch) * t->batch_size, t->batch_size};
    if (t->n_train - rows.first < rows.n) rows.n = t->n_train - rows.first;
    if (rows.first == 0) begin_epoch(s, rows.epoch);
    svk_step scalars = svk_step_make(t, step, &s->powers);
    s->step_number = step;
    s->update = svk_real_update_make(t, scalars);
    s->rate = (real)scalars.rate;
    s->rate_over_n = s->rate / (real)rows.n;
    s->inverse_n = 1 / (real)rows.n;
    s->batch.n_parts = has_parts(t) ? t->n_parts : 1;
    for (int p = 0; p <= s->batch.n_parts; p++)
        s->batch.begin[p] = svk_part_begin((uint32_t)p, rows.n, (uint32_t)s->batch.n_parts);
    take_arrivals(s);
    return rows;
}

/* Deltas of a chunk's samples. A few samples go all the way while their values are in the first
 * cache. place: row numbers (find_places). */
static vmask backpropagate(state *s, const uint32_t *place, uint32_t n, vmask ordered)
{
    int n_tiles = (int)((n + 3) / 4), block = (int)s->block;
    for (int begin = 0; begin < n_tiles; begin += block) {
        int end = begin + block < n_tiles ? begin + block : n_tiles;
        load_samples(s, place, 4 * (uint32_t)begin, 4 * (uint32_t)end, n);
        ordered = forward(s, begin, end, 1, ordered);
        output_delta(s, begin, end);
        backward(s, begin, end);
        image_gradients(s, begin, end, n);
    }
    return ordered;
}

static vmask train_step(state *s, uint64_t step, vmask ordered)
{
    batch_rows rows = state_begin_step(s, step);
    begin_image_gradients(s);
    for (uint32_t done = 0; done < rows.n; done += s->chunk) {
        uint32_t left = rows.n - done;
        chunk c = {left < s->chunk ? left : s->chunk, done == 0};
        s->first_sample = step * s->training->batch_size + done;
        const uint32_t *place = find_places(s, rows.epoch, rows.first + done, c.n);
        ordered = backpropagate(s, place, c.n, ordered);
        gradients(s, c);
    }
    end_image_gradients(s);
    update_all(s);
    return ordered;
}

/* Lanes that have stopped early keep what they met before. */
static void note_nan(state *s, vmask ordered)
{
    for (int l = 0; l < LANES; l++)
        if (!s->is_stopped[l]) s->has_nan[l] = !v_mask_lane(ordered, l);
}

/* Where a step is the next checkpoint: measures the networks as they are before it. Touches nothing
 * that the step reads. */
static uint64_t take_checkpoint(state *s, uint64_t next, uint64_t step, vmask ordered)
{
    const svk_training *t = s->training;
    svk_result now[LANES];
    if (next == t->n_checkpoints || t->checkpoint[next] != step) return next;
    note_nan(s, ordered);
    evaluate(s, now);
    for (int l = 0; l < LANES; l++) {
        svk_set_metric(&now[l], SVK_METRIC_STEPS, (double)step);
        record_checkpoint(s, l, next, &now[l]);
    }
    return next + 1;
}

static void train(state *s)
{
    const svk_training *t = s->training;
    vmask ordered = v_mask_all();
    uint64_t next = 0;
    int is_over = 0;
    if (t->patience > 0) stop_begin(s);
    for (uint64_t step = 0; step < t->n_steps && !is_over; step++) {
        move_probed(s, step);
        next = take_checkpoint(s, next, step, ordered);
        ordered = train_step(s, step, ordered);
        if (t->patience > 0) is_over = stop_check(s, step + 1, ordered);
    }
    if (t->patience > 0) stop_end(s);
    note_nan(s, ordered);
}

/* A run that has ended, at its last step or by early stopping, stays what it is. */
static void fill_curves(state *s, const svk_result *results)
{
    const svk_training *t = s->training;
    for (int l = 0; l < LANES; l++)
        for (uint64_t c = 0; c < t->n_checkpoints; c++)
            if (t->checkpoint[c] >= s->n_steps_run[l]) record_checkpoint(s, l, c, &results[l]);
}

size_t SVK_VARIANT(svk_mlp_workspace_size)(const svk_net *net, const svk_training *training)
{
    state s;
    return state_lay_out(&s, net, training, NULL);
}

void SVK_VARIANT(svk_mlp_train)(const svk_net *net, const svk_training *training,
                                const svk_lane *lanes, void *workspace, svk_result *results)
{
    state s;
    state_lay_out(&s, net, training, workspace);
    state_begin(&s, lanes);
    train(&s);
    evaluate(&s, results);
    fill_curves(&s, results);
}
