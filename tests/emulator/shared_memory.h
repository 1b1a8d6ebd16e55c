/* The arrays that kernels declare as extern __shared__: one of each for every thread of the
 * operating system, all named for the same dynamic shared memory. */
#ifndef EMULATOR_SHARED_MEMORY_H
#define EMULATOR_SHARED_MEMORY_H

#include <cstddef>

namespace emulator
{

constexpr size_t SHARED_MOST = 227 << 10;
constexpr size_t SHARED_GUARD = 4096; /* bytes behind, which nobody may touch */

struct shared_array {
    const char *name;
    unsigned char *base; /* of the calling thread of the operating system */
};

/* All of them; n: how many. */
const shared_array *shared_arrays(size_t *n);
/* Fills size_bytes of each with NaN, and the guard. */
void shared_poison(size_t size_bytes);
/* Reports writes behind size_bytes. */
void shared_check_end(size_t size_bytes);

} // namespace emulator

#endif
