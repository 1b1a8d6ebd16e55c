/* Trains LANES networks at once, one seed a lane. The order of every sum is the contract's
 * (docs/numerics.md); tiles, blocks and lanes only choose which independent sums are worked on
 * together. */
#include "cpu_kernels.h"
#include "mlp_state.h"
#include "tile.h"

/* Tiles of four samples that go through the network together: 8 samples. */
enum { SAMPLE_BLOCK = 2 };
/* Groups of four inputs whose gradient is worked on together. */
enum { INPUT_BLOCK = 4 };

/* ---- forward ---- */

/* Four samples of unit j, summed up: marks NaN, applies relu, stores. */
SVK_FN void finish_unit(int is_relu, vreal z0, vreal z1, vreal z2, vreal z3, real *out,
                        vmask *ordered)
{
    *ordered = v_mask_ordered(v_mask_ordered(*ordered, z0, z1), z2, z3);
    vreal zero = v_set1(0);
    v_store(out, is_relu ? v_greater(z0, zero) : z0);
    v_store(out + LANES, is_relu ? v_greater(z1, zero) : z1);
    v_store(out + 2 * LANES, is_relu ? v_greater(z2, zero) : z2);
    v_store(out + 3 * LANES, is_relu ? v_greater(z3, zero) : z3);
}

SVK_FN void forward_tile(const state *s, int l, int bt, int j, int n, vmask *ordered)
{
    int k_count = s->net->width[l];
    int is_relu = l + 1 < s->net->n_layers && s->net->activation == SVK_ACTIVATION_RELU;
    const real *bias = s->bias[l] + j * LANES;
    vreal b0 = v_load(bias), b1 = n > 1 ? v_load(bias + LANES) : b0;
    vreal b2 = n > 2 ? v_load(bias + 2 * LANES) : b0, b3 = n > 3 ? v_load(bias + 3 * LANES) : b0;
    tile t = tile_start(b0, b1, b2, b3);
    operand a = {s->h[l] + value_at(s, l, 4 * (uint32_t)bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, j, 0), 0, 0};
    tile_multiply(&t, 4, n, a, b, 0, k_count);
    real *out = s->h[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, j);
    finish_unit(is_relu, t.c00, t.c10, t.c20, t.c30, out, ordered);
    if (n > 1) finish_unit(is_relu, t.c01, t.c11, t.c21, t.c31, out + 4 * LANES, ordered);
    if (n > 2) finish_unit(is_relu, t.c02, t.c12, t.c22, t.c32, out + 8 * LANES, ordered);
    if (n > 3) finish_unit(is_relu, t.c03, t.c13, t.c23, t.c33, out + 12 * LANES, ordered);
}

static void apply_tanh(const state *s, int l, int begin, int end)
{
    for (int bt = begin; bt < end; bt++) {
        real *h = s->h[l] + value_at(s, l, 4 * (uint32_t)bt, 0);
        for (int i = 0; i < 4 * s->net->width[l] * LANES; i++) h[i] = svk_real_tanh(h[i]);
    }
}

/* Layers are told which tiles of four samples to work on: begin .. end - 1. */
static vmask forward_layer(const state *s, int l, int begin, int end, vmask ordered)
{
    int j_count = s->net->width[l + 1];
    for (int j = 0, n; j < j_count; j += n) {
        n = tile_side(j_count - j, TILE_COLUMNS);
        for (int bt = begin; bt < end; bt++) {
            if (n == 4)
                forward_tile(s, l, bt, j, 4, &ordered);
            else if (n == 2)
                forward_tile(s, l, bt, j, 2, &ordered);
            else
                forward_tile(s, l, bt, j, 1, &ordered);
        }
    }
    if (l + 1 < s->net->n_layers && s->net->activation == SVK_ACTIVATION_TANH)
        apply_tanh(s, l + 1, begin, end);
    return ordered;
}

static vmask forward(const state *s, int begin, int end, vmask ordered)
{
    for (int l = 0; l < s->net->n_layers; l++) ordered = forward_layer(s, l, begin, end, ordered);
    return ordered;
}

/* ---- output deltas ---- */

