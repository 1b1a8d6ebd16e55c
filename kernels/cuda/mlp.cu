/* Multilayer perceptrons: one seed a thread block, the whole run in one kernel. The barriers
 * between the phases are all here. Each says what it separates. */
#include "mlp_block.cuh"
#include "mlp_pass.cuh"
#include "mlp_score.cuh"

static __device__ __forceinline__ void forward(block &b, const chunk &c)
{
    for (int l = 0; l < b.net->n_layers; l++) {
        forward_layer(b, c, l);
        __syncthreads(); /* layer l + 1 reads what other threads have written */
    }
}

/* One chunk of a batch, from its rows to its share of the gradient. No barrier at the end: what
 * follows writes only b.row, which nobody reads any more, and then waits. */
static __device__ __forceinline__ void train_chunk(block &b, const chunk &c, const step &s)
{
    load_rows(b, c);
    __syncthreads(); /* the first layer reads the values; and the weights of the step before */
    forward(b, c);
    output_delta(b, c);
    __syncthreads(); /* everything below reads the deltas */
    for (int l = b.net->n_layers - 1; l > 0; l--) {
        backward_layer(b, c, l);
        __syncthreads(); /* the layer below and the gradient read its deltas; the update writes its
                            weights */
    }
    for (int l = 0; l < b.net->n_layers; l++) gradient_layer(b, c, s, l);
}

/* n samples from this place of the epoch. */
static __device__ __forceinline__ void train_batch(block &b, uint32_t epoch, uint32_t place,
                                                   uint32_t n)
{
    step s;
    s.rate = static_cast<float>(b.training->learning_rate);
    s.momentum = static_cast<float>(b.training->momentum);
    s.rate_over_n = s.rate / static_cast<float>(n);
    s.inverse_n = 1.0f / static_cast<float>(n);
    for (uint32_t first = 0; first < n; first += b.layout->chunk) {
        uint32_t left = n - first;
        chunk c = {first, left < b.layout->chunk ? left : b.layout->chunk, b.row, 0};
        s.is_first = first == 0;
        s.is_last = left <= b.layout->chunk;
        find_rows(b, epoch, place + first, c.n);
        __syncthreads(); /* the rows are read; and the values of the chunk before, which are now
                            overwritten */
        train_chunk(b, c, s);
    }
}

static __device__ __forceinline__ void train(block &b)
{
    const svk_training &t = *b.training;
    uint32_t epoch = 0, batch = 0;
    for (uint64_t i = 0; i < t.n_steps; i++) {
        uint32_t place = batch * t.batch_size, left = t.n_train - place;
        if (batch == 0 && t.sampling == SVK_SAMPLING_SHUFFLE) {
            begin_epoch(b, epoch);
            __syncthreads(); /* every thread reads the epoch's order */
        }
        train_batch(b, epoch, place, left < t.batch_size ? left : t.batch_size);
        batch = batch + 1 < t.n_steps_per_epoch ? batch + 1 : 0;
        epoch += batch == 0;
    }
}

static __device__ __forceinline__ void score_part(block &b, int part, uint8_t *predictions,
                                                  svk_result *result)
{
    tally y = tally_of(*b.training, part, predictions);
    if (y.n_rows == 0) return;
    if (b.net->loss == SVK_LOSS_SQUARED) {
        sum_targets(b, y);
        __syncthreads(); /* the mean of the targets needs all chains */
        y.mean = svk_sum_chains(b.state->chain[CHAINS_TARGET], 1) / static_cast<double>(y.n_rows);
    }
    for (uint32_t first = 0; first < y.n_rows; first += b.layout->chunk) {
        uint32_t left = y.n_rows - first;
        chunk c = {first, left < b.layout->chunk ? left : b.layout->chunk, nullptr,
                   y.first_row + first};
        load_rows(b, c);
        __syncthreads(); /* the first layer reads the values; the outputs of the chunk before are
                            tallied */
        forward(b, c);
        tally_chunk(b, c, y);
    }
    tally_store(b, y);
    __syncthreads(); /* the result needs all chains */
    if (b.thread == 0) tally_result(b, y, part, result);
}

static __device__ __forceinline__ void run(block &b, uint8_t *predictions, double *parameters,
                                           svk_result *result)
{
    start(b);
    if (b.thread == 0) *result = svk_result{};
    b.watched = FLAG_NAN;
    train(b);
    __syncthreads(); /* scoring reads all weights and overwrites the values that the last update
                        reads */
    for (int part = 0; part < 3; part++) {
        b.watched = part == 0 ? FLAGS_ALIVE : FLAGS_NONE;
        score_part(b, part, predictions, result);
    }
    digest_parameters(b, parameters);
    sum_squares(b);
    __syncthreads(); /* the result needs all chains, words and flags; the next run overwrites the
                        weights */
    if (b.thread == 0) finish_result(b, result);
}

template <int PLACE>
static __global__ void __launch_bounds__(SVK_BLOCK_MOST, 2)
    svk_mlp(const __grid_constant__ svk_cuda_mlp job)
{
    block b;
    block_begin<PLACE>(b, job);
    uint64_t n_parameters = svk_net_n_parameters(&job.net), n_test = job.training.n_test;
    for (uint64_t i = blockIdx.x; i < job.n_runs; i += gridDim.x) {
        block_take_run(b, job, i);
        run(b, job.predictions == nullptr ? nullptr : job.predictions + i * n_test,
            job.parameters == nullptr ? nullptr : job.parameters + i * n_parameters,
            job.results + i);
    }
}

typedef void (*mlp_kernel)(svk_cuda_mlp);
static const mlp_kernel kernels[SVK_N_PLACES] = {
    svk_mlp<SVK_PLACE_SHARED>, svk_mlp<SVK_PLACE_VALUES_SHARED>, svk_mlp<SVK_PLACE_WORKSPACE>};

/* More than 48 KiB must be asked for. */
static cudaError_t allow_shared_memory(const svk_mlp_layout *layout)
{
    return cudaFuncSetAttribute(kernels[layout->place], cudaFuncAttributeMaxDynamicSharedMemorySize,
                                static_cast<int>(layout->shared_bytes));
}

int svk_cuda_mlp_occupancy(const svk_mlp_layout *layout, int *n_blocks)
{
    cudaError_t status = allow_shared_memory(layout);
    if (status == cudaSuccess)
        status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
            n_blocks, kernels[layout->place], layout->n_threads, layout->shared_bytes);
    return status;
}

int svk_cuda_mlp_launch(const svk_cuda_mlp *job, unsigned n_blocks)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(n_blocks);
    config.blockDim = dim3(static_cast<unsigned>(job->layout.n_threads));
    config.dynamicSmemBytes = job->layout.shared_bytes;
    cudaError_t status = allow_shared_memory(&job->layout);
    if (status == cudaSuccess)
        status = cudaLaunchKernelEx(&config, kernels[job->layout.place], *job);
    return status;
}
