/* One network in training in one thread block: its memory, its start, and how rows of data reach
 * it.
 *
 * A function here is a phase: every thread of the block calls it, no thread waits inside it. The
 * kernel puts the barriers between the phases. */
#ifndef SVK_MLP_BLOCK_CUH
#define SVK_MLP_BLOCK_CUH

#include <cuda_runtime.h>

#include "cuda_kernels.h"
#include "metric_sum.h"
#include "shuffle.h"

struct alignas(16) quad {
    float v[4];
};

/* Sums over rows or parameters, 32 chains each. */
enum { CHAINS_LOSS, CHAINS_SPREAD, CHAINS_TARGET, CHAINS_NORM, N_CHAINS };

/* Flags. FLAGS_ALIVE: bit l tells that hidden layer l was positive somewhere. */
enum { FLAGS_NONE = 0, FLAGS_ALIVE = 0xffff, FLAG_NAN = 1 << 16, FLAG_NOT_FINITE = 1 << 17 };

struct block_state {
    double chain[N_CHAINS][SVK_SUM_CHAINS];
    svk_shuffle shuffle;
    uint32_t n_right[SVK_SUM_CHAINS];
    uint32_t digest[4];
    uint32_t flags;
    uint8_t small_order[SVK_FISHER_YATES_MAX];
};
static_assert(sizeof(block_state) <= SVK_BLOCK_STATE_BYTES,
              "the layout must leave room for the state");

/* The samples that a pass works on. */
struct chunk {
    uint32_t first, n;   /* place in the batch or the part; samples */
    const uint32_t *row; /* [chunk]: their rows, or NULL: rows from first_row on */
    uint32_t first_row;
};

struct block {
    const svk_net *net;
    const svk_training *training;
    const svk_mlp_layout *layout;
    block_state *state;
    uint32_t *row; /* [chunk] */
    quad *weights, *velocities, *gradients, *values;
    const float *x, *y; /* the run's table */
    const int32_t *label;
    const double *target;
    uint64_t seed_init, seed_order;
    uint32_t thread, n_threads;
    uint32_t watched; /* flags that a forward pass may raise */
    uint32_t flags;   /* raised by this thread */
};

extern __shared__ quad svk_shared_memory[];

/* Points b into shared memory and workspace. PLACE: SVK_PLACE_*, known when the kernel is compiled,
 * so that the compiler knows which memory each pointer means. */
template <int PLACE>
static __device__ __forceinline__ void block_begin(block &b, const svk_cuda_mlp &job)
{
    const svk_mlp_layout &a = job.layout;
    quad *shared = svk_shared_memory;
    quad *work = reinterpret_cast<quad *>(static_cast<unsigned char *>(job.workspace) +
                                          blockIdx.x * a.workspace_bytes);
    b.net = &job.net;
    b.training = &job.training;
    b.layout = &job.layout;
    b.state = reinterpret_cast<block_state *>(shared);
    b.row = reinterpret_cast<uint32_t *>(shared + SVK_BLOCK_STATE_BYTES / SVK_QUAD_BYTES);
    shared += (SVK_BLOCK_STATE_BYTES + a.chunk * sizeof(uint32_t)) / SVK_QUAD_BYTES;
    quad *parameters = PLACE == SVK_PLACE_SHARED ? shared : work;
    uint32_t n_parameters = a.n_parameter_quads * (1u + a.has_velocity + a.has_gradient);
    b.weights = parameters;
    b.velocities = parameters + a.n_parameter_quads;
    b.gradients = b.velocities + (a.has_velocity ? a.n_parameter_quads : 0u);
    b.values = PLACE == SVK_PLACE_VALUES_SHARED ? shared : parameters + n_parameters;
    b.thread = threadIdx.x;
    b.n_threads = blockDim.x;
}

static __device__ __forceinline__ void block_take_run(block &b, const svk_cuda_mlp &job,
                                                      uint64_t run)
{
    const svk_cuda_run &r = job.runs[run];
    const unsigned char *table = job.tables.base + r.table * job.tables.size_bytes;
    b.seed_init = r.seed_init;
    b.seed_order = r.seed_order;
    b.x = reinterpret_cast<const float *>(table);
    b.y = reinterpret_cast<const float *>(table + job.tables.y_at);
    b.label = reinterpret_cast<const int32_t *>(table + job.tables.label_at);
    b.target = reinterpret_cast<const double *>(table + job.tables.target_at);
    b.flags = 0;
}

static __device__ __forceinline__ uint32_t width_of(const block &b, int layer)
{
    return static_cast<uint32_t>(b.net->width[layer]);
}