/* Four samples side by side: output j of all of them at z + j * FOUR; delta likewise, y: FOUR
 * targets. The loops run over FOUR values, which gives the processor enough to do between the steps
 * of one exponential. */
enum { FOUR = 4 * LANES };
#define FOR_FOUR(i) for (int i = 0; i < FOUR; i++)

static void softmax_delta(const real *restrict z, real *restrict delta, int n_classes,
                          const real *restrict y)
{
    _Alignas(64) real top[FOUR], sum[FOUR];
    FOR_FOUR(i) top[i] = z[i];
    for (int j = 1; j < n_classes; j++) FOR_FOUR(i)
    top[i] = z[j * FOUR + i] > top[i] ? z[j * FOUR + i] : top[i];
    for (int j = 0; j < n_classes; j++) FOR_FOUR(i)
    delta[j * FOUR + i] = svk_real_exp(z[j * FOUR + i] - top[i]);
    FOR_FOUR(i) sum[i] = delta[i];
    for (int j = 1; j < n_classes; j++) FOR_FOUR(i)
    sum[i] += delta[j * FOUR + i];
    for (int j = 0; j < n_classes; j++) FOR_FOUR(i)
    delta[j * FOUR + i] = delta[j * FOUR + i] / sum[i] - (y[i] == (real)j ? (real)1 : (real)0);
}

static void logistic_delta(const real *restrict z, real *restrict delta, const real *restrict y)
{
    FOR_FOUR(i) delta[i] = svk_real_exp(-z[i]);
    FOR_FOUR(i) delta[i] = 1 / (1 + delta[i]) - y[i];
}

static void squared_delta(const real *restrict z, real *restrict delta, const real *restrict y)
{
    FOR_FOUR(i) delta[i] = 2 * (z[i] - y[i]);
}

static void output_delta(const state *s, int begin, int end)
{
    int n_outputs = s->net->width[s->net->n_layers];
    for (int bt = begin; bt < end; bt++) {
        size_t at = value_at(s, s->net->n_layers, 4 * (uint32_t)bt, 0);
        const real *z = s->h[s->net->n_layers] + at, *y = s->y + bt * FOUR;
        real *delta = s->delta[s->net->n_layers] + at;
        if (s->net->loss == SVK_LOSS_CROSS_ENTROPY)
            softmax_delta(z, delta, n_outputs, y);
        else if (s->net->loss == SVK_LOSS_LOGISTIC)
            logistic_delta(z, delta, y);
        else
            squared_delta(z, delta, y);
    }
}

/* ---- backward ---- */

/* Four samples of unit k: the sum s times the slope of the activation at h. */
SVK_FN void finish_delta(int is_relu, const real *h, vreal s0, vreal s1, vreal s2, vreal s3,
                         real *out)
{
    vreal sum[4] = {s0, s1, s2, s3};
    for (int i = 0; i < 4; i++) {
        vreal value = v_load(h + i * LANES);
        v_store(out + i * LANES,
                is_relu ? v_gate(value, sum[i]) : v_mul(sum[i], v_fnma(value, value, v_set1(1))));
    }
}

SVK_FN void backward_tile(const state *s, int l, int bt, int k, int n, int j_count)
{
    int is_relu = s->net->activation == SVK_ACTIVATION_RELU;
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    operand a = {s->delta[l + 1] + value_at(s, l + 1, 4 * (uint32_t)bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, 0, k), group_stride(s->net->width[l]), 1};
    tile_multiply(&t, 4, n, a, b, 0, (size_t)j_count);
    size_t at = value_at(s, l, 4 * (uint32_t)bt, k);
    const real *h = s->h[l] + at;
    real *out = s->delta[l] + at;
    finish_delta(is_relu, h, t.c00, t.c10, t.c20, t.c30, out);
    if (n > 1) finish_delta(is_relu, h + 4 * LANES, t.c01, t.c11, t.c21, t.c31, out + 4 * LANES);
    if (n > 2) finish_delta(is_relu, h + 8 * LANES, t.c02, t.c12, t.c22, t.c32, out + 8 * LANES);
    if (n > 3) finish_delta(is_relu, h + 12 * LANES, t.c03, t.c13, t.c23, t.c33, out + 12 * LANES);
}

