/* A network and its training, as plain numbers that both backends read.
 *
 * Layer l (0 .. n_layers-1) maps width[l] values to width[l+1]. Layers of images (convolutions and
 * pools) come first, dense ones follow. Parameters are numbered layer by layer: weights
 * [n_out][n_in], then biases [n_out]; for a convolution n_out are the channels that come out, n_in
 * the taps of the kernel: (channel, row, column), the column fastest. */
#ifndef SVK_NET_H
#define SVK_NET_H

#include "elementary.h"
#include "philox.h"

enum { SVK_MAX_DENSE = SVK_MAX_HIDDEN + 1, SVK_MAX_LAYERS = 2 * SVK_MAX_CONV + SVK_MAX_DENSE };

enum { SVK_LAYER_DENSE, SVK_LAYER_CONV, SVK_LAYER_MAX_POOL, SVK_LAYER_AVERAGE_POOL };

/* Unit (channel, y, x) is number (channel * height + y) * width + x. */
typedef struct svk_image {
    int32_t channels, height, width;
} svk_image;

typedef struct svk_layer {
    int32_t kind;                    /* SVK_LAYER_* */
    int32_t n_in, n_out;             /* of its weights; 0 for a pool, which has none */
    int32_t tensor;                  /* number of its weights; its biases are the next */
    svk_image in, out;               /* layers of images */
    int32_t kernel, stride, padding; /* conv: sides in pixels; padding: on each side */
} svk_layer;

typedef struct svk_net {
    int32_t n_layers;
    int32_t n_image_layers; /* the first of them */
    int32_t width[SVK_MAX_LAYERS + 1];
    svk_layer layer[SVK_MAX_LAYERS];
    int32_t activation, loss;
    int32_t has_bias;
    int32_t is_normal;                   /* weights are drawn normal, else uniform */
    double weight_scale[SVK_MAX_LAYERS]; /* SD or bound; 0: all weights start at zero */
    double bias_scale[SVK_MAX_LAYERS];   /* bound; 0: biases start at zero */
    double dropout;                      /* share of the hidden dense units dropped; 0: none */
} svk_net;

typedef struct svk_training {
    uint32_t n_train, n_val, n_test; /* rows, in this order, in the tables of x and y */
    uint32_t n_features, ld;         /* a row of x is ld values long: svk_row_length */
    uint32_t batch_size;             /* 1..n_train */
    uint32_t n_steps_per_epoch;      /* the last batch of an epoch may be short */
    int32_t sampling, path, n_parts;
    int32_t precision;   /* SVK_PRECISION_*: what operands are rounded to */
    int32_t math;        /* SVK_MATH_*: of activations and losses' deltas */
    double loss_scale;   /* power of two; 1 but for fp16 */
    int32_t fixed_scale; /* fraction bits of the fixed path */
    int32_t has_delays;  /* of a GPU: stress delays */
    int32_t n_blocks;    /* of a GPU, that share a run: path atomic-global, else 1 */
    uint64_t n_steps;
    int32_t optimizer; /* SVK_OPTIMIZER_* */
    double learning_rate, momentum, beta1, beta2, epsilon, weight_decay;
    double clip_norm; /* of the mean gradient; 0: none */
    int32_t schedule; /* SVK_SCHEDULE_* */
    uint64_t n_warmup_steps;
    double final_factor;    /* linear and cosine schedules: last rate over the first */
    uint64_t patience;      /* early stopping: evaluations without improvement; 0: none */
    uint64_t n_steps_apart; /* early stopping: steps from one evaluation to the next */
    uint64_t n_checkpoints;
    const uint64_t *checkpoint; /* [n_checkpoints] steps, ascending, at most n_steps; 0: before the
                                   first step */
    uint64_t probe_step, probe_parameter; /* the parameter that is moved after so many steps, */
    uint64_t probe_seed;                  /* in runs with this init seed, or UINT64_MAX: in all, */
    uint32_t probe_ulps;                  /* up by so many units in the last place; 0: none */
} svk_training;

/* Whether a run has a parameter moved before this step. */
SVK_FN int svk_is_probed(const svk_training *t, uint64_t seed_init, uint64_t step)
{
    return t->probe_ulps != 0 && t->probe_step == step &&
           (t->probe_seed == UINT64_MAX || t->probe_seed == seed_init);
}

/* Length of a row of data: the features, the target, which so arrives with them, and zeros up to a
 * multiple of four. */
SVK_FN uint32_t svk_row_length(uint32_t n_features) { return n_features / 4 * 4 + 4; }

/* What a finished run leaves. Bit m of present: metric[m] was measured. */
typedef struct svk_result {
    uint32_t digest[4];
    int32_t status; /* SVK_RUN_* */
    uint32_t present;
    double metric[SVK_N_METRICS];
} svk_result;

/* Units of an image. */
SVK_FN int32_t svk_image_size(svk_image i) { return i.channels * i.height * i.width; }

/* Outputs along a side of an image; 0: the kernel does not fit. */
SVK_FN int32_t svk_conv_side(int32_t side, int32_t kernel, int32_t stride, int32_t padding)
{
    return side + 2 * padding < kernel ? 0 : (side + 2 * padding - kernel) / stride + 1;
}