/* ---- start ---- */

/* Weights drawn, outputs beyond the last zero, velocities zero. */
static __device__ __forceinline__ void start_layer(const block &b, int l)
{
    uint32_t n_in = width_of(b, l), n_out = width_of(b, l + 1);
    uint32_t tensor = 2u * static_cast<uint32_t>(l);
    for (uint32_t i = b.thread; i < svk_groups_of_four(n_out) * (n_in + 1); i += b.n_threads) {
        uint32_t group = i / (n_in + 1), k = i % (n_in + 1);
        bool is_bias = k == n_in;
        uint32_t at = is_bias ? b.layout->bias[l] + group
                              : b.layout->weight[l] + group * svk_quad_stride(n_in) + k;
        float *w = b.weights[at].v;
#pragma unroll 1
        for (uint32_t q = 0; q < 4; q++) {
            uint32_t j = 4 * group + q;
            double scale = is_bias ? b.net->bias_scale[l] : b.net->weight_scale[l];
            if (j >= n_out || (is_bias && !b.net->has_bias)) scale = 0.0;
            uint64_t element = is_bias ? j : static_cast<uint64_t>(j) * n_in + k;
            w[q] = svk_initial_f32(b.seed_init, tensor + is_bias, element,
                                   b.net->is_normal && !is_bias, scale);
        }
        if (b.layout->has_velocity) b.velocities[at] = quad{};
    }
}

static __device__ __forceinline__ void start(const block &b)
{
    for (int l = 0; l < b.net->n_layers; l++) start_layer(b, l);
    if (b.thread != 0) return; /* the thread that has read them for the run before */
    for (int word = 0; word < 4; word++) b.state->digest[word] = 0;
    b.state->flags = 0;
}

/* ---- which rows a step visits ---- */

static __device__ __forceinline__ void begin_epoch(const block &b, uint32_t epoch)
{
    const svk_training &t = *b.training;
    if (b.thread != 0) return;
    if (t.n_train > SVK_FISHER_YATES_MAX)
        b.state->shuffle = svk_shuffle_make(b.seed_order, SVK_STREAM_ORDER, epoch, t.n_train);
    else
        svk_fisher_yates(b.seed_order, SVK_STREAM_ORDER, epoch, 0, t.n_train, b.state->small_order);
}

/* place: in the epoch. */
static __device__ __forceinline__ uint32_t row_at(const block &b, uint32_t epoch, uint32_t place)
{
    const svk_training &t = *b.training;
    if (t.sampling == SVK_SAMPLING_REPLACEMENT)
        return svk_below(svk_draw(b.seed_order, SVK_STREAM_ORDER, epoch, place), t.n_train);
    if (t.n_train > SVK_FISHER_YATES_MAX) return svk_shuffle_at(&b.state->shuffle, place);
    return b.state->small_order[place];
}

static __device__ __forceinline__ void find_rows(const block &b, uint32_t epoch, uint32_t place,
                                                 uint32_t n)
{
    for (uint32_t i = b.thread; i < n; i += b.n_threads) b.row[i] = row_at(b, epoch, place + i);
}

/* ---- rows of data into values ---- */

static __device__ __forceinline__ uint32_t chunk_row(const chunk &c, uint32_t i)
{
    return c.row != nullptr ? c.row[i] : c.first_row + i;
}

/* Four features of four samples. The last group is filled up with the chunk's first sample, which
 * no sum uses. */
static __device__ __forceinline__ void load_rows(const block &b, const chunk &c)
{
    uint32_t n_features = b.training->n_features, ld = b.training->ld;
    uint32_t n_groups = svk_groups_of_four(c.n), stride = svk_quad_stride(n_features);
    for (uint32_t i = b.thread; i < n_groups * (ld / 4); i += b.n_threads) {
        uint32_t group = i / (ld / 4), f = i % (ld / 4) * 4;
        quad in[4];
#pragma unroll
        for (uint32_t s = 0; s < 4; s++) {
            uint32_t row = chunk_row(c, 4 * group + s < c.n ? 4 * group + s : 0);
            in[s] = *reinterpret_cast<const quad *>(b.x + static_cast<size_t>(row) * ld + f);
        }
        quad *out = b.values + b.layout->value[0] + group * stride + f;
#pragma unroll
        for (uint32_t q = 0; q < 4; q++)
            if (f + q < n_features) out[q] = quad{{in[0].v[q], in[1].v[q], in[2].v[q], in[3].v[q]}};
    }
}

#endif
