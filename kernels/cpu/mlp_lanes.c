/* Trains LANES networks at once, one seed a lane. The order of every sum is the contract's
 * (docs/numerics.md); tiles, blocks and lanes only choose which independent sums are worked on
 * together. */
#include "cpu_kernels.h"
#include "mlp_state.h"
#include "tile.h"

/* Sample tiles that are multiplied with one group of weights before the next is fetched: 8 samples.
 */
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
    operand a = {s->h[l] + value_at(s, l, 4 * bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, j, 0), 0, 0};
    tile_multiply(&t, 4, n, a, b, 0, k_count);
    real *out = s->h[l + 1] + value_at(s, l + 1, 4 * bt, j);
    finish_unit(is_relu, t.c00, t.c10, t.c20, t.c30, out, ordered);
    if (n > 1) finish_unit(is_relu, t.c01, t.c11, t.c21, t.c31, out + 4 * LANES, ordered);
    if (n > 2) finish_unit(is_relu, t.c02, t.c12, t.c22, t.c32, out + 8 * LANES, ordered);
    if (n > 3) finish_unit(is_relu, t.c03, t.c13, t.c23, t.c33, out + 12 * LANES, ordered);
}

static void apply_tanh(const state *s, int l, int n_tiles)
{
    for (int bt = 0; bt < n_tiles; bt++) {
        real *h = s->h[l] + value_at(s, l, 4 * bt, 0);
        for (int i = 0; i < 4 * s->net->width[l] * LANES; i++) h[i] = svk_real_tanh(h[i]);
    }
}

static vmask forward_layer(const state *s, int l, int n_tiles, vmask ordered)
{
    int j_count = s->net->width[l + 1];
    for (int block = 0; block < n_tiles; block += SAMPLE_BLOCK) {
        int end = block + SAMPLE_BLOCK < n_tiles ? block + SAMPLE_BLOCK : n_tiles;
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            for (int bt = block; bt < end; bt++) {
                if (n == 4)
                    forward_tile(s, l, bt, j, 4, &ordered);
                else if (n == 2)
                    forward_tile(s, l, bt, j, 2, &ordered);
                else
                    forward_tile(s, l, bt, j, 1, &ordered);
            }
        }
    }
    if (l + 1 < s->net->n_layers && s->net->activation == SVK_ACTIVATION_TANH)
        apply_tanh(s, l + 1, n_tiles);
    return ordered;
}

static vmask forward(const state *s, int n_tiles, vmask ordered)
{
    for (int l = 0; l < s->net->n_layers; l++) ordered = forward_layer(s, l, n_tiles, ordered);
    return ordered;
}

/* ---- output deltas ---- */

/* z: outputs of one sample, class j at z + j * 4 * LANES; delta likewise. */
static void softmax_delta(const real *z, real *delta, int n_classes, const int32_t *label)
{
    vreal top = v_load(z);
    for (int j = 1; j < n_classes; j++) top = v_greater(v_load(z + j * 4 * LANES), top);
    for (int j = 0; j < n_classes; j++) {
        real *d = delta + j * 4 * LANES;
        v_store(d, v_sub(v_load(z + j * 4 * LANES), top));
        FOR_LANES(l) d[l] = svk_real_exp(d[l]);
    }
    vreal sum = v_load(delta);
    for (int j = 1; j < n_classes; j++) sum = v_add(sum, v_load(delta + j * 4 * LANES));
    for (int j = 0; j < n_classes; j++)
        v_store(delta + j * 4 * LANES, v_div(v_load(delta + j * 4 * LANES), sum));
    FOR_LANES(l) delta[label[l] * 4 * LANES + l] -= 1;
}

static void logistic_delta(const real *z, real *delta, const real *y)
{
    real e[LANES];
    FOR_LANES(l) e[l] = svk_real_exp(-z[l]);
    FOR_LANES(l) delta[l] = 1 / (1 + e[l]) - y[l];
}

static void squared_delta(const real *z, real *delta, const real *y)
{
    FOR_LANES(l) delta[l] = 2 * (z[l] - y[l]);
}

