/* Drawn numbers (SplitMix64): the same seed, the same schedule. */
#ifndef EMULATOR_DRAWS_H
#define EMULATOR_DRAWS_H

#include <cstdint>

namespace emulator
{

struct draws {
    uint64_t state = 0;

    uint64_t next()
    {
        uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        return z ^ z >> 31;
    }
    uint32_t below(uint64_t n) { return static_cast<uint32_t>((next() >> 32) * n >> 32); }
    bool one_in(uint64_t n) { return n != 0 && below(n) == 0; }
};

} // namespace emulator

#endif
