/* Trains LANES networks at once, one seed a lane. The order of every sum is the contract's (docs/numerics.md); tiles,
 * blocks and lanes only choose which independent sums are worked on together. */
#include "cpu_kernels.h"
#include "mlp_state.h"
#include "tile.h"

/* Sample tiles that are multiplied with one group of weights before the next is fetched: 8 samples. */
enum { SAMPLE_BLOCK = 2 };
/* Groups of four inputs whose gradient is worked on together. */
enum { INPUT_BLOCK = 4 };

/* ---- forward ---- */

SVK_FN void forward_tile(const state *s, int l, int bt, int j, int n, vmask *nan)
{
    int k_count = s->net->width[l];
    int is_output = l + 1 == s->net->n_layers;
    vreal c[16];
    for (int i = 0; i < 4; i++)
        for (int q = 0; q < 4; q++)
            c[i * 4 + q] = q < n && s->net->has_bias ? v_load(s->bias[l] + (j + q) * LANES) : v_set1(0);
    operand a = {s->h[l] + value_at(s, l, 4 * bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, j, 0), 0, 0};
    tile_multiply(4, n, c, a, b, 0, k_count);
    for (int q = 0; q < n; q++) {
        real *out = s->h[l + 1] + value_at(s, l + 1, 4 * bt, j + q);
        for (int i = 0; i < 4; i++) {
            vreal z = c[i * 4 + q];
            *nan = v_mask_nan(*nan, z);
            if (!is_output && s->net->activation == SVK_ACTIVATION_RELU) z = v_greater(z, v_set1(0));
            v_store(out + i * LANES, z);
        }
    }
}

static void apply_tanh(const state *s, int l, int n_tiles)
{
    for (int bt = 0; bt < n_tiles; bt++) {
        real *h = s->h[l] + value_at(s, l, 4 * bt, 0);
        for (int i = 0; i < 4 * s->net->width[l] * LANES; i++) h[i] = svk_real_tanh(h[i]);
    }
}

static vmask forward_layer(const state *s, int l, int n_tiles, vmask nan)
{
    int j_count = s->net->width[l + 1];
    for (int block = 0; block < n_tiles; block += SAMPLE_BLOCK) {
        int end = block + SAMPLE_BLOCK < n_tiles ? block + SAMPLE_BLOCK : n_tiles;
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            for (int bt = block; bt < end; bt++) {
                if (n == 4)
                    forward_tile(s, l, bt, j, 4, &nan);
                else if (n == 2)
                    forward_tile(s, l, bt, j, 2, &nan);
                else
                    forward_tile(s, l, bt, j, 1, &nan);
            }
        }
    }
    if (l + 1 < s->net->n_layers && s->net->activation == SVK_ACTIVATION_TANH) apply_tanh(s, l + 1, n_tiles);
    return nan;
}

