/* What LANES networks in training keep between the steps, and how rows of data reach them.
 *
 * Everything is packed in groups of four: a weight (out j, in k) of layer l stands at vector
 * j / 4 * group_stride(width[l]) + k * 4 + j % 4, so that both directions of the product find four
 * outputs side by side; the value of unit k for sample b likewise, with b in the place of j. A
 * vector is LANES values. */
#ifndef SVK_MLP_STATE_H
#define SVK_MLP_STATE_H

#include <stddef.h>

#include "cpu_kernels.h"
#include "lanes.h"
#include "metric_sum.h"
#include "shuffle.h"

/* Rows that a forward pass over whole data sets takes at a time, at least. */
enum { MIN_CHUNK = 32 };

typedef struct batch {
    int n_parts;                     /* S, or 1 where there is nothing to combine */
    size_t begin[SVK_MAX_PARTS + 1]; /* samples of part p: begin[p] .. begin[p + 1] - 1 */
} batch;

typedef struct state {
    const svk_net *net;
    const svk_training *training;
    const svk_lane *lanes;
    uint32_t chunk; /* rows that the buffers hold, a multiple of 4 */
    int has_momentum;
    int is_schedule_shared; /* every lane has the same schedule seed */
    real learning_rate, momentum, step, inverse_n;
    uint64_t step_number;
    batch batch;
    real *weight[SVK_MAX_LAYERS], *velocity[SVK_MAX_LAYERS];
    real *bias[SVK_MAX_LAYERS], *bias_velocity[SVK_MAX_LAYERS];
    real *h[SVK_MAX_LAYERS + 1]; /* h[0]: inputs; h[n_layers]: outputs */
    real *delta[2];
    real *parts;          /* [SVK_MAX_PARTS][16] vectors */
    real *y;              /* [chunk] vectors */
    int32_t *label;       /* [chunk][LANES] */
    uint32_t *place;      /* [LANES][chunk]: row numbers of the batch */
    double *chain;        /* [2][SVK_SUM_CHAINS][LANES]: loss, squared distance from the mean */
    double *mean;         /* [LANES]: of the targets */
    uint32_t *n_right;    /* [LANES] */
    svk_shuffle *shuffle; /* [LANES] */
    uint8_t *small_order; /* [LANES][SVK_FISHER_YATES_MAX] */
    uint8_t part_order[LANES][SVK_MAX_PARTS];
    uint8_t has_nan[LANES];
    uint32_t alive[LANES]; /* bit l: hidden layer l was positive somewhere */
} state;

static void *carve(char **at, size_t size_bytes)
{
    char *p = *at;
    *at += (size_bytes + 63) / 64 * 64;
    return p;
}

static real *carve_vectors(char **at, size_t n) { return carve(at, n * LANES * sizeof(real)); }

static size_t groups_of_four(int n) { return (size_t)(n + 3) / 4 * 4; }

/* Vectors from one group of four to the next. The padding keeps groups of widths like 64, which
 * would lie a multiple of 4 KiB apart, out of each other's cache sets. */
SVK_FN size_t group_stride(int width) { return (size_t)width * 4 + 16; }

/* Points s into workspace (64-byte aligned; NULL to learn the size alone). Returns the bytes
 * needed. */
static size_t state_lay_out(state *s, const svk_net *net, const svk_training *training,
                            void *workspace)
{
    char *start = workspace, *at = start;
    size_t chunk = groups_of_four((int)training->batch_size);
    int widest = 0;
    memset(s, 0, sizeof *s);
    s->net = net;
    s->training = training;
    s->chunk = (uint32_t)(chunk < MIN_CHUNK ? MIN_CHUNK : chunk);
    for (int l = 0; l < net->n_layers; l++) {
        size_t n_out = groups_of_four(net->width[l + 1]);
        s->weight[l] = carve_vectors(&at, n_out / 4 * group_stride(net->width[l]));
        s->velocity[l] = carve_vectors(&at, n_out / 4 * group_stride(net->width[l]));
        s->bias[l] = carve_vectors(&at, n_out);
        s->bias_velocity[l] = carve_vectors(&at, n_out);
        if (net->width[l + 1] > widest) widest = net->width[l + 1];
    }
    for (int l = 0; l <= net->n_layers; l++)
        s->h[l] = carve_vectors(&at, group_stride(net->width[l]) * s->chunk / 4);
    for (int i = 0; i < 2; i++)
        s->delta[i] = carve_vectors(&at, group_stride(widest) * s->chunk / 4);
    s->parts = carve_vectors(&at, SVK_MAX_PARTS * 16);
    s->y = carve_vectors(&at, s->chunk);
    s->label = carve(&at, s->chunk * LANES * sizeof *s->label);
    s->place = carve(&at, s->chunk * LANES * sizeof *s->place);
    s->chain = carve(&at, 2 * SVK_SUM_CHAINS * LANES * sizeof *s->chain);
    s->mean = carve(&at, LANES * sizeof *s->mean);
    s->n_right = carve(&at, LANES * sizeof *s->n_right);
    s->shuffle = carve(&at, LANES * sizeof *s->shuffle);
    s->small_order = carve(&at, LANES * SVK_FISHER_YATES_MAX);
    return (size_t)(at - start);
}

