/* Where a thread block keeps one network in training. Plain numbers, made on the host, read by the
 * kernel.
 *
 * Everything is packed in quads of four floats, read as one 16-byte word. The weights (out j, in k)
 * of a layer: quad j / 4 * stride(n_in) + k holds outputs 4 (j / 4) .. + 3 of input k. The value of
 * unit k for sample b: quad b / 4 * stride(width) + k holds samples 4 (b / 4) .. + 3. A stride is
 * odd, so that neighbouring groups of four lie in different banks of the shared memory. */
#ifndef SVK_MLP_LAYOUT_H
#define SVK_MLP_LAYOUT_H

#include "net.h"
#include "shuffle.h"

/* Where the parameters (with velocities and gradients) and the values stand. */
enum { SVK_PLACE_SHARED, SVK_PLACE_VALUES_SHARED, SVK_PLACE_WORKSPACE, SVK_N_PLACES };

enum {
    SVK_QUAD_BYTES = 16,
    SVK_CHUNK_LEAST = 32, /* samples worked on together, where there is room */
    SVK_CHUNK_MOST = 64,
    SVK_BLOCK_MOST = 256, /* threads of a block; at least 32 */
    SVK_BLOCK_STATE_BYTES =
        1536 /* of shared memory for what is not packed in quads; the rows come on top */
};

typedef struct svk_mlp_layout {
    int32_t place, n_threads;
    uint32_t chunk;       /* samples that the values hold, a multiple of 4 */
    int32_t has_velocity; /* momentum */
    int32_t has_gradient; /* a batch is longer than a chunk: the sums wait for the next one */
    uint32_t weight[SVK_MAX_DENSE]; /* first quad, in the parameters */
    uint32_t bias[SVK_MAX_DENSE];   /* quad j / 4 holds outputs 4 (j / 4) .. + 3 */
    uint32_t n_parameter_quads;     /* of the weights; velocities, then gradients follow */
    uint32_t value[SVK_MAX_DENSE +
                   1]; /* first quad, in the values: layer l's inputs; [n_layers]: outputs */
    uint32_t
        delta[SVK_MAX_DENSE + 1]; /* [1 .. n_layers]; the outputs' deltas take the outputs' place */
    uint32_t n_value_quads;
    uint32_t shared_bytes;    /* dynamic shared memory of a block */
    uint64_t workspace_bytes; /* global memory of a block; 0 for SVK_PLACE_SHARED */
} svk_mlp_layout;

SVK_FN uint32_t svk_groups_of_four(uint32_t n) { return (n + 3) / 4; }

SVK_FN uint32_t svk_quad_stride(uint32_t width) { return width | 1u; }

/* Places of the parameters; the same for every chunk. */
SVK_FN void svk_layout_parameters(svk_mlp_layout *a, const svk_net *net)
{
    uint32_t at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        uint32_t n_groups = svk_groups_of_four((uint32_t)net->width[l + 1]);
        a->weight[l] = at;
        at += n_groups * svk_quad_stride((uint32_t)net->width[l]);
        a->bias[l] = at;
        at += n_groups;
    }
    a->n_parameter_quads = at;
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
    a->n_value_quads = at;
}

/* Whether the block fits into shared_limit bytes of shared memory, with this chunk at this place.
 */
SVK_FN int svk_layout_try(svk_mlp_layout *a, const svk_net *net, const svk_training *t, int place,
                          uint32_t chunk, uint32_t shared_limit)
{
    a->place = place;
    a->chunk = chunk;
    a->has_velocity = t->momentum != 0;
    a->has_gradient = t->batch_size > chunk;
    svk_layout_parameters(a, net);
    svk_layout_values(a, net);
    uint64_t parameters =
        (uint64_t)a->n_parameter_quads * (uint64_t)(1 + a->has_velocity + a->has_gradient);
    uint64_t shared = SVK_BLOCK_STATE_BYTES + (uint64_t)chunk * sizeof(uint32_t);
    uint64_t workspace = 0;
    *(place == SVK_PLACE_SHARED ? &shared : &workspace) += parameters * SVK_QUAD_BYTES;
    *(place == SVK_PLACE_WORKSPACE ? &workspace : &shared) +=
        (uint64_t)a->n_value_quads * SVK_QUAD_BYTES;
    a->workspace_bytes = workspace;
    a->shared_bytes = shared <= shared_limit ? (uint32_t)shared : 0;
    return shared <= shared_limit;
}

/* As many threads as the widest layer has tiles of 4 samples x 4 units, in whole warps. */
SVK_FN int32_t svk_layout_threads(const svk_mlp_layout *a, const svk_net *net)
{
    uint32_t widest = 1;
    for (int l = 1; l <= net->n_layers; l++)
        if ((uint32_t)net->width[l] > widest) widest = (uint32_t)net->width[l];
    uint32_t n_tiles = a->chunk / 4 * svk_groups_of_four(widest);
    uint32_t n_threads = (n_tiles + 31) / 32 * 32;
    return (int32_t)(n_threads < SVK_BLOCK_MOST ? n_threads : SVK_BLOCK_MOST);
}

/* All in shared memory if it fits, with smaller chunks where need be; else the parameters in global
 * memory; else all. shared_limit: the dynamic shared memory that a block may have. */
SVK_FN void svk_mlp_layout_make(svk_mlp_layout *a, const svk_net *net, const svk_training *t,
                                uint32_t shared_limit)
{
    uint32_t most = svk_groups_of_four(t->batch_size) * 4;
    most = most > SVK_CHUNK_MOST ? SVK_CHUNK_MOST : most < SVK_CHUNK_LEAST ? SVK_CHUNK_LEAST : most;
    memset(a, 0, sizeof *a);
    int is_placed = 0;
    for (int place = SVK_PLACE_SHARED; !is_placed && place < SVK_N_PLACES; place++)
        for (uint32_t chunk = most; !is_placed && chunk >= 4; chunk = chunk / 8 * 4)
            is_placed = svk_layout_try(a, net, t, place, chunk, shared_limit);
    a->n_threads = svk_layout_threads(a, net);
}

#endif
