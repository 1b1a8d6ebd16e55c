/* Where the CUDA kernel keeps a network: nothing overlaps, everything fits, whatever the shape.
 * Needs no GPU. */
#include <criterion/criterion.h>

#include "../../kernels/cuda/mlp_layout.h"

enum { H100_BYTES = 227 << 10, SMALLEST_BYTES = 99 << 10 };

static svk_net net_of(int n_layers, const int *width)
{
    svk_net net = {.n_layers = n_layers, .has_bias = 1};
    for (int l = 0; l <= n_layers; l++) net.width[l] = width[l];
    for (int l = 0; l < n_layers; l++)
        net.layer[l] =
            (svk_layer){.kind = SVK_LAYER_DENSE, .n_in = width[l], .n_out = width[l + 1]};
    return net;
}

static void add_layer(svk_net *net, svk_layer layer, int n_values)
{
    net->layer[net->n_layers++] = layer;
    net->width[net->n_layers] = n_values;
}

/* Square images: so many stages of channels with a 3 x 3 kernel and a pool, then ten classes. */
static svk_net images_of(int side, int n_stages, const int *channels)
{
    svk_net net = {.has_bias = 1, .width = {side * side}};
    svk_image in = {1, side, side};
    for (int i = 0; i < n_stages; i++) {
        svk_image out = {channels[i], in.height, in.width};
        svk_image half = {channels[i], in.height / 2, in.width / 2};
        add_layer(&net,
                  (svk_layer){.kind = SVK_LAYER_CONV,
                              .n_in = 9 * in.channels,
                              .n_out = channels[i],
                              .in = in,
                              .out = out,
                              .kernel = 3,
                              .stride = 1,
                              .padding = 1},
                  svk_image_size(out));
        add_layer(&net, (svk_layer){.kind = SVK_LAYER_MAX_POOL, .in = out, .out = half},
                  svk_image_size(half));
        in = half;
    }
    net.n_image_layers = net.n_layers;
    int n = net.width[net.n_layers];
    add_layer(&net, (svk_layer){.kind = SVK_LAYER_DENSE, .n_in = n, .n_out = 10}, 10);
    return net;
}

static svk_training training_of(uint32_t batch_size, double momentum)
{
    return (svk_training){.n_train = batch_size, .batch_size = batch_size, .momentum = momentum};
}

/* Pieces come one after the other without a gap or an overlap. */
static void check_pieces(const svk_net *net, const svk_mlp_layout *a)
{
    uint32_t at = 0;
    for (int l = 0; l < net->n_layers; l++) {
        uint32_t n_groups = svk_groups_of_four((uint32_t)net->layer[l].n_out);
        cr_assert_eq(a->weight[l], at);
        at += n_groups * svk_quad_stride((uint32_t)net->layer[l].n_in);
        cr_assert_eq(a->bias[l], at);
        at += n_groups;
    }
    cr_assert_eq(a->n_parameter_quads, at);
    at = 0;
    for (int l = 0; l <= net->n_layers; l++) {
        cr_assert_eq(a->value[l], at);
        at += a->chunk / 4 * svk_quad_stride((uint32_t)net->width[l]);
    }
    for (int l = 1; l < net->n_layers; l++) {
        cr_assert_eq(a->delta[l], at);
        at += a->chunk / 4 * svk_quad_stride((uint32_t)net->width[l]);
    }
    cr_assert_eq(a->delta[net->n_layers], a->value[net->n_layers],
                 "output deltas take the place of the outputs");
    for (int l = 1; a->has_slope && l < net->n_layers; l++) {
        if (net->layer[l - 1].kind == SVK_LAYER_MAX_POOL) continue;
        cr_assert_eq(a->slope[l], at);
        at += a->chunk / 4 * svk_quad_stride((uint32_t)net->width[l]);
    }
    cr_assert_eq(a->n_value_quads, at);
}

