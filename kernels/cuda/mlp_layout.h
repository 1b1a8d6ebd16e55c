/* Where a thread block keeps one network in training. Plain numbers, made on the host, read by the
 * kernel.
 *
 * Everything is packed in quads of four values, of binary32 one 16-byte word. The weights (out j,
 * in k) of a layer: quad j / 4 * stride(n_in) + k holds outputs 4 (j / 4) .. + 3 of input k. The
 * value of unit k for sample b: quad b / 4 * stride(width) + k holds samples 4 (b / 4) .. + 3. A
 * stride is odd, so that neighbouring groups of four lie in different banks of the shared memory.
 *
 * There are three forms. The plain one trains dense layers in binary32 along the path serial, by
 * sgd with or without momentum, and updates a weight as soon as its gradient is summed. The general
 * one has everything else that dense layers need; it keeps the gradients and updates all weights in
 * a phase of its own. The images form is the general one with convolutions and pools. */
#ifndef SVK_MLP_LAYOUT_H
#define SVK_MLP_LAYOUT_H

#include "optimizer.h"
#include "shuffle.h"

/* Where the parameters (with velocities and gradients) and the values stand: in shared memory, both
 * or one of them, or in the workspace. The plain form does not have its parameters alone there. */
enum {
    SVK_PLACE_SHARED,
    SVK_PLACE_VALUES_SHARED,
    SVK_PLACE_PARAMETERS_SHARED,
    SVK_PLACE_WORKSPACE,
    SVK_N_PLACES
};

enum {
    SVK_QUAD_BYTES = 16,  /* of binary32; binary64 has twice as many */
    SVK_CHUNK_LEAST = 32, /* samples worked on together, where there is room */
    SVK_CHUNK_MOST = 64,
    SVK_BLOCK_MOST = 256, /* threads of a block; at least 32 */
    SVK_BLOCK_STATE_BYTES =
        2048 /* of shared memory for what is not packed in quads; the rows come on top */
};

typedef struct svk_mlp_layout {
    int32_t place, n_threads;
    int32_t is_general, has_images, is_double; /* has_images: general, too */
    int32_t has_tensor_cores;                  /* gradients are made by them */
    int32_t has_device_math;                   /* general; exp and tanh are CUDA's */
    int32_t n_blocks;                          /* that share a run */
    uint32_t quad_bytes;
    uint32_t chunk; /* samples that the values hold, a multiple of 4 */
    /* Copies of the parameters beside the weights, in this order. Gradients: of the plain form
     * where a batch is longer than a chunk and the sums wait for the next one. */
    int32_t has_velocity;            /* or first moment */
    int32_t has_second;              /* second moment */
    int32_t has_gradient;            /* 0 also where they stand in global memory, as below */
    int32_t has_master;              /* the weights are rounded copies of what is updated */
    int32_t has_kept;                /* early stopping: the best so far */
    int32_t n_part_copies;           /* arrival: the sums of each part */
    int32_t n_global_gradients;      /* first in the workspace: for atomics in global memory; 3 of
                                        blocks that share a run, which use those of the first */
    int32_t has_slope;               /* slopes of hidden units are stored */
    uint32_t weight[SVK_MAX_LAYERS]; /* first quad, in the parameters */
    uint32_t bias[SVK_MAX_LAYERS];   /* quad j / 4 holds outputs 4 (j / 4) .. + 3 */
    uint32_t n_parameter_quads;      /* of one copy */
    /* First quads, in the values. value: layer l's inputs; [n_layers]: outputs. delta: [1 ..
     * n_layers]; the outputs' deltas take the outputs' place. slope: [1 .. n_layers-1], where
     * stored; what a pool makes has none. */
    uint32_t value[SVK_MAX_LAYERS + 1];
    uint32_t delta[SVK_MAX_LAYERS + 1];
    uint32_t slope[SVK_MAX_LAYERS + 1];
    uint32_t n_value_quads;
    uint32_t shared_bytes;    /* dynamic shared memory of a block */
    uint64_t design_bytes;    /* of the workspace, first in it: the columns of a closed-form fit */
    uint64_t workspace_bytes; /* global memory of a block */
} svk_mlp_layout;

SVK_FN uint32_t svk_groups_of_four(uint32_t n) { return (n + 3) / 4; }

SVK_FN uint32_t svk_quad_stride(uint32_t width) { return width | 1u; }

/* Places of the parameters; the same for every chunk. */
SVK_FN void svk_layout_parameters(svk_mlp_layout *a, const svk_net *net)
{
    uint32_t at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        uint32_t n_groups = svk_groups_of_four((uint32_t)net->layer[l].n_out);
        a->weight[l] = at;
        at += n_groups * svk_quad_stride((uint32_t)net->layer[l].n_in);
        a->bias[l] = at;
        at += n_groups;
    }
    a->n_parameter_quads = at;
}