/* A single output is common, and its chain of one product is worth a loop without loops inside. */
SVK_FN void backward_columns(const state *s, int l, int bt, int k, int n)
{
    if (s->net->width[l + 1] == 1)
        backward_tile(s, l, bt, k, n, 1);
    else
        backward_tile(s, l, bt, k, n, s->net->width[l + 1]);
}

static void backward_layer(const state *s, int l, int begin, int end)
{
    int k_count = s->net->width[l];
    for (int k = 0, n; k < k_count; k += n) {
        n = tile_side(k_count - k, TILE_COLUMNS);
        for (int bt = begin; bt < end; bt++) {
            if (n == 4)
                backward_columns(s, l, bt, k, 4);
            else if (n == 2)
                backward_columns(s, l, bt, k, 2);
            else
                backward_columns(s, l, bt, k, 1);
        }
    }
}

/* ---- gradient and update ---- */

/* A step's constants, in registers: read through the state they would be fetched anew after every
 * store. */
typedef struct optimizer {
    vreal momentum, inverse_n, minus_rate;
    int has_momentum;
} optimizer;

SVK_FN optimizer optimizer_of(const state *s)
{
    real rate = s->has_momentum ? s->learning_rate : s->step;
    return (optimizer){v_set1(s->momentum), v_set1(s->inverse_n), v_set1(-rate), s->has_momentum};
}

SVK_FN void update(optimizer o, real *w, real *v, vreal g)
{
    if (o.has_momentum) {
        g = v_flush(v_fma(o.momentum, v_load(v), v_mul(o.inverse_n, g)));
        v_store(v, g);
    }
    v_store(w, v_fma(o.minus_rate, g, v_load(w)));
}

/* m rows of n parameters, a row four vectors after the other. */
SVK_FN void update_tile(optimizer o, real *w, real *v, int m, int n, const vreal *g)
{
#pragma GCC unroll 4
    for (int i = 0; i < m; i++) {
#pragma GCC unroll 4
        for (int q = 0; q < n; q++)
            update(o, w + (4 * i + q) * LANES, v + (4 * i + q) * LANES, g[4 * i + q]);
    }
}

/* m rows of n values, laid out as the weights are. */
SVK_FN tile tile_load(const real *p, int m, int n)
{
    vreal g[16];
    for (int i = 0; i < 16; i++) g[i] = i / 4 < m && i % 4 < n ? v_load(p + i * LANES) : v_set1(0);
    return (tile){g[0], g[1], g[2],  g[3],  g[4],  g[5],  g[6],  g[7],
                  g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]};
}

SVK_FN void store_tile(real *p, int m, int n, const vreal *g)
{
    for (int i = 0; i < m; i++)
        for (int q = 0; q < n; q++) v_store(p + (4 * i + q) * LANES, g[4 * i + q]);
}

/* The parameters that a tile will update, asked for before its sums are made. */
SVK_FN void prefetch_tile(const real *w, const real *v, int m)
{
    for (size_t byte = 0; byte < (size_t)m * 4 * LANES * sizeof(real); byte += 64) {
        __builtin_prefetch((const char *)w + byte, 1);
        __builtin_prefetch((const char *)v + byte, 1);
    }
}

/* Which part of a batch's gradient a chunk adds: the first starts the chains, the last is followed
 * by the update. */
typedef struct chunk {
    uint32_t n;
    int is_first, is_last;
} chunk;

/* The tile's gradients, row by row, as 16 vectors: parts of it, or all. before: the chains so far,
 * laid out as the weights are, or NULL. */
SVK_FN void tile_gradients(const state *s, int l, int k, int j, int m, int n, const real *before,
                           size_t begin, size_t end, vreal *g)
{
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    if (before != NULL) t = tile_load(before, m, n);
    operand a = {s->h[l] + value_at(s, l, 0, k), group_stride(s->net->width[l]), 1};
    operand b = {s->delta[l + 1] + value_at(s, l + 1, 0, j), group_stride(s->net->width[l + 1]), 1};
    tile_multiply(&t, m, n, a, b, begin, end);
    g[0] = t.c00, g[1] = t.c01, g[2] = t.c02, g[3] = t.c03;
    g[4] = t.c10, g[5] = t.c11, g[6] = t.c12, g[7] = t.c13;
    g[8] = t.c20, g[9] = t.c21, g[10] = t.c22, g[11] = t.c23;
    g[12] = t.c30, g[13] = t.c31, g[14] = t.c32, g[15] = t.c33;
}