static void check_sizes(const svk_mlp_layout *a, uint32_t limit)
{
    uint64_t copy = (uint64_t)a->quad_bytes * a->n_parameter_quads;
    uint64_t parameters = copy * svk_layout_n_copies(a);
    uint64_t values =
        (uint64_t)a->quad_bytes * a->n_value_quads + a->chunk * (uint64_t)sizeof(uint32_t);
    uint64_t apart = a->design_bytes + (uint64_t)a->n_global_gradients * copy;
    cr_assert_leq(a->shared_bytes, limit);
    cr_assert_eq(a->shared_bytes + a->workspace_bytes,
                 SVK_BLOCK_STATE_BYTES + parameters + values + apart);
    const uint64_t global[SVK_N_PLACES] = {[SVK_PLACE_VALUES_SHARED] = parameters,
                                           [SVK_PLACE_PARAMETERS_SHARED] = values,
                                           [SVK_PLACE_WORKSPACE] = parameters + values};
    cr_assert_eq(a->workspace_bytes - apart, global[a->place]);
    cr_assert(a->chunk >= 4 && a->chunk % 4 == 0);
    cr_assert(a->n_threads >= 32 && a->n_threads <= SVK_BLOCK_MOST && a->n_threads % 32 == 0);
}

static svk_mlp_layout check(svk_net net, svk_training t, uint32_t limit)
{
    svk_mlp_layout a;
    svk_mlp_layout_make(&a, &net, &t, 0, limit);
    check_pieces(&net, &a);
    check_sizes(&a, limit);
    return a;
}

Test(cuda_layout, small_nets_stay_in_shared_memory)
{
    svk_mlp_layout moons =
        check(net_of(3, (int[]){2, 16, 16, 1}), training_of(32, 0), SMALLEST_BYTES);
    svk_mlp_layout digits =
        check(net_of(2, (int[]){64, 32, 10}), training_of(32, 0.9), SMALLEST_BYTES);
    cr_assert_eq(moons.place, SVK_PLACE_SHARED);
    cr_assert_eq(moons.n_threads, 32);
    cr_assert_eq(digits.place, SVK_PLACE_SHARED);
    cr_assert_eq(digits.n_threads, 64);
    cr_assert_eq(digits.chunk, 32);
    cr_assert_not(digits.has_gradient);
}

Test(cuda_layout, a_batch_longer_than_a_chunk_keeps_its_sums)
{
    svk_mlp_layout a = check(net_of(2, (int[]){4, 8, 3}), training_of(1000, 0), H100_BYTES);
    cr_assert_eq(a.chunk, SVK_CHUNK_MOST);
    cr_assert(a.has_gradient);
}

Test(cuda_layout, the_plain_form_keeps_nothing_that_it_does_not_need)
{
    svk_mlp_layout a = check(net_of(2, (int[]){64, 32, 10}), training_of(32, 0.9), H100_BYTES);
    cr_assert_not(a.is_general);
    cr_assert_eq(svk_layout_n_copies(&a), 2, "weights and velocities");
}

Test(cuda_layout, what_the_plain_form_lacks_is_general)
{
    svk_net net = net_of(2, (int[]){64, 32, 10});
    svk_training t = training_of(32, 0);
    t.optimizer = SVK_OPTIMIZER_ADAM;
    t.patience = 3;
    t.precision = SVK_PRECISION_FP16;
    svk_mlp_layout a = check(net, t, H100_BYTES);
    cr_assert(a.is_general);
    cr_assert_eq(svk_layout_n_copies(&a), 6, "weights, two moments, gradient, master, best");
    t.precision = SVK_PRECISION_FP64;
    a = check(net, t, H100_BYTES);
    cr_assert_eq(a.quad_bytes, 2 * SVK_QUAD_BYTES);
    cr_assert_eq(svk_layout_n_copies(&a), 5);
    net.dropout = 0.5;
    cr_assert_gt(check(net, t, H100_BYTES).n_value_quads, a.n_value_quads, "slopes are stored");
}

Test(cuda_layout, parts_need_the_whole_batch)
{
    svk_training t = training_of(1000, 0);
    t.path = SVK_PATH_TREE;
    t.n_parts = 4;
    cr_assert_eq(check(net_of(2, (int[]){4, 8, 3}), t, H100_BYTES).chunk, 1000);
}

Test(cuda_layout, large_nets_move_to_global_memory)
{
    svk_training t = training_of(32, 0.9);
    svk_mlp_layout wide = check(net_of(3, (int[]){64, 256, 256, 10}), t, H100_BYTES);
    svk_mlp_layout many = check(net_of(1, (int[]){1000000, 2}), t, H100_BYTES);
    cr_assert_eq(wide.place, SVK_PLACE_VALUES_SHARED);
    cr_assert_eq(many.place, SVK_PLACE_WORKSPACE);
}

