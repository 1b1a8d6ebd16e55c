#include "shared_memory.h"

#include <cstdint>
#include <cstring>

#include "reports.h"
#include "shared_arrays.h"

/* EMULATOR_SHARED_ARRAYS(X), found by the build: X(name) for each that the kernels declare. */
#define DEFINE_ARRAY(name)                                                                         \
    alignas(1024) thread_local unsigned char name[emulator::SHARED_MOST + emulator::SHARED_GUARD];
EMULATOR_SHARED_ARRAYS(DEFINE_ARRAY)
#undef DEFINE_ARRAY

namespace emulator
{

static const uint32_t POISON = 0x7fbadbad; /* a NaN */

const shared_array *shared_arrays(size_t *n)
{
    static thread_local const shared_array arrays[] = {
#define LIST_ARRAY(name) {#name, ::name},
        EMULATOR_SHARED_ARRAYS(LIST_ARRAY)
#undef LIST_ARRAY
    };
    *n = sizeof arrays / sizeof arrays[0];
    return arrays;
}

void shared_poison(size_t size_bytes)
{
    size_t n;
    const shared_array *arrays = shared_arrays(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; at < size_bytes + SHARED_GUARD; at += sizeof POISON)
            memcpy(arrays[i].base + at, &POISON, sizeof POISON);
}

static bool is_poison(const unsigned char *p, size_t at)
{
    unsigned char byte[sizeof POISON];
    memcpy(byte, &POISON, sizeof POISON);
    return p[at] == byte[at % sizeof POISON];
}

void shared_check_end(size_t size_bytes)
{
    size_t n;
    const shared_array *arrays = shared_arrays(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t at = size_bytes; at < size_bytes + SHARED_GUARD; at++) {
            if (is_poison(arrays[i].base, at)) continue;
            report(std::string("shared end ") + arrays[i].name,
                   std::string("out of bounds: a thread wrote byte ") + std::to_string(at) +
                       " of " + arrays[i].name + ", which has " + std::to_string(size_bytes));
            break;
        }
}

} // namespace emulator