static vmask forward(const state *s, int n_tiles, vmask nan)
{
    for (int l = 0; l < s->net->n_layers; l++) nan = forward_layer(s, l, n_tiles, nan);
    return nan;
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
    for (int j = 0; j < n_classes; j++) v_store(delta + j * 4 * LANES, v_div(v_load(delta + j * 4 * LANES), sum));
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

SVK_FN void backward_tile(const state *s, int l, int bt, int k, int n, const real *delta, real *out)
{
    int k_count = s->net->width[l], j_count = s->net->width[l + 1];
    vreal c[16];
    for (int i = 0; i < 16; i++) c[i] = v_set1(0);
    operand a = {delta + value_at(s, l + 1, 4 * bt, 0), 0, 0};
    operand b = {s->weight[l] + weight_at(s, l, 0, k), group_stride(k_count), 1};
    tile_multiply(4, n, c, a, b, 0, j_count);
    for (int q = 0; q < n; q++) {
        size_t at = value_at(s, l, 4 * bt, k + q);
        for (int i = 0; i < 4; i++) {
            vreal h = v_load(s->h[l] + at + i * LANES);
            vreal d = s->net->activation == SVK_ACTIVATION_RELU
                          ? v_gate(h, c[i * 4 + q])
                          : v_mul(c[i * 4 + q], v_fnma(h, h, v_set1(1)));
            v_store(out + at + i * LANES, d);
        }
    }
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

SVK_FN void update(const state *s, real *w, real *v, vreal g)
{
    if (s->has_momentum) {
        vreal velocity = v_flush(v_fma(v_set1(s->momentum), v_load(v), v_mul(v_set1(s->inverse_n), g)));
        v_store(v, velocity);
        v_store(w, v_fma(v_set1(-s->learning_rate), velocity, v_load(w)));
    } else {
        v_store(w, v_fma(v_set1(-s->step), g, v_load(w)));
    }
}

/* The parameters that a tile will update, asked for before its sums are made. */
SVK_FN void prefetch_tile(const state *s, int l, int k, int j, int m, int n)
{
    for (int i = 0; i < m; i++) {
        size_t element = weight_at(s, l, j, k + i);
        for (size_t byte = 0; byte < (size_t)n * LANES * sizeof(real); byte += 64) {
            __builtin_prefetch((const char *)(s->weight[l] + element) + byte, 1);
            if (s->has_momentum) __builtin_prefetch((const char *)(s->velocity[l] + element) + byte, 1);
        }
    }
}

SVK_FN void gradient_tile(const state *s, int l, int k, int j, int m, int n, const real *delta)
{
    int k_count = s->net->width[l], j_count = s->net->width[l + 1];
    operand a = {s->h[l] + value_at(s, l, 0, k), group_stride(k_count), 1};
    operand b = {delta + value_at(s, l + 1, 0, j), group_stride(j_count), 1};
    vreal c[16];
    prefetch_tile(s, l, k, j, m, n);
    for (int i = 0; i < 16; i++) c[i] = v_set1(0);
    if (s->batch.n_parts == 1) {
        tile_multiply(m, n, c, a, b, 0, s->batch.begin[1]);
    } else {
        for (int p = 0; p < s->batch.n_parts; p++) {
            for (int i = 0; i < 16; i++) c[i] = v_set1(0);
            tile_multiply(m, n, c, a, b, s->batch.begin[p], s->batch.begin[p + 1]);
            for (int i = 0; i < 16; i++) v_store(s->parts + (p * 16 + i) * LANES, c[i]);
        }
        combine_parts(s, 16, c);
    }
    for (int i = 0; i < m; i++)
        for (int q = 0; q < n; q++) {
            size_t element = weight_at(s, l, j, k + i) + q * LANES;
            update(s, s->weight[l] + element, s->velocity[l] + element, c[i * 4 + q]);
        }
}

SVK_FN void gradient_rows(const state *s, int l, int k, int j, int n, const real *delta)
{
    int left = s->net->width[l] - k;
    if (left >= 4) {
        gradient_tile(s, l, k, j, 4, n, delta);
        return;
    }
    for (int i = 0; i < left; i++) gradient_tile(s, l, k + i, j, 1, n, delta);
}

static void gradient_weights(state *s, int l, const real *delta)
{
    draw_part_orders(s, 2 * l);
    int k_count = s->net->width[l], j_count = s->net->width[l + 1];
    for (int block = 0; block < k_count; block += 4 * INPUT_BLOCK) {
        int end = block + 4 * INPUT_BLOCK < k_count ? block + 4 * INPUT_BLOCK : k_count;
        for (int j = 0, n; j < j_count; j += n) {
            n = tile_side(j_count - j, TILE_COLUMNS);
            for (int k = block; k < end; k += 4) {
                if (n == 4)
                    gradient_rows(s, l, k, j, 4, delta);
                else if (n == 2)
                    gradient_rows(s, l, k, j, 2, delta);
                else
                    gradient_rows(s, l, k, j, 1, delta);
            }
        }
    }
}

static void gradient_biases(state *s, int l, const real *delta)
{
    draw_part_orders(s, 2 * l + 1);
    int j_count = s->net->width[l + 1];
    for (int j = 0; j < j_count; j++) {
        vreal g = v_set1(0);
        for (int p = 0; p < s->batch.n_parts; p++) {
            g = v_set1(0);
            for (size_t b = s->batch.begin[p]; b < s->batch.begin[p + 1]; b++)
                g = v_add(g, v_load(delta + value_at(s, l + 1, (uint32_t)b, j)));
            v_store(s->parts + p * 16 * LANES, g);
        }
        if (s->batch.n_parts > 1) combine_parts(s, 1, &g);
        update(s, s->bias[l] + j * LANES, s->bias_velocity[l] + j * LANES, g);
    }
}

static void backward(state *s, int n_tiles)
{
    for (int l = s->net->n_layers - 1; l >= 0; l--) {
        real *delta = s->delta[(s->net->n_layers - 1 - l) & 1], *out = s->delta[(s->net->n_layers - l) & 1];
        if (l > 0) backward_layer(s, l, n_tiles, delta, out);
        gradient_weights(s, l, delta);
        if (s->net->has_bias) gradient_biases(s, l, delta);
    }
}

/* ---- whole runs ---- */

static vmask train_steps(state *s)
{
    const svk_training *t = s->training;
    vmask nan = v_mask_none();
    for (uint64_t step = 0; step < t->n_steps; step++) {
        uint32_t n = state_begin_step(s, step);
        int n_tiles = (int)((n + 3) / 4);
        state_load_rows(s, n);
        nan = forward(s, n_tiles, nan);
        output_delta(s, (int)n);
        backward(s, n_tiles);
    }
    return nan;
}

size_t SVK_VARIANT(svk_mlp_workspace_size)(const svk_net *net, const svk_training *training)
{
    state s;
    return state_lay_out(&s, net, training, NULL);
}

void SVK_VARIANT(svk_mlp_train)(const svk_net *net, const svk_training *training, const svk_lane *lanes,
                                void *workspace, svk_result *results)
{
    state s;
    state_lay_out(&s, net, training, workspace);
    state_begin(&s, lanes);
    vmask nan = train_steps(&s);
    FOR_LANES(l) s.has_nan[l] = v_mask_lane(nan, l);
    for (int part = 0; part < 3; part++) {
        tally_begin(&s, part);
        uint32_t n_chunk = s.chunk, n_rows = tally_n_rows(&s, part);
        for (uint32_t first = 0; first < n_rows; first += n_chunk) {
            uint32_t n = n_rows - first < n_chunk ? n_rows - first : n_chunk;
            state_load_consecutive(&s, tally_first_row(&s, part) + first, n);
            forward(&s, (int)((n + 3) / 4), v_mask_none());
            tally_rows(&s, part, first, n);
        }
        tally_end(&s, part, results);
    }
    state_finish(&s, results);
}