static size_t weight_at(const state *s, int l, int j, int k)
{
    return ((size_t)(j >> 2) * group_stride(s->net->width[l]) + (size_t)k * 4 + (size_t)(j & 3)) *
           LANES;
}

/* Where unit k of sample b stands in values of layer l; the next unit is 4 * LANES further on. */
static size_t value_at(const state *s, int l, uint32_t b, int k)
{
    return ((size_t)(b >> 2) * group_stride(s->net->width[l]) + (size_t)k * 4 + (size_t)(b & 3)) *
           LANES;
}

static void draw_initial_weights(state *s)
{
    const svk_net *net = s->net;
    for (int layer = 0; layer < net->n_layers; layer++) {
        int n_in = net->width[layer], n_out = net->width[layer + 1];
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++) {
                real *w = s->weight[layer] + weight_at(s, layer, j, k);
                uint64_t element = (uint64_t)j * (uint64_t)n_in + (uint64_t)k;
                FOR_LANES(l)
                w[l] = svk_real_initial(s->lanes[l].seed_init, 2u * (uint32_t)layer, element,
                                        net->is_normal, net->weight_scale[layer]);
            }
        for (int j = 0; net->has_bias && j < n_out; j++) FOR_LANES(l)
        s->bias[layer][j * LANES + l] =
            svk_real_initial(s->lanes[l].seed_init, 2u * (uint32_t)layer + 1, (uint64_t)j, 0,
                             net->bias_scale[layer]);
    }
}

/* Parameters given instead of drawn, rounded to the precision. */
static void take_initial_weights(state *s, int l, const double *initial)
{
    const svk_net *net = s->net;
    for (int layer = 0; layer < net->n_layers; layer++) {
        int n_in = net->width[layer], n_out = net->width[layer + 1];
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                s->weight[layer][weight_at(s, layer, j, k) + (size_t)l] = (real)*initial++;
        for (int j = 0; net->has_bias && j < n_out; j++)
            s->bias[layer][j * LANES + l] = (real)*initial++;
    }
}

/* lanes: [LANES]. The workspace is cleared: padding must be finite, velocities start at zero. */
static void state_begin(state *s, const svk_lane *lanes)
{
    const svk_training *t = s->training;
    memset(s->weight[0], 0, (size_t)((char *)(s->parts) - (char *)s->weight[0]));
    s->lanes = lanes;
    s->has_momentum = t->momentum != 0;
    s->learning_rate = (real)t->learning_rate;
    s->momentum = (real)t->momentum;
    s->is_schedule_shared = 1;
    for (int l = 1; l < LANES; l++)
        s->is_schedule_shared &= lanes[l].seed_schedule == lanes[0].seed_schedule;
    draw_initial_weights(s);
    for (int l = 0; l < LANES; l++)
        if (lanes[l].initial != NULL) take_initial_weights(s, l, lanes[l].initial);
}

/* ---- which rows a step visits ---- */

static void begin_epoch(state *s, uint32_t epoch)
{
    const svk_training *t = s->training;
    if (t->sampling != SVK_SAMPLING_SHUFFLE) return;
    for (int l = 0; l < LANES; l++) {
        uint64_t seed = s->lanes[l].seed_order;
        if (t->n_train > SVK_FISHER_YATES_MAX)
            s->shuffle[l] = svk_shuffle_make(seed, SVK_STREAM_ORDER, epoch, t->n_train);
        else
            svk_fisher_yates(seed, SVK_STREAM_ORDER, epoch, 0, t->n_train,
                             s->small_order + l * SVK_FISHER_YATES_MAX);
    }
}

/* place[i] = row at place first + i of the shuffled epoch: all places at once, walking on until
 * none is outside. */
static void shuffled_places(const svk_shuffle *shuffle, uint32_t first, uint32_t n, uint32_t *place)
{
    const svk_shuffle s = *shuffle;
    uint32_t is_outside = 0;
    for (uint32_t i = 0; i < n; i++) {
        place[i] = svk_shuffle_pass(&s, first + i);
        is_outside |= place[i] >= s.n;
    }
    while (is_outside) {
        is_outside = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t next = svk_shuffle_pass(&s, place[i]);
            place[i] = place[i] >= s.n ? next : place[i];
            is_outside |= place[i] >= s.n;
        }
    }
    for (uint32_t i = 0; i < n; i++) place[i] = svk_shuffle_swap(&s, place[i]);
}

