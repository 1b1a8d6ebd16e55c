/* What LANES networks in training keep between the steps.
 *
 * Everything is packed in groups of four: a weight (out j, in k) of layer l stands at vector
 * j / 4 * group_stride(width[l]) + k * 4 + j % 4, so that both directions of the product find four
 * outputs side by side; the value of unit k for sample b likewise, with b in the place of j. A
 * vector is LANES values. */
#ifndef SVK_MLP_STATE_H
#define SVK_MLP_STATE_H

#include <stddef.h>

#include "cpu_kernels.h"
#include "activation.h"
#include "lanes.h"
#include "metric_sum.h"
#include "optimizer.h"
#include "rounding.h"
#include "shuffle.h"

/* Rows that the buffers hold. A larger batch is worked off in chunks, its gradient kept between
 * them; where the batch is cut into parts it is one chunk, whatever its size. */
enum { CHUNK = 64 };
/* Places of an epoch's order that are found at a time, at least. */
enum { PLACE_WINDOW = 512 };
/* Tables up to this size are not worth a prefetch. */
enum { NEAR_BYTES = 16384 };

typedef struct batch {
    int n_parts;                     /* S, or 1 where there is nothing to combine */
    size_t begin[SVK_MAX_PARTS + 1]; /* samples of part p: begin[p] .. begin[p + 1] - 1 */
} batch;

/* Parameters of one layer, or its biases, and what belongs to them: n vectors each. What a run
 * does not need is NULL. */
typedef struct tensor {
    size_t n;
    real *value;    /* what forward and backward read */
    real *master;   /* what is updated; value itself, unless operands are rounded */
    real *velocity; /* or first moment */
    real *second;   /* second moment */
    real *gradient; /* summed so far */
    real *kept;     /* the best so far */
} tensor;

/* Where the slope of an activation comes from. */
typedef enum slope_source { SLOPE_GATE, SLOPE_TANH, SLOPE_SIGMOID, SLOPE_STORED } slope_source;