/* Whether value l comes from a pool, so that it has no activation. */
SVK_FN int svk_is_pooled(const svk_net *net, int l)
{
    return net->layer[l - 1].kind == SVK_LAYER_MAX_POOL ||
           net->layer[l - 1].kind == SVK_LAYER_AVERAGE_POOL;
}

SVK_FN void svk_layout_values(svk_mlp_layout *a, const svk_net *net)
{
    uint32_t at = 0, n_groups = a->chunk / 4;
    for (int l = 0; l <= net->n_layers; l++) {
        a->value[l] = at;
        at += n_groups * svk_quad_stride((uint32_t)net->width[l]);
    }
    for (int l = 1; l < net->n_layers; l++) {
        a->delta[l] = at;
        at += n_groups * svk_quad_stride((uint32_t)net->width[l]);
    }
    a->delta[net->n_layers] = a->value[net->n_layers];
    for (int l = 1; a->has_slope && l < net->n_layers; l++) {
        a->slope[l] = at;
        if (!svk_is_pooled(net, l)) at += n_groups * svk_quad_stride((uint32_t)net->width[l]);
    }
    a->n_value_quads = at;
}

/* Whether the plain form can train this. */
SVK_FN int svk_layout_is_plain(const svk_net *net, const svk_training *t)
{
    int is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    int has_plain_units =
        net->activation == SVK_ACTIVATION_RELU || net->activation == SVK_ACTIVATION_TANH;
    int has_constant_rate = t->schedule == SVK_SCHEDULE_CONSTANT && t->n_warmup_steps == 0;
    return is_sgd && has_plain_units && has_constant_rate && net->n_image_layers == 0 &&
           net->dropout == 0 && t->weight_decay == 0 && t->clip_norm == 0 && t->patience == 0 &&
           t->path == SVK_PATH_SERIAL && t->precision == SVK_PRECISION_FP32 &&
           t->math == SVK_MATH_CONTRACT && t->probe_ulps == 0 && !t->has_delays;
}

/* Whether gradients are cut into parts, or single terms, and so need the whole batch at hand. */
SVK_FN int svk_layout_needs_batch(const svk_training *t)
{
    return t->path != SVK_PATH_SERIAL && t->path != SVK_PATH_CUBLAS && !SVK_PATH_IS_MMA(t->path);
}

/* Which copies there are. */
SVK_FN void svk_layout_copies(svk_mlp_layout *a, const svk_net *net, const svk_training *t)
{
    int is_sgd = t->optimizer == SVK_OPTIMIZER_SGD || t->optimizer == SVK_OPTIMIZER_MOMENTUM;
    a->n_part_copies = t->path == SVK_PATH_ARRIVAL ? t->n_parts : 0;
    a->n_blocks = t->n_blocks > 1 ? t->n_blocks : 1;
    a->n_global_gradients = t->path != SVK_PATH_ATOMIC_GLOBAL ? 0 : a->n_blocks > 1 ? 3 : 1;
    a->has_tensor_cores = SVK_PATH_IS_MMA(t->path);
    a->has_device_math = t->math == SVK_MATH_DEVICE;
    a->is_double = t->precision == SVK_PRECISION_FP64;
    a->quad_bytes = SVK_QUAD_BYTES << a->is_double;
    a->has_velocity = !is_sgd || t->momentum != 0;
    a->has_second = svk_has_moments(t);
    a->has_master = t->precision != SVK_KEPT_PRECISION(t->precision);
    a->has_kept = t->patience > 0;
    a->has_slope = a->is_general && (net->dropout > 0 || net->activation == SVK_ACTIVATION_SILU ||
                                     net->activation == SVK_ACTIVATION_GELU);
}

SVK_FN uint64_t svk_layout_n_copies(const svk_mlp_layout *a)
{
    return (uint64_t)(1 + a->has_velocity + a->has_second + a->has_gradient + a->has_master +
                      a->has_kept + a->n_part_copies);
}

SVK_FN int svk_has_shared_parameters(int place)
{
    return place == SVK_PLACE_SHARED || place == SVK_PLACE_PARAMETERS_SHARED;
}

SVK_FN int svk_has_shared_values(int place)
{
    return place == SVK_PLACE_SHARED || place == SVK_PLACE_VALUES_SHARED;
}

/* Whether the block fits into shared_limit bytes of shared memory, with this chunk at this place.
 */
SVK_FN int svk_layout_try(svk_mlp_layout *a, const svk_net *net, const svk_training *t, int place,
                          uint32_t chunk, uint32_t shared_limit)
{
    a->place = place;
    a->chunk = chunk;
    a->has_gradient = a->is_general ? a->n_global_gradients == 0 : t->batch_size > chunk;
    svk_layout_parameters(a, net);
    svk_layout_values(a, net);
    uint64_t copy = (uint64_t)a->n_parameter_quads * a->quad_bytes;
    uint64_t shared = SVK_BLOCK_STATE_BYTES;
    uint64_t workspace = a->design_bytes + (uint64_t)a->n_global_gradients * copy;
    *(svk_has_shared_parameters(place) ? &shared : &workspace) += copy * svk_layout_n_copies(a);
    *(svk_has_shared_values(place) ? &shared : &workspace) +=
        (uint64_t)chunk * sizeof(uint32_t) + (uint64_t)a->n_value_quads * a->quad_bytes;
    a->workspace_bytes = workspace;
    a->shared_bytes = shared <= shared_limit ? (uint32_t)shared : 0;
    return shared <= shared_limit;
}