/* All samples of the chunk, combined. */
SVK_FN void chunk_gradients(const state *s, chunk c, int l, int k, int j, int m, int n, vreal *g)
{
    if (s->batch.n_parts == 1) {
        const real *before = c.is_first ? NULL : s->gradient[l] + weight_at(s, l, j, k);
        tile_gradients(s, l, k, j, m, n, before, 0, c.n, g);
        return;
    }
    for (int p = 0; p < s->batch.n_parts; p++) {
        tile_gradients(s, l, k, j, m, n, NULL, s->batch.begin[p], s->batch.begin[p + 1], g);
        for (int i = 0; i < 16; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
    }
    combine_parts(s, 16, g);
}

SVK_FN void gradient_tile(const state *s, optimizer o, chunk c, int l, int k, int j, int m, int n)
{
    vreal g[16];
    size_t at = weight_at(s, l, j, k);
    real *w = s->weight[l] + at, *v = s->velocity[l] + at;
    if (c.is_last) prefetch_tile(w, v, m);
    chunk_gradients(s, c, l, k, j, m, n, g);
    if (!c.is_last)
        store_tile(s->gradient[l] + at, m, n, g);
    else if (o.has_momentum)
        update_tile(o, w, v, m, n, g);
    else
        update_tile((optimizer){o.momentum, o.inverse_n, o.minus_rate, 0}, w, v, m, n, g);
}

SVK_FN void gradient_rows(const state *s, optimizer o, chunk c, int l, int k, int j, int n)
{
    int left = s->net->width[l] - k;
    if (left >= 4) {
        gradient_tile(s, o, c, l, k, j, 4, n);
        return;
    }
    for (int i = 0; i < left; i++) gradient_tile(s, o, c, l, k + i, j, 1, n);
}

static void gradient_weights(state *s, chunk c, int l)
{
    optimizer o = optimizer_of(s);
    draw_part_orders(s, 2 * l);
    int k_count = s->net->width[l], j_count = s->net->width[l + 1];
    for (int block = 0; block < k_count; block += 4 * INPUT_BLOCK) {
        int end = block + 4 * INPUT_BLOCK < k_count ? block + 4 * INPUT_BLOCK : k_count;
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            for (int k = block; k < end; k += 4) {
                if (n == 4)
                    gradient_rows(s, o, c, l, k, j, 4);
                else if (n == 2)
                    gradient_rows(s, o, c, l, k, j, 2);
                else
                    gradient_rows(s, o, c, l, k, j, 1);
            }
        }
    }
}

/* Adds to g[0 .. 7] the deltas of eight units (or those that there are) over samples begin .. end -
 * 1. Eight chains hide the latency of an addition. */
SVK_FN void bias_gradients(const state *s, int l, int j, uint32_t begin, uint32_t end, vreal *g)
{
    size_t group = group_stride(s->net->width[l + 1]) * LANES;
    const real *d = s->delta[l + 1] + value_at(s, l + 1, 0, j);
    for (uint32_t b = begin; b < end; b++) {
        const real *sample = d + (b >> 2) * group + (b & 3) * LANES;
        /* beyond the last unit lies padding or the next group: read, never used */
        for (int i = 0; i < 8; i++) g[i] = v_add(g[i], v_load(sample + i * 4 * LANES));
    }
}

