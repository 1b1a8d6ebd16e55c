/* Training between the matrix products of another library: what is done to each value, a thread a
 * value, over all runs of a batch. The products' sums are that library's; everything here is the
 * contract's arithmetic (docs/numerics.md). */
#include "mlp_update.cuh"

enum { BATCH_THREADS = 256 };

/* The number of this thread in the grid. */
SVK_DEVICE uint64_t thread_number()
{
    return static_cast<uint64_t>(blockIdx.x) * BATCH_THREADS + threadIdx.x;
}

SVK_DEVICE uint32_t width_of(const svk_cuda_batch &b, int layer)
{
    return static_cast<uint32_t>(b.net.width[layer]);
}

/* ---- parameters ---- */

/* Element `index` of a tensor of a run. */
struct tensor_element {
    int layer;
    bool is_bias, is_there; /* not there: what fills up behind a tensor */
    uint64_t run, index;
};

SVK_DEVICE tensor_element element_at(const svk_cuda_batch &b, uint64_t i)
{
    tensor_element e = {};
    while (e.layer + 1 < b.net.n_layers && i >= b.tensors.weight[e.layer + 1]) e.layer++;
    e.is_bias = b.net.has_bias && i >= b.tensors.bias[e.layer];
    i -= e.is_bias ? b.tensors.bias[e.layer] : b.tensors.weight[e.layer];
    uint64_t size = width_of(b, e.layer + 1);
    if (!e.is_bias) size *= width_of(b, e.layer);
    e.run = i / size;
    e.index = i % size;
    e.is_there = e.run < b.n_runs;
    return e;
}

SVK_DEVICE float initial_value(const svk_cuda_batch &b, const tensor_element &e)
{
    uint64_t seed = b.runs[e.run].seed_init;
    uint32_t tensor = 2u * static_cast<uint32_t>(e.layer) + e.is_bias;
    bool is_normal = b.net.is_normal && !e.is_bias;
    uint64_t first = is_normal ? 2 * e.index : e.index;
    return svk_initial_of_words_f32(svk_draw(seed, SVK_STREAM_INIT, tensor, first),
                                    svk_draw(seed, SVK_STREAM_INIT, tensor, first + 1), is_normal,
                                    e.is_bias ? b.net.bias_scale[e.layer]
                                              : b.net.weight_scale[e.layer]);
}

static __global__ void start_batch(const __grid_constant__ svk_cuda_batch b)
{
    uint64_t i = thread_number();
    if (i < b.n_runs) b.has_nan[i] = 0;
    if (i >= b.tensors.n_values) return;
    tensor_element e = element_at(b, i);
    float value = 0.0f;
    if (e.is_there) value = initial_value(b, e);
    b.parameters[i] = value;
    b.gradients[i] = 0.0f;
    if (b.velocities != nullptr) b.velocities[i] = 0.0f;
    if (b.seconds != nullptr) b.seconds[i] = 0.0f;
}

/* A bias's gradient: its deltas over the samples, ascending. */
SVK_DEVICE float bias_gradient(const svk_cuda_batch &b, const tensor_element &e, uint32_t n)
{
    uint32_t width = width_of(b, e.layer + 1);
    const float *delta = b.delta[e.layer + 1] + e.run * n * width + e.index;
    float g = 0.0f;
    for (uint32_t s = 0; s < n; s++) g += delta[static_cast<uint64_t>(s) * width];
    return g;
}

static __global__ void update_batch(const __grid_constant__ svk_cuda_batch b,
                                    const __grid_constant__ svk_cuda_step step)
{
    uint64_t i = thread_number();
    if (i >= b.tensors.n_values) return;
    tensor_element e = element_at(b, i);
    if (!e.is_there) return;
    bool has_velocity = b.velocities != nullptr;
    optimizer<float> o = optimizer_make<float>(b.training, step.scalars, step.n, has_velocity);
    update_parameter(o, &b.parameters[i], has_velocity ? &b.velocities[i] : nullptr,
                     b.seconds != nullptr ? &b.seconds[i] : nullptr,
                     e.is_bias ? bias_gradient(b, e, step.n) : b.gradients[i]);
}

/* ---- rows ---- */

static __global__ void shuffle_rows(const __grid_constant__ svk_cuda_batch b, uint32_t epoch)
{
    uint64_t run = thread_number();
    if (run < b.n_runs) order_begin(b.training, b.runs[run].seed_order, epoch, &b.order[run]);
}

static __global__ void draw_rows(const __grid_constant__ svk_cuda_batch b,
                                 const __grid_constant__ svk_cuda_step step)
{
    uint64_t i = thread_number(), run = i / step.n;
    uint32_t place = step.place + static_cast<uint32_t>(i % step.n);
    if (run < b.n_runs)
        b.row[i] = order_row(b.training, b.runs[run].seed_order, step.epoch, place, &b.order[run]);
}

SVK_DEVICE const unsigned char *table_of(const svk_cuda_batch &b, uint64_t run)
{
    return b.tables.base + b.runs[run].table * b.tables.size_bytes;
}

static __global__ void gather_rows(const __grid_constant__ svk_cuda_batch b, uint32_t n)
{
    uint64_t i = thread_number(), sample = i / b.training.n_features, run = sample / n;
    if (run >= b.n_runs) return;
    const float *x = reinterpret_cast<const float *>(table_of(b, run));
    b.value[0][i] =
        x[static_cast<uint64_t>(b.row[sample]) * b.training.ld + i % b.training.n_features];
}

