/* The memory of all GPUs: a piece of the host's, which only kernels and copies may touch. */
#ifndef EMULATOR_DEVICE_MEMORY_H
#define EMULATOR_DEVICE_MEMORY_H

#include <cstddef>

namespace emulator
{

constexpr size_t DEVICE_BYTES = size_t{1} << 29; /* more than any test asks for */

unsigned char *device_base();
bool is_device(const void *p);
/* Opens the memory to accesses, or closes it. */
void device_open(bool is_open);

/* NULL where there is no room. limit: bytes of a GPU. */
void *device_allocate(size_t size_bytes, size_t limit, int device);
bool device_release(void *p);
size_t device_used(int device);
constexpr int ANY_GPU = -1;
/* Whether all of it lies in one allocation, of this GPU. */
bool device_holds(const void *p, size_t size_bytes, int device = ANY_GPU);
/* Reports writes past the ends of allocations. */
void device_check_ends();

} // namespace emulator

#endif