typedef struct state {
    const svk_net *net;
    const svk_training *training;
    const svk_lane *lanes;
    const real *x[LANES];   /* rows of the lanes */
    uint32_t chunk;         /* rows that the buffers hold, a multiple of 4 */
    uint32_t window;        /* places of the order that are held */
    int is_far;             /* the rows of a lane do not fit into a first cache */
    int is_fused;           /* a tile's gradient is used for the update at once, never stored */
    int is_rounded;         /* operands have fewer bits */
    int is_plain_relu;      /* nothing but relu happens to a hidden unit */
    int has_momentum;       /* of sgd */
    int is_sum_used;        /* plain sgd: the rate is divided by n, not the gradient */
    int is_schedule_shared; /* every lane has the same schedule seed */
    slope_source slope_source;
    real momentum, inverse_n;
    real rate, rate_over_n; /* of the step */
    svk_real_update update; /* scalars of the step */
    svk_moment_powers powers;
    uint64_t step_number;
    uint64_t first_sample; /* of the chunk, counted over the run; short batches count as whole */
    batch batch;
    tensor weight[SVK_MAX_LAYERS], bias[SVK_MAX_LAYERS];
    real *h[SVK_MAX_LAYERS + 1];       /* h[0]: inputs; h[n_layers]: outputs */
    real *delta[SVK_MAX_LAYERS + 1];   /* of the values in h; delta[0] is NULL */
    real *slope[SVK_MAX_LAYERS];       /* of hidden layers, with SLOPE_STORED */
    real *parts;                       /* [SVK_MAX_PARTS][16] vectors */
    real *lost;                        /* [16] vectors, of the compensated path */
    real *y;                           /* [chunk] vectors: target, or class as a number */
    uint32_t *place;                   /* [LANES][window]: row numbers at places window_begin .. */
    uint32_t *walking;                 /* [2][window]: places whose row is not found yet */
    uint32_t window_begin, window_end; /* of the epoch */
    double *chain;        /* [2][SVK_SUM_CHAINS][LANES]: loss, squared distance from the mean */
    double *mean;         /* [LANES]: of the targets */
    uint32_t *n_right;    /* [LANES] */
    svk_shuffle *shuffle; /* [LANES] */
    uint8_t *small_order; /* [LANES][SVK_FISHER_YATES_MAX] */
    uint8_t part_order[LANES][SVK_MAX_PARTS];
    uint8_t has_nan[LANES];
    uint8_t is_saturated[LANES];
    uint32_t alive[LANES]; /* bit l: hidden layer l was positive somewhere */
    uint64_t n_steps_run[LANES];
    /* early stopping: best validation loss, evaluations since */
    double best_loss[LANES];
    uint64_t n_waited[LANES];
    uint8_t is_stopped[LANES];
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

static int has_parts(const svk_training *t)
{
    return t->path != SVK_PATH_SERIAL && t->path != SVK_PATH_BINNED && t->path != SVK_PATH_FIXED;
}

/* How the run is worked off: what must be known before memory is laid out. */
static void choose_form(state *s)
{
    const svk_training *t = s->training;
    int activation = s->net->activation,
        is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    s->chunk = CHUNK;
    /* parts are combined, and the largest term is found, with the whole batch at hand */
    if (t->path != SVK_PATH_SERIAL && t->batch_size > CHUNK)
        s->chunk = (uint32_t)groups_of_four((int)t->batch_size);
    s->window = s->chunk > PLACE_WINDOW ? s->chunk : PLACE_WINDOW;
    s->is_far = (size_t)t->n_train * t->ld * sizeof(real) > NEAR_BYTES;
    s->is_rounded = t->precision != SVK_PRECISION_FP32 && t->precision != SVK_PRECISION_FP64;
    s->has_momentum = is_sgd && t->momentum != 0;
    s->is_sum_used = is_sgd && t->momentum == 0 && t->weight_decay == 0 && t->clip_norm == 0;
    s->is_fused = is_sgd && t->weight_decay == 0 && t->clip_norm == 0 && !s->is_rounded &&
                  t->batch_size <= s->chunk && (has_parts(t) || t->path == SVK_PATH_SERIAL);
    s->slope_source = activation == SVK_ACTIVATION_RELU      ? SLOPE_GATE
                      : activation == SVK_ACTIVATION_TANH    ? SLOPE_TANH
                      : activation == SVK_ACTIVATION_SIGMOID ? SLOPE_SIGMOID
                                                             : SLOPE_STORED;
    if (s->net->dropout > 0) s->slope_source = SLOPE_STORED;
    s->is_plain_relu = s->slope_source == SLOPE_GATE && !s->is_rounded;
}

/* Weights of a layer, or its biases. */
static void carve_tensor(const state *s, char **at, tensor *t, size_t n, int is_operand)
{
    const svk_training *training = s->training;
    t->n = n;
    t->value = t->master = carve_vectors(at, n);
    if (is_operand && s->is_rounded) t->master = carve_vectors(at, n);
    if (training->optimizer != SVK_OPTIMIZER_SGD || training->momentum != 0)
        t->velocity = carve_vectors(at, n);
    if (svk_has_moments(training)) t->second = carve_vectors(at, n);
    if (!s->is_fused) t->gradient = carve_vectors(at, n);
    if (training->patience > 0) t->kept = carve_vectors(at, n);
}

/* Points s into workspace (64-byte aligned; NULL to learn the size alone). Returns the bytes
 * needed. */
static size_t state_lay_out(state *s, const svk_net *net, const svk_training *training,
                            void *workspace)
{
    char *start = workspace, *at = start;
    memset(s, 0, sizeof *s);
    s->net = net;
    s->training = training;
    choose_form(s);
    for (int l = 0; l < net->n_layers; l++) {
        size_t n_out = groups_of_four(net->width[l + 1]);
        carve_tensor(s, &at, &s->weight[l], n_out / 4 * group_stride(net->width[l]), 1);
        carve_tensor(s, &at, &s->bias[l], n_out, 0);
    }
    for (int l = 0; l <= net->n_layers; l++) {
        size_t n_values = group_stride(net->width[l]) * s->chunk / 4;
        s->h[l] = carve_vectors(&at, n_values);
        if (l == 0) continue;
        s->delta[l] = carve_vectors(&at, n_values);
        if (s->slope_source == SLOPE_STORED && l < net->n_layers)
            s->slope[l] = carve_vectors(&at, n_values);
    }
    s->parts = carve_vectors(&at, SVK_MAX_PARTS * 16);
    s->lost = carve_vectors(&at, 16);
    s->y = carve_vectors(&at, s->chunk);
    s->place = carve(&at, s->window * LANES * sizeof *s->place);
    s->walking = carve(&at, 2 * s->window * sizeof *s->walking);
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

/* Operands of products are rounded where they are made. */
static void round_operands(const state *s, real *p, size_t n_vectors)
{
#if SVK_REAL_BITS == 32
    size_t n = n_vectors * LANES;
    switch (s->training->precision) {
    case SVK_PRECISION_TF32:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_tf32(p[i]);
        break;
    case SVK_PRECISION_BF16:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_bf16(p[i]);
        break;
    case SVK_PRECISION_FP16:
        for (size_t i = 0; i < n; i++) p[i] = svk_round_fp16(p[i]);
        break;
    }
#else
    (void)s, (void)p, (void)n_vectors;
#endif
}

/* Makes the copy of a layer's weights that forward and backward read. */
static void round_weights(const state *s, int l)
{
    const tensor *t = &s->weight[l];
    if (!s->is_rounded) return;
    memcpy(t->value, t->master, t->n * LANES * sizeof(real));
    round_operands(s, t->value, t->n);
}

/* Draws elements of a tensor in ascending order, a block of words at a time. */
typedef struct initial_draw {
    uint32_t tensor;
    int is_normal;
    double scale;
    uint32_t word[4][LANES];
} initial_draw;

static void draw_element(const state *s, initial_draw *d, uint64_t element, real *p)
{
    int at = svk_initial_word(element, d->is_normal);
    if (at == 0) FOR_LANES(l)
        {
            svk_block b = svk_draw_block(s->lanes[l].seed_init, SVK_STREAM_INIT, d->tensor,
                                         svk_initial_block(element, d->is_normal));
            for (int i = 0; i < 4; i++) d->word[i][l] = b.word[i];
        }
    FOR_LANES(l)
    p[l] =
        svk_real_initial_of_words(d->word[at][l], d->word[(at + 1) & 3][l], d->is_normal, d->scale);
}

static void draw_initial_weights(state *s)
{
    const svk_net *net = s->net;
    for (int layer = 0; layer < net->n_layers; layer++) {
        int n_in = net->width[layer], n_out = net->width[layer + 1];
        uint32_t number = 2 * (uint32_t)layer;
        initial_draw weights = {number, net->is_normal, net->weight_scale[layer], {{0}}};
        initial_draw biases = {number + 1, 0, net->bias_scale[layer], {{0}}};
        uint64_t element = 0;
        for (int j = 0; j < n_out; j++)
            for (int k = 0; k < n_in; k++)
                draw_element(s, &weights, element++,
                             s->weight[layer].master + weight_at(s, layer, j, k));
        for (int j = 0; net->has_bias && j < n_out; j++)
            draw_element(s, &biases, (uint64_t)j, s->bias[layer].value + j * LANES);
    }
}

/* lanes: [LANES]. The workspace is cleared: padding must be finite, velocities start at zero. */
static void state_begin(state *s, const svk_lane *lanes)
{
    const svk_training *t = s->training;
    memset(s->weight[0].value, 0, (size_t)((char *)s->parts - (char *)s->weight[0].value));
    s->lanes = lanes;
    for (int l = 0; l < LANES; l++) s->x[l] = lanes[l].x;
    s->momentum = (real)t->momentum;
    s->powers = (svk_moment_powers){1.0, 1.0};
    for (int l = 0; l < LANES; l++) s->n_steps_run[l] = t->n_steps;
    s->is_schedule_shared = 1;
    for (int l = 1; l < LANES; l++)
        s->is_schedule_shared &= lanes[l].seed_schedule == lanes[0].seed_schedule;
    draw_initial_weights(s);
    for (int l = 0; l < s->net->n_layers; l++) round_weights(s, l);
}

#endif
