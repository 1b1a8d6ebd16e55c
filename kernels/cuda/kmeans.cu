/* Lloyd's algorithm: one seed a thread block, from its start to its end in one kernel. The barriers
 * between the phases are all here; each says what it separates. */
#include "kmeans.cuh"

extern __shared__ feature_quad<float> svk_kmeans_memory[];

template <class REAL> SVK_DEVICE void start_apart(kmeans_block<REAL> &b)
{
    uint32_t n = b.shape->n_train;
    put_centre(b, 0, svk_below(svk_kmeans_draw(b.seed_init, 0).word[0], n));
    for (uint32_t j = 1; j < b.shape->n_clusters; j++) {
        __syncthreads(); /* rows meet the centre that all threads have put */
        meet_centre(b, j - 1);
        __syncthreads(); /* a segment adds squares of other threads */
        sum_segments(b);
        __syncthreads(); /* one thread reads all sums */
        if (b.thread == 0)
            b.state->picked =
                svk_kmeans_pick(b.square, n, b.segment, svk_kmeans_draw(b.seed_init, j));
        __syncthreads(); /* every thread reads the row picked */
        put_centre(b, j, b.state->picked);
    }
}

template <class REAL> SVK_DEVICE void start(kmeans_block<REAL> &b)
{
    kmeans_state &s = *b.state;
    for (uint32_t j = b.thread; j < SVK_MAX_CLUSTERS; j += b.n_threads) {
        s.was_empty[j] = 0;
        s.tally[0].n_members[j] = 0;
    }
    if (b.thread == 0) {
        for (int word = 0; word < 4; word++) s.digest[word] = 0;
        s.is_infinite = 0;
        s.tally[0].has_changed = 0;
    }
    if (b.shape->start != SVK_START_RANDOM) {
        start_apart(b);
        return;
    }
    if (b.thread == 0) draw_order(b);
    __syncthreads(); /* every thread reads the order */
    put_random_centres(b);
}

/* Returns how often the centres moved. */
template <class REAL> SVK_DEVICE uint64_t descend(kmeans_block<REAL> &b)
{
    __syncthreads(); /* rows meet centres that all threads have put; and the tally is cleared */
    assign_rows(b, 0);
    __syncthreads(); /* clusters and their numbers of rows are read */
    list_members(b, 0);
    for (uint64_t step = 0; step < b.shape->max_iterations; step++) {
        __syncthreads(); /* the rows of a cluster are read; and the next tally is cleared */
        move_centres(b, step);
        __syncthreads(); /* rows meet the moved centres */
        assign_rows(b, step + 1);
        __syncthreads(); /* clusters and their numbers of rows are read */
        list_members(b, step + 1);
        if (b.state->tally[(step + 1) % 2].has_changed == 0) return step + 1;
    }
    return b.shape->max_iterations;
}

template <class REAL>
SVK_DEVICE void run(kmeans_block<REAL> &b, uint8_t *predictions, double *parameters,
                    svk_result *result)
{
    start(b);
    uint64_t n_steps = descend(b);
    sum_squares(b, b.shape->n_train, b.state->chain[0]);
    report_centres(b, b.state->chain[1], parameters);
    __syncthreads(); /* the result needs all chains, words and clusters; and the squares are now
                        overwritten */
    if (b.thread == 0) report_training(b, n_steps, result);
    assign_test_rows(b, predictions);
    __syncthreads(); /* the chains add squares of other threads, and take the place of those that
                        were reported */
    sum_squares(b, b.n_test, b.state->chain[0]);
    __syncthreads(); /* the result needs all chains; the next run overwrites the centres */
    if (b.thread == 0 && b.n_test > 0)
        svk_set_metric(result, SVK_METRIC_TEST_INERTIA, svk_sum_chains(b.state->chain[0], 1));
}

template <class REAL>
static __global__ void __launch_bounds__(SVK_KMEANS_THREADS, 2)
    svk_kmeans_lloyd(const __grid_constant__ svk_cuda_kmeans job)
{
    const svk_cuda_wave &w = job.wave;
    uint64_t n_parameters = static_cast<uint64_t>(job.shape.n_clusters) * job.shape.n_features;
    kmeans_block<REAL> b;
    kmeans_begin(b, job, reinterpret_cast<unsigned char *>(svk_kmeans_memory));
    for (uint64_t i = blockIdx.x; i < w.n_runs; i += gridDim.x) {
        kmeans_take_run(b, job, i);
        run(b, w.predictions == nullptr ? nullptr : w.predictions + i * job.shape.n_test,
            w.parameters == nullptr ? nullptr : w.parameters + i * n_parameters, w.results + i);
    }
}

typedef void (*kmeans_kernel)(svk_cuda_kmeans);

static kmeans_kernel kernel_of(const svk_kmeans_layout *layout)
{
    return layout->is_double ? svk_kmeans_lloyd<double> : svk_kmeans_lloyd<float>;
}

static cudaError_t allow_shared_memory(const svk_kmeans_layout *layout)
{
    return cudaFuncSetAttribute(kernel_of(layout), cudaFuncAttributeMaxDynamicSharedMemorySize,
                                static_cast<int>(layout->shared_bytes));
}

int svk_cuda_kmeans_occupancy(const svk_kmeans_layout *layout, int *n_blocks)
{
    cudaError_t status = allow_shared_memory(layout);
    if (status == cudaSuccess)
        status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
            n_blocks, kernel_of(layout), SVK_KMEANS_THREADS, layout->shared_bytes);
    return status;
}

int svk_cuda_kmeans_launch(const svk_cuda_kmeans *job, unsigned n_blocks)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(n_blocks);
    config.blockDim = dim3(SVK_KMEANS_THREADS);
    config.dynamicSmemBytes = job->layout.shared_bytes;
    cudaError_t status = allow_shared_memory(&job->layout);
    if (status == cudaSuccess) status = cudaLaunchKernelEx(&config, kernel_of(&job->layout), *job);
    return status;
}
