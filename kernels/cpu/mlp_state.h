/* What LANES networks in training keep between the steps.
 *
 * Everything is packed in groups of four: a weight (out j, in k) of layer l stands at vector
 * j / 4 * group_stride(n_in) + k * 4 + j % 4, so that both directions of the product find four
 * outputs side by side; the value of unit k for sample b likewise, with b in the place of j. A
 * vector is LANES values. */
#ifndef SVK_MLP_STATE_H
#define SVK_MLP_STATE_H

#include <stddef.h>

#include "cpu_kernels.h"
#include "activation.h"
#include "arrival.h"
#include "binned_sum.h"
#include "lanes.h"
#include "metric_sum.h"
#include "optimizer.h"
#include "shuffle.h"

/* Rows that the buffers hold, or fewer where images are wide. A larger batch is worked off in
 * chunks, its gradient kept between them; where the batch is cut into parts it is one chunk,
 * whatever its size. */
enum { CHUNK = 64, CHUNK_BYTES = 1 << 20 };
/* Groups of four samples that go through the network together: 8 samples, or 4 where images would
 * not fit into a second cache. */
enum { SAMPLE_BLOCK = 2, BLOCK_BYTES = 1 << 20 };
/* Places of an epoch's order that are found at a time, at least. */
enum { PLACE_WINDOW = 512 };

#if SVK_REAL_BITS == 32
enum { N_BINS = SVK_BINS_FP32 };
#else
enum { N_BINS = SVK_BINS_FP64 };
#endif

typedef struct batch {
    int n_parts;                     /* S, or 1 where there is nothing to combine */
    size_t begin[SVK_MAX_PARTS + 1]; /* samples of part p: begin[p] .. begin[p + 1] - 1 */
} batch;

/* A sum of single terms so far, on the binned or the fixed path. */
typedef struct term_sum {
    union {
        double bin[N_BINS][LANES]; /* highest first */
        int64_t grains[LANES];
    };
    int32_t top[LANES]; /* the highest bin */
} term_sum;

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
    real *parts; /* of an image layer: [n_parts][n] vectors, where there is something to combine */
    term_sum *sums; /* of an image layer: [n], where single terms are summed */
} tensor;

/* Where the slope of an activation comes from. */
typedef enum slope_source {
    SLOPE_ONE, /* not activated: what a pool made */
    SLOPE_GATE,
    SLOPE_TANH,
    SLOPE_SIGMOID,
    SLOPE_STORED
} slope_source;