static void find_places(state *s, uint32_t epoch, uint32_t first, uint32_t n)
{
    const svk_training *t = s->training;
    for (int l = 0; l < LANES; l++) {
        uint32_t *place = s->place + (size_t)l * s->chunk;
        if (t->sampling == SVK_SAMPLING_REPLACEMENT) {
            for (uint32_t i = 0; i < n; i++)
                place[i] =
                    svk_below(svk_draw(s->lanes[l].seed_order, SVK_STREAM_ORDER, epoch, first + i),
                              t->n_train);
        } else if (t->n_train > SVK_FISHER_YATES_MAX) {
            shuffled_places(&s->shuffle[l], first, n, place);
        } else {
            for (uint32_t i = 0; i < n; i++)
                place[i] = s->small_order[l * SVK_FISHER_YATES_MAX + first + i];
        }
    }
}

/* Fixes rows, step size and parts of a step; returns the number of samples. */
static uint32_t state_begin_step(state *s, uint64_t step)
{
    const svk_training *t = s->training;
    uint32_t epoch = (uint32_t)(step / t->n_steps_per_epoch);
    uint32_t first = (uint32_t)(step % t->n_steps_per_epoch) * t->batch_size;
    uint32_t n = t->n_train - first < t->batch_size ? t->n_train - first : t->batch_size;
    if (first == 0) begin_epoch(s, epoch);
    find_places(s, epoch, first, n);
    s->step_number = step;
    s->step = s->learning_rate / (real)n;
    s->inverse_n = 1 / (real)n;
    s->batch.n_parts = t->path == SVK_PATH_SERIAL ? 1 : t->n_parts;
    for (int p = 0; p <= s->batch.n_parts; p++)
        s->batch.begin[p] = svk_part_begin((uint32_t)p, n, (uint32_t)s->batch.n_parts);
    return n;
}

/* ---- rows of data into vectors ---- */

static void load_row(state *s, uint32_t b, const uint32_t *row)
{
    const svk_training *t = s->training;
    const real *x[LANES];
    uint32_t n_features = t->n_features;
    real *h = s->h[0] + value_at(s, 0, b, 0);
    for (int l = 0; l < LANES; l++) x[l] = (const real *)s->lanes[l].x + (size_t)row[l] * t->ld;
    for (uint32_t f = 0; f < n_features; f += 4) {
        vreal v[4];
        v_load_rows4(x, (int)f, v);
        for (uint32_t i = 0; i < 4 && f + i < n_features; i++)
            v_store(h + (size_t)(f + i) * 4 * LANES, v[i]);
    }
    for (int l = 0; l < LANES; l++) s->y[b * LANES + l] = ((const real *)s->lanes[l].y)[row[l]];
    if (s->lanes[0].label != NULL)
        for (int l = 0; l < LANES; l++) s->label[b * LANES + l] = s->lanes[l].label[row[l]];
}

/* The rows of a coming sample, asked for while another is loaded. */
static void prefetch_row(const state *s, const uint32_t *row)
{
    size_t row_bytes = s->training->ld * sizeof(real);
    for (int l = 0; l < LANES; l++) {
        const char *x = (const char *)s->lanes[l].x + row[l] * row_bytes;
        for (size_t byte = 0; byte < row_bytes; byte += 64) __builtin_prefetch(x + byte);
    }
}

/* The samples of the step. The last group of four is filled with the first sample, which no sum
 * uses. */
static void state_load_rows(state *s, uint32_t n)
{
    uint32_t row[LANES], next[LANES];
    for (int l = 0; l < LANES; l++) next[l] = s->place[(size_t)l * s->chunk];
    for (uint32_t b = 0; b < groups_of_four((int)n); b++) {
        memcpy(row, next, sizeof row);
        for (int l = 0; l < LANES; l++)
            next[l] = s->place[(size_t)l * s->chunk + (b + 1 < n ? b + 1 : 0)];
        prefetch_row(s, next);
        load_row(s, b, row);
    }
}

/* Rows first .. first + n - 1, the same numbers in every lane. */
static void state_load_consecutive(state *s, uint32_t first, uint32_t n)
{
    uint32_t row[LANES];
    for (uint32_t b = 0; b < groups_of_four((int)n); b++) {
        for (int l = 0; l < LANES; l++) row[l] = first + (b < n ? b : 0);
        load_row(s, b, row);
    }
}

#include "mlp_parts.h"
#include "mlp_tally.h"

#endif
