/* A kernel at work: a few blocks at a time, each on a thread of the operating system, of which one
 * runs while the others wait for their turn. */
#ifndef EMULATOR_LAUNCH_H
#define EMULATOR_LAUNCH_H

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "block.h"
#include "settings.h"

namespace emulator
{

/* Whose turn it is. */
struct turns {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<size_t> present; /* who takes part still */
    size_t holder = 0;
};

struct launch {
    cudaLaunchConfig_t config;
    std::unique_ptr<kernel_call> call;
    settings set;
    draws drawn; /* only whoever has the turn draws */
    turns turn;
    bool is_cooperative = false; /* all blocks are at work at a time */
    uint64_t n_blocks = 0, n_begun = 0;
    uint32_t n_threads = 0;         /* of a block */
    std::deque<uint32_t> idle_sets; /* of slots; the one at the front has been idle for longest */
    uint64_t turn_one_in = 0;
    bool is_abandoned = false;
};

/* Runs a kernel to its end, or until a fault after which there is no going on. */
void launch_run(launch &l);

/* Now and then lets another block have the turn. Called by whoever has it. */
void maybe_pass_turn(launch &l);

} // namespace emulator

#endif
