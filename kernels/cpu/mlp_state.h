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
#include "lanes.h"
#include "metric_sum.h"
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

typedef struct state {
    const svk_net *net;
    const svk_training *training;
    const svk_lane *lanes;
    const real *x[LANES]; /* rows of the lanes */
    uint32_t chunk;       /* rows that the buffers hold, a multiple of 4 */
    uint32_t window;      /* places of the order that are held */
    int is_large;         /* a batch is more than one chunk */
    int is_far;           /* the rows of a lane do not fit into a first cache */
    int has_momentum;
    int is_schedule_shared; /* every lane has the same schedule seed */
    real learning_rate, momentum, step, inverse_n;
    uint64_t step_number;
    batch batch;
    real *weight[SVK_MAX_LAYERS], *velocity[SVK_MAX_LAYERS];
    real *bias[SVK_MAX_LAYERS], *bias_velocity[SVK_MAX_LAYERS];
    real *gradient[SVK_MAX_LAYERS], *bias_gradient[SVK_MAX_LAYERS]; /* NULL unless is_large */
    real *h[SVK_MAX_LAYERS + 1];       /* h[0]: inputs; h[n_layers]: outputs */
    real *delta[SVK_MAX_LAYERS + 1];   /* of the values in h; delta[0] is NULL */
    real *parts;                       /* [SVK_MAX_PARTS][16] vectors */
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
    memset(s, 0, sizeof *s);
    s->net = net;
    s->training = training;
    s->chunk = CHUNK;
    if (training->path != SVK_PATH_SERIAL && training->batch_size > CHUNK)
        s->chunk = (uint32_t)groups_of_four((int)training->batch_size);
    s->is_large = training->batch_size > s->chunk;
    s->is_far = (size_t)training->n_train * training->ld * sizeof(real) > NEAR_BYTES;
    s->window = s->chunk > PLACE_WINDOW ? s->chunk : PLACE_WINDOW;
    for (int l = 0; l < net->n_layers; l++) {
        size_t n_out = groups_of_four(net->width[l + 1]);
        size_t n_weight = n_out / 4 * group_stride(net->width[l]);
        s->weight[l] = carve_vectors(&at, n_weight);
        s->velocity[l] = carve_vectors(&at, n_weight);
        s->bias[l] = carve_vectors(&at, n_out);
        s->bias_velocity[l] = carve_vectors(&at, n_out);
        if (!s->is_large) continue;
        s->gradient[l] = carve_vectors(&at, n_weight);
        s->bias_gradient[l] = carve_vectors(&at, n_out);
    }
    for (int l = 0; l <= net->n_layers; l++) {
        size_t n_values = group_stride(net->width[l]) * s->chunk / 4;
        s->h[l] = carve_vectors(&at, n_values);
        if (l > 0) s->delta[l] = carve_vectors(&at, n_values);
    }
    s->parts = carve_vectors(&at, SVK_MAX_PARTS * 16);
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
    for (int l = 0; l < LANES; l++) s->x[l] = lanes[l].x;
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

#include "mlp_parts.h"
#include "mlp_rows.h"
#include "mlp_tally.h"

#endif