typedef struct state {
    const svk_net *net;
    const svk_training *training;
    const svk_lane *lanes;
    const real *x[LANES];   /* rows of the lanes */
    uint32_t chunk;         /* rows that the buffers hold, a multiple of 4 */
    uint32_t block;         /* groups of four samples that go through together */
    uint32_t window;        /* places of the order that are held */
    int is_fused;           /* a tile's gradient is used for the update at once, never stored */
    int is_rounded;         /* operands have fewer bits */
    int is_plain_relu;      /* nothing but relu happens to a hidden unit */
    int has_momentum;       /* of sgd */
    int is_sum_used;        /* plain sgd: the rate is divided by n, not the gradient */
    int is_schedule_shared; /* every lane has the same schedule seed */
    slope_source slope_source[SVK_MAX_LAYERS + 1]; /* of the values in h */
    uint32_t group_mask[SVK_MAX_LAYERS + 1];       /* group g of h stands at g & group_mask */
    real momentum, inverse_n;
    real rate, rate_over_n; /* of the step */
    svk_real_update update; /* scalars of the step */
    svk_moment_powers powers;
    uint64_t step_number;
    uint64_t first_sample; /* of the chunk, counted over the run; short batches count as whole */
    batch batch;
    tensor weight[SVK_MAX_LAYERS], bias[SVK_MAX_LAYERS];
    real *h[SVK_MAX_LAYERS + 1];     /* h[0]: inputs; h[n_layers]: outputs */
    real *delta[SVK_MAX_LAYERS + 1]; /* of the values in h; delta[0] is NULL */
    real *slope[SVK_MAX_LAYERS];     /* of hidden layers, with SLOPE_STORED */
    real *parts;                     /* [SVK_MAX_PARTS][16] vectors */
    real *lost;                      /* [16] vectors, of the compensated path */
    real *ones;                      /* [4] vectors: what the terms of a bias are multiplied by */
    real *y;                         /* [chunk] vectors: target, or class as a number */
    uint32_t *place;   /* [LANES][place_stride]: row numbers at places window_begin .. */
    uint32_t *walking; /* [2][window]: places whose row is not found yet */
    uint32_t window_begin, window_end; /* of the epoch */
    double *chain;        /* [2][SVK_SUM_CHAINS][LANES]: loss, squared distance from the mean */
    double *mean;         /* [LANES]: of the targets */
    uint32_t *n_right;    /* [LANES] */
    svk_shuffle *shuffle; /* [LANES] */
    uint8_t *small_order; /* [LANES][SVK_FISHER_YATES_MAX] */
    real *compared;       /* [n_parameters]: of one lane; NULL without checkpoints */
    uint8_t part_order[LANES][SVK_MAX_PARTS];
    svk_bit_stream arrivals[LANES]; /* path arrival: orders of the steps to come */
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

/* From the places of a lane to the next lane's: not a multiple of 2 KiB, which would send them all
 * to the same cache sets. */
static size_t place_stride(const state *s) { return (size_t)s->window + 16; }

static size_t groups_of_four(int n) { return (size_t)(n + 3) / 4 * 4; }

/* Vectors from one group of four to the next. The padding keeps groups of widths like 64, which
 * would lie a multiple of 4 KiB apart, out of each other's cache sets. */
SVK_FN size_t group_stride(int width) { return (size_t)width * 4 + 16; }

static int has_parts(const svk_training *t)
{
    return t->path != SVK_PATH_SERIAL && t->path != SVK_PATH_BINNED && t->path != SVK_PATH_FIXED;
}

static int is_sum_of_terms(const svk_training *t)
{
    return t->path == SVK_PATH_BINNED || t->path == SVK_PATH_FIXED;
}

static int is_pool(const svk_layer *layer)
{
    return layer->kind == SVK_LAYER_MAX_POOL || layer->kind == SVK_LAYER_AVERAGE_POOL;
}

/* Of the values of layers first .. end - 1 for four samples. */
static size_t group_bytes(const svk_net *net, int first, int end)
{
    size_t n_vectors = 0;
    for (int l = first; l < end; l++) n_vectors += group_stride(net->width[l]);
    return n_vectors * LANES * sizeof(real);
}

/* The values of images are held for a block of samples, those of dense layers for a chunk. */
static void choose_chunk(state *s)
{
    const svk_net *net = s->net;
    int n_images = net->n_image_layers;
    s->chunk = CHUNK;
    s->block = SAMPLE_BLOCK;
    if (n_images > 0) {
        size_t dense_bytes = group_bytes(net, n_images, net->n_layers + 1);
        if (s->block * group_bytes(net, 0, n_images) > BLOCK_BYTES) s->block = 1;
        while (s->chunk > 4 * SAMPLE_BLOCK && s->chunk / 4 * dense_bytes > CHUNK_BYTES)
            s->chunk /= 2;
    }
    /* parts are combined, and the largest term is found, with the whole batch at hand */
    if (s->training->path != SVK_PATH_SERIAL && s->training->batch_size > s->chunk)
        s->chunk = (uint32_t)groups_of_four((int)s->training->batch_size);
    for (int l = 0; l <= net->n_layers; l++)
        s->group_mask[l] = l < n_images ? s->block - 1 : UINT32_MAX;
}

static slope_source choose_slope(const svk_net *net)
{
    if (net->dropout > 0) return SLOPE_STORED;
    switch (net->activation) {
    case SVK_ACTIVATION_RELU: return SLOPE_GATE;
    case SVK_ACTIVATION_TANH: return SLOPE_TANH;
    case SVK_ACTIVATION_SIGMOID: return SLOPE_SIGMOID;
    default: return SLOPE_STORED;
    }
}

/* How the run is worked off: what must be known before memory is laid out. */
static void choose_form(state *s)
{
    const svk_training *t = s->training;
    int is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    slope_source source = choose_slope(s->net);
    choose_chunk(s);
    s->window = s->chunk > PLACE_WINDOW ? s->chunk : PLACE_WINDOW;
    s->is_rounded = t->precision != SVK_PRECISION_FP32 && t->precision != SVK_PRECISION_FP64;
    s->has_momentum = is_sgd && t->momentum != 0;
    s->is_sum_used = is_sgd && t->momentum == 0 && t->weight_decay == 0 && t->clip_norm == 0;
    s->is_fused = is_sgd && t->weight_decay == 0 && t->clip_norm == 0 && !s->is_rounded &&
                  t->batch_size <= s->chunk && !is_sum_of_terms(t);
    for (int l = 1; l < s->net->n_layers; l++)
        s->slope_source[l] = is_pool(&s->net->layer[l - 1]) ? SLOPE_ONE : source;
    s->is_plain_relu = source == SLOPE_GATE && !s->is_rounded;
}

/* Weights of layer l, or its biases. */
static void carve_tensor(const state *s, char **at, int l, tensor *t, size_t n, int is_operand)
{
    const svk_training *training = s->training;
    int is_image = l < s->net->n_image_layers;
    t->n = n;
    t->value = t->master = carve_vectors(at, n);
    if (is_operand && s->is_rounded) t->master = carve_vectors(at, n);
    if (training->optimizer != SVK_OPTIMIZER_SGD || training->momentum != 0)
        t->velocity = carve_vectors(at, n);
    if (svk_has_moments(training)) t->second = carve_vectors(at, n);
    if (!s->is_fused || is_image) t->gradient = carve_vectors(at, n);
    if (training->patience > 0) t->kept = carve_vectors(at, n);
    if (is_image && has_parts(training))
        t->parts = carve_vectors(at, n * (size_t)training->n_parts);
    if (is_image && is_sum_of_terms(training)) t->sums = carve(at, n * sizeof *t->sums);
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
        size_t n_out = groups_of_four(net->layer[l].n_out);
        carve_tensor(s, &at, l, &s->weight[l], n_out / 4 * group_stride(net->layer[l].n_in), 1);
        carve_tensor(s, &at, l, &s->bias[l], n_out, 0);
    }
    for (int l = 0; l <= net->n_layers; l++) {
        size_t n_groups = l < net->n_image_layers ? s->block : s->chunk / 4;
        size_t n_values = group_stride(net->width[l]) * n_groups;
        s->h[l] = carve_vectors(&at, n_values);
        if (l == 0) continue;
        s->delta[l] = carve_vectors(&at, n_values);
        if (s->slope_source[l] == SLOPE_STORED) s->slope[l] = carve_vectors(&at, n_values);
    }
    s->parts = carve_vectors(&at, SVK_MAX_PARTS * 16);
    s->lost = carve_vectors(&at, 16);
    s->ones = carve_vectors(&at, 4);
    s->y = carve_vectors(&at, s->chunk);
    s->place = carve(&at, place_stride(s) * LANES * sizeof *s->place);
    s->walking = carve(&at, 2 * s->window * sizeof *s->walking);
    s->chain = carve(&at, 2 * SVK_SUM_CHAINS * LANES * sizeof *s->chain);
    s->mean = carve(&at, LANES * sizeof *s->mean);
    s->n_right = carve(&at, LANES * sizeof *s->n_right);
    s->shuffle = carve(&at, LANES * sizeof *s->shuffle);
    s->small_order = carve(&at, LANES * SVK_FISHER_YATES_MAX);
    if (training->n_checkpoints > 0)
        s->compared = carve(&at, svk_net_n_parameters(net) * sizeof *s->compared);
    return (size_t)(at - start);
}

static size_t weight_at(const state *s, int l, int j, int k)
{
    return ((size_t)(j >> 2) * group_stride(s->net->layer[l].n_in) + (size_t)k * 4 +
            (size_t)(j & 3)) *
           LANES;
}

/* Where unit k of sample b stands in values of layer l; the next unit is 4 * LANES further on. */
static size_t value_at(const state *s, int l, uint32_t b, int k)
{
    return ((size_t)(b >> 2 & s->group_mask[l]) * group_stride(s->net->width[l]) + (size_t)k * 4 +
            (size_t)(b & 3)) *
           LANES;
}

#endif