static void output_delta(const state *s, int n_samples)
{
    int n_outputs = s->net->width[s->net->n_layers];
    for (int b = 0; b < n_samples; b++) {
        size_t at = value_at(s, s->net->n_layers, b, 0);
        const real *z = s->h[s->net->n_layers] + at;
        real *delta = s->delta[0] + at;
        if (s->net->loss == SVK_LOSS_CROSS_ENTROPY)
            softmax_delta(z, delta, n_outputs, s->label + (size_t)b * LANES);
        else if (s->net->loss == SVK_LOSS_LOGISTIC)
            logistic_delta(z, delta, s->y + (size_t)b * LANES);
        else
            squared_delta(z, delta, s->y + (size_t)b * LANES);
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

SVK_FN void backward_tile(const state *s, int l, int bt, int k, int n, const real *delta, real *out)
{
    int is_relu = s->net->activation == SVK_ACTIVATION_RELU;
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    operand a = {delta + value_at(s, l + 1, 4 * bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, 0, k), group_stride(s->net->width[l]), 1};
    tile_multiply(&t, 4, n, a, b, 0, s->net->width[l + 1]);
    size_t at = value_at(s, l, 4 * bt, k);
    const real *h = s->h[l] + at;
    finish_delta(is_relu, h, t.c00, t.c10, t.c20, t.c30, out + at);
    if (n > 1)
        finish_delta(is_relu, h + 4 * LANES, t.c01, t.c11, t.c21, t.c31, out + at + 4 * LANES);
    if (n > 2)
        finish_delta(is_relu, h + 8 * LANES, t.c02, t.c12, t.c22, t.c32, out + at + 8 * LANES);
    if (n > 3)
        finish_delta(is_relu, h + 12 * LANES, t.c03, t.c13, t.c23, t.c33, out + at + 12 * LANES);
}

static void backward_layer(const state *s, int l, int n_tiles, const real *delta, real *out)
{
    int k_count = s->net->width[l];
    for (int k = 0, n; k < k_count; k += n) {
        n = tile_side(k_count - k, TILE_COLUMNS);
        for (int bt = 0; bt < n_tiles; bt++) {
            if (n == 4)
                backward_tile(s, l, bt, k, 4, delta, out);
            else if (n == 2)
                backward_tile(s, l, bt, k, 2, delta, out);
            else
                backward_tile(s, l, bt, k, 1, delta, out);
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

/* The parameters that a tile will update, asked for before its sums are made. */
SVK_FN void prefetch_tile(const real *w, const real *v, int m)
{
    for (size_t byte = 0; byte < (size_t)m * 4 * LANES * sizeof(real); byte += 64) {
        __builtin_prefetch((const char *)w + byte, 1);
        __builtin_prefetch((const char *)v + byte, 1);
    }
}

/* The tile's gradients, row by row, as 16 vectors: parts of it, or all. */
SVK_FN void tile_gradients(const state *s, int l, int k, int j, int m, int n, const real *delta,
                           size_t begin, size_t end, vreal *g)
{
    vreal zero = v_set1(0);
    tile t = tile_start(zero, zero, zero, zero);
    operand a = {s->h[l] + value_at(s, l, 0, k), group_stride(s->net->width[l]), 1};
    operand b = {delta + value_at(s, l + 1, 0, j), group_stride(s->net->width[l + 1]), 1};
    tile_multiply(&t, m, n, a, b, begin, end);
    g[0] = t.c00, g[1] = t.c01, g[2] = t.c02, g[3] = t.c03;
    g[4] = t.c10, g[5] = t.c11, g[6] = t.c12, g[7] = t.c13;
    g[8] = t.c20, g[9] = t.c21, g[10] = t.c22, g[11] = t.c23;
    g[12] = t.c30, g[13] = t.c31, g[14] = t.c32, g[15] = t.c33;
}

SVK_FN void gradient_tile(const state *s, optimizer o, int l, int k, int j, int m, int n,
                          const real *delta)
{
    vreal g[16];
    size_t at = weight_at(s, l, j, k);
    real *w = s->weight[l] + at, *v = s->velocity[l] + at;
    prefetch_tile(w, v, m);
    if (s->batch.n_parts == 1) {
        tile_gradients(s, l, k, j, m, n, delta, 0, s->batch.begin[1], g);
    } else {
        for (int p = 0; p < s->batch.n_parts; p++) {
            tile_gradients(s, l, k, j, m, n, delta, s->batch.begin[p], s->batch.begin[p + 1], g);
            for (int i = 0; i < 16; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
        }
        combine_parts(s, 16, g);
    }
    if (o.has_momentum)
        update_tile(o, w, v, m, n, g);
    else
        update_tile((optimizer){o.momentum, o.inverse_n, o.minus_rate, 0}, w, v, m, n, g);
}

SVK_FN void gradient_rows(const state *s, optimizer o, int l, int k, int j, int n,
                          const real *delta)
{
    int left = s->net->width[l] - k;
    if (left >= 4) {
        gradient_tile(s, o, l, k, j, 4, n, delta);
        return;
    }
    for (int i = 0; i < left; i++) gradient_tile(s, o, l, k + i, j, 1, n, delta);
}

static void gradient_weights(state *s, int l, const real *delta)
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
                    gradient_rows(s, o, l, k, j, 4, delta);
                else if (n == 2)
                    gradient_rows(s, o, l, k, j, 2, delta);
                else
                    gradient_rows(s, o, l, k, j, 1, delta);
            }
        }
    }
}

/* Sums of the deltas of four units (or those that there are) over samples begin .. end - 1. */
SVK_FN void bias_gradients(const state *s, int l, int j, const real *delta, size_t begin,
                           size_t end, vreal *g)
{
    for (int i = 0; i < 4; i++) g[i] = v_set1(0);
    for (size_t b = begin; b < end; b++) {
        const real *d = delta + value_at(s, l + 1, (uint32_t)b, j);
        /* beyond the last unit lies padding or the next group: read, never used */
        for (int i = 0; i < 4; i++) g[i] = v_add(g[i], v_load(d + i * 4 * LANES));
    }
}

static void gradient_biases(state *s, int l, const real *delta)
{
    int j_count = s->net->width[l + 1];
    optimizer o = optimizer_of(s);
    draw_part_orders(s, 2 * l + 1);
    for (int j = 0; j < j_count; j += 4) {
        vreal g[4];
        if (s->batch.n_parts == 1) {
            bias_gradients(s, l, j, delta, 0, s->batch.begin[1], g);
        } else {
            for (int p = 0; p < s->batch.n_parts; p++) {
                bias_gradients(s, l, j, delta, s->batch.begin[p], s->batch.begin[p + 1], g);
                for (int i = 0; i < 4; i++) v_store(s->parts + (p * 16 + i) * LANES, g[i]);
            }
            combine_parts(s, 4, g);
        }
        for (int i = 0; i < 4 && j + i < j_count; i++)
            update(o, s->bias[l] + (j + i) * LANES, s->bias_velocity[l] + (j + i) * LANES, g[i]);
    }
}

static void backward(state *s, int n_tiles)
{
    for (int l = s->net->n_layers - 1; l >= 0; l--) {
        real *delta = s->delta[(s->net->n_layers - 1 - l) & 1],
             *out = s->delta[(s->net->n_layers - l) & 1];
        if (l > 0) backward_layer(s, l, n_tiles, delta, out);
        gradient_weights(s, l, delta);
        if (s->net->has_bias) gradient_biases(s, l, delta);
    }
}

/* ---- whole runs ---- */

/* Steps from .. to - 1. ordered: lanes without NaN so far. */
static vmask train_steps(state *s, uint64_t from, uint64_t to, vmask ordered)
{
    for (uint64_t step = from; step < to; step++) {
        uint32_t n = state_begin_step(s, step);
        int n_tiles = (int)((n + 3) / 4);
        state_load_rows(s, n);
        ordered = forward(s, n_tiles, ordered);
        output_delta(s, (int)n);
        backward(s, n_tiles);
    }
    return ordered;
}

/* Everything that is measured of the networks as they are after so many steps. Touches nothing that
 * a later step reads. */
static void evaluate(state *s, uint64_t step, vmask ordered, svk_result *results)
{
    memset(results, 0, LANES * sizeof *results);
    memset(s->alive, 0, sizeof s->alive);
    for (int l = 0; l < LANES; l++) s->has_nan[l] = !v_mask_lane(ordered, l);
    for (int part = 0; part < 3; part++) {
        tally_begin(s, part);
        uint32_t n_chunk = s->chunk, n_rows = tally_n_rows(s, part);
        for (uint32_t first = 0; first < n_rows; first += n_chunk) {
            uint32_t n = n_rows - first < n_chunk ? n_rows - first : n_chunk;
            state_load_consecutive(s, tally_first_row(s, part) + first, n);
            forward(s, (int)((n + 3) / 4), v_mask_all());
            tally_rows(s, part, first, n);
        }
        tally_end(s, part, results);
    }
    state_finish(s, step, results);
}

/* Trains and evaluates checkpoint by checkpoint, then to the end. */
static void train_lanes(state *s, svk_result *results)
{
    const svk_training *t = s->training;
    vmask ordered = v_mask_all();
    uint64_t done = 0;
    for (uint64_t c = 0; c < t->n_checkpoints; c++) {
        ordered = train_steps(s, done, t->checkpoint[c], ordered);
        done = t->checkpoint[c];
        evaluate(s, done, ordered, results);
        for (int l = 0; l < LANES; l++)
            if (s->lanes[l].curve != NULL) s->lanes[l].curve[c] = results[l];
    }
    if (t->n_checkpoints > 0 && done == t->n_steps) return; /* the end was a checkpoint */
    ordered = train_steps(s, done, t->n_steps, ordered);
    evaluate(s, t->n_steps, ordered, results);
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
    train_lanes(&s, results);
}