SVK_FN uint64_t svk_net_n_parameters(const svk_net *net)
{
    uint64_t n = 0;
    for (int l = 0; l < net->n_layers; l++)
        n += (uint64_t)net->layer[l].n_out * (uint64_t)(net->layer[l].n_in + net->has_bias);
    return n;
}

/* Element of a tensor before training, from its words: uniform on [-scale, scale) takes one, normal
 * two. scale == 0 gives +0. */
SVK_FN float svk_initial_of_words_f32(uint32_t word0, uint32_t word1, int is_normal, double scale)
{
    if (scale == 0.0) return 0.0f;
    if (is_normal) {
        double z0, z1;
        svk_normal_pair(word0, word1, &z0, &z1);
        return (float)(z0 * scale);
    }
    float bound = (float)scale;
    return fmaf(2.0f * svk_uniform(word0), bound, -bound);
}

SVK_FN double svk_initial_of_words_f64(uint32_t word0, uint32_t word1, int is_normal, double scale)
{
    if (scale == 0.0) return 0.0;
    if (is_normal) {
        double z0, z1;
        svk_normal_pair(word0, word1, &z0, &z1);
        return z0 * scale;
    }
    return fma(2.0 * (double)svk_uniform(word0), scale, -scale);
}

/* The block that holds the words of an element, and where in it they begin. */
SVK_FN uint64_t svk_initial_block(uint64_t element, int is_normal)
{
    return is_normal ? element / 2 : element / 4;
}

SVK_FN int svk_initial_word(uint64_t element, int is_normal)
{
    return (int)(is_normal ? element % 2 * 2 : element % 4);
}

SVK_FN float svk_initial_f32(uint64_t seed, uint32_t tensor, uint64_t element, int is_normal,
                             double scale)
{
    svk_block b =
        svk_draw_block(seed, SVK_STREAM_INIT, tensor, svk_initial_block(element, is_normal));
    int at = svk_initial_word(element, is_normal);
    return svk_initial_of_words_f32(b.word[at], b.word[(at + 1) & 3], is_normal, scale);
}

/* Velocities and output deltas below this are zero, since operations on subnormal numbers take a
 * hundred cycles and no weight that matters can feel the difference. The gradient of a unit that
 * has fallen silent is zero, its velocity decays through the subnormal numbers and stays there (0.9
 * times the smallest rounds to itself): on the digits net that was 40% of the training time. The
 * delta of a class that is ruled out is its probability, and so is all that is multiplied by it. */
#define SVK_TINY 0x1p-100f

SVK_FN float svk_flush_f32(float v) { return fabsf(v) < SVK_TINY ? 0.0f : v; }

SVK_FN double svk_flush_f64(double v) { return fabs(v) < (double)SVK_TINY ? 0.0 : v; }

/* First sample of part p of a batch of n; part p ends where part p + 1 begins. */
SVK_FN uint32_t svk_part_begin(uint32_t p, uint32_t n, uint32_t n_parts)
{
    return (uint32_t)((uint64_t)p * n / n_parts);
}

/* The schedule seed of a replicate on the drawn path. */
SVK_FN uint64_t svk_schedule_seed(uint64_t seed, uint64_t replicate)
{
    svk_block b = svk_draw_block(seed, SVK_STREAM_SCHEDULE, 0xffffffffu, replicate);
    return (uint64_t)b.word[1] << 32 | b.word[0];
}

/* One parameter's contribution to the digest, to be added word by word modulo 2^32. bits: the
 * parameter's bit pattern, NaN made canonical (0x7fc00000, 0x7ff8000000000000). The key is
 * "seedvar1" in ASCII. */
SVK_FN svk_block svk_digest_term(uint64_t index, uint64_t bits)
{
    return svk_philox(0x64656573u, 0x31726176u, (uint32_t)index, (uint32_t)(index >> 32),
                      (uint32_t)bits, (uint32_t)(bits >> 32));
}

SVK_FN uint64_t svk_canonical_bits_f32(float x) { return x == x ? svk_bits_f32(x) : 0x7fc00000u; }

SVK_FN uint64_t svk_canonical_bits_f64(double x)
{
    return x == x ? svk_bits_f64(x) : UINT64_C(0x7ff8000000000000);
}

/* x is neither infinite nor NaN. */
SVK_FN int svk_is_finite_f64(double x) { return x - x == 0.0; }

/* NaN is made canonical: its bits are kept in the store, and machines differ in them. */
SVK_FN void svk_set_metric(svk_result *result, int metric, double value)
{
    result->metric[metric] = svk_from_bits_f64(svk_canonical_bits_f64(value));
    result->present |= 1u << metric;
}

/* A network can have finite parameters and yet overflow on the rows that it is scored on. */
SVK_FN int svk_has_finite_losses(const svk_result *result)
{
    int is_finite = 1;
    for (int metric = SVK_METRIC_TRAIN_LOSS; metric <= SVK_METRIC_TEST_LOSS; metric++)
        if ((result->present >> metric & 1u) != 0)
            is_finite &= svk_is_finite_f64(result->metric[metric]);
    return is_finite;
}

#endif