/* Tiles of 4 units by 4 samples, of one group of samples, that layer l makes. */
SVK_FN uint32_t svk_layout_n_tiles(const svk_net *net, int l)
{
    const svk_layer *layer = &net->layer[l];
    uint32_t n_units = (uint32_t)net->width[l + 1];
    if (layer->kind != SVK_LAYER_CONV) return svk_groups_of_four(n_units);
    return svk_groups_of_four((uint32_t)layer->n_out) * (n_units / (uint32_t)layer->n_out);
}

/* Parts of a batch that one block works on, at the most, and samples of them. */
SVK_FN uint32_t svk_layout_most_parts(const svk_mlp_layout *a, const svk_training *t)
{
    return ((uint32_t)t->n_parts + (uint32_t)a->n_blocks - 1) / (uint32_t)a->n_blocks;
}

SVK_FN uint32_t svk_layout_most_samples(const svk_mlp_layout *a, const svk_training *t)
{
    uint64_t n = (uint64_t)t->batch_size * svk_layout_most_parts(a, t);
    if (a->n_blocks == 1) return t->batch_size;
    return (uint32_t)((n + (uint32_t)t->n_parts - 1) / (uint32_t)t->n_parts);
}

/* As many threads as the widest layer has tiles, in whole warps; a warp for each part that comes at
 * its own time. */
SVK_FN int32_t svk_layout_threads(const svk_mlp_layout *a, const svk_net *net,
                                  const svk_training *t)
{
    uint32_t widest = 1;
    for (int l = 0; l < net->n_layers; l++)
        if (svk_layout_n_tiles(net, l) > widest) widest = svk_layout_n_tiles(net, l);
    uint32_t n_samples = a->chunk < SVK_CHUNK_MOST ? a->chunk : SVK_CHUNK_MOST;
    uint32_t n_tiles = n_samples / 4 * widest;
    uint32_t n_threads = (n_tiles + 31) / 32 * 32, n_parts = svk_layout_most_parts(a, t);
    if (SVK_PATH_IS_BY_WARPS(t->path) && n_threads < 32 * n_parts) n_threads = 32 * n_parts;
    return (int32_t)(n_threads < SVK_BLOCK_MOST ? n_threads : SVK_BLOCK_MOST);
}

/* Atomics in shared memory need their sums there. */
SVK_FN int svk_is_place_open(const svk_mlp_layout *a, const svk_training *t, int place)
{
    if (t->path == SVK_PATH_ATOMIC_SHARED) return svk_has_shared_parameters(place);
    return a->is_general || place != SVK_PLACE_PARAMETERS_SHARED;
}

/* All in shared memory if it fits, with smaller chunks where need be; else the parameters in global
 * memory; else the values; else all. shared_limit: the dynamic shared memory that a block may have;
 * is_fitted: the weights come from a closed-form fit. Returns whether there is such a layout: there
 * is none where sums must be in shared memory and do not fit. */
SVK_FN int svk_mlp_layout_make(svk_mlp_layout *a, const svk_net *net, const svk_training *t,
                               int is_fitted, uint32_t shared_limit)
{
    memset(a, 0, sizeof *a);
    a->is_general = is_fitted || !svk_layout_is_plain(net, t);
    a->has_images = net->n_image_layers > 0;
    svk_layout_copies(a, net, t);
    uint32_t whole = svk_groups_of_four(svk_layout_most_samples(a, t)) * 4, most = whole;
    most = most > SVK_CHUNK_MOST ? SVK_CHUNK_MOST : most < SVK_CHUNK_LEAST ? SVK_CHUNK_LEAST : most;
    uint64_t n_columns = svk_net_n_parameters(net);
    if (is_fitted) a->design_bytes = ((n_columns + 1) * t->n_train + n_columns + 1) / 2 * 16;
    int is_whole = svk_layout_needs_batch(t), is_placed = 0;
    most = is_whole && whole > most ? whole : most;
    uint32_t least = is_whole ? most : 4;
    for (int place = 0; !is_placed && place < SVK_N_PLACES; place++) {
        if (!svk_is_place_open(a, t, place)) continue;
        for (uint32_t chunk = most; !is_placed && chunk >= least; chunk = chunk / 8 * 4)
            is_placed = svk_layout_try(a, net, t, place, chunk, shared_limit);
    }
    a->n_threads = svk_layout_threads(a, net, t);
    return is_placed;
}

#endif
