/* What every call of the runtime, or of a library above it, begins with. */
#ifndef EMULATOR_CALLS_H
#define EMULATOR_CALLS_H

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "cuda_runtime_api.h"

namespace emulator
{

/* Serves the host's threads in the order in which they ask: one that makes call upon call must not
 * keep out another. */
class fair_mutex
{
  public:
    void lock()
    {
        std::unique_lock<std::mutex> held(mutex);
        uint64_t mine = n_asked++;
        changed.wait(held, [&] { return n_served == mine; });
    }
    void unlock()
    {
        std::lock_guard<std::mutex> held(mutex);
        n_served++;
        changed.notify_all();
    }

  private:
    std::mutex mutex;
    std::condition_variable changed;
    uint64_t n_asked = 0, n_served = 0;
};

extern fair_mutex one_at_a_time;
/* For the whole of a call. */
#define ONE_AT_A_TIME std::lock_guard<fair_mutex> lock(one_at_a_time)

/* The error with which this call must fail, or cudaSuccess. */
cudaError_t begin(const char *call);
/* Whether CUDA_FORCE_PTX_JIT is set: no library's kernels then run, as cuBLAS's PTX is for newer
 * GPUs than this one. */
bool is_ptx_forced();
/* Runs what was launched. */
cudaError_t finish_queue();

} // namespace emulator

#endif
