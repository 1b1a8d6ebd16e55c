#include "launch.h"

#include <algorithm>
#include <thread>

#include "crash.h"
#include "watch.h"

namespace emulator
{

/* A block must not be taken for the one before it, which may have touched the same memory: it gets
 * slots that have been idle for a while. */
enum { SETS = 4 };

/* ---- turns ---- */

static void wait_turn(turns &t, size_t me)
{
    std::unique_lock<std::mutex> lock(t.mutex);
    t.changed.wait(lock, [&] { return t.holder == me; });
}

void maybe_pass_turn(launch &l)
{
    turns &t = l.turn;
    if (t.present.size() < 2 || !l.drawn.one_in(l.turn_one_in)) return;
    size_t me = t.holder, next = t.present[l.drawn.below(t.present.size())];
    if (next == me) return;
    {
        std::lock_guard<std::mutex> lock(t.mutex);
        t.holder = next;
    }
    t.changed.notify_all();
    wait_turn(t, me);
}

static void leave_turns(launch &l, size_t me)
{
    turns &t = l.turn;
    {
        std::lock_guard<std::mutex> lock(t.mutex);
        t.present.erase(std::find(t.present.begin(), t.present.end(), me));
        if (!t.present.empty()) t.holder = t.present[l.drawn.below(t.present.size())];
    }
    t.changed.notify_all();
}

/* ---- blocks ---- */

static uint3 index_of(const launch &l, uint64_t number)
{
    const dim3 &grid = l.config.gridDim;
    uint64_t plane = uint64_t{grid.x} * grid.y;
    return {static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number % plane / grid.x),
            static_cast<unsigned>(number / plane)};
}

/* Takes one block after the other, as a multiprocessor does. */
static void run_blocks(launch &l, size_t me)
{
    block b;
    crash_watch watch;
    wait_turn(l.turn, me);
    block_make(b, l, l.n_threads, me);
    while (l.n_begun < l.n_blocks && !l.is_abandoned) {
        uint32_t set = l.idle_sets.front();
        l.idle_sets.pop_front();
        block_run(b, index_of(l, l.n_begun++), set * l.n_threads);
        l.idle_sets.push_back(set);
    }
    block_drop(b);
    leave_turns(l, me);
}

void launch_run(launch &l)
{
    const dim3 &grid = l.config.gridDim, &size = l.config.blockDim;
    l.n_blocks = uint64_t{grid.x} * grid.y * grid.z;
    l.n_threads = size.x * size.y * size.z;
    l.drawn.state = l.set.seed;
    l.turn_one_in = uint64_t{32} << l.drawn.below(8);
    uint64_t most = l.is_cooperative ? l.n_blocks : std::max<uint64_t>(l.set.resident, 1);
    size_t n_resident = static_cast<size_t>(std::min(most, l.n_blocks));
    for (size_t i = 0; i < n_resident; i++) l.turn.present.push_back(i);
    uint64_t n_sets = std::max<uint64_t>(n_resident, std::min<uint64_t>(l.n_blocks, SETS));
    for (uint32_t i = 0; i < n_sets; i++) l.idle_sets.push_back(i);
    watch_launch(l, static_cast<uint32_t>(n_sets) * l.n_threads);
    std::vector<std::thread> residents;
    for (size_t i = 0; i < n_resident; i++) residents.emplace_back(run_blocks, std::ref(l), i);
    for (std::thread &r : residents) r.join();
    watch_launch_end();
}

} // namespace emulator