static void gradient_biases(state *s, chunk c, int l)
{
    int j_count = s->net->width[l + 1];
    optimizer o = optimizer_of(s);
    draw_part_orders(s, 2 * l + 1);
    for (int j = 0; j < j_count; j += 8) {
        int n = j_count - j < 8 ? j_count - j : 8;
        real *so_far = s->is_large ? s->bias_gradient[l] + j * LANES : NULL;
        vreal g[8];
        if (s->batch.n_parts == 1) {
            for (int i = 0; i < 8; i++)
                g[i] = c.is_first || i >= n ? v_set1(0) : v_load(so_far + i * LANES);
            bias_gradients(s, l, j, 0, c.n, g);
        } else {
            for (int p = 0; p < s->batch.n_parts; p++) {
                for (int i = 0; i < 8; i++) g[i] = v_set1(0);
                bias_gradients(s, l, j, (uint32_t)s->batch.begin[p],
                               (uint32_t)s->batch.begin[p + 1], g);
                for (int i = 0; i < 8; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
            }
            combine_parts(s, 8, g);
        }
        for (int i = 0; i < n; i++) {
            if (!c.is_last)
                v_store(so_far + i * LANES, g[i]);
            else
                update(o, s->bias[l] + (j + i) * LANES, s->bias_velocity[l] + (j + i) * LANES,
                       g[i]);
        }
    }
}

static void gradients(state *s, chunk c)
{
    for (int l = s->net->n_layers - 1; l >= 0; l--) {
        gradient_weights(s, c, l);
        if (s->net->has_bias) gradient_biases(s, c, l);
    }
}

/* ---- whole runs ---- */

static void forward_all(const state *s, int n_tiles)
{
    for (int begin = 0; begin < n_tiles; begin += SAMPLE_BLOCK)
        forward(s, begin, begin + SAMPLE_BLOCK < n_tiles ? begin + SAMPLE_BLOCK : n_tiles,
                v_mask_all());
}

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
    s->step_number = step;
    s->step = s->learning_rate / (real)rows.n;
    s->inverse_n = 1 / (real)rows.n;
    s->batch.n_parts = t->path == SVK_PATH_SERIAL ? 1 : t->n_parts;
    for (int p = 0; p <= s->batch.n_parts; p++)
        s->batch.begin[p] = svk_part_begin((uint32_t)p, rows.n, (uint32_t)s->batch.n_parts);
    return rows;
}

/* Deltas of a chunk's samples. A few samples go all the way while their values are in the first
 * cache. place: row numbers (find_places). */
static vmask backpropagate(state *s, const uint32_t *place, uint32_t n, vmask ordered)
{
    int n_tiles = (int)((n + 3) / 4);
    for (int begin = 0; begin < n_tiles; begin += SAMPLE_BLOCK) {
        int end = begin + SAMPLE_BLOCK < n_tiles ? begin + SAMPLE_BLOCK : n_tiles;
        load_samples(s, place, 4 * (uint32_t)begin, 4 * (uint32_t)end, n);
        ordered = forward(s, begin, end, ordered);
        output_delta(s, begin, end);
        for (int l = s->net->n_layers - 1; l > 0; l--) backward_layer(s, l, begin, end);
    }
    return ordered;
}

static vmask train_step(state *s, uint64_t step, vmask ordered)
{
    batch_rows rows = state_begin_step(s, step);
    for (uint32_t done = 0; done < rows.n; done += s->chunk) {
        uint32_t left = rows.n - done;
        chunk c = {left < s->chunk ? left : s->chunk, done == 0, left <= s->chunk};
        const uint32_t *place = find_places(s, rows.epoch, rows.first + done, c.n);
        ordered = backpropagate(s, place, c.n, ordered);
        gradients(s, c);
    }
    return ordered;
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
    vmask ordered = v_mask_all();
    for (uint64_t step = 0; step < training->n_steps; step++)
        ordered = train_step(&s, step, ordered);
    for (int l = 0; l < LANES; l++) s.has_nan[l] = !v_mask_lane(ordered, l);
    for (int part = 0; part < 3; part++) {
        tally_begin(&s, part);
        uint32_t n_chunk = s.chunk, n_rows = tally_n_rows(&s, part);
        for (uint32_t first = 0; first < n_rows; first += n_chunk) {
            uint32_t n = n_rows - first < n_chunk ? n_rows - first : n_chunk;
            load_consecutive(&s, tally_first_row(&s, part) + first, n);
            forward_all(&s, (int)((n + 3) / 4));
            tally_rows(&s, part, first, n);
        }
        tally_end(&s, part, results);
    }
    state_finish(&s, results);
}
