/* A thread block at work: its threads as fibers, who may go on, who waits for what. */
#ifndef EMULATOR_BLOCK_H
#define EMULATOR_BLOCK_H

#include <vector>

#include "cuda_runtime.h"
#include "draws.h"
#include "fiber.h"

namespace emulator
{

enum class waiting { NOT, AT_BARRIER, IN_WARP, ENDED };

struct warp_call {
    warp_operation operation;
    uint32_t mask;
    uint64_t value; /* given, then received */
    int argument, width;
    bool is_signed;
};

struct block;

struct thread {
    fiber context;
    block *home = nullptr;
    uint32_t number = 0; /* in the block */
    uint32_t slot = 0;   /* among all threads of the launch that are, or were lately, at work */
    uint3 index = {};
    waiting wait = waiting::NOT;
    place at = {}; /* where it waits */
    warp_call call = {};
};

/* In which order threads go on that could all go on. */
enum class policy { SHUFFLED, ASCENDING, DESCENDING, WARPS_SHUFFLED, ONE_WARP_LAST, ONE_LAST, N };

struct launch;

struct block {
    launch *in = nullptr;
    size_t resident = 0; /* which of those at work at a time */
    fiber outside;       /* who began the block, and goes on when it is over */
    std::vector<thread> threads;
    uint3 index = {};
    uint32_t n_live = 0, n_at_barrier = 0;
    uint64_t n_switches = 0; /* since anything was achieved */
    uint64_t clock = 0;      /* cycles, as threads have asked for them */
    policy order = policy::SHUFFLED;
    std::vector<uint32_t> warp_rank;
    uint32_t last = 0;          /* warp or thread that goes last */
    std::vector<uint32_t> rank; /* of each thread; the lowest goes on; WAITS: it cannot */
};

/* Which thread this thread of the operating system runs; NULL: none. */
extern thread_local thread *thread_now;

/* n_threads fibers. */
void block_make(block &b, launch &in, uint32_t n_threads, size_t resident);
void block_drop(block &b);
/* Runs all threads, with slots from first_slot on, to their end, or until the launch is abandoned.
 */
void block_run(block &b, uint3 index, uint32_t first_slot);

/* Whether the settings make the current thread pass by this barrier. */
bool is_left_out(place at);
/* The current thread waits, as its `wait` says, or goes on when its rank is the lowest. */
void go_on();
/* Puts a thread that waited among those who may go on. */
void make_ready(thread &t);
/* Ends the launch after a fault from which there is no going on. Never returns. */
[[noreturn]] void abandon();

} // namespace emulator

#endif
