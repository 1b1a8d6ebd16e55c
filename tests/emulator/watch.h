/* Every access of a kernel to memory, where the kernels were compiled to tell of them: who read and
 * wrote each word, and whether a barrier stood between (vector clocks; Flanagan and Freund,
 * FastTrack, PLDI 2009). Without such kernels nothing here costs or does anything. */
#ifndef EMULATOR_WATCH_H
#define EMULATOR_WATCH_H

#include "block.h"

namespace emulator
{

bool watch_is_on();

void watch_launch(const launch &l, uint32_t n_slots);
void watch_launch_end();
/* The calling thread of the operating system is about to run a block. */
void watch_block(const block &b, size_t shared_bytes);

/* All that these threads did is before all that they will do. */
void watch_join(thread *const *threads, size_t n);
void watch_fence(const thread &t);
/* Before an atomic operation. */
void watch_atomic(void *p, size_t size_bytes, const void *caller);

/* Device memory comes, goes, is written or read by the host. */
void watch_allocation(void *p, size_t size_bytes, bool is_there);
void watch_filled(void *p, size_t size_bytes);
void watch_fetched(const void *p, size_t size_bytes);

} // namespace emulator

#endif
