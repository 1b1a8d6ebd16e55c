/* Networks at their checkpoints, compared with references: a warp for each run and checkpoint. */
#include <cuda_runtime.h>

#include "cuda_kernels.h"
#include "metric_sum.h"
#include "real.cuh"

enum { COMPARE_THREADS = 32, KEEP_THREADS = 128 };
static_assert(int{COMPARE_THREADS} == int{SVK_SUM_CHAINS}, "a thread for each chain");

/* One thread's share of the parameters: those of its chain. */
template <class REAL>
SVK_DEVICE void add_parameters(const double *own, const double *other, uint64_t n,
                               svk_distance *counts, double *chain, uint64_t *max_ulp)
{
    double sum = 0.0;
    uint64_t most = 0;
    for (uint64_t i = threadIdx.x; i < n; i += COMPARE_THREADS) {
        double apart = own[i] - other[i];
        uint64_t a = real_canonical_bits(static_cast<REAL>(own[i]));
        uint64_t b = real_canonical_bits(static_cast<REAL>(other[i]));
        uint64_t ulps = svk_ulps_apart(a, b, 8 * sizeof(REAL));
        sum = fma(apart, apart, sum);
        most = ulps > most ? ulps : most;
        atomicAdd(&counts->ulps[svk_ulp_class(ulps)], 1u);
        for (int bit = 0; bit < static_cast<int>(8 * sizeof(REAL)); bit++)
            if (((a ^ b) >> bit & 1u) != 0) atomicAdd(&counts->bits[bit], 1u);
    }
    *chain = sum;
    *max_ulp = most;
}

SVK_DEVICE uint32_t count_changed(const uint8_t *guess, const uint8_t *other, uint32_t n)
{
    uint32_t n_changed = 0;
    for (uint32_t i = threadIdx.x; i < n; i += COMPARE_THREADS) n_changed += guess[i] != other[i];
    return n_changed;
}

template <class REAL>
static __global__ void __launch_bounds__(COMPARE_THREADS)
    svk_compare(const __grid_constant__ svk_cuda_comparison job)
{
    __shared__ svk_distance distance;
    __shared__ double chain[COMPARE_THREADS];
    __shared__ uint64_t max_ulp[COMPARE_THREADS];
    __shared__ uint32_t n_changed;
    const svk_cuda_wave &w = job.wave;
    const uint64_t at = blockIdx.x, checkpoint = at % w.n_checkpoints;
    const svk_cuda_run *r = &w.runs[at / w.n_checkpoints];
    const uint64_t other = r->reference * w.n_checkpoints + checkpoint;
    const bool has_classes = job.predictions != nullptr;
    uint32_t *words = reinterpret_cast<uint32_t *>(&distance);
    for (uint32_t i = threadIdx.x; i < sizeof distance / sizeof *words; i += COMPARE_THREADS)
        words[i] = 0;
    if (threadIdx.x == 0) n_changed = 0;
    __syncthreads(); /* every thread counts on from zero */
    add_parameters<REAL>(w.kept + at * job.n_parameters, job.parameters + other * job.n_parameters,
                         job.n_parameters, &distance, &chain[threadIdx.x], &max_ulp[threadIdx.x]);
    if (has_classes)
        atomicAdd(&n_changed, count_changed(w.kept_predictions + at * job.n_test,
                                            job.predictions + other * job.n_test, r->n_test));
    __syncthreads(); /* one thread reads what all have counted */
    if (threadIdx.x != 0) return;
    for (int i = 0; i < COMPARE_THREADS; i++)
        if (max_ulp[i] > distance.max_ulp) distance.max_ulp = max_ulp[i];
    svk_distance_finish(&distance, chain, &w.curves[at], &job.results[other], n_changed,
                        has_classes ? r->n_test : 0);
    job.distances[at] = distance;
}

int svk_cuda_compare_launch(const svk_cuda_comparison *job, int is_double)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(static_cast<unsigned>(job->wave.n_runs * job->wave.n_checkpoints));
    config.blockDim = dim3(COMPARE_THREADS);
    return is_double ? cudaLaunchKernelEx(&config, svk_compare<double>, *job)
                     : cudaLaunchKernelEx(&config, svk_compare<float>, *job);
}

/* ---- runs that ended before a checkpoint, or at it ---- */

template <class VALUE> SVK_DEVICE void copy(VALUE *to, const VALUE *from, uint64_t n)
{
    for (uint64_t i = threadIdx.x; i < n; i += KEEP_THREADS) to[i] = from[i];
}

static __global__ void __launch_bounds__(KEEP_THREADS)
    svk_keep_ends(const __grid_constant__ svk_cuda_wave w, uint64_t n_parameters, uint64_t n_test)
{
    const uint64_t at = blockIdx.x, run = at / w.n_checkpoints;
    const double n_steps = w.results[run].metric[SVK_METRIC_STEPS];
    if (static_cast<double>(w.checkpoint[at % w.n_checkpoints]) < n_steps) return;
    copy(w.kept + at * n_parameters, w.parameters + run * n_parameters, n_parameters);
    if (w.kept_predictions != nullptr)
        copy(w.kept_predictions + at * n_test, w.predictions + run * n_test, n_test);
}

int svk_cuda_keep_ends_launch(const svk_cuda_wave *w, uint64_t n_parameters, uint64_t n_test)
{
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(static_cast<unsigned>(w->n_runs * w->n_checkpoints));
    config.blockDim = dim3(KEEP_THREADS);
    return cudaLaunchKernelEx(&config, svk_keep_ends, *w, n_parameters, n_test);
}
