/* The multiply-adds a second that a GPU does at most. */
#include <inttypes.h>

#include "backend/cuda_launch.h"
#include "base/clock.h"

static sv_status time_peak(svi_cuda_device *device, uint64_t n_iterations, uint64_t n_threads,
                           double *seconds, sv_error *error)
{
    int64_t start_ns = svi_clock_ns();
    SVI_TRY(svi_cuda_check(device, (cudaError_t)svk_cuda_peak_launch(n_iterations, n_threads),
                           error, "launch of %" PRIu64 " multiply-adds",
                           n_iterations * n_threads * SVK_CUDA_PEAK_FMAS));
    SVI_TRY(svi_cuda_check(device, cudaDeviceSynchronize(), error, "multiply-adds"));
    *seconds = (double)(svi_clock_ns() - start_ns) * 1e-9;
    return SV_OK;
}

/* Doubles the work until it takes 20 ms, so that the launch does not count and the clock is up. */
sv_status svi_cuda_peak(svi_cuda_device *device, uint64_t n_threads, double *flop_per_s,
                        sv_error *error)
{
    double seconds = 0;
    uint64_t n_iterations = 1;
    for (;; n_iterations *= 2) {
        SVI_TRY(time_peak(device, n_iterations, n_threads, &seconds, error));
        if (seconds > 0.02) break;
    }
    *flop_per_s = 2.0 * (double)n_iterations * (double)n_threads * SVK_CUDA_PEAK_FMAS / seconds;
    return SV_OK;
}