Test(cuda_layout, images_move_to_global_memory_before_the_weights)
{
    svk_training t = training_of(32, 0.9);
    svk_mlp_layout small = check(images_of(8, 2, (int[]){8, 16}), t, H100_BYTES);
    svk_mlp_layout large = check(images_of(28, 2, (int[]){8, 16}), t, H100_BYTES);
    cr_assert(small.is_general && small.has_images);
    cr_assert_eq(small.place, SVK_PLACE_SHARED);
    cr_assert_eq(small.chunk, 16);
    cr_assert_eq(large.place, SVK_PLACE_PARAMETERS_SHARED);
    t.path = SVK_PATH_ATOMIC_SHARED;
    t.n_parts = 8;
    cr_assert_eq(check(images_of(28, 2, (int[]){8, 16}), t, H100_BYTES).place,
                 SVK_PLACE_PARAMETERS_SHARED, "the sums of atomics are shared");
}

/* Of 30 parts four blocks have 7, 8, 7 and 8. */
Test(cuda_layout, blocks_that_share_a_run_have_a_share_of_the_batch)
{
    svk_net net = net_of(2, (int[]){64, 32, 10});
    svk_training t = training_of(1000, 0.9);
    t.path = SVK_PATH_ATOMIC_GLOBAL;
    t.n_parts = 30;
    svk_mlp_layout alone = check(net, t, H100_BYTES);
    t.n_blocks = 4;
    svk_mlp_layout shared = check(net, t, H100_BYTES);
    cr_assert_eq(alone.n_blocks, 1);
    cr_assert_eq(alone.n_global_gradients, 1);
    cr_assert_eq(alone.chunk, 1000);
    cr_assert_eq(shared.n_blocks, 4);
    cr_assert_eq(shared.n_global_gradients, 3);
    cr_assert_eq(shared.chunk, 268, "8 parts of 1000 / 30 rows, and whole quads");
}

Test(cuda_layout, tensor_cores_work_on_a_batch_in_chunks)
{
    svk_training t = training_of(1000, 0.9);
    t.path = SVK_PATH_MMA_BF16;
    svk_mlp_layout a = check(net_of(2, (int[]){64, 32, 10}), t, H100_BYTES);
    cr_assert(a.is_general && a.has_tensor_cores && a.has_gradient);
    cr_assert_eq(a.chunk, SVK_CHUNK_MOST);
}

Test(cuda_layout, a_tile_is_four_channels_at_a_pixel)
{
    svk_net net = images_of(4, 1, (int[]){5});
    cr_assert_eq(svk_layout_n_tiles(&net, 0), 2 * 16);
    cr_assert_eq(svk_layout_n_tiles(&net, 1), 5);
    cr_assert_eq(svk_layout_n_tiles(&net, 2), 3);
}

Test(cuda_layout, slopes_of_pools_take_no_room)
{
    svk_net net = images_of(8, 2, (int[]){3, 5});
    net.activation = SVK_ACTIVATION_SILU;
    cr_assert(check(net, training_of(7, 0), H100_BYTES).has_slope);
}

Test(cuda_layout, every_shape_fits)
{
    static const uint32_t limits[] = {SMALLEST_BYTES, 163 << 10, H100_BYTES};
    static const uint32_t batches[] = {1, 3, 32, 33, 64, 65, 100000};
    static const int widths[] = {1, 3, 4, 17, 64, 255, 256};
    for (size_t i = 0; i < 3; i++)
        for (size_t b = 0; b < 7; b++)
            for (size_t w = 0; w < 7; w++)
                for (int n_layers = 1; n_layers <= SVK_MAX_DENSE; n_layers++) {
                    int width[SVK_MAX_DENSE + 1];
                    for (int l = 0; l <= n_layers; l++) width[l] = widths[(w + (size_t)l) % 7];
                    check(net_of(n_layers, width), training_of(batches[b], n_layers % 2 * 0.9),
                          limits[i]);
                }
}

/* Neighbouring groups of four must not fall into the same banks of the shared memory. */
Test(cuda_layout, strides_are_odd_and_hold_a_row)
{
    for (uint32_t width = 1; width <= 300; width++) {
        cr_assert_eq(svk_quad_stride(width) % 2, 1);
        cr_assert_geq(svk_quad_stride(width), width);
        cr_assert_geq(4 * svk_groups_of_four(width), width);
    }
}