/* ---- values ---- */

/* Output j of layer `layer`, its bias added; a NaN is told. */
SVK_DEVICE float biased(const svk_cuda_batch &b, uint64_t run, int layer, uint32_t j, float z)
{
    if (b.net.has_bias) z += b.parameters[b.tensors.bias[layer] + run * width_of(b, layer + 1) + j];
    if (!(z == z)) atomicOr(&b.has_nan[run], 1u);
    return z;
}

/* 0, or what makes up for the units that are dropped. sample: of the run. */
SVK_DEVICE float dropout_factor(const svk_cuda_batch &b, uint64_t run, int layer, uint64_t sample,
                                uint32_t j)
{
    uint64_t first = sample * svk_groups_of_four(width_of(b, layer)) * 4;
    uint32_t word = svk_draw(b.runs[run].seed_dropout, SVK_STREAM_DROPOUT,
                             static_cast<uint32_t>(layer) - 1, first + j);
    bool is_kept = svk_uniform(word) >= static_cast<float>(b.net.dropout);
    return is_kept ? static_cast<float>(1.0 / (1.0 - b.net.dropout)) : 0.0f;
}

static __global__ void activate_units(const __grid_constant__ svk_cuda_batch b,
                                      const __grid_constant__ svk_cuda_step step, int layer)
{
    uint32_t width = width_of(b, layer);
    uint64_t i = thread_number(), run = i / width / step.n;
    if (run >= b.n_runs) return;
    uint32_t j = static_cast<uint32_t>(i % width);
    float h = biased(b, run, layer - 1, j, b.value[layer][i]), slope;
    activate<contract_math>(b.net.activation, &h, &slope);
    if (b.net.dropout > 0) {
        uint64_t sample = step.number * b.training.batch_size + i / width % step.n;
        float factor = dropout_factor(b, run, layer, sample, j);
        h *= factor;
        slope *= factor;
    }
    b.value[layer][i] = h;
    b.slope[layer][i] = slope;
}

static __global__ void find_deltas(const __grid_constant__ svk_cuda_batch b, uint32_t n)
{
    int last = b.net.n_layers;
    uint32_t width = width_of(b, last);
    uint64_t sample = thread_number(), run = sample / n;
    if (run >= b.n_runs) return;
    const unsigned char *table = table_of(b, run);
    uint32_t row = b.row[sample];
    float *z = b.value[last] + sample * width;
    float y = reinterpret_cast<const float *>(table + b.tables.y_at)[row];
    for (uint32_t j = 0; j < width; j++) z[j] = biased(b, run, last - 1, j, z[j]);
    if (b.net.loss == SVK_LOSS_CROSS_ENTROPY)
        softmax_delta<contract_math>(
            z, 1, static_cast<int>(width),
            reinterpret_cast<const int32_t *>(table + b.tables.label_at)[row]);
    else
        *z = b.net.loss == SVK_LOSS_LOGISTIC ? logistic_delta<contract_math>(*z, y)
                                             : squared_delta(*z, y);
}

static __global__ void multiply_slopes(const __grid_constant__ svk_cuda_batch b, uint32_t n,
                                       int layer)
{
    uint64_t i = thread_number();
    if (i < b.n_runs * n * width_of(b, layer)) b.delta[layer][i] *= b.slope[layer][i];
}

/* ---- launches ---- */

/* A thread a value. */
template <class KERNEL, class... ARGUMENTS>
static int launch(const svk_cuda_batch *b, uint64_t n_values, KERNEL kernel,
                  const ARGUMENTS &...arguments)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(static_cast<unsigned>((n_values + BATCH_THREADS - 1) / BATCH_THREADS));
    config.blockDim = dim3(BATCH_THREADS);
    config.stream = b->stream;
    return cudaLaunchKernelEx(&config, kernel, *b, arguments...);
}

static uint64_t n_values_of(const svk_cuda_batch *b, const svk_cuda_step *s, int layer)
{
    return b->n_runs * s->n * static_cast<uint64_t>(b->net.width[layer]);
}

int svk_cuda_batch_start(const svk_cuda_batch *b)
{
    return launch(b, b->tensors.n_values, start_batch);
}

int svk_cuda_batch_begin_epoch(const svk_cuda_batch *b, const svk_cuda_step *s)
{
    return launch(b, b->n_runs, shuffle_rows, s->epoch);
}

int svk_cuda_batch_find_rows(const svk_cuda_batch *b, const svk_cuda_step *s)
{
    return launch(b, b->n_runs * s->n, draw_rows, *s);
}

int svk_cuda_batch_gather(const svk_cuda_batch *b, const svk_cuda_step *s)
{
    return launch(b, n_values_of(b, s, 0), gather_rows, s->n);
}

int svk_cuda_batch_activate(const svk_cuda_batch *b, const svk_cuda_step *s, int layer)
{
    return launch(b, n_values_of(b, s, layer), activate_units, *s, layer);
}

int svk_cuda_batch_output(const svk_cuda_batch *b, const svk_cuda_step *s)
{
    return launch(b, b->n_runs * s->n, find_deltas, s->n);
}

int svk_cuda_batch_slope(const svk_cuda_batch *b, const svk_cuda_step *s, int layer)
{
    return launch(b, n_values_of(b, s, layer), multiply_slopes, s->n, layer);
}

int svk_cuda_batch_update(const svk_cuda_batch *b, const svk_cuda_step *s)
{
    return launch(b, b->tensors.n_values, update_batch, *s);
}
